"""The cluster as the API server has it."""

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from typing import Any

from kubernetes.aio.client import ApiException
from kubernetes.aio.client.exceptions import ConflictException, NotFoundException

from batterysim import names
from batterysim.kubernetes_names import path_of
from batterysim.names import FieldManager
from batterysim_bridge.cluster.api_server import ApiServer, Query, api_errors, message_of
from batterysim_bridge.cluster.cluster import (
    Child,
    ClusterError,
    ExistsError,
    ExpiredError,
    Listing,
    Manifest,
    Owner,
    RefusedError,
    StatusConflictError,
    SupersededError,
    User,
    WatchEvent,
    WatchEventType,
)
from batterysim_bridge.live.simulation import Simulation, to_simulation

LIST_PAGE = 500
APPLY_TRIES = 5
FIELD_CONFLICT = "FieldManagerConflict"
GONE = 410
# A user's request that the API server refuses for a reason of the user's, not of the bridge's.
REFUSALS = (400, 403, 404, 413, 422)

APPLY = {"Content-Type": "application/apply-patch+yaml"}
METADATA_ONLY = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}
# What the authenticators say of a token that they did look at, also if it is meant for someone else.
BAD_BEARER = "invalid bearer token"
METADATA_LIST = {"Accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}


class KubernetesCluster:
    """See Cluster."""

    def __init__(self, api_server: ApiServer) -> None:
        self._api = api_server

    async def review_token(self, token: str, audience: str | None) -> User | None:
        """See Cluster."""
        spec = {"token": token, "audiences": [audience] if audience else []}
        status = await self._review("authentication.k8s.io", "TokenReview", spec)
        if not status.get("authenticated"):
            error = str(status.get("error") or "")
            if error and BAD_BEARER not in error:
                # Not a verdict on the token: an authenticator that is starting, or away.
                raise ClusterError(f"the token could not be reviewed: {error}")
            return None
        # An authenticator that knows nothing of audiences leaves them out: its tokens are for anything.
        if audience is not None and audience not in status.get("audiences", ()):
            return None
        user = status["user"]
        groups, extra = user.get("groups", ()), user.get("extra", {})
        return User(user["username"], user.get("uid", ""), tuple(groups), extra)

    async def may(self, user: User, verb: str, namespace: str | None, name: str | None) -> bool:
        """See Cluster."""
        spec = {
            "user": user.username,
            "uid": user.uid,
            "groups": list(user.groups),
            "extra": dict(user.extra),
            "resourceAttributes": {
                "verb": verb,
                "group": names.GROUP,
                "resource": names.PLURAL,
                "namespace": namespace or "",
                "name": name or "",
            },
        }
        status = await self._review("authorization.k8s.io", "SubjectAccessReview", spec)
        return bool(status["allowed"])

    async def _review(self, group: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
        """Ask a question by creating a review; return the answer."""
        body = {"apiVersion": f"{group}/v1", "kind": kind, "spec": spec}
        with api_errors(f"create a {kind}"):
            review = await self._api.request(
                "POST", path_of("apis", group, "v1", f"{kind.lower()}s"), body=body
            )
        status: dict[str, Any] = review["status"]
        return status

    async def pod(self, namespace: str, name: str) -> Child | None:
        """See Cluster."""
        return await self._child(path_of("api", "v1", "namespaces", namespace, "pods", name))

    async def job(self, namespace: str, name: str) -> Child | None:
        """See Cluster."""
        return await self._child(path_of("apis", "batch", "v1", "namespaces", namespace, "jobs", name))

    async def _child(self, path: str) -> Child | None:
        with api_errors("read a pod or Job"):
            try:
                found = await self._api.request("GET", path, headers=METADATA_ONLY)
            except NotFoundException:
                return None
        return _to_child(found["metadata"])

    async def ping(self) -> None:
        """See Cluster."""
        with api_errors("tell its version"):
            await self._api.request("GET", "/version")

    async def manifest(self, namespace: str, name: str) -> Manifest | None:
        """See Cluster."""
        with api_errors("read a BatterySimulation"):
            try:
                found: Manifest = await self._api.request("GET", _path(namespace, name))
            except NotFoundException:
                return None
        return found

    async def simulation(self, namespace: str, name: str) -> Simulation | None:
        """See Cluster."""
        found = await self.manifest(namespace, name)
        return None if found is None else to_simulation(found)

    async def labelled(self, namespace: str, label: str, value: str) -> Manifest | None:
        """See Cluster."""
        query: Query = {"labelSelector": f"{label}={value}", "limit": 1}
        with api_errors("list BatterySimulations"):
            page = await self._api.request("GET", _path(namespace), query=query)
        return next(iter(page["items"]), None)

    async def create(self, manifest: Manifest) -> Manifest:
        """See Cluster."""
        path, query = _path(manifest["metadata"]["namespace"]), {"fieldValidation": "Strict"}
        with api_errors("create a BatterySimulation"):
            try:
                created: Manifest = await self._api.request("POST", path, query=query, body=manifest)
            except ConflictException as error:
                raise ExistsError(message_of(error)) from error
            except ApiException as error:
                if error.status in REFUSALS:
                    raise RefusedError(error.status, message_of(error)) from error
                raise
        return created

    async def delete(self, namespace: str, name: str, uid: str | None = None) -> bool:
        """See Cluster."""
        options = {"propagationPolicy": "Background"} | ({"preconditions": {"uid": uid}} if uid else {})
        with api_errors("delete a BatterySimulation"):
            try:
                await self._api.request("DELETE", _path(namespace, name), body=options)
            except NotFoundException:
                return False
            except ConflictException:  # another one has its name
                return False
        return True

    async def apply_status(
        self,
        simulation: Simulation,
        status: Mapping[str, object],
        manager: FieldManager,
        *,
        force: bool,
        unless: Callable[[Simulation], bool] = lambda _: False,
    ) -> None:
        """See Cluster."""
        target = simulation
        for _ in range(APPLY_TRIES):
            if unless(target):
                raise SupersededError(f"{simulation.name!r} is in phase {target.phase}")
            if await self._apply_if_unchanged(target, status, manager, force=force) is not None:
                return
            current = await self.simulation(simulation.namespace, simulation.name)
            if current is None or current.uid != simulation.uid:
                raise StatusConflictError(f"{simulation.name!r} with UID {simulation.uid} is gone")
            target = current
        raise ClusterError(f"the status of {simulation.name!r} changed at each of {APPLY_TRIES} tries")

    async def apply_status_once(
        self, simulation: Simulation, status: Mapping[str, object], manager: FieldManager
    ) -> Manifest | None:
        """See Cluster."""
        return await self._apply_if_unchanged(simulation, status, manager, force=True)

    async def _apply_if_unchanged(
        self, simulation: Simulation, status: Mapping[str, object], manager: FieldManager, *, force: bool
    ) -> Manifest | None:
        """Apply a status unless the object has changed, or has gone; return the object, if it was applied.

        The resource version is what keeps a status from an object that was made again under the same name:
        the API server does not look at the UID when a status is applied.
        """
        body = {
            "apiVersion": names.API_VERSION,
            "kind": names.KIND,
            "metadata": {"name": simulation.name, "resourceVersion": simulation.resource_version},
            "status": dict(status),
        }
        path = _path(simulation.namespace, simulation.name, "status")
        query = {"fieldManager": manager.value, "force": "true" if force else "false"}
        with api_errors("write a status"):
            try:
                applied: Manifest = await self._api.request(
                    "PATCH", path, query=query, body=body, headers=APPLY
                )
            except NotFoundException:
                return None
            except ConflictException as error:
                if FIELD_CONFLICT in str(error.body):
                    raise StatusConflictError(message_of(error)) from error
                return None
        return applied

    async def simulations(self, namespace: str | None) -> Listing:
        """See Cluster."""
        found: list[Simulation] = []
        version = ""
        async for page in self._pages(namespace, {}):
            # Each page is let go before the next one is read.
            found.extend(map(to_simulation, page["items"]))
            version = page["metadata"]["resourceVersion"]
        return Listing(tuple(found), version)

    async def living_uids(self, namespace: str | None) -> frozenset[str]:
        """See Cluster."""
        uids: set[str] = set()
        async for page in self._pages(namespace, METADATA_LIST):
            uids.update(item["metadata"]["uid"] for item in page["items"])
        return frozenset(uids)

    async def _pages(self, namespace: str | None, headers: Mapping[str, str]) -> AsyncGenerator[Any, None]:
        proceed: str | None = None
        while True:
            query = {"limit": LIST_PAGE, "continue": proceed}
            with api_errors("list BatterySimulations"):
                page = await self._api.request("GET", _path(namespace), query=query, headers=headers)
            yield page
            proceed = page["metadata"].get("continue")
            if not proceed:
                return

    async def watch(
        self, namespace: str | None, since: str, seconds: int
    ) -> AsyncGenerator[WatchEvent, None]:
        """See Cluster."""
        with api_errors("watch BatterySimulations"):
            try:
                watch = self._api.watch(_path(namespace), {"resourceVersion": since}, seconds)
                async with aclosing(watch) as events:
                    async for event in events:
                        yield _to_event(event)
            except ApiException as error:
                if error.status == GONE:
                    raise ExpiredError(message_of(error)) from error
                raise


def _path(namespace: str | None, *name: str) -> str:
    """Return the path of one BatterySimulation or a part of it, of a namespace's, or of all."""
    scope = () if namespace is None else ("namespaces", namespace)
    return path_of("apis", names.GROUP, names.VERSION, *scope, names.PLURAL, *name)


def _to_event(event: Any) -> WatchEvent:
    kind, raw = WatchEventType(event["type"]), event["object"]
    simulation = None if kind is WatchEventType.BOOKMARK else to_simulation(raw)
    return WatchEvent(kind, simulation, raw["metadata"]["resourceVersion"])


def _to_child(metadata: Any) -> Child:
    for owner in metadata.get("ownerReferences", ()):
        if owner.get("controller"):
            return Child(metadata["name"], metadata["uid"], Owner(owner["kind"], owner["name"], owner["uid"]))
    return Child(metadata["name"], metadata["uid"], None)
