"""What the bridge asks of Kubernetes, and the little it needs to know of each object."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from enum import StrEnum
from typing import Any, NamedTuple, Protocol

from batterysim import names
from batterysim.names import FieldManager
from batterysim_bridge.cluster.object_state import ObjectState
from batterysim_kube.controllers import Controller
from batterysim_kube.errors import FORBIDDEN, NOT_FOUND

Manifest = dict[str, Any]

SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:"
POD_NAME_EXTRA = "authentication.kubernetes.io/pod-name"
POD_UID_EXTRA = "authentication.kubernetes.io/pod-uid"


class ClusterError(Exception):
    """The API server cannot be reached, or refuses what the bridge must be allowed to do.

    status: of its answer; None: there was none.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(message)

    @property
    def is_about_the_place(self) -> bool:
        """Whether the bridge may not look there, or there is nothing of the kind: asking again is no use."""
        return self.status in (FORBIDDEN, NOT_FOUND)


class StatusConflictError(Exception):
    """A status was not applied: the object is gone or was made again, or another writer owns the fields."""


class SupersededError(Exception):
    """A status was not applied: the object has come to a state that it must not be written into."""


class ExpiredError(Exception):
    """The API server does not remember what happened since a resource version."""


class ExistsError(Exception):
    """There is an object of this name already."""


class RefusedError(Exception):
    """The API server has understood, and does not do it: a quota, an admission rule, a missing namespace."""

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__(message)


class User(NamedTuple):
    """The user of a token, from TokenReview."""

    username: str
    uid: str
    groups: tuple[str, ...]
    extra: Mapping[str, Sequence[str]]

    @property
    def service_account_namespace(self) -> str | None:
        """Namespace of the service account; None for people."""
        if not self.username.startswith(SERVICE_ACCOUNT_PREFIX):
            return None
        return self.username.removeprefix(SERVICE_ACCOUNT_PREFIX).partition(":")[0]

    @property
    def tenant(self) -> str:
        """Whose work it is that this user has done: a namespace has any number of service accounts."""
        return self.service_account_namespace or self.username

    @property
    def pod_name(self) -> str | None:
        """Name of the pod that the token is bound to."""
        return next(iter(self.extra.get(POD_NAME_EXTRA, ())), None)

    @property
    def pod_uid(self) -> str | None:
        """UID of the pod that the token is bound to."""
        return next(iter(self.extra.get(POD_UID_EXTRA, ())), None)


class Child(NamedTuple):
    """A pod or a Job."""

    name: str
    uid: str
    controller: Controller | None


class Listing(NamedTuple):
    """All objects of a kind at one moment, and the resource version to watch from."""

    states: tuple[ObjectState, ...]
    resource_version: str


class Cleanups(NamedTuple):
    """How many cleanups a cluster has counted.

    version: of the object that says so; None: there is none.
    """

    number: int
    version: str | None = None


class WatchEventType(StrEnum):
    """What a watch tells, in Kubernetes' words."""

    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"


class WatchEvent(NamedTuple):
    """One line of a watch. A bookmark has no object: nothing has happened up to its version."""

    type: WatchEventType
    state: ObjectState | None
    resource_version: str


class Objects(Protocol):
    """The objects of one kind of ours. Every method raises ClusterError when it cannot answer."""

    async def manifest(self, namespace: str, name: str) -> Manifest | None:
        """Return an object as the API server has it; None if there is none."""

    async def state(self, namespace: str, name: str) -> ObjectState | None:
        """Return an object as the bridge keeps it in memory; None if there is none."""

    async def labelled(
        self, namespace: str, label: str, value: str, at: str | None = None
    ) -> tuple[Manifest, ...]:
        """Return the objects with a label of this value, the oldest first.

        at: as they were at this resource version; None: as they are now.
        """

    async def create(self, manifest: Manifest) -> Manifest:
        """Create an object; return it as the API server now has it.

        Raises:
            ExistsError: there is one of this name.
            RefusedError: the API server does not want it.
        """

    async def delete(self, namespace: str, name: str, uid: str | None = None) -> bool:
        """Delete an object and what belongs to it. Tells whether there was one.

        uid: only if it still is the one with this UID.
        """

    async def listing(self, namespace: str | None) -> Listing:
        """List a namespace's objects; None: of all namespaces."""

    async def living_uids(self, namespace: str | None) -> frozenset[str]:
        """Return the UIDs of a namespace's objects at this moment; None: of all namespaces."""

    def watch(self, namespace: str | None, since: str, seconds: int) -> AsyncGenerator[WatchEvent, None]:
        """Tell what happens to the objects after a resource version, for this many seconds.

        Raises:
            ExpiredError: the version is too old.
        """


class Cluster(Objects, Protocol):
    """The Kubernetes API, and the BatterySimulations in it. Every method raises ClusterError when it cannot
    answer."""

    async def review_token(self, token: str, audience: str | None) -> User | None:
        """Return whose token it is; None if it is not valid for the audience (None: the API server)."""

    async def may(
        self, user: User, verb: str, namespace: str | None, name: str | None, resource: str = names.PLURAL
    ) -> bool:
        """Tell whether the user may do this to a BatterySimulation, or to an object of another resource of
        ours. None: to any, in any namespace."""

    async def pod(self, namespace: str, name: str) -> Child | None:
        """Return a pod; None if there is none."""

    async def job(self, namespace: str, name: str) -> Child | None:
        """Return a Job; None if there is none."""

    async def apply_status(
        self,
        simulation: ObjectState,
        status: Mapping[str, object],
        manager: FieldManager,
        *,
        force: bool,
        unless: Callable[[ObjectState], bool] = lambda _: False,
    ) -> None:
        """Apply fields of the status, to the object with this very UID only. `force` takes fields over.

        unless: is asked about the very state of the object that the status is written into.

        Raises:
            SupersededError: `unless` says so.
            StatusConflictError: the object is gone or was made again; without force also: a field has
                another owner.
        """

    async def apply_status_once(
        self, simulation: ObjectState, status: Mapping[str, object], manager: FieldManager
    ) -> Manifest | None:
        """Apply fields of the status, to this very version of the object only.

        Returns:
            The object as it then is, with its spec; None: it is not applied, because the object has changed
            or is gone.
        """

    async def cleanups(self) -> Cleanups:
        """Return how many cleanups of this release's store the cluster has counted."""

    async def count_cleanup(self, before: Cleanups, number: int) -> bool:
        """Note how many cleanups there were. False: another replica has done so since `before` was read."""

    async def ping(self) -> None:
        """Return if the API server answers."""
