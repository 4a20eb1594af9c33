"""Parts of the OpenAPI document that do not follow from the code: names, examples, problems."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from batterysim.contract import Contract
from batterysim.result_format import NEGOTIABLE_FORMATS, ResultFormat
from batterysim.version import VERSION
from batterysim_bridge.api.documents import (
    ProblemDetails,
    SimulationObject,
    SimulationPage,
    SweepObject,
    SweepPage,
    Validation,
)
from batterysim_bridge.api.submission import ShortForm, WholeManifest
from batterysim_bridge.http.problem import PROBLEM_MEDIA_TYPE
from batterysim_bridge.http.request_body import JSON_TYPE, YAML_TYPE
from batterysim_bridge.results.formats import TABLE_FORMATS

SIMULATIONS, EVENTS, RESULTS, SWEEPS = "simulations", "events", "results", "sweeps"
TAGS = [
    {"name": SIMULATIONS, "description": "Create, find, read and cancel simulations."},
    {"name": EVENTS, "description": "Watch simulations and sweeps live, as server-sent events."},
    {"name": RESULTS, "description": "Fetch results and pictures of them. Positive current discharges."},
    {"name": SWEEPS, "description": "Create, find, read and delete sweeps, and fetch their tables."},
]

IDEMPOTENCY_KEY = (
    "Any text, such as a UUID. The same request with the same key gets the same simulation; another request "
    "with the same key is answered with 409."
)
LAST_EVENT_ID = "The id of the last event seen: only later changes are sent."
VARIABLES = (
    "Columns by their name, for example `Voltage [V]`; repeated, or separated by commas. Default: all."
)
FROM, TO = "From this time, in s.", "Up to this time, in s."
POINTS = "At most this many points, including the lowest and highest value of every column."
UID = "Answer only if the simulation has this UID and is not another one of the same name."
FORMAT = (
    ", ".join(
        f"`{wanted}`" + (f" ({wanted.facts.remark})" if wanted.facts.remark else "")
        for wanted in ResultFormat
    )
    + ". Default: as the Accept header says, or parquet."
)

RESOURCE = "The kind of object that the rights are to."
COLUMNS = "Columns by their name, repeated, or separated by commas. Default: all."
ROW_FILTER = (
    "Only rows that fulfil this, such as `endVolts>=3.1` or `reason=Infeasible`; repeated: all of them. "
    "The signs are =, !=, <, <=, > and >=."
)
ROW_ORDER = "Column by which rows are ordered, with a minus in front for falling values; needs `limit`."
ROW_LIMIT = "At most this many rows; with `order` at most 1000."
TABLE_FORMAT = "`parquet`, `csv`, `json` or `arrow`. Default: as the Accept header says, or parquet."

SPEC = {
    "model": {"family": "DFN"},
    "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0},
    "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 3600}},
}
DRIVE_CYCLE = {"cell": {"parameterSet": "Chen2020"}, "protocol": {"driveCycle": {"name": "US06"}}}
EXPERIMENT = {
    "cell": {"parameterSet": "Chen2020"},
    "protocol": {
        "experiment": {"steps": ["Discharge at 1C until 2.5 V", "Charge at C/2 until 4.2 V"], "cycles": 2}
    },
}
EXAMPLES = {
    "discharge": {
        "summary": "A discharge at 5 A, in the short form",
        "value": {"name": "cell-discharge", "labels": {"campaign": "spring"}, "spec": SPEC},
    },
    "drive-cycle": {
        "summary": "A drive cycle, with a name derived from the Idempotency-Key",
        "value": {"spec": DRIVE_CYCLE},
    },
    "manifest": {
        "summary": "An experiment, as `kubectl apply` takes it",
        "value": {
            "apiVersion": "batterysim.dev/v1alpha1",
            "kind": "BatterySimulation",
            "metadata": {"name": "two-cycles", "namespace": "default"},
            "spec": EXPERIMENT,
        },
    },
}
YAML_EXAMPLE = """\
name: rest-after-discharge
spec:
  cell: {parameterSet: Chen2020}
  protocol:
    experiment:
      steps: [Discharge at 1C for 10 minutes, Rest for 1 hour]
