"""What the bridge asks of Kubernetes, and the little it needs to know of each object."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from typing import NamedTuple, Protocol

from batterysim.names import FieldManager

SERVICE_ACCOUNT_PREFIX = "system:serviceaccount:"
POD_NAME_EXTRA = "authentication.kubernetes.io/pod-name"
POD_UID_EXTRA = "authentication.kubernetes.io/pod-uid"


class ClusterError(Exception):
    """The API server cannot be reached, or refuses what the bridge must be allowed to do."""


class StatusConflictError(Exception):
    """A status was not applied: the object is gone or was made again, or another writer owns the fields."""


class User(NamedTuple):
    """Who a token belongs to, as TokenReview says."""

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
    def pod_name(self) -> str | None:
        """Name of the pod that the token is bound to."""
        return next(iter(self.extra.get(POD_NAME_EXTRA, ())), None)

    @property
    def pod_uid(self) -> str | None:
        """UID of the pod that the token is bound to."""
        return next(iter(self.extra.get(POD_UID_EXTRA, ())), None)


class Owner(NamedTuple):
    """The controller in an object's ownerReferences."""

    kind: str
    name: str
    uid: str


class Child(NamedTuple):
    """A pod or a Job."""

    name: str
    uid: str
    controller: Owner | None


class Simulation(NamedTuple):
    """A BatterySimulation."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    phase: str | None = None
    has_result: bool = False
    callback_id: str | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        """Namespace, name and UID."""
        return self.namespace, self.name, self.uid


class Listing(NamedTuple):
    """All BatterySimulations at one moment, and the resource version to watch from."""

    simulations: tuple[Simulation, ...]
    resource_version: str


class Cluster(Protocol):
    """The Kubernetes API. Every method raises ClusterError when it cannot answer."""

    async def review_token(self, token: str, audience: str | None) -> User | None:
        """Return whose token it is; None if it is not valid for the audience (None: the API server)."""

    async def may_read(self, user: User, namespace: str, name: str) -> bool:
        """Tell whether the user may `get` the BatterySimulation."""

    async def pod(self, namespace: str, name: str) -> Child | None:
        """Return a pod; None if there is none."""

    async def job(self, namespace: str, name: str) -> Child | None:
        """Return a Job; None if there is none."""

    async def simulation(self, namespace: str, name: str) -> Simulation | None:
        """Return a BatterySimulation; None if there is none."""

    async def apply_status(
        self, simulation: Simulation, status: Mapping[str, object], manager: FieldManager, *, force: bool
    ) -> None:
        """Apply fields of the status, to the object with this very UID only. `force` takes fields over.

        Raises:
            StatusConflictError: the object is gone or was made again; without force also: a field has
                another owner.
        """

    async def simulations(self, namespace: str | None) -> Listing:
        """List a namespace's BatterySimulations; None: of all namespaces."""

    def deletions(self, namespace: str | None, since: str, seconds: int) -> AsyncGenerator[Simulation, None]:
        """Watch for deleted BatterySimulations from a resource version on, for so many seconds."""

    async def ping(self) -> None:
        """Return if the API server answers."""
