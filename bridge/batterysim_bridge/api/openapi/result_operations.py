"""Operations with results, in the OpenAPI document."""

from batterysim.result_format import NEGOTIABLE_FORMATS, ResultFormat
from batterysim_bridge.api.openapi.operation import operation, problems, schema_of
from batterysim_bridge.http.request_body import JSON_TYPE

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

RESULT = operation(
    "getResult",
    "Fetch a result",
    {
        200: {
            "description": "The result",
            "content": {
                offered.facts.media_type: {"schema": schema_of(offered)} for offered in NEGOTIABLE_FORMATS
            },
        },
        206: {"description": "A range of the stored Parquet file"},
        304: {"description": "The stored Parquet file is the one that the client has"},
        **problems(400, 401, 403, 404, 406, 410, 416, 503),
    },
)
RESULT_HEAD = operation(
    "getResultHead",
    "Read the metadata of a result",
    {
        200: {
            "description": "Summary, steps, cycles, provenance and columns, without the numbers",
            "content": {JSON_TYPE: {"schema": {"type": "object"}}},
        },
        **problems(401, 403, 404, 410, 503),
    },
)
PLOT = operation(
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
        **problems(400, 401, 403, 404, 406, 410, 503),
    },
)
