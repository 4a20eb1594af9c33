"""Sweeps by either way: objects at the API server or the bridge, tables from the bridge."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from batterysim import names
from batterysim.idempotency import ANNOTATION_REQUEST_HASH
from batterysim.sweep.cluster.checks import check_for_cluster
from batterysim_client.backends.bridge_list import items_of
from batterysim_client.backends.creation import marked
from batterysim_client.backends.http import Http, Query
from batterysim_client.backends.result_server import ResultServer
from batterysim_client.errors import ConflictError
from batterysim_client.sweep import Sweep

SweepPath = Callable[[str | None, str | None], str]
"""The path of a namespace's sweeps (None: of all), or of one of them."""


class SweepServer:
    """Creates, reads and deletes.

    create_query: what a creation says in addition.
    bridge_at: returns the bridge that has a sweep's table, by the table's address.
    """

    def __init__(
        self,
        http: Http,
        path: SweepPath,
        bridge_at: Callable[[str | None], Awaitable[ResultServer]],
        create_query: Query = (),
    ) -> None:
        self._http = http
        self._path = path
        self._bridge_at = bridge_at
        self._create_query = create_query

    async def check(self, manifest: Mapping[str, Any]) -> None:
        """Return if a sweep can be run."""
        check_for_cluster(manifest["spec"])
        if self._path is bridge_path:
            await self._http.json("POST", "/v1/validate", body=manifest)

    async def create(self, manifest: Mapping[str, Any]) -> Sweep:
        """Create a sweep once: the same request with the same name gets the same sweep."""
        check_for_cluster(manifest["spec"])
        request = manifest if self._path is bridge_path else marked(manifest, None)
        metadata = request["metadata"]
        namespace, name = metadata["namespace"], metadata.get("name")
        path = names.SWEEPS_PATH if self._path is bridge_path else self._path(namespace, None)
        try:
            return Sweep(await self._http.json("POST", path, query=self._create_query, body=request))
        except ConflictError:
            if name is None or self._path is bridge_path:
                raise
        existing = await self.read(namespace, name)
        annotations = existing.manifest["metadata"].get("annotations") or {}
        if annotations.get(ANNOTATION_REQUEST_HASH) != metadata["annotations"][ANNOTATION_REQUEST_HASH]:
            raise ConflictError(
                f"{name!r} in namespace {namespace!r} exists and differs from this request: use another "
                "name, or delete it"
            )
        return existing

    async def read(self, namespace: str, name: str) -> Sweep:
        """Return a sweep."""
        return Sweep(await self._http.json("GET", self._path(namespace, name)))

    async def list(self, namespace: str | None) -> list[Sweep]:
        """Return sweeps, the newest first."""
        if self._path is bridge_path:
            where = [] if namespace is None else [("namespace", namespace)]
            return [Sweep(item) async for item in items_of(self._http, names.SWEEPS_PATH, where)]
        answer = await self._http.json("GET", self._path(namespace, None))
        found = [Sweep(item) for item in answer["items"]]
        return sorted(found, key=lambda sweep: sweep.manifest["metadata"]["creationTimestamp"], reverse=True)

    async def delete(self, namespace: str, name: str) -> None:
        """Delete a sweep, its pods and its table."""
        await self._http.json("DELETE", self._path(namespace, name))

    async def points(self, namespace: str, name: str, query: Query, point: int | None = None) -> bytes:
        """Return the table of a sweep, as far as it is stored, or the whole result of one of its points."""
        results = (await self.read(namespace, name)).status.results
        bridge = await self._bridge_at(None if results is None else results.uri)
        return await bridge.points(namespace, name, query, point)


def bridge_path(namespace: str | None, name: str | None) -> str:
    """Return the bridge's path of a sweep."""
    return names.SWEEPS_PATH if namespace is None or name is None else names.sweep_path(namespace, name)


def api_server_path(namespace: str | None, name: str | None) -> str:
    """Return the API server's path of a sweep."""
    where = "" if namespace is None else f"/namespaces/{namespace}"
    which = "" if name is None else f"/{name}"
    return f"/apis/{names.API_VERSION}{where}/{names.SWEEP_PLURAL}{which}"
