"""Calls to the Kubernetes API with JSON in and out.

The `kubernetes` package brings authentication, TLS, the connection pool and the kubeconfig. Its typed
models are left out: building and checking them costs more time than the calls themselves.
"""

import json
from typing import Any

from kubernetes.aio import client
from kubernetes.aio.client.exceptions import (
    ApiException,
)
from kubernetes.aio.client.exceptions import (
    ConflictException as Conflict,
)
from kubernetes.aio.client.exceptions import (
    ForbiddenException as Forbidden,
)
from kubernetes.aio.client.exceptions import (
    NotFoundException as NotFound,
)
from kubernetes.aio.client.exceptions import (
    UnprocessableEntityException as Unprocessable,
)

from batterysim_operator.reconcile.observation import Refusal

__all__ = [
    "ApiException",
    "Conflict",
    "Forbidden",
    "Json",
    "NotFound",
    "Rest",
    "Unprocessable",
    "message_of",
    "refusal_of",
]

Json = dict[str, Any]
REQUEST_TIMEOUT_SECONDS = 15.0
UNPROCESSABLE = 422
INTERNAL_ERROR = 500
REFUSALS = (400, 403, 404, 413, UNPROCESSABLE)


def message_of(error: ApiException) -> str:
    """Return what the API server says about an error, for a person."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (TypeError, ValueError, KeyError):
        return f"{error.status} {error.reason}"


def refusal_of(error: ApiException) -> Refusal | None:
    """Return what an answer says against an object that was to be created; None: it is about something else.

    A quota, a policy, a webhook and an ending namespace refuse for as long as they like, with any code. Only
    fields that are wrong by Kubernetes' own rules are wrong for good.
    """
    is_of_webhook = error.status == INTERNAL_ERROR and "webhook" in message_of(error)
    if error.status not in REFUSALS and not is_of_webhook:
        return None
    return Refusal(message_of(error), final=error.status == UNPROCESSABLE and _names_a_field(error))


def _names_a_field(error: ApiException) -> bool:
    try:
        causes = json.loads(error.body or "")["details"]["causes"]
        return any(str(cause.get("field", "")).startswith("spec.") for cause in causes)
    except (TypeError, ValueError, KeyError, AttributeError):
        return False


class Rest:
    """Calls the API server."""

    def __init__(self, api: client.ApiClient) -> None:
        self._api = api

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: dict[str, str] | None = None,
        body: Json | None = None,
        content_type: str = "application/json",
    ) -> Json:
        """Make one call and return the answer.

        Raises:
            ApiException: the answer is an error; NotFound, Conflict, Forbidden and Unprocessable are kinds.
        """
        request = await self._api.param_serialize(
            method=method,
            resource_path=path,
            query_params=list((query or {}).items()),
            header_params={"Accept": "application/json", "Content-Type": content_type},
            body=body,
            auth_settings=["BearerToken"],
        )
        response = await self._api.call_api(*request, _request_timeout=REQUEST_TIMEOUT_SECONDS)
        text = (await response.read()).decode()  # type: ignore[no-untyped-call]
        if response.status >= 400:
            raise ApiException.from_response(http_resp=response, body=text, data=None)
        answer: Json = json.loads(text)
        return answer