"""


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    meanings = {
        400: "The request is malformed",
        401: "The token is missing or invalid",
        403: "The token's user is not allowed to do this",
        404: "Not found",
        406: "Not offered in this format",
        409: "The key or the name belongs to another request",
        410: "The result was removed by retention",
        413: "The content is too large",
        415: "The content is neither JSON nor YAML",
        416: "The stored file does not have the requested bytes",
        422: "The simulation cannot be run; `errors` names each wrong field",
        503: "The Kubernetes API or the store does not answer; try again",
    }
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {"description": meanings[status], "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def _route(operation_id: str, summary: str, responses: dict[int | str, dict[str, Any]]) -> dict[str, Any]:
    return {"operation_id": operation_id, "summary": summary, "responses": responses}


_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON_TYPE: {
                "schema": {
                    "anyOf": [
                        {"$ref": "#/components/schemas/ShortForm"},
                        {"$ref": "#/components/schemas/WholeManifest"},
                    ]
                },
                "examples": EXAMPLES,
            },
            YAML_TYPE: {"schema": {"type": "string"}, "example": YAML_EXAMPLE},
        },
    }
}
_EVENT_STREAM = {
    "description": "Events until the end, or for half an hour",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
_BODY_PROBLEMS = _problems(400, 401, 403, 404, 409, 413, 415, 422, 503)

CREATE = _route(
    "createSimulation",
    "Create a simulation",
    {
        202: {"model": SimulationObject, "description": "Created now, or before by the same request"},
        **_BODY_PROBLEMS,
    },
) | {"status_code": 202, "openapi_extra": _BODY}
VALIDATE = _route(
    "validateSimulation",
    "Check a simulation",
    {200: {"model": Validation}, **_problems(400, 401, 404, 413, 415, 422)},
) | {"openapi_extra": _BODY}
LIST = _route(
    "listSimulations",
    "List simulations",
    {200: {"model": SimulationPage}, **_problems(400, 401, 403, 404, 503)},
)
READ = _route(
    "getSimulation",
    "Read a simulation",
    {200: {"model": SimulationObject}, **_problems(400, 401, 403, 404, 503)},
)
DELETE = _route("deleteSimulation", "Cancel a simulation", _problems(400, 401, 403, 404, 503))
WATCH = _route(
    "watchSimulation",
    "Follow a simulation",
    {
        200: _EVENT_STREAM,
        204: {"description": "It has ended, and nothing has changed"},
        **_problems(400, 401, 403, 404, 503),
    },
)
WATCH_ALL = _route(
    "watchSimulations",
    "Follow many simulations",
    {200: _EVENT_STREAM, **_problems(400, 401, 403, 404, 503)},
)


def _schema(offered: ResultFormat) -> dict[str, str]:
    if offered.facts.media_type == JSON_TYPE:
        return {"type": "object"}
    return {"type": "string"} if offered.facts.is_text else {"type": "string", "format": "binary"}


RESULT = _route(
    "getResult",
    "Fetch a result",
    {
        200: {
            "description": "The result",
            "content": {
                offered.facts.media_type: {"schema": _schema(offered)} for offered in NEGOTIABLE_FORMATS
            },
        },
        206: {"description": "A range of the stored Parquet file"},
        304: {"description": "The stored Parquet file is the one that the client has"},
        **_problems(400, 401, 403, 404, 406, 410, 416, 503),
    },
)
RESULT_HEAD = _route(
    "getResultHead",
    "Read the metadata of a result",
    {
        200: {
            "description": "Summary, steps, cycles, provenance and columns, without the numbers",
            "content": {JSON_TYPE: {"schema": {"type": "object"}}},
        },
        **_problems(401, 403, 404, 410, 503),
    },
)
PLOT = _route(
    "getPlot",
    "Draw a result",
    {
        200: {
            "description": "The picture",
            "content": {
                "image/svg+xml": {"schema": {"type": "string"}},
                "image/png": {"schema": {"type": "string", "format": "binary"}},
            },
        },
        **_problems(400, 401, 403, 404, 406, 410, 503),
    },
)


SWEEP_EXAMPLE = {
    "name": "c-rates",
    "spec": {
        "simulation": {
            "model": {"family": "SPMe"},
            "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0},
            "protocol": {"constantCurrent": {"cRate": 1, "durationSeconds": 36000}},
        },
        "vary": [{"field": "protocol.constantCurrent.cRate", "values": [0.5, 1, 2]}],
        "design": {"grid": {}},
    },
}
_SWEEP_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON_TYPE: {"schema": {"type": "object"}, "example": SWEEP_EXAMPLE},
            YAML_TYPE: {"schema": {"type": "string"}},
        },
    }
}
CREATE_SWEEP = _route(
    "createSweep",
    "Create a sweep",
    {
        202: {"model": SweepObject, "description": "Created now, or before by the same request"},
        **_BODY_PROBLEMS,
    },
) | {"status_code": 202, "openapi_extra": _SWEEP_BODY}
LIST_SWEEPS = _route(
    "listSweeps", "List sweeps", {200: {"model": SweepPage}, **_problems(400, 401, 403, 404, 503)}
)
WATCH_SWEEP = WATCH | {"operation_id": "watchSweep", "summary": "Follow a sweep"}
WATCH_SWEEPS = WATCH_ALL | {"operation_id": "watchSweeps", "summary": "Follow many sweeps"}
READ_SWEEP = _route(
    "getSweep", "Read a sweep", {200: {"model": SweepObject}, **_problems(400, 401, 403, 404, 503)}
)
DELETE_SWEEP = _route("deleteSweep", "Cancel a sweep", _problems(400, 401, 403, 404, 503))
_CHANGE = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {"run": {"type": "object", "properties": {"suspend": {"type": "boolean"}}}},
        }
    },
}
CHANGE_SWEEP = _route(
    "changeSweep",
    "Suspend a sweep, or go on with it",
    {200: {"model": SweepObject}, **_problems(400, 401, 403, 404, 413, 422, 503)},
) | {"openapi_extra": {"requestBody": {"required": True, "content": {JSON_TYPE: {"schema": _CHANGE}}}}}
POINTS_OF_SWEEP = _route(
    "getPoints",
    "Fetch the table of a sweep",
    {
        200: {
            "description": "A row for each point that has ended",
            "content": {offered.facts.media_type: {"schema": _schema(offered)} for offered in TABLE_FORMATS},
        },
        **_problems(400, 401, 403, 404, 406, 410, 503),
    },
)
POINT_OF_SWEEP = _route(
    "getPoint",
    "Read a point as a simulation of its own",
    {200: {"model": SimulationObject}, **_problems(400, 401, 403, 404, 410, 503)},
)
RESULT_OF_POINT = _route(
    "getPointResult",
    "Fetch the result of a point",
    {
        200: {
            "description": "The result",
            "content": POINTS_OF_SWEEP["responses"][200]["content"],
        },
        **_problems(400, 401, 403, 404, 406, 503),
    },
)


def catalogue(model: type[Contract]) -> dict[str, Any]:
    """Return what is said of the catalogue, whose shape is known to its own module."""
    return _route(
        "getCatalogue", "List cells, models, cycles", {200: {"model": model}, **_problems(401, 503)}
    )


def rights(model: type[Contract]) -> dict[str, Any]:
    """Return what is said of a user's rights, whose shape is known to their own module."""
    return _route(
        "getRights",
        "Read one's own rights",
        {200: {"model": model}, **_problems(400, 401, 404, 503)},
    )


def add_openapi(app: FastAPI) -> None:
    """Let the application describe itself with everything above."""

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
    _, bodies = models_json_schema(
        [(ShortForm, "validation"), (WholeManifest, "validation"), (ProblemDetails, "validation")],
        ref_template="#/components/schemas/{model}",
    )
    schemas = {**document["components"]["schemas"], **bodies["$defs"]}
    for name in ("ShortForm", "WholeManifest"):
        # The code reads the spec by itself, so that its errors are those of every other way in.
        schemas[name]["properties"]["spec"] = {"$ref": "#/components/schemas/BatterySimulationSpec"}
    document["components"]["schemas"] = schemas
    return document
