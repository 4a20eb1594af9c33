"""The parts that requests are served with, as FastAPI dependencies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Annotated, NamedTuple

from fastapi import Depends, Path, Query, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from batterysim.kubernetes_names import LABEL_PATTERN, SUBDOMAIN_MAX_LENGTH, SUBDOMAIN_PATTERN
from batterysim.process.worker_pool import Work
from batterysim_bridge.cluster.access import Access, bearer_token, unauthenticated
from batterysim_bridge.cluster.claimed import CREDENTIAL_PREFIX
from batterysim_bridge.cluster.cluster import Cluster
from batterysim_bridge.cluster.sweeps import SweepObjects
from batterysim_bridge.cluster.turns import caller
from batterysim_bridge.http.exports import MOST_STREAMS, MOST_STREAMS_OF_ONE, Exports
from batterysim_bridge.http.host import require_own_host
from batterysim_bridge.http.problem import NOT_FOUND, ProblemError
from batterysim_bridge.intake.sweep_intake import SweepIntake
from batterysim_bridge.live.fresh import Fresh
from batterysim_bridge.live.object_cache import ObjectCache
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.settings import Settings
from batterysim_bridge.shared.desk import Desk
from batterysim_bridge.store.checkpoints import CheckpointStore
from batterysim_bridge.store.shares import Shares, volume_of
from batterysim_bridge.store.store import ResultStore
from batterysim_bridge.store.tables.tables import SweepStore


@dataclass(frozen=True)
class Bridge:
    """Everything that a request handler may need. `clock` gives the time in UTC."""

    settings: Settings
    cluster: Cluster
    store: ResultStore
    checkpoints: CheckpointStore
    metrics: Metrics
    work: Work
    clock: Callable[[], datetime]
    sweeps: SweepObjects
    sweep_store: SweepStore

    @cached_property
    def simulations(self) -> ObjectCache:
        """The simulations in memory."""
        return ObjectCache(self.settings.scopes)

    @cached_property
    def known_sweeps(self) -> ObjectCache:
        """The sweeps in memory."""
        return ObjectCache(self.settings.scopes)

    @cached_property
    def fresh(self) -> Fresh:
        """The simulations that memory does not show yet."""
        return Fresh(self.simulations)

    @cached_property
    def desk(self) -> Desk:
        """What hands simulations out to shared runners."""
        return Desk(self.cluster, self.simulations, self.settings.shared_runners.namespaces, self.clock)

    @cached_property
    def shares(self) -> Shares:
        """What each namespace has of the store."""
        where = self.settings.result_store
        return Shares(
            (self.store, self.checkpoints, self.sweep_store),
            where.namespace_quota_bytes,
            lambda: None if where.s3 else volume_of(where.directory),
            lambda: self.clock().timestamp(),
        )

    @cached_property
    def sweep_intake(self) -> SweepIntake:
        """What takes in the parts of sweeps."""
        return SweepIntake(self.sweeps, self.sweep_store, self.shares, self.settings.bridge_url, self.clock)

    @cached_property
    def exports(self) -> Exports:
        """The places for results on their way out."""
        return Exports()

    @cached_property
    def streams(self) -> Exports:
        """The places for event streams."""
        return Exports(MOST_STREAMS, MOST_STREAMS_OF_ONE, "event streams", wait_seconds=0.1)

    @cached_property
    def access(self) -> Access:
        """Access rights."""
        return Access(
            self.cluster,
            anonymous_read=self.settings.api.anonymous_read,
            any_audience=self.settings.api.any_audience,
            clock=lambda: self.clock().timestamp(),
        )


class Target(NamedTuple):
    """Which simulation a request is about."""

    namespace: str
    name: str


async def _bridge(request: Request) -> Bridge:
    bridge: Bridge = request.app.state.bridge
    return bridge


CurrentBridge = Annotated[Bridge, Depends(_bridge)]

# Names go into paths of the API server and of the store, so nothing but Kubernetes names gets any further.
Namespace = Annotated[str, Path(pattern=LABEL_PATTERN)]
Name = Annotated[str, Path(pattern=SUBDOMAIN_PATTERN, max_length=SUBDOMAIN_MAX_LENGTH)]
OptionalNamespace = Annotated[str | None, Query(pattern=LABEL_PATTERN)]
OptionalName = Annotated[str | None, Query(pattern=SUBDOMAIN_PATTERN, max_length=SUBDOMAIN_MAX_LENGTH)]


async def _target(bridge: CurrentBridge, namespace: Namespace, name: Name) -> Target:
    require_served(bridge, namespace)
    return Target(namespace, name)


def require_served(bridge: Bridge, namespace: str) -> None:
    """Return if the bridge is responsible for a namespace.

    Raises:
        ProblemError: it is not.
    """
    if not bridge.settings.serves(namespace):
        raise ProblemError(NOT_FOUND, f"this bridge does not serve namespace {namespace!r}")


async def _address(request: Request) -> str:
    """Return where a request comes from. All who are behind a proxy share the proxy's."""
    return "" if request.client is None else request.client.host


CallerAddress = Annotated[str, Depends(_address)]


# For the OpenAPI document; it would take a header that it does not know for none.
_bearer = HTTPBearer(
    auto_error=False,
    scheme_name="token",
    description="A token of the cluster, for example of `kubectl create token`.",
)


async def _optional_token(
    request: Request,
    bridge: CurrentBridge,
    address: CallerAddress,
    _documented: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
) -> str | None:
    """Return the caller's token, which is good; None: there is none."""
    token = bearer_token(request.headers)
    if token is None and bridge.settings.api.anonymous_read:
        require_own_host(request.headers.get("host"), bridge.settings.own_hosts)
    caller.set(f"address {address}")
    if token is not None and not token.startswith(CREDENTIAL_PREFIX):
        await bridge.access.admit(token, address)
        caller.set(await bridge.access.tenant(token))
    return token


OptionalToken = Annotated[str | None, Depends(_optional_token)]


async def _token(token: OptionalToken) -> str:
    if token is None:
        raise unauthenticated()
    return token


CurrentTarget = Annotated[Target, Depends(_target)]
Token = Annotated[str, Depends(_token)]
