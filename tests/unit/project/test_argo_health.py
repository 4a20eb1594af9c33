"""The health check for Argo CD in docs/waiting.md, run on statuses that the operator writes."""

import re
from pathlib import Path

import pytest

from tests.builders import Json, condition, simulation

lupa = pytest.importorskip("lupa", reason="needs lupa: run hack/setup")

PAGE = Path(__file__).parents[3] / "docs" / "waiting.md"


def health(manifest: Json) -> tuple[str, str]:
    """Return status and message as the page's Lua has them."""
    found = re.search(r"```lua\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    lua = lupa.LuaRuntime()
    verdict = lua.eval(f"function(obj) {found[1]} end")(lua.table_from(manifest, recursive=True))
    return verdict.status, verdict.message


@pytest.mark.parametrize(
    ("status", "verdict"),
    [
        ({}, ("Progressing", "")),
        ({"conditions": []}, ("Progressing", "")),
        (
            {"conditions": [condition("Succeeded", "Unknown", message="no node has room")]},
            ("Progressing", "no node has room"),
        ),
        ({"conditions": [condition("Succeeded", "True", message="done")]}, ("Healthy", "done")),
        (
            {"conditions": [condition("Accepted", "True"), condition("Succeeded", "False", message="why")]},
            ("Degraded", "why"),
        ),
    ],
    ids=["no status", "nothing said", "waiting", "succeeded", "failed"],
)
def test_argo_cd_sees_how_a_run_is(status: Json, verdict: tuple[str, str]) -> None:
    assert health(simulation(status=status)) == verdict


def test_an_object_that_nobody_has_looked_at_is_progressing() -> None:
    manifest = simulation()
    manifest.pop("status", None)

    assert health(manifest) == ("Progressing", "")
