"""The CRD in `crds/` is what the models say, and what an API server accepts."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from batterysim.crd import FILES, build_crd, build_sweep_crd, render
from batterysim.status import ConditionType
from tests.builders import Json, raw_spec, spec_of, us06

FINISHED = ConditionType.FINISHED
MESSAGE = f'.status.conditions[?(@.type=="{ConditionType.SUCCEEDED}")].message'
CRD_DIRECTORY = Path(__file__).parents[3] / "crds"
VERSION = build_crd()["spec"]["versions"][0]
ROOT: Json = VERSION["schema"]["openAPIV3Schema"]


def nodes(schema: Json, path: str = "") -> Iterator[tuple[str, Json]]:
    """Yield each schema within a schema, with its path."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from nodes(child, f"{path}.{name}")
    for keyword in ("items", "additionalProperties"):
        if keyword in schema:
            yield from nodes(schema[keyword], f"{path}[]")


NODES = dict(nodes(ROOT))
SWEEP_VERSION = build_sweep_crd()["spec"]["versions"][0]
SWEEP_NODES = dict(nodes(SWEEP_VERSION["schema"]["openAPIV3Schema"]))
ALL_NODES = NODES | {f"sweep {path}": schema for path, schema in SWEEP_NODES.items()}


@pytest.mark.parametrize("file", FILES)
def test_the_files_are_up_to_date(file: str) -> None:
    assert (CRD_DIRECTORY / file).read_text(encoding="utf-8") == render(file), "run `make generate`"


@pytest.mark.parametrize("path", ALL_NODES)
def test_every_node_is_structural(path: str) -> None:
    schema = ALL_NODES[path]

    assert "type" in schema or "x-kubernetes-int-or-string" in schema
    assert not {"$ref", "$defs", "title", "anyOf", "oneOf", "allOf", "const", "propertyNames"} & set(schema)
    assert schema.get("additionalProperties") is not False
    for bound in ("exclusiveMinimum", "exclusiveMaximum"):
        assert isinstance(schema.get(bound, True), bool)


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in ALL_NODES
        if path.removeprefix("sweep ").startswith((".spec", ".status")) and not path.endswith("[]")
    ],
)
def test_every_field_is_described_on_one_line(path: str) -> None:
    assert ALL_NODES[path]["description"].strip()
    assert "\n" not in ALL_NODES[path]["description"]


def test_no_default_holds_a_null() -> None:
    """The API server refuses a CRD whose defaults do not fit their own schema."""

    def has_null(value: Any) -> bool:
        return value is None or (isinstance(value, dict) and any(map(has_null, value.values())))

    assert [path for path, schema in NODES.items() if has_null(schema.get("default", 0))] == []


def test_every_printer_column_shows_a_field_that_exists() -> None:
    paths = [column["jsonPath"] for column in VERSION["additionalPrinterColumns"]]

    conditions = {f'.status.conditions[?(@.type=="{FINISHED}")].reason', MESSAGE}
    known = {*NODES, ".metadata.creationTimestamp", *conditions}
    assert [path for path in paths if path not in known] == []


def test_every_printer_column_of_a_sweep_shows_a_field_that_exists() -> None:
    paths = [column["jsonPath"].replace("[0]", "[]") for column in SWEEP_VERSION["additionalPrinterColumns"]]

    known = {*SWEEP_NODES, ".metadata.creationTimestamp", MESSAGE}
    assert [path for path in paths if path not in known] == []


def test_the_lock_covers_exactly_the_physics() -> None:
    rule = ROOT["x-kubernetes-validations"][0]["rule"]
    locked = set(re.findall(r"self\.spec\.(\w+) == oldSelf", rule))

    assert locked == {"model", "cell", "pack", "protocol", "cutOffPolicy", "solver", "output"}
    assert locked == set(spec_of(pack={}).physics())
    assert locked | {"callback", "run"} == set(ROOT["properties"]["spec"]["properties"])


def test_conditions_are_merged_by_type() -> None:
    assert NODES[".status.conditions"]["x-kubernetes-list-map-keys"] == ["type"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (".spec.cell", "lowerCutoffVolts must be below upperCutoffVolts: swap them or correct one"),
        (".spec.cell", "set exactly one of parameterSet, preset and bpx"),
        (".spec.cell.bpx", "set exactly one of document and configMapKeyRef"),
        (".spec.protocol.constantCurrent", "set exactly one of currentAmperes and cRate"),
        (".spec.output", "set at most one of points, periodSeconds and solverPoints"),
        (".spec.callback.url", "must be a URL with http:// or https:// and a host"),
        (".spec.run.resources.limits.memory", "must be an amount such as 500m, 2 or 512Mi"),
        (".spec.run.queueName", "must be letters, digits, '-', '_' and '.'"),
        (".spec", "output.points is not for cccv or experiment: set output.periodSeconds instead"),
    ],
)
def test_rules_are_checked_by_the_api_server(path: str, message: str) -> None:
    assert any(rule["message"].startswith(message) for rule in NODES[path]["x-kubernetes-validations"])


@pytest.mark.parametrize(
    "path", [path for path in ALL_NODES if path.removeprefix("sweep ").startswith(".spec")]
)
def test_no_user_reads_a_pattern(path: str) -> None:
    """The API server shows a pattern that a value does not match; a rule has words."""
    assert "pattern" not in ALL_NODES[path]


@pytest.mark.parametrize(
    "spec",
    [
        raw_spec(),
        raw_spec(
            protocol=us06(),
            cell={"initialStateOfCharge": 0.8, "parameters": {"Separator porosity": 0.5}},
        ),
        raw_spec(run={"resources": {"limits": {"cpu": 2, "memory": "1Gi"}}}),
        raw_spec(callback={"url": "https://jobs.example.com/results", "format": "jobManager"}),
        spec_of().to_json_dict(),
    ],
    ids=["minimal", "drive cycle", "resources", "callback", "with all defaults"],
)
def test_good_specs_fit_the_schema(spec: Json) -> None:
    jsonschema.Draft4Validator(NODES[".spec"]).validate(spec)  # draft 4 has OpenAPI's boolean bounds


@pytest.mark.parametrize(
    "spec",
    [
        raw_spec(protocol={"constantCurrent": {"currentAmperes": 5, "durationSeconds": 0}}),
        raw_spec(protocol={"driveCycle": {"name": "US07"}}),
        raw_spec(cell={"initialStateOfCharge": 1.5}),
        {"cell": {"parameterSet": "Chen2020"}},
    ],
    ids=["no duration", "drive cycle", "state of charge", "no protocol"],
)
def test_bad_specs_do_not_fit_the_schema(spec: Json) -> None:
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft4Validator(NODES[".spec"]).validate(spec)


def test_the_file_is_yaml_that_kubectl_reads() -> None:
    assert yaml.safe_load(render()) == build_crd()
    assert yaml.safe_load(render("batterysweeps.yaml")) == build_sweep_crd()
