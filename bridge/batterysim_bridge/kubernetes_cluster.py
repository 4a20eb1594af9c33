"""The Kubernetes API over HTTP."""

import json
from collections.abc import AsyncGenerator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import aiohttp
from kubernetes.aio import client, config, watch

from batterysim import names
from batterysim.names import FieldManager
from batterysim_bridge.cluster import (
    Child,
    ClusterError,
    Listing,
    Owner,
    Simulation,
    StatusConflictError,
    User,
)

REQUEST_TIMEOUT_SECONDS = 10.0
LIST_PAGE = 500
APPLY_TRIES = 5
FIELD_CONFLICT = "FieldManagerConflict"
WATCH_GRACE_SECONDS = 30
APPLY_CONTENT_TYPE = "application/apply-patch+yaml"
METADATA_ONLY = {"Accept": "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"}

CUSTOM_OBJECT: dict[str, Any] = {"group": names.GROUP, "version": names.VERSION, "plural": names.PLURAL}


class KubernetesCluster:
    """The API server that the pod runs under, or else that of the kubeconfig.

    Objects stay plain JSON: the client's typed API would more than double the bridge's memory and start-up
    time, and the bridge needs a handful of fields.
    """

    def __init__(self, api_client: client.ApiClient) -> None:
        self._api_client = api_client
        self._objects = client.CustomObjectsApi(api_client)

    @classmethod
    async def connect(cls) -> "KubernetesCluster":
        """Read the configuration. The API server need not be there yet.

        Raises:
            ClusterError: there is no configuration.
        """
        configuration = client.Configuration()
        try:
            config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
        except config.ConfigException:
            try:
                await config.load_kube_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
            except config.ConfigException as error:
                raise ClusterError(f"not in a pod, and no kubeconfig: set KUBECONFIG ({error})") from error
        return cls(client.ApiClient(configuration))

    async def close(self) -> None:
        """Close the connections."""
        await self._api_client.close()  # type: ignore[no-untyped-call]

    async def review_token(self, token: str, audience: str | None) -> User | None:
        """See Cluster."""
        spec = {"token": token, "audiences": [audience] if audience else []}
        status = await self._review("authentication.k8s.io", "TokenReview", spec)
        if not status.get("authenticated"):
            return None
        # An authenticator that knows nothing of audiences leaves them out: its tokens are for anything.
        if audience is not None and audience not in status.get("audiences", ()):
            return None
        user = status["user"]
        groups, extra = user.get("groups", ()), user.get("extra", {})
        return User(user["username"], user.get("uid", ""), tuple(groups), extra)

    async def may_read(self, user: User, namespace: str, name: str) -> bool:
        """See Cluster."""
        spec = {
            "user": user.username,
            "uid": user.uid,
            "groups": list(user.groups),
            "extra": dict(user.extra),
            "resourceAttributes": {
                "verb": "get",
                "group": names.GROUP,
                "resource": names.PLURAL,
                "namespace": namespace,
                "name": name,
            },
        }
        status = await self._review("authorization.k8s.io", "SubjectAccessReview", spec)
        return bool(status["allowed"])

    async def _review(self, group: str, kind: str, spec: dict[str, Any]) -> dict[str, Any]:
        """Ask a question by creating a review; return the answer."""
        body = {"apiVersion": f"{group}/v1", "kind": kind, "spec": spec}
        with _api_errors(f"create a {kind}"):
            review: Any = await self._objects.create_cluster_custom_object(
                group, "v1", f"{kind.lower()}s", body, _request_timeout=REQUEST_TIMEOUT_SECONDS
            )
        status: dict[str, Any] = review["status"]
        return status

    async def pod(self, namespace: str, name: str) -> Child | None:
        """See Cluster."""
        return await self._child("/api/v1/namespaces/{namespace}/pods/{name}", namespace, name)

    async def job(self, namespace: str, name: str) -> Child | None:
        """See Cluster."""
        return await self._child("/apis/batch/v1/namespaces/{namespace}/jobs/{name}", namespace, name)

    async def _child(self, path: str, namespace: str, name: str) -> Child | None:
        with _api_errors("read a pod or Job"):
            try:
                found = await self._get(path, METADATA_ONLY, namespace=namespace, name=name)
            except client.exceptions.NotFoundException:
                return None
        return _to_child(found["metadata"])

    async def ping(self) -> None:
        """See Cluster."""
        with _api_errors("ask for its version"):
            await self._get("/version", {})

    async def _get(self, path: str, headers: Mapping[str, str], **path_parameters: str) -> Any:
        request = await self._api_client.param_serialize(
            "GET", path, path_parameters, header_params=dict(headers), auth_settings=["BearerToken"]
        )
        response = await self._api_client.call_api(*request, _request_timeout=REQUEST_TIMEOUT_SECONDS)
        await response.read()  # type: ignore[no-untyped-call]
        return self._api_client.response_deserialize(response, {"200": "object"}).data

    async def simulation(self, namespace: str, name: str) -> Simulation | None:
        """See Cluster."""
        with _api_errors("read a BatterySimulation"):
            try:
                found = await self._objects.get_namespaced_custom_object(
                    **CUSTOM_OBJECT,
                    namespace=namespace,
                    name=name,
                    _request_timeout=REQUEST_TIMEOUT_SECONDS,
                )
            except client.exceptions.NotFoundException:
                return None
        return _to_simulation(found)

    async def apply_status(
        self, simulation: Simulation, status: Mapping[str, object], manager: FieldManager, *, force: bool
    ) -> None:
        """See Cluster."""
        target = simulation
        for _ in range(APPLY_TRIES):
            if await self._apply_if_unchanged(target, status, manager, force=force):
                return
            current = await self.simulation(simulation.namespace, simulation.name)
            if current is None or current.uid != simulation.uid:
                raise StatusConflictError(f"{simulation.name!r} with UID {simulation.uid} is gone")
            target = current
        raise ClusterError(f"the status of {simulation.name!r} changed at each of {APPLY_TRIES} tries")

    async def _apply_if_unchanged(
        self, simulation: Simulation, status: Mapping[str, object], manager: FieldManager, *, force: bool
    ) -> bool:
        """Apply a status unless the object has changed, or has gone; tell whether it was applied.

        The resource version is what keeps a status from an object that was made again under the same name:
        the API server does not look at the UID when a status is applied.
        """
        body = {
            "apiVersion": names.API_VERSION,
            "kind": names.KIND,
            "metadata": {"name": simulation.name, "resourceVersion": simulation.resource_version},
            "status": dict(status),
        }
        with _api_errors("write a status"):
            try:
                await self._objects.patch_namespaced_custom_object_status(
                    **CUSTOM_OBJECT,
                    namespace=simulation.namespace,
                    name=simulation.name,
                    body=body,
                    field_manager=manager.value,
                    force=force,
                    _content_type=APPLY_CONTENT_TYPE,
                    _request_timeout=REQUEST_TIMEOUT_SECONDS,
                )
            except client.exceptions.NotFoundException:
                return False
            except client.exceptions.ConflictException as error:
                if FIELD_CONFLICT in str(error.body):
                    raise StatusConflictError(_message(error)) from error
                return False
        return True

    async def simulations(self, namespace: str | None) -> Listing:
        """See Cluster."""
        list_page, scope = self._scope(namespace)
        found: list[Simulation] = []
        proceed: str | None = None
        while True:
            with _api_errors("list BatterySimulations"):
                page = await list_page(
                    **scope, limit=LIST_PAGE, _continue=proceed, _request_timeout=REQUEST_TIMEOUT_SECONDS
                )
            found.extend(map(_to_simulation, page["items"]))
            proceed = page["metadata"].get("continue")
            if not proceed:
                return Listing(tuple(found), page["metadata"]["resourceVersion"])

    async def deletions(
        self, namespace: str | None, since: str, seconds: int
    ) -> AsyncGenerator[Simulation, None]:
        """See Cluster."""
        method, scope = self._scope(namespace)
        options = {
            "resource_version": since,
            "timeout_seconds": seconds,
            "_request_timeout": float(seconds + WATCH_GRACE_SECONDS),
            "_headers": METADATA_ONLY,
        }
        with _api_errors("watch BatterySimulations"):
            async with watch.Watch(return_type="object") as events:  # type: ignore[no-untyped-call]
                async for event in events.stream(method, **scope, **options):
                    if event["type"] == "DELETED":
                        yield _to_simulation(event["raw_object"])

    def _scope(self, namespace: str | None) -> tuple[Any, dict[str, Any]]:
        """Return the client's method that lists a namespace, or all of them, and its arguments."""
        if namespace is None:
            return self._objects.list_cluster_custom_object, CUSTOM_OBJECT
        return self._objects.list_namespaced_custom_object, {**CUSTOM_OBJECT, "namespace": namespace}


