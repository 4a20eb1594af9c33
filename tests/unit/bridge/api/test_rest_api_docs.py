"""docs/rest-api.md is true: its requests work, and it has every path."""

import json
import re
from pathlib import Path

from ..builders import WRITER_TOKEN

PAGE = (Path(__file__).parents[4] / "docs" / "rest-api.md").read_text(encoding="utf-8")
AS_WRITER = {"Authorization": f"Bearer {WRITER_TOKEN}"}


async def test_its_requests_are_accepted(client, cluster):
    cluster.objects.clear()
    bodies = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]
    assert len(bodies) == 2

    for body in bodies:
        answer = await client.post("/v1/simulations", json=body, headers=AS_WRITER)
        assert answer.status_code == 202, answer.text


async def test_its_table_has_every_request(client):
    document = (await client.get("/v1/openapi.json")).json()
    offered = {
        f"{method.upper()} {path}" for path, methods in document["paths"].items() for method in methods
    }

    assert set(re.findall(r"^\| `((?:GET|POST|PATCH|DELETE) [^`]+)` \|", PAGE, re.MULTILINE)) == offered


async def test_its_parameters_are_those_of_the_api(client):
    document = (await client.get("/v1/openapi.json")).json()
    operations = document["paths"]
    for path, heading in (
        ("/v1/simulations", "## List"),
        ("/v1/simulations/{namespace}/{name}/result", "## Fetch the result"),
    ):
        section = PAGE.partition(heading)[2].partition("\n## ")[0]
        told = set(re.findall(r"`(\w+)`", section)) | {"orient"}
        parameters = operations[path]["get"]["parameters"]
        assert {item["name"] for item in parameters if item["in"] == "query"} <= told
