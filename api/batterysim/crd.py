"""The CustomResourceDefinitions, generated from the pydantic models.

    python -m batterysim.crd crds

Kubernetes wants a structural OpenAPI v3 schema: no `$ref`, no `title`, no `anyOf: [.., null]`, and
exclusive bounds as booleans (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/).
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic.fields import FieldInfo

from batterysim import names
from batterysim.contract import Contract
from batterysim.spec.callback_url import URL_PATTERN, WORDS_FOR_URL
from batterysim.spec.quantity import QUANTITY_PATTERN, WORDS_FOR_QUANTITY
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import BatterySimulationStatus, Phase
from batterysim.sweep import crd as sweep
from batterysim.validation_words import WORDS_FOR_PATTERNS

Schema = dict[str, Any]

WORDS = {**WORDS_FOR_PATTERNS, URL_PATTERN: WORDS_FOR_URL, QUANTITY_PATTERN: WORDS_FOR_QUANTITY}
"""Each pattern of a spec in words, which the API server shows instead of the pattern."""

HEADER = "# Generated from api/batterysim by `make generate`. Do not edit.\n"


class _Names(NamedTuple):
    """How a kind is called."""

    kind: str
    plural: str
    singular: str
    short: str


def build_crd() -> dict[str, Any]:
    """Return the CRD of a BatterySimulation as a Kubernetes object."""
    kind = _Names(names.KIND, names.PLURAL, names.SINGULAR, names.SHORT_NAME)
    return _build(kind, _printer_columns(), _root_schema())


def build_sweep_crd() -> dict[str, Any]:
    """Return the CRD of a BatterySweep as a Kubernetes object."""
    kind = _Names(names.SWEEP_KIND, names.SWEEP_PLURAL, names.SWEEP_SINGULAR, names.SWEEP_SHORT_NAME)
    return _build(kind, _columns(sweep.PRINTER_COLUMNS), _sweep_schema())


def _build(kind: _Names, columns: list[dict[str, Any]], schema: Schema) -> dict[str, Any]:
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{names.GROUP}"},
        "spec": {
            "group": names.GROUP,
            "scope": "Namespaced",
            "names": {
                "kind": kind.kind,
                "listKind": f"{kind.kind}List",
                "plural": kind.plural,
                "singular": kind.singular,
                "shortNames": [kind.short],
                "categories": ["batterysim"],
            },
            "versions": [
                {
                    "name": names.VERSION,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "additionalPrinterColumns": columns,
                    "schema": {"openAPIV3Schema": schema},
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
        ("Message", "string", '.status.conditions[?(@.type=="Succeeded")].message', 1),
    ]
    return _columns(columns)


def _columns(columns: Sequence[tuple[str, str, str, int]]) -> list[dict[str, Any]]:
    return [
        {"name": name, "type": kind, "jsonPath": path, "priority": priority}
        for name, kind, path, priority in columns
    ]


def _sweep_schema() -> Schema:
    locked = [field for name, field in sweep.SPEC.model_fields.items() if name in sweep.LOCKED]
    unchanged = " && ".join(map(_is_unchanged, locked))
    return _schema(sweep.DESCRIPTION, sweep.SPEC, sweep.STATUS, sweep.is_locked(unchanged))


def _root_schema() -> Schema:
    physics = BatterySimulationSpec.physics_fields()
    unchanged = " && ".join(map(_is_unchanged, physics.values()))
    names_of_fields = ", ".join(f"spec.{field.alias}" for field in physics.values())
    # A shared runner may have got an invalid spec, and given it back, before the operator has rejected it.
    claimed = (
        "has(oldSelf.status.claim) && "
        f"!(has(oldSelf.status.phase) && oldSelf.status.phase == '{Phase.INVALID}')"
    )
    lock = {
        "rule": f"!has(oldSelf.status) || !(has(oldSelf.status.jobName) || {claimed}) || ({unchanged})",
        "message": f"{names_of_fields} cannot change once the "
        "run has started: create another BatterySimulation instead",
    }
    description = "One simulation of a battery cell, solved with PyBaMM. Positive current discharges."
    return _schema(description, BatterySimulationSpec, BatterySimulationStatus, lock)


def _schema(description: str, spec: type[Contract], status: type[Contract], lock: dict[str, Any]) -> Schema:
    return {
        "type": "object",
        "description": description,
        "required": ["spec"],
        "properties": {
            "apiVersion": {"type": "string"},
            "kind": {"type": "string"},
            "metadata": {"type": "object"},
            "spec": _with_words_for_patterns(_structural(spec.model_json_schema(by_alias=True))),
            "status": _with_condition_keys(_structural(status.model_json_schema(by_alias=True))),
        },
        "x-kubernetes-validations": [lock],
    }


def _is_unchanged(field: FieldInfo) -> str:
    """Return a CEL rule that a field of the spec is as it was, or absent as it was."""
    new, old = f"self.spec.{field.alias}", f"oldSelf.spec.{field.alias}"
    has_default = field.default_factory is None and field.default is not None
    if field.is_required() or has_default:
        return f"{new} == {old}"
    return f"(has({new}) ? has({old}) && {new} == {old} : !has({old}))"


def _with_condition_keys(status: Schema) -> Schema:
    """Let server-side apply merge conditions by type, so that writers own single conditions."""
    conditions = status["properties"]["conditions"]
    conditions["x-kubernetes-list-type"] = "map"
    conditions["x-kubernetes-list-map-keys"] = ["type"]
    return status


def _with_words_for_patterns(schema: Schema) -> Schema:
    """Replace each pattern by a rule, which can have a message."""
    changed = {
        key: {name: _with_words_for_patterns(item) for name, item in value.items()}
        if key == "properties"
        else _with_words_for_patterns(value)
        if isinstance(value, dict) and key in ("items", "additionalProperties")
        else value
        for key, value in schema.items()
        if key != "pattern"
    }
    if (pattern := schema.get("pattern")) is not None:
        value = "string(self)" if "x-kubernetes-int-or-string" in schema else "self"
        rule = {
            "rule": f"{value}.matches(r'{pattern}')",
            "message": WORDS[pattern],
            "messageExpression": f'"{WORDS[pattern]}, not " + {value}',
        }
        changed["x-kubernetes-validations"] = [*schema.get("x-kubernetes-validations", ()), rule]
    return changed


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


FILES = {f"{names.PLURAL}.yaml": build_crd, f"{names.SWEEP_PLURAL}.yaml": build_sweep_crd}
"""The generated files, one for each kind."""


def render(file: str = f"{names.PLURAL}.yaml") -> str:
    """Return a CRD as a file's text."""
    return HEADER + yaml.dump(
        FILES[file](), Dumper=_WithoutAliases, sort_keys=False, width=110, allow_unicode=True
    )


class _WithoutAliases(yaml.SafeDumper):
    """Writes what occurs twice twice, as other generators of CRDs do."""

    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002 - of none
        return True


if __name__ == "__main__":
    for file in FILES:
        Path(sys.argv[1], file).write_text(render(file), encoding="utf-8")
