"""The CustomResourceDefinition, generated from the pydantic models.

    python -m batterysim.crd crds/batterysimulations.yaml

Kubernetes wants a structural OpenAPI v3 schema: no `$ref`, no `title`, no `anyOf: [.., null]`, and
exclusive bounds as booleans (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/).
"""

import sys
from pathlib import Path
from typing import Any

import yaml
from pydantic.fields import FieldInfo

from batterysim import names
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import BatterySimulationStatus

Schema = dict[str, Any]

HEADER = "# Generated from api/batterysim by `make generate`. Do not edit.\n"


def build_crd() -> dict[str, Any]:
    """Return the CRD as a Kubernetes object."""
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": names.CRD_NAME},
        "spec": {
            "group": names.GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": names.KIND,
                "listKind": f"{names.KIND}List",
                "plural": names.PLURAL,
                "singular": names.SINGULAR,
                "shortNames": [names.SHORT_NAME],
                "categories": ["batterysim"],
            },
            "versions": [
                {
                    "name": names.VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": _printer_columns(),
                    "schema": {"openAPIV3Schema": _root_schema()},
                }
            ],
        },
    }


def _printer_columns() -> list[dict[str, Any]]:
    columns: list[tuple[str, str, str, int]] = [
        ("Phase", "string", ".status.phase", 0),
        ("Protocol", "string", ".status.protocol", 0),
        ("Percent", "integer", ".status.progress.percent", 0),
        ("Reason", "string", '.status.conditions[?(@.type=="Finished")].reason', 0),
        ("Net charge A.h", "number", ".status.summary.dischargeCapacityAmpereHours", 0),
        ("Age", "date", ".metadata.creationTimestamp", 0),
        ("Model", "string", ".spec.model.family", 1),
        ("Cell", "string", ".spec.cell.parameterSet", 1),
        ("End s", "number", ".status.summary.endTimeSeconds", 1),
        ("End V", "number", ".status.summary.endVolts", 1),
        ("Net energy W.h", "number", ".status.summary.dischargeEnergyWattHours", 1),
        ("Failure", "string", ".status.failure.reason", 1),
        ("Job", "string", ".status.jobName", 1),
    ]
    return [
        {"name": name, "type": kind, "jsonPath": path, "priority": priority}
        for name, kind, path, priority in columns
    ]


def _root_schema() -> Schema:
    physics = BatterySimulationSpec.physics_fields()
    unchanged = " && ".join(map(_is_unchanged, physics.values()))
    names_of_fields = ", ".join(f"spec.{field.alias}" for field in physics.values())
    return {
        "type": "object",
        "description": "One simulation of a battery cell, solved with PyBaMM. Positive current discharges.",
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": _structural(BatterySimulationSpec.model_json_schema(by_alias=True)),
            "status": _with_condition_keys(
                _structural(BatterySimulationStatus.model_json_schema(by_alias=True))
            ),
        },
        "x-kubernetes-validations": [
            {
                "rule": "!has(oldSelf.status) || "
                f"!(has(oldSelf.status.jobName) || has(oldSelf.status.claim)) || ({unchanged})",
                "message": f"{names_of_fields} cannot change once the "
                "run has started: create another BatterySimulation instead",
            }
        ],
    }


def _is_unchanged(field: FieldInfo) -> str:
    """Return a CEL rule that a field of the spec is as it was, or absent as it was."""
    new, old = f"self.spec.{field.alias}", f"oldSelf.spec.{field.alias}"
    if field.is_required() or field.default is not None:
        return f"{new} == {old}"
    return f"(has({new}) ? has({old}) && {new} == {old} : !has({old}))"


def _with_condition_keys(status: Schema) -> Schema:
    """Let server-side apply merge conditions by type, so that writers own single conditions."""
    conditions = status["properties"]["conditions"]
    conditions["x-kubernetes-list-type"] = "map"
    conditions["x-kubernetes-list-map-keys"] = ["type"]
    return status


def _structural(schema: Schema) -> Schema:
    """Turn pydantic's JSON schema into what the API server accepts."""
    return _convert(schema, schema.get("$defs", {}))


def _convert(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    if "$ref" in schema:
        target = definitions[schema["$ref"].rsplit("/", 1)[1]]
        return _convert(
            {**target, **{key: value for key, value in schema.items() if key != "$ref"}}, definitions
        )
    if "x-kubernetes-int-or-string" in schema:
        return {key: value for key, value in schema.items() if key not in ("anyOf", "title")}
    if "anyOf" in schema:
        (only,) = (option for option in schema["anyOf"] if option != {"type": "null"})
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
        return _convert({**only, **rest}, definitions)
    return _convert_keywords(schema, definitions)


def _convert_keywords(schema: Schema, definitions: dict[str, Schema]) -> Schema:
    converted: Schema = {}
    for key, value in schema.items():
        match key:
            case "title" | "$defs" | "propertyNames":
                continue
            case "additionalProperties" if value is False:
                continue  # the API server prunes or refuses what it does not know
            case "const":
                converted["enum"] = [value]
            case "exclusiveMinimum" | "exclusiveMaximum":
                bound = "minimum" if key == "exclusiveMinimum" else "maximum"
                converted |= {bound: value, key: True}
            case "properties":
                converted[key] = {name: _convert(item, definitions) for name, item in value.items()}
            case "items" | "additionalProperties":
                converted[key] = _convert(value, definitions)
            case "default" if isinstance(value, dict):
                converted[key] = _without_nulls(value)
            case "description":
                converted[key] = " ".join(value.split())
            case _:
                converted[key] = value
    return converted


def _without_nulls(value: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is absent by default, at all depths."""
    return {
        key: _without_nulls(item) if isinstance(item, dict) else item
        for key, item in value.items()
        if item is not None
    }


def render() -> str:
    """Return the CRD as a file's text."""
    return HEADER + yaml.safe_dump(build_crd(), sort_keys=False, width=110, allow_unicode=True)


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(render(), encoding="utf-8")
