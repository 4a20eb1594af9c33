"""The parts that requests are served with, as FastAPI dependencies."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, NamedTuple

from fastapi import Depends, Header, Path, Request

from batterysim_bridge.cluster import Cluster
from batterysim_bridge.identity import bearer_token
from batterysim_bridge.metrics import Metrics
from batterysim_bridge.problem import NOT_FOUND, ProblemError
from batterysim_bridge.settings import Settings
from batterysim_bridge.store import ResultStore


@dataclass(frozen=True)
class Bridge:
    """Everything that a request handler may need. `clock` gives the time in UTC."""

    settings: Settings
    cluster: Cluster
    store: ResultStore
    metrics: Metrics
    clock: Callable[[], datetime]


class Target(NamedTuple):
    """Which simulation a request is about."""

    namespace: str
    name: str


async def _bridge(request: Request) -> Bridge:
    bridge: Bridge = request.app.state.bridge
    return bridge


CurrentBridge = Annotated[Bridge, Depends(_bridge)]

# Names go into paths of the API server and of the store, so nothing but Kubernetes names gets any further.
Namespace = Annotated[str, Path(pattern="^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
Name = Annotated[str, Path(pattern="^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$")]


async def _target(bridge: CurrentBridge, namespace: Namespace, name: Name) -> Target:
    if not bridge.settings.serves(namespace):
        raise ProblemError(NOT_FOUND, f"this bridge does not serve namespace {namespace!r}")
    return Target(namespace, name)


async def _token(authorization: Annotated[str | None, Header()] = None) -> str:
    return bearer_token(authorization)


CurrentTarget = Annotated[Target, Depends(_target)]
Token = Annotated[str, Depends(_token)]
