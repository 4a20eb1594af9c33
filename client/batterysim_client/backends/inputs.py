"""Contents that are too long for a spec, in a ConfigMap that the client makes and the simulation owns."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from batterysim import names
from batterysim.failure import FailureReason
from batterysim.kubernetes_names import path_of
from batterysim.problem import InvalidSpecError, Problem
from batterysim.spec.documents.contents import size_problems
from batterysim.spec.documents.depth import MAX_DEPTH, is_deeper
from batterysim.spec.documents.python_contents import SetApart, set_apart
from batterysim_client.backends.backend import Json
from batterysim_client.backends.http import Http
from batterysim_client.errors import ClientError
from batterysim_client.simulation import Simulation

FIELD_MANAGER = "batterysim-client"
MAX_CONFIG_MAP_BYTES = 1_000_000
"""The API server takes 1 MiB, with the object's own fields."""

_APPLY = {"Content-Type": "application/apply-patch+yaml"}
_DELETE = {"apiVersion": "v1", "kind": "DeleteOptions"}


def too_long(spec: Json) -> SetApart | None:
    """Return a spec whose contents are out of it if they are too long for it; None: they are not.

    Raises:
        InvalidSpecError: they are too long for a ConfigMap, too.
    """
    if is_deeper(spec, MAX_DEPTH) or not (problems := size_problems(spec)):
        return None
    apart = set_apart(spec)
    size = sum(len(text.encode()) for text in apart.contents.values())
    if not apart.contents:
        return None
    if size > MAX_CONFIG_MAP_BYTES:
        message = (
            f"contents of {size} bytes are more than the {MAX_CONFIG_MAP_BYTES} of a ConfigMap: use fewer "
            "rows, or "
            "solve it without a cluster by batterysim.run"
        )
        raise InvalidSpecError([Problem(FailureReason.INVALID_SPEC, problems[0].field, message)])
    return apart


class Inputs:
    """The ConfigMap with the contents of a spec.

    Its name is that of its contents, so simulations with the same contents share it. Each of them owns it,
    and Kubernetes deletes it after the last one.
    """

    def __init__(self, http: Http, namespace: str, apart: SetApart) -> None:
        self._http = http
        self._namespace = namespace
        self._apart = apart

    @asynccontextmanager
    async def created(self) -> AsyncIterator[None]:
        """Create the ConfigMap unless it exists. It is deleted again if nobody comes to own it."""
        await self._apply(FIELD_MANAGER, [])
        try:
            yield
        except BaseException:
            await self._delete_if_nobody_owns_it()
            raise

    async def belong_to(self, simulation: Simulation) -> None:
        """Have the simulation own it, too."""
        owner = {
            "apiVersion": names.API_VERSION,
            "kind": names.KIND,
            "name": simulation.name,
            "uid": simulation.uid,
        }
        # A manager for each owner, so that none takes away another's entry in the list.
        await self._apply(f"{FIELD_MANAGER}-{simulation.uid}", [owner])

    async def _apply(self, manager: str, owners: list[dict[str, str]]) -> None:
        body: dict[str, Any] = {
            "apiVersion": "v1",
            "kind": "ConfigMap",
            "metadata": {"name": self._apart.name, **({"ownerReferences": owners} if owners else {})},
            "data": dict(self._apart.contents),
        }
        await self._http.json(
            "PATCH", self._path, query=[("fieldManager", manager)], body=body, headers=_APPLY
        )

    async def _delete_if_nobody_owns_it(self) -> None:
        try:
            metadata = (await self._http.json("GET", self._path))["metadata"]
            if metadata.get("ownerReferences"):
                return
            condition = {"resourceVersion": metadata["resourceVersion"]}
            await self._http.json("DELETE", self._path, body={**_DELETE, "preconditions": condition})
        except ClientError:
            return  # the reason why nobody owns it is told instead

    @property
    def _path(self) -> str:
        return path_of("api", "v1", "namespaces", self._namespace, "configmaps", self._apart.name)
