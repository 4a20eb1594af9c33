"""Operations with sweeps, in the OpenAPI document."""

from batterysim_bridge.api.documents import SimulationObject, SweepObject, SweepPage
from batterysim_bridge.api.openapi import simulation_operations
from batterysim_bridge.api.openapi.operation import BODY_PROBLEMS, answer, operation, problems, schema_of
from batterysim_bridge.api.openapi.simulation_operations import any_of
from batterysim_bridge.http.request_body import JSON_TYPE, YAML_TYPE
from batterysim_bridge.results.formats import TABLE_FORMATS

COLUMNS = "Columns by their name, repeated, or separated by commas. Default: all."
FILTER = (
    "Only rows that fulfil this, such as `endVolts>=3.1` or `reason=Infeasible`; repeated: all of them. "
    "The signs are =, !=, <, <=, > and >=."
)
ORDER = "Column by which rows are ordered, with a minus in front for falling values; needs `limit`."
LIMIT = "At most this many rows; with `order` at most 1000."
FORMAT = "`parquet`, `csv`, `json` or `arrow`. Default: as the Accept header says, or parquet."

EXAMPLE = {
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
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            JSON_TYPE: {"schema": any_of(("SweepShortForm", "SweepManifest")), "example": EXAMPLE},
            YAML_TYPE: {"schema": {"type": "string"}},
        },
    }
}
CREATE = operation(
    "createSweep",
    "Create a sweep",
    {
        202: answer(SweepObject, description="Created now, or before by the same request"),
        **BODY_PROBLEMS,
    },
) | {"status_code": 202, "openapi_extra": _BODY}
LIST = operation("listSweeps", "List sweeps", {200: answer(SweepPage), **problems(400, 401, 403, 404, 503)})
WATCH = simulation_operations.WATCH | {"operation_id": "watchSweep", "summary": "Follow a sweep"}
WATCH_ALL = simulation_operations.WATCH_ALL | {"operation_id": "watchSweeps", "summary": "Follow many sweeps"}
READ = operation("getSweep", "Read a sweep", {200: answer(SweepObject), **problems(400, 401, 403, 404, 503)})
DELETE = operation("deleteSweep", "Cancel a sweep", problems(400, 401, 403, 404, 503))
_CHANGE = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {"run": {"type": "object", "properties": {"suspend": {"type": "boolean"}}}},
        }
    },
}
CHANGE = operation(
    "changeSweep",
    "Suspend a sweep, or go on with it",
    {200: answer(SweepObject), **problems(400, 401, 403, 404, 413, 422, 503)},
) | {"openapi_extra": {"requestBody": {"required": True, "content": {JSON_TYPE: {"schema": _CHANGE}}}}}
POINTS = operation(
    "getPoints",
    "Fetch the table of a sweep",
    {
        200: {
            "description": "A row for each point that has ended",
            "content": {
                offered.facts.media_type: {"schema": schema_of(offered)} for offered in TABLE_FORMATS
            },
        },
        **problems(400, 401, 403, 404, 406, 410, 503),
    },
)
POINT = operation(
    "getPoint",
    "Read a point as a simulation of its own",
    {200: answer(SimulationObject), **problems(400, 401, 403, 404, 410, 503)},
)
POINT_RESULT = operation(
    "getPointResult",
    "Fetch the result of a point",
    {
        200: {
            "description": "The result",
            "content": POINTS["responses"][200]["content"],
        },
        **problems(400, 401, 403, 404, 406, 503),
    },
)
