"""The OpenAPI document is true: its examples work, and its names are good for generated clients."""

import re

import jsonschema
import pytest

from batterysim_bridge.api.openapi import sweep_operations, validation_operation
from batterysim_bridge.api.openapi.simulation_operations import EXAMPLES, YAML_EXAMPLE

from ..builders import WRITER_TOKEN

AS_WRITER = {"Authorization": f"Bearer {WRITER_TOKEN}"}


@pytest.fixture
async def document(client) -> dict:
    return (await client.get("/v1/openapi.json")).json()


def operations(document: dict) -> dict[str, dict]:
    return {
        operation["operationId"]: operation
        for methods in document["paths"].values()
        for operation in methods.values()
    }


async def test_it_has_what_users_call_and_nothing_that_machines_call(document):
    assert set(operations(document)) == {
        *("createSimulation", "validateSimulation", "listSimulations", "getSimulation", "deleteSimulation"),
        *("watchSimulation", "watchSimulations", "getResult", "getResultHead", "getPlot", "getCatalogue"),
        *("createSweep", "listSweeps", "getSweep", "deleteSweep", "getPoints", "getRights"),
        "changeSweep",
        *("watchSweep", "watchSweeps", "getPoint", "getPointResult"),
    }


async def test_every_operation_says_what_it_does_and_how_it_fails(document):
    tags = {tag["name"] for tag in document["tags"]}
    for operation in operations(document).values():
        assert set(operation["tags"]) <= tags
        assert operation["summary"]
        assert operation["description"]
        problems = {code for code in operation["responses"] if code.startswith(("4", "5"))}
        assert "401" in problems
        assert "422" not in problems or "requestBody" in operation
        for code in problems:
            assert list(operation["responses"][code]["content"]) == ["application/problem+json"]


async def test_every_reference_leads_somewhere(document):
    schemas = document["components"]["schemas"]

    for reference in set(re.findall(r'"#/components/schemas/([^"]+)"', str(document).replace("'", '"'))):
        assert reference in schemas


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.parametrize("path", ["/v1/simulations", "/v1/validate"])
async def test_each_example_is_accepted(client, cluster, path, name):
    cluster.objects.clear()

    answer = await client.post(path, json=EXAMPLES[name]["value"], headers=AS_WRITER)

    assert answer.status_code in (200, 202), answer.text


@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/validate", validation_operation.SWEEP_EXAMPLE["value"]), ("/v1/sweeps", sweep_operations.EXAMPLE)],
)
async def test_each_example_of_a_sweep_is_accepted(client, sweeps, path, body):
    answer = await client.post(path, json=body, headers=AS_WRITER)

    assert answer.status_code in (200, 202), answer.text


async def test_the_example_in_yaml_is_accepted(client):
    headers = AS_WRITER | {"Content-Type": "application/yaml"}

    answer = await client.post("/v1/simulations", content=YAML_EXAMPLE, headers=headers)

    assert answer.status_code == 202, answer.text


@pytest.mark.parametrize(
    ("path", "schema"),
    [
        ("/v1/simulations", "SimulationPage"),
        ("/v1/simulations/default/mine", "SimulationObject"),
        ("/v1/simulations/default/none", "ProblemDetails"),
    ],
)
async def test_answers_are_as_the_document_says(client, document, path, schema):
    body = EXAMPLES["discharge"]["value"] | {"name": "mine"}
    await client.post("/v1/simulations", json=body, headers=AS_WRITER)

    answer = (await client.get(path, headers=AS_WRITER)).json()

    jsonschema.validate(
        answer, {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    )


@pytest.mark.parametrize(
    ("body", "schema"),
    [
        (EXAMPLES["discharge"]["value"], "Validation"),
        (validation_operation.SWEEP_EXAMPLE["value"], "SweepValidation"),
    ],
)
async def test_what_is_said_of_checked_bodies_is_as_the_document_says(client, document, body, schema):
    answer = (await client.post("/v1/validate", json=body, headers=AS_WRITER)).json()

    jsonschema.validate(
        answer, {"$ref": f"#/components/schemas/{schema}", "components": document["components"]}
    )


@pytest.mark.parametrize("operation", ["createSimulation", "validateSimulation"])
async def test_the_examples_are_as_the_document_says(document, operation):
    body = operations(document)[operation]["requestBody"]["content"]["application/json"]

    for example in body["examples"].values():
        jsonschema.validate(example["value"], {**body["schema"], "components": document["components"]})
