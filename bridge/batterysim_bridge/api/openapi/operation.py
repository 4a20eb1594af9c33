"""An operation of the OpenAPI document: its name, its summary, and how it can fail."""

from typing import Any

from pydantic import BaseModel

from batterysim.result_format import ResultFormat
from batterysim_bridge.http.problem import PROBLEM_MEDIA_TYPE
from batterysim_bridge.http.request_body import JSON_TYPE

IDEMPOTENCY_KEY = (
    "Any text, such as a UUID. The same request with the same key gets the same simulation; another request "
    "with the same key is answered with 409."
)
LAST_EVENT_ID = "The id of the last event seen: only later changes are sent."


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the answers of an operation that fails in these ways."""
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
        422: "The simulation or sweep cannot be run; `errors` names each wrong field",
        503: "The Kubernetes API or the store does not answer; try again",
    }
    schema = {"$ref": "#/components/schemas/ProblemDetails"}
    return {
        status: {"description": meanings[status], "content": {PROBLEM_MEDIA_TYPE: {"schema": schema}}}
        for status in statuses
    }


def answer(*models: type[BaseModel], description: str = "Successful Response") -> dict[str, Any]:
    """Return an answer in JSON that is one of these models.

    FastAPI, given a model, builds its schema at the start; the document does when it is asked for
    (`document.ANSWERS`).
    """
    schemas = [{"$ref": f"#/components/schemas/{model.__name__}"} for model in models]
    schema = {"anyOf": schemas} if len(schemas) > 1 else schemas[0]
    return {"description": description, "content": {JSON_TYPE: {"schema": schema}}}


def operation(operation_id: str, summary: str, responses: dict[int | str, dict[str, Any]]) -> dict[str, Any]:
    """Return an operation as FastAPI's decorators take it."""
    return {"operation_id": operation_id, "summary": summary, "responses": responses}


def schema_of(offered: ResultFormat) -> dict[str, str]:
    """Return the schema of an answer in a format."""
    if offered.facts.media_type == JSON_TYPE:
        return {"type": "object"}
    return {"type": "string"} if offered.facts.is_text else {"type": "string", "format": "binary"}


EVENT_STREAM = {
    "description": "Events until the end, or for half an hour",
    "content": {"text/event-stream": {"schema": {"type": "string"}}},
}
BODY_PROBLEMS = problems(400, 401, 403, 404, 409, 413, 415, 422, 503)
