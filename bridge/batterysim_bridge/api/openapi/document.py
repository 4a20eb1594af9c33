"""The OpenAPI document of the bridge's API for users."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.encoders import jsonable_encoder
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from batterysim.version import VERSION
from batterysim_bridge.api import documents, offers
from batterysim_bridge.api.openapi.tags import TAGS
from batterysim_bridge.api.submission import ShortForm, SweepManifest, SweepShortForm, WholeManifest

FORMS: Mapping[type[BaseModel], str] = {
    ShortForm: "BatterySimulationSpec",
    WholeManifest: "BatterySimulationSpec",
    SweepShortForm: "BatterySweepSpec",
    SweepManifest: "BatterySweepSpec",
}
"""What a body may be, and the schema of the spec in it."""

ANSWERS = (
    documents.ProblemDetails,
    documents.Rights,
    documents.SimulationObject,
    documents.SimulationPage,
    documents.SweepObject,
    documents.SweepPage,
    documents.SweepValidation,
    documents.Validation,
    offers.Catalogue,
)
"""What operations answer."""


def add_openapi(app: FastAPI) -> None:
    """Let the application describe itself."""

    def document() -> dict[str, Any]:
        if not app.openapi_schema:
            app.openapi_schema = _document(app)
        return app.openapi_schema

    # How FastAPI wants it done: https://fastapi.tiangolo.com/how-to/extending-openapi/
    app.openapi = document  # type: ignore[method-assign]


def _document(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title="Battery simulations",
        version=VERSION,
        description="Simulations of battery cells with PyBaMM, run as Kubernetes objects.",
        routes=app.routes,
        tags=TAGS,
    )
    for methods in document["paths"].values():
        for operation in methods.values():
            # FastAPI's own, of answers that are never given: wrong parameters are answered with 400.
            if "HTTPValidationError" in str(operation["responses"].get("422")):
                del operation["responses"]["422"]
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [
        *((model, "validation") for model in FORMS),
        *((model, "serialization") for model in ANSWERS),
    ]
    _, made = models_json_schema(models, ref_template="#/components/schemas/{model}")
    schemas = document["components"]["schemas"] | jsonable_encoder(made["$defs"], exclude_none=True)
    for form, spec in FORMS.items():
        # The code reads the spec by itself, so that its errors are those of every other way in.
        schemas[form.__name__]["properties"]["spec"] = {"$ref": f"#/components/schemas/{spec}"}
    document["components"]["schemas"] = schemas
    return document
