"""The same spec gets the same answer by every door: in Python, over HTTP, from a file, and by the API server.

Each value of each example is replaced by others, of other types above all.
"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from batterysim import names
from batterysim.checks.validation import parse_spec
from batterysim.crd import build_crd
from batterysim.problem import InvalidSpecError
from batterysim.spec.documents.api_server_form import in_api_server_form
from batterysim_bridge.api.submission import read_submission
from batterysim_bridge.http.problem import ProblemError
from batterysim_cli.manifests.manifest import parse_manifest

EXAMPLES = Path(__file__).parents[2] / "examples"
SCHEMA = build_crd()["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]


def int_or_string(
    _validator: Any, _is_so: bool, value: Any, _schema: Any
) -> Iterator[jsonschema.ValidationError]:
    """Check Kubernetes' own keyword, which JSON Schema does not know."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        yield jsonschema.ValidationError(f"{value!r} is neither a whole number nor text")


# Draft 4 has OpenAPI's boolean bounds.
API_SERVER = jsonschema.validators.extend(
    jsonschema.Draft4Validator, {"x-kubernetes-int-or-string": int_or_string}
)(SCHEMA)
VALUES = ["5", 5, 5.5, True, None, [], {}, "x", -1, 0, "", [1], {"a": 1}, 1e300]

Spec = dict[str, Any]


def examples() -> Iterator[Any]:
    """Yield the spec of each example, with everything that is about its run."""
    run = {"deadlineSeconds": 60, "retries": 1, "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}
    for file in sorted(EXAMPLES.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text(encoding="utf-8")):
            if document["kind"] == names.KIND:
                yield pytest.param(document["spec"] | {"run": run}, id=file.stem)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the place of each value. A BPX document is text for the API server, which has no say in it."""
    if path:
        yield path
    if path[-1:] == ("document",):
        return
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from paths(item, (*path, key))


def replaced(spec: Spec, path: tuple[Any, ...], value: Any) -> Spec:
    changed = copy.deepcopy(spec)
    place: Any = changed
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    return changed


def as_pruned(value: Any) -> Any:
    """Return what the API server validates: fields that are null are left out first.

    https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#defaulting-and-nullable
    """
    if isinstance(value, dict):
        return {key: as_pruned(item) for key, item in value.items() if item is not None}
    return [as_pruned(item) for item in value] if isinstance(value, list) else value


def in_python(spec: Spec) -> list[str]:
    try:
        parse_spec(spec)
    except InvalidSpecError as error:
        return [str(problem) for problem in error.problems]
    return []


def manifest(spec: Spec) -> dict[str, Any]:
    return {"apiVersion": names.API_VERSION, "kind": names.KIND, "metadata": {"name": "a"}, "spec": spec}


def over_http(spec: Spec) -> list[str]:
    try:
        read_submission(manifest(spec), None, "default")
    except ProblemError as error:
        return [f"{item.field}: {item.message}" for item in error.errors]
    return []


def from_a_file(spec: Spec) -> list[str]:
    try:
        parse_manifest(manifest(spec), None)
    except InvalidSpecError as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("spec", list(examples()))
def test_all_doors_agree(spec: Spec) -> None:
    assert in_python(spec) == []
    for path in paths(spec):
        for value in VALUES:
            changed = replaced(spec, path, value)
            said = in_python(changed)

            assert over_http(changed) == said, (path, value)
            assert from_a_file(changed) == said, (path, value)
            if not said:
                pruned = as_pruned(in_api_server_form(changed))
                objections = [error.message for error in API_SERVER.iter_errors(pruned)]
                assert objections == [], (path, value)


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("currentAmperes", "5", "must be a number, not '5'"),
        ("durationSeconds", True, "must be a number, not True"),
    ],
)
def test_a_number_as_text_is_no_number(path: str, value: Any, said: str) -> None:
    spec = {
        "cell": {"parameterSet": "Chen2020"},
        "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 60, path: value}},
    }

    assert in_python(spec) == [f"spec.protocol.constantCurrent.{path}: {said}"]
