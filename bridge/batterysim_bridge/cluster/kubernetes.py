"""The cluster as the API server has it."""

from collections.abc import Callable, Mapping
from typing import Any

from batterysim import names
from batterysim.names import FieldManager
from batterysim_bridge.cluster.account import Account
from batterysim_bridge.cluster.api_errors import api_errors
from batterysim_bridge.cluster.cluster import (
    Child,
    Cleanups,
    ClusterError,
    Manifest,
    StatusConflictError,
    SupersededError,
    User,
)
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_bridge.cluster.objects import KubernetesObjects
from batterysim_bridge.cluster.simulation import to_simulation
from batterysim_kube.api_server import (
    APPLY,
    METADATA_ONLY,
    ApiServer,
    Query,
)
from batterysim_kube.controllers import controller_of
from batterysim_kube.errors import Conflict, NotFound, message_of
from batterysim_kube.paths import jobs_path, lease_path, pods_path, review_path, simulations_path
from batterysim_kube.status import AlwaysChangingError, Target, apply_in_step, apply_status

# What the authenticators say of a token that they did look at, also if it is meant for someone else.
BAD_BEARER = "invalid bearer token"


class KubernetesCluster(KubernetesObjects):
    """See Cluster.

    account: the bridge's ServiceAccount, in whose namespace a Lease of its name counts the cleanups.
    """

    def __init__(self, api_server: ApiServer, account: Account | None = None) -> None:
        super().__init__(api_server, names.KIND, simulations_path, to_simulation)
        self._account = account

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

    async def may(
        self, user: User, verb: str, namespace: str | None, name: str | None, resource: str = names.PLURAL
    ) -> bool:
        """See Cluster."""
        spec = {
            "user": user.username,
            "uid": user.uid,
            "groups": list(user.groups),
            "extra": dict(user.extra),
            "resourceAttributes": {
                "verb": verb,
                "group": names.GROUP,
                "resource": resource,
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
            review = await self._api.request("POST", review_path(group, kind), body=body)
        status: dict[str, Any] = review["status"]
        return status

    async def pod(self, namespace: str, name: str) -> Child | None:
        """See Cluster."""
        return await self._child(pods_path(namespace, name))

    async def job(self, namespace: str, name: str) -> Child | None:
        """See Cluster."""
        return await self._child(jobs_path(namespace, name))

    async def _child(self, path: str) -> Child | None:
        with api_errors("read a pod or Job"):
            try:
                found = await self._api.request("GET", path, headers=METADATA_ONLY)
            except NotFound:
                return None
        return _to_child(found["metadata"])

    async def cleanups(self) -> Cleanups:
        """See Cluster."""
        if self._account is None:
            return Cleanups(0)
        with api_errors("read the Lease that counts the cleanups"):
            try:
                found = await self._api.request("GET", lease_path(*self._account))
            except NotFound:
                return Cleanups(0)
        return Cleanups(found["spec"].get("leaseTransitions", 0), found["metadata"]["resourceVersion"])

    async def count_cleanup(self, before: Cleanups, number: int) -> bool:
        """See Cluster."""
        if self._account is None:
            return False
        query: Query = {"fieldManager": FieldManager.BRIDGE, "force": "true"}
        body = {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": {
                "namespace": self._account.namespace,
                "name": self._account.name,
                **({} if before.version is None else {"resourceVersion": before.version}),
            },
            "spec": {"holderIdentity": self._account.name, "leaseTransitions": number},
        }
        with api_errors("write the Lease that counts the cleanups"):
            try:
                await self._api.request(
                    "PATCH", lease_path(*self._account), query=query, body=body, headers=APPLY
                )
            except Conflict:
                return False
        return True

    async def ping(self) -> None:
        """See Cluster."""
        with api_errors("tell its version"):
            await self._api.request("GET", "/version")

    async def apply_status(
        self,
        simulation: ObjectState,
        status: Mapping[str, object],
        manager: FieldManager,
        *,
        force: bool,
        unless: Callable[[ObjectState], bool] = lambda _: False,
    ) -> None:
        """See Cluster."""

        async def apply(target: ObjectState) -> Manifest:
            if unless(target):
                raise SupersededError(f"{simulation.name!r} is in phase {target.phase}")
            return await apply_status(self._api, _target(target), status, manager, force=force)

        with api_errors("write a status"):
            try:
                applied = await apply_in_step(
                    simulation,
                    apply,
                    lambda: self.state(simulation.namespace, simulation.name),
                    lambda seen: seen.uid,
                )
            except Conflict as error:
                raise StatusConflictError(message_of(error)) from error
            except AlwaysChangingError as error:
                raise ClusterError(f"cannot write the status of {simulation.name!r}: {error}") from error
        if applied is None:
            raise StatusConflictError(f"{simulation.name!r} with UID {simulation.uid} is gone")

    async def apply_status_once(
        self, simulation: ObjectState, status: Mapping[str, object], manager: FieldManager
    ) -> Manifest | None:
        """See Cluster."""
        with api_errors("write a status"):
            try:
                return await apply_status(self._api, _target(simulation), status, manager, force=True)
            except (NotFound, Conflict):
                return None


def _target(simulation: ObjectState) -> Target:
    return Target(simulation.namespace, simulation.name, simulation.uid, simulation.resource_version)


def _to_child(metadata: Any) -> Child:
    return Child(metadata["name"], metadata["uid"], controller_of(metadata))
