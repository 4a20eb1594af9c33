"""What the API server answers when it does not do what it was asked."""

import json

import aiohttp
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

__all__ = [
    "NO_ANSWER",
    "REFUSALS",
    "ApiException",
    "Conflict",
    "Forbidden",
    "NotConfiguredError",
    "NotFound",
    "Unprocessable",
    "has_field_conflict",
    "message_of",
]

BAD_REQUEST, FORBIDDEN, NOT_FOUND, TOO_LARGE, UNPROCESSABLE = 400, 403, 404, 413, 422
REFUSALS = (BAD_REQUEST, FORBIDDEN, NOT_FOUND, TOO_LARGE, UNPROCESSABLE)
"""Statuses that are about the object that was to be created, and not about the API server."""
GONE = 410
"""The API server no longer remembers the version that a watch or a list was to go on from."""
NO_ANSWER = (aiohttp.ClientError, TimeoutError, OSError, ValueError)
"""What a call raises when there was no answer, or none that could be read."""

_FIELD_CONFLICT = "FieldManagerConflict"


class NotConfiguredError(Exception):
    """There is neither a pod's ServiceAccount nor a kubeconfig."""


def message_of(error: ApiException) -> str:
    """Return what the API server says about an error, for a person."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (TypeError, ValueError, KeyError):
        return f"{error.status} {error.reason}"


def has_field_conflict(error: Conflict) -> bool:
    """Tell whether another writer owns a field of what was applied; else the object has changed."""
    return _FIELD_CONFLICT in str(error.body)
