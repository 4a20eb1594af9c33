"""The shapes of the API's JSON, for its OpenAPI document."""

from pydantic import Field

from batterysim.contract import Contract, Report
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.status import BatterySimulationStatus
from batterysim.sweep.spec import BatterySweepSpec
from batterysim.sweep.status import BatterySweepStatus


class ProblemDetails(Report):
    """A problem, after RFC 9457."""

    type: str
    """A name of this kind of problem: `urn:batterysim:problem:` and a word."""
    title: str
    """The kind of problem in a sentence."""
    status: int
    """The HTTP status."""
    detail: str
    """The problem, and what to do."""
    retryable: bool
    """Whether the same request may succeed later."""
    errors: list[dict[str, str]] = Field(default_factory=list)
    """Each wrong field of the request: `field` and `message`."""


class SimulationObject(Contract):
    """A BatterySimulation, as kubectl shows it."""

    api_version: str
    """batterysim.dev/v1alpha1"""
    kind: str
    """BatterySimulation"""
    metadata: dict[str, object]
    """Kubernetes' metadata: namespace, name, uid, labels, creationTimestamp, resourceVersion, …"""
    spec: BatterySimulationSpec
    """What to simulate."""
    status: BatterySimulationStatus | None = None
    """How it goes."""


class SimulationItem(Contract):
    """A simulation in a list: without its spec."""

    metadata: dict[str, object]
    """Kubernetes' metadata."""
    status: BatterySimulationStatus
    """How it goes."""


class SimulationPage(Contract):
    """A part of a list, the newest simulations first."""

    resource_version: str
    """Follow what happens from here on with `/v1/simulations/events?since=…`."""
    total: int
    """How many there are on all pages."""
    next_cursor: str | None = None
    """The next page's `cursor`; absent on the last page."""
    items: list[SimulationItem]
    """The simulations."""


class Validation(Contract):
    """A simulation that can be run."""

    valid: bool
    """true"""
    namespace: str
    """Where it would be created."""
    protocol: str
    """The protocol in a few words."""
    spec: BatterySimulationSpec
    """The spec with all defaults."""


class SweepObject(Contract):
    """A BatterySweep, as kubectl shows it."""

    api_version: str
    """batterysim.dev/v1alpha1"""
    kind: str
    """BatterySweep"""
    metadata: dict[str, object]
    """Kubernetes' metadata."""
    spec: BatterySweepSpec
    """The simulation, and the values that vary."""
    status: BatterySweepStatus | None = None
    """How it goes."""


class SweepValidation(Contract):
    """A sweep that can be run."""

    valid: bool
    """true"""
    namespace: str
    """Where it would be created."""
    points: int | None = None
    """How many points it has; absent where its table is in a ConfigMap."""
    spec: BatterySweepSpec
    """The spec with all defaults."""


class SweepItem(Contract):
    """A sweep in a list: without its spec."""

    metadata: dict[str, object]
    """Kubernetes' metadata."""
    status: BatterySweepStatus
    """How it goes."""


class SweepPage(Contract):
    """A part of a list, the newest sweeps first."""

    resource_version: str
    """Follow what happens from here on with `/v1/sweeps/events?since=…`."""
    total: int
    """How many there are on all pages."""
    next_cursor: str | None = None
    """The next page's `cursor`; absent on the last page."""
    items: list[SweepItem]
    """The sweeps."""


class Rights(Contract):
    """The rights of a user in a namespace."""

    username: str | None = None
    """The user's name in the cluster. Absent without a token."""
    namespace: str | None = None
    """The namespace. Absent: all namespaces."""
    verbs: list[str]
    """What the user may do with simulations or sweeps: create, delete, get, list, watch; with sweeps also
    patch, which suspends them."""
