"""Objects of one kind of ours, as the API server has them."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from functools import partial
from typing import Any

from batterysim_bridge.cluster.api_errors import api_errors
from batterysim_bridge.cluster.cluster import (
    ClusterError,
    ExistsError,
    ExpiredError,
    Listing,
    Manifest,
    RefusedError,
    WatchEvent,
    WatchEventType,
)
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_kube.api_server import METADATA_LIST, METADATA_PAGE_OBJECTS, ApiServer, Query
from batterysim_kube.documents import UNREADABLE, Event, lean_metadata, lean_object, name_in, read_event
from batterysim_kube.errors import GONE, REFUSALS, ApiException, Conflict, NotFound, message_of
from batterysim_kube.skipping import read_each


class KubernetesObjects:
    """Reads, lists, watches, creates and deletes: see Objects.

    kind: how the kind is called. path: the path of an object of a namespace, or of all. to_state: what is
    kept of an object.
    """

    def __init__(
        self,
        api_server: ApiServer,
        kind: str,
        path: Callable[..., str],
        to_state: Callable[[Mapping[str, Any]], ObjectState],
    ) -> None:
        self._api = api_server
        self._kind = kind
        self._path = path
        self._to_state = to_state

    async def manifest(self, namespace: str, name: str) -> Manifest | None:
        """See Objects."""
        with api_errors(f"read a {self._kind}"):
            try:
                found: Manifest = await self._api.request("GET", self._path(namespace, name))
            except NotFound:
                return None
        return found

    async def state(self, namespace: str, name: str) -> ObjectState | None:
        """See Objects."""
        found = await self.manifest(namespace, name)
        return None if found is None else self._to_state(found)

    async def listing(self, namespace: str | None) -> Listing:
        """See Objects."""
        found: list[ObjectState] = []
        version = ""
        with api_errors(f"list {self._kind}s"):
            async for page in self._api.pages(self._path(namespace)):
                found.extend(read_each(page.items, lambda item: self._to_state(lean_object(item))))
                version = page.resource_version
        return Listing(tuple(found), version)

    async def watch(
        self, namespace: str | None, since: str, seconds: int
    ) -> AsyncGenerator[WatchEvent, None]:
        """See Objects."""
        with api_errors(f"watch {self._kind}s"):
            try:
                watch = self._api.watch(self._path(namespace), {"resourceVersion": since}, seconds)
                async with aclosing(watch) as lines:
                    async for line in lines:
                        for event in read_each([line], read_event):
                            _raise_if_error(event)
                            for told in read_each([event.item], partial(self._to_event, event.type)):
                                yield told
            except ApiException as error:
                if error.status == GONE:
                    raise ExpiredError(message_of(error)) from error
                raise

    def _to_event(self, kind: str, item: bytes) -> WatchEvent:
        raw = lean_object(item)
        state = None if kind == WatchEventType.BOOKMARK else self._to_state(raw)
        return WatchEvent(WatchEventType(kind), state, raw["metadata"]["resourceVersion"])

    async def labelled(
        self, namespace: str, label: str, value: str, at: str | None = None
    ) -> tuple[Manifest, ...]:
        """See Objects."""
        exactly: Query = {} if at is None else {"resourceVersion": at, "resourceVersionMatch": "Exact"}
        query: Query = {"labelSelector": f"{label}={value}", **exactly}
        with api_errors(f"list {self._kind}s"):
            page = await self._api.request("GET", self._path(namespace), query=query)
        return tuple(sorted(page["items"], key=lambda item: item["metadata"]["creationTimestamp"]))

    async def create(self, manifest: Manifest) -> Manifest:
        """See Objects."""
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
        """See Objects."""
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
        """See Objects."""
        uids: set[str] = set()
        with api_errors(f"list {self._kind}s"):
            async for page in self._api.pages(
                self._path(namespace), headers=METADATA_LIST, limit=METADATA_PAGE_OBJECTS
            ):
                uids.update(_uid_of(item) for item in page.items)
        return frozenset(uids)


def _raise_if_error(event: Event) -> None:
    """Raise what a line of a watch says that is an error.

    Raises:
        ApiException: as if it had been the answer's status.
    """
    if event.type == "ERROR":
        status = json.loads(event.item)
        raise ApiException(status["code"], status["message"])


def _uid_of(item: bytes) -> str:
    """Return the UID of an object. One that cannot be told might be any, so it is an error."""
    try:
        return str(lean_metadata(item)["metadata"]["uid"])
    except UNREADABLE as error:
        raise ClusterError(f"cannot read the metadata of {name_in(item)}: {error}") from error