@contextmanager
def _api_errors(doing: str) -> Iterator[None]:
    """Turn whatever the client library raises into ClusterError."""
    try:
        yield
    except client.exceptions.ApiException as error:
        raise ClusterError(f"the API server did not {doing}: {error.status} {_message(error)}") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise ClusterError(
            f"cannot {doing}: no answer from the API server ({type(error).__name__}: {error})"
        ) from error


def _message(error: client.exceptions.ApiException) -> str:
    """Return what the API server says, from its Status object if it sent one."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (ValueError, KeyError, TypeError):
        return str(error.reason)


def _to_child(metadata: Any) -> Child:
    for owner in metadata.get("ownerReferences", ()):
        if owner.get("controller"):
            return Child(metadata["name"], metadata["uid"], Owner(owner["kind"], owner["name"], owner["uid"]))
    return Child(metadata["name"], metadata["uid"], None)


def _to_simulation(raw: Any) -> Simulation:
    metadata, status = raw["metadata"], raw.get("status") or {}
    callback = raw.get("spec", {}).get("callback") or {}
    return Simulation(
        namespace=metadata["namespace"],
        name=metadata["name"],
        uid=metadata["uid"],
        resource_version=metadata["resourceVersion"],
        phase=status.get("phase"),
        has_result="results" in status,
        callback_id=callback.get("id"),
    )
