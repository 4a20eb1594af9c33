"""--set: a dotted path and a YAML value."""

import pytest

from batterysim.problem import InvalidSpecError
from batterysim_cli.manifests.overrides import apply_overrides, parse_override
from tests.builders import Json


def changed(before: Json, *texts: str) -> Json:
    return apply_overrides(before, [parse_override(text) for text in texts])


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("spec.cell.initialStateOfCharge=0.5", ("spec", "cell", "initialStateOfCharge"), 0.5),
        ("spec.model.family=SPM", ("spec", "model", "family"), "SPM"),
        ("spec.protocol.driveCycle=null", ("spec", "protocol", "driveCycle"), None),
        ("spec.output={points: 3}", ("spec", "output"), {"points": 3}),
        ("spec.a=b=c", ("spec", "a"), "b=c"),
        ("spec.protocol.rest.durationSeconds=6e2", ("spec", "protocol", "rest", "durationSeconds"), 600.0),
        ("spec.a=1:30", ("spec", "a"), "1:30"),
        (
            "spec.cell.parameters.Electrode width [m]=1.5",
            ("spec", "cell", "parameters", "Electrode width [m]"),
            1.5,
        ),
        (
            "spec.cell.parameters['Bulk solvent concentration [mol.m-3]']=2000",
            ("spec", "cell", "parameters", "Bulk solvent concentration [mol.m-3]"),
            2000,
        ),
    ],
)
def test_what_is_read(text: str, path: tuple[str, ...], value: object) -> None:
    assert parse_override(text) == (path, value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("spec.cell", "--set spec.cell: needs a path and a value"),
        ("cell.x=1", "--set cell.x: must be a dotted path that begins with spec"),
        ("spec..cell=1", "--set spec..cell: must be a dotted path"),
        ("=1", "--set : must be a dotted path"),
        ("spec.model=[", "--set spec.model: the value '[' is not YAML"),
        (
            "spec.output={points: 3, points: 4}",
            "--set spec.output: the value '{points: 3, points: 4}' is not YAML: the key 'points'",
        ),
    ],
)
def test_what_cannot_be_read(text: str, message: str) -> None:
    with pytest.raises(InvalidSpecError) as error:
        parse_override(text)
    assert str(error.value).startswith(message)


def test_fields_on_the_way_are_made_and_the_given_manifest_is_left_alone() -> None:
    before: Json = {"spec": {"cell": {"parameterSet": "Chen2020"}, "output": None}}

    after = changed(before, "spec.cell.parameterSet=Other", "spec.output.points=3", "spec.run.retries=0")

    assert after == {
        "spec": {"cell": {"parameterSet": "Other"}, "output": {"points": 3}, "run": {"retries": 0}}
    }
    assert before == {"spec": {"cell": {"parameterSet": "Chen2020"}, "output": None}}


def test_an_item_of_a_list_is_found_by_its_number() -> None:
    assert changed({"spec": {"steps": ["a", "b"]}}, "spec.steps.1=c") == {"spec": {"steps": ["a", "c"]}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "spec.set.x=1",
            "--set spec.set.x: cannot be set, because spec.set is 'Chen2020', which has no fields",
        ),
        ("spec.steps.2=c", "--set spec.steps.2: steps is a list of 2: count from 0"),
        ("spec.steps.last=c", "--set spec.steps.last: steps is a list of 2: count from 0"),
    ],
)
def test_a_path_that_leads_nowhere_is_named(text: str, message: str) -> None:
    with pytest.raises(InvalidSpecError) as error:
        changed({"spec": {"set": "Chen2020", "steps": ["a", "b"]}}, text)
    assert str(error.value) == message
