"""Whatever hypothesis thinks of, it is answered, and never as a failure of the bridge's own."""

import json
from typing import Any
from urllib.parse import quote

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ..answers import JOB_MANAGER, RESULT, SIMULATIONS, assert_problem, failure

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda items: st.lists(items, max_size=3) | st.dictionaries(st.text(max_size=20), items, max_size=3),
    max_leaves=8,
)
FEW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FEW
@given(spec=json_values, part=st.sampled_from(["spec", "cell", "protocol", "model", "output", "run", "pack"]))
async def test_anything_as_a_part_of_a_spec_is_answered(
    untouched: httpx.AsyncClient, spec: Any, part: str
) -> None:
    body = {"spec": spec if part == "spec" else {part: spec}}
    content = json.dumps(body).encode()

    # No protocol, or no cell, so that none can be run.
    assert_problem(
        await untouched.post("/v1/validate", content=content, headers={"Content-Type": "application/json"})
    )


@FEW
@given(content=st.binary(max_size=200).filter(lambda content: content.strip()[:1] != b"{"))
async def test_any_bytes_are_answered(untouched: httpx.AsyncClient, content: bytes) -> None:
    for content_type in ("application/json", "application/yaml"):
        headers = {"Content-Type": content_type}
        assert_problem(await untouched.post(SIMULATIONS, content=content, headers=headers))
    for path in JOB_MANAGER:
        answer = await untouched.post(path, content=content, headers={"Content-Type": "application/json"})
        assert (answer.status_code, answer.json()) == (200, failure(path))


@FEW
@given(
    field=st.sampled_from(["time", "upperVoltage", "lowerVoltage", "nominalCell", "controlCurrent"]),
    value=json_values.filter(lambda value: not isinstance(value, int | float) or isinstance(value, bool)),
)
async def test_a_field_that_is_no_number_is_a_failure(
    untouched: httpx.AsyncClient, field: str, value: Any
) -> None:
    for path in JOB_MANAGER:
        answer = await untouched.post(path, content=json.dumps({field: value}).encode())
        assert (answer.status_code, answer.json()) == (200, failure(path))


@FEW
@given(
    text=st.text(max_size=50), name=st.sampled_from(["variables", "label", "q", "cursor", "format", "since"])
)
async def test_any_query_is_answered(untouched: httpx.AsyncClient, text: str, name: str) -> None:
    path = RESULT if name in ("variables", "format") else SIMULATIONS

    answer = await untouched.get(f"{path}?{name}={quote(text, errors='surrogatepass')}")

    if answer.status_code != 200:
        assert_problem(answer, 400, 406)
