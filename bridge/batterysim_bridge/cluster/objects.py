"""Objects of one kind of ours, as the API server has them."""

from collections.abc import Callable
from typing import Any

from batterysim_bridge.cluster.api_errors import api_errors
from batterysim_bridge.cluster.cluster import ClusterError, ExistsError, Manifest, RefusedError
from batterysim_kube.api_server import METADATA_LIST, METADATA_PAGE_OBJECTS, ApiServer, Query
from batterysim_kube.documents import UNREADABLE, lean_metadata, name_in
from batterysim_kube.errors import REFUSALS, ApiException, Conflict, NotFound, message_of


class KubernetesObjects:
    """Reads, creates and deletes.

    kind: how the kind is called. path: the path of an object of a namespace, or of all.
    """

    def __init__(self, api_server: ApiServer, kind: str, path: Callable[..., str]) -> None:
        self._api = api_server
        self._kind = kind
        self._path = path

    async def manifest(self, namespace: str, name: str) -> Manifest | None:
        """See Cluster."""
        with api_errors(f"read a {self._kind}"):
            try:
                found: Manifest = await self._api.request("GET", self._path(namespace, name))
            except NotFound:
                return None
        return found

    async def labelled(
        self, namespace: str, label: str, value: str, at: str | None = None
    ) -> tuple[Manifest, ...]:
        """See Cluster."""
        exactly: Query = {} if at is None else {"resourceVersion": at, "resourceVersionMatch": "Exact"}
        query: Query = {"labelSelector": f"{label}={value}", **exactly}
        with api_errors(f"list {self._kind}s"):
            page = await self._api.request("GET", self._path(namespace), query=query)
        return tuple(sorted(page["items"], key=lambda item: item["metadata"]["creationTimestamp"]))

    async def create(self, manifest: Manifest) -> Manifest:
        """See Cluster."""
        path, query = self._path(manifest["metadata"]["namespace"]), {"fieldValidation": "Strict"}
        with api_errors(f"create a {self._kind}"):
            try:
                created: Manifest = await self._api.request("POST", path, query=query, body=manifest)
            except Conflict as error:
                raise ExistsError(message_of(error)) from error
            except ApiException as error:
                if error.status in REFUSALS:
                    raise RefusedError(error.status, message_of(error)) from error
                raise
        return created

    async def delete(self, namespace: str, name: str, uid: str | None = None) -> bool:
        """See Cluster."""
        options: dict[str, Any] = {"propagationPolicy": "Background"}
        options |= {"preconditions": {"uid": uid}} if uid else {}
        with api_errors(f"delete a {self._kind}"):
            try:
                await self._api.request("DELETE", self._path(namespace, name), body=options)
            except NotFound:
                return False
            except Conflict:  # another one has its name
                return False
        return True

    async def living_uids(self, namespace: str | None) -> frozenset[str]:
        """See Cluster."""
        uids: set[str] = set()
        with api_errors(f"list {self._kind}s"):
            async for page in self._api.pages(
                self._path(namespace), headers=METADATA_LIST, limit=METADATA_PAGE_OBJECTS
            ):
                uids.update(_uid_of(item) for item in page.items)
        return frozenset(uids)


def _uid_of(item: bytes) -> str:
    """Return the UID of an object. One that cannot be told might be any, so it is an error."""
    try:
        return str(lean_metadata(item)["metadata"]["uid"])
    except UNREADABLE as error:
        raise ClusterError(f"cannot read the metadata of {name_in(item)}: {error}") from error
