"""Writing a part of an object's status, which others write into, too."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple, TypeVar

from batterysim import names
from batterysim_kube.api_server import APPLY, ApiServer, Json
from batterysim_kube.errors import Conflict, NotFound, has_field_conflict
from batterysim_kube.paths import simulations_path, sweeps_path

TRIES = 5
PATHS = {names.KIND: simulations_path, names.SWEEP_KIND: sweeps_path}

Seen = TypeVar("Seen")
Applied = TypeVar("Applied")


class Target(NamedTuple):
    """One object, in the version in which it was read."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    kind: str = names.KIND


class AlwaysChangingError(Exception):
    """An object has changed at each of some tries to write into it."""


async def apply_status(
    api: ApiServer, target: Target, status: Mapping[str, Any], manager: names.FieldManager, *, force: bool
) -> Json:
    """Apply one manager's part of the status by server-side apply, and return the object.

    The resource version makes the API server refuse it when the object has changed since it was read, or was
    made again under the same name: a UID alone is no precondition. force: take fields over from others.

    Raises:
        Conflict: the object has changed, or was replaced; without force also: a field has another owner.
        NotFound: the object is gone.
    """
    path = PATHS[target.kind]
    applied: Json = await api.request(
        "PATCH",
        path(target.namespace, target.name, "status"),
        query={"fieldManager": manager.value, "force": "true" if force else "false"},
        body={
            "apiVersion": names.API_VERSION,
            "kind": target.kind,
            "metadata": {
                "name": target.name,
                "namespace": target.namespace,
                "uid": target.uid,
                "resourceVersion": target.resource_version,
            },
            "status": dict(status),
        },
        headers=APPLY,
    )
    return applied


async def apply_in_step(
    seen: Seen,
    apply: Callable[[Seen], Awaitable[Applied]],
    read: Callable[[], Awaitable[Seen | None]],
    uid_of: Callable[[Seen], str],
) -> Applied | None:
    """Apply something to an object, and to what it has become if it has changed; None: it is gone.

    Raises:
        Conflict: another writer owns a field.
        AlwaysChangingError: it has changed at each of some tries.
    """
    current: Seen | None = seen
    for _ in range(TRIES):
        if current is None or uid_of(current) != uid_of(seen):
            return None
        try:
            return await apply(current)
        except NotFound:
            return None
        except Conflict as error:
            if has_field_conflict(error):
                raise
        current = await read()
    raise AlwaysChangingError(f"the object has changed at each of {TRIES} tries")
