"""What a user writes: the spec of a BatterySimulation.

Sign convention, as in PyBaMM: a positive current discharges the cell, a negative one charges it.
Every number carries its unit in its field's name.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, HttpUrl, UrlConstraints, model_validator

from batterysim.contract import Contract
from batterysim.quantity import Quantity

ModelFamily = Literal["SPM", "SPMe", "DFN"]
ParameterSet = Literal[
    "Ai2020",
    "Chen2020",
    "Ecker2015",
    "Marquis2019",
    "Mohtat2020",
    "NCA_Kim2011",
    "OKane2022",
    "ORegan2022",
    "Prada2013",
    "Ramadass2004",
]
DriveCycleName = Literal["US06", "UDDS"]
CutOffAction = Literal["Stop", "Ignore"]
CallbackFormat = Literal["v1", "jobManager"]

StepText = Annotated[str, Field(min_length=1, max_length=200)]
ParameterName = Annotated[str, Field(min_length=1, max_length=120)]
CallbackUrl = Annotated[HttpUrl, UrlConstraints(max_length=2048)]

DEFAULT_POINTS = 101
MAX_POINTS = 1_000_000


def cel(rule: str, message: str) -> ConfigDict:
    """Attach a CEL rule, checked by the API server, that says in words what to change."""
    return ConfigDict(json_schema_extra={"x-kubernetes-validations": [{"rule": rule, "message": message}]})


class Model(Contract):
    """Which electrochemical model is solved."""

    family: ModelFamily = "DFN"
    """SPM (single particle), SPMe (single particle with electrolyte) or DFN (Doyle-Fuller-Newman).
    SPM is the quickest, DFN the most complete."""


class Cell(Contract):
    """The cell: a published parameter set, and what is different about yours."""

    model_config = cel(
        "!has(self.lowerCutoffVolts) || !has(self.upperCutoffVolts)"
        " || self.lowerCutoffVolts < self.upperCutoffVolts",
        "lowerCutoffVolts must be below upperCutoffVolts: swap them or correct one",
    )

    parameter_set: ParameterSet
    """Name of the PyBaMM parameter set. Chen2020 is the LG M50 21700 cell (5 A.h, NMC 811, graphite-SiOx);
    docs/cells.md lists the others."""
    parameters: Annotated[dict[ParameterName, float], Field(max_length=200, default_factory=dict)]
    """Overrides of single parameters, by their exact PyBaMM name with its unit, for example
    "Negative electrode thickness [m]". An unknown name is refused with the nearest known ones."""
    upper_cutoff_volts: Annotated[float, Field(gt=0, le=10)] | None = None
    """Voltage at which a charge ends. Default: the parameter set's own (Chen2020: 4.2)."""
    lower_cutoff_volts: Annotated[float, Field(gt=0, le=10)] | None = None
    """Voltage at which a discharge ends. Default: the parameter set's own (Chen2020: 2.5)."""
    nominal_capacity_ampere_hours: Annotated[float, Field(gt=0, le=10_000)] | None = None
    """Capacity that C-rates refer to; it does not change the result of a run at a fixed current.
    Default: the parameter set's own (Chen2020: 5)."""
    initial_state_of_charge: Annotated[float, Field(ge=0, le=1)] | None = None
    """Start between the parameter set's 0 % and 100 % open-circuit voltage (Chen2020: 2.5 V and 4.2 V).
    Default: the concentrations that the parameter set starts from, which for Chen2020 is not quite full
    (open-circuit voltage 4.181 V). Write 1.0 for a full cell."""
    ambient_temperature_celsius: Annotated[float, Field(ge=-60, le=120)] | None = None
    """Temperature around the cell, and of the cell at the start. Default: the parameter set's own
    (Chen2020: 25)."""


class ConstantCurrent(Contract):
    """One current for a length of time, or until a cut-off."""

    current_amperes: Annotated[float, Field(ge=-10_000, le=10_000)]
    """Current of the cell. Positive discharges, negative charges, 0 rests."""
    duration_seconds: Annotated[float, Field(gt=0, le=31_536_000)]
    """How long the current flows, unless a cut-off comes first."""


class DriveCycle(Contract):
    """A recorded current against time, as in a vehicle test."""

    name: DriveCycleName
    """US06: the aggressive highway cycle, 600 s. UDDS: the city cycle, 1369 s. Both at 1 s steps, as the
    current of one cell of about 5 A.h, between -4.5 A and 8.1 A."""


class Experiment(Contract):
    """Steps in words, as for a cycler, one after the other and again for each cycle."""

    steps: Annotated[list[StepText], Field(min_length=1, max_length=100)]
    """Steps in PyBaMM's words, such as "Discharge at 1C until 2.5 V", "Charge at C/2 for 1 hour or until
    4.2 V", "Hold at 4.2 V until 50 mA", "Rest for 1 hour", "Discharge at 10 W for 5 minutes". C-rates refer
    to nominalCapacityAmpereHours. The cell's cut-offs end a charge or discharge step as if they were written
    there, unless cutOffPolicy ignores them; the next step follows."""
    cycles: Annotated[int, Field(ge=1, le=1000)] = 1
    """How often the steps are done."""


class Protocol(Contract):
    """What is done to the cell. Exactly one of the fields is set."""

    model_config = cel(
        "[has(self.constantCurrent), has(self.driveCycle), has(self.experiment)]"
        ".filter(given, given).size() == 1",
        "set exactly one of constantCurrent, driveCycle and experiment",
    )

    constant_current: ConstantCurrent | None = None
    """Discharge or charge at a fixed current."""
    drive_cycle: DriveCycle | None = None
    """Follow a drive cycle."""
    experiment: Experiment | None = None
    """Do the steps of an experiment."""


class CutOffPolicy(Contract):
    """What happens when the voltage reaches a cut-off. The summary's endReason says which one ended a run."""

    lower: CutOffAction = "Stop"
    """Stop ends the run at lowerCutoffVolts; Ignore goes on below it."""
    upper: CutOffAction = "Stop"
    """Stop ends the run at upperCutoffVolts; Ignore goes on above it."""


class Solver(Contract):
    """How exactly the equations are solved. The defaults are PyBaMM's own (IDAKLU)."""

    relative_tolerance: Annotated[float, Field(ge=1e-12, le=1e-2)] = 1e-4
    """Relative tolerance of the time integration. 1e-6 costs about twice the time on a drive cycle."""
    absolute_tolerance: Annotated[float, Field(ge=1e-14, le=1e-2)] = 1e-6
    """Absolute tolerance of the time integration."""


class Output(Contract):
    """Which points of time the result has. Set at most one of the fields."""

    model_config = cel(
        "!has(self.points) || !has(self.periodSeconds)", "set at most one of points and periodSeconds"
    )

    points: Annotated[int, Field(ge=2, le=MAX_POINTS)] | None = None
    """Evenly spaced points over the protocol's duration, both ends included. Not for an experiment, whose
    duration is not known before. Default: 101 for a constant current, the cycle's own points for a drive
    cycle, the solver's own points for an experiment."""
    period_seconds: Annotated[float, Field(ge=0.001, le=31_536_000)] | None = None
    """One point every so many seconds, and one at the end, of each step in an experiment."""


class SecretKeyReference(Contract):
    """A key of a Secret in the object's own namespace."""

    name: Annotated[str, Field(min_length=1, max_length=253)]
    """Name of the Secret."""
    key: Annotated[str, Field(min_length=1, max_length=253)] = "key"
    """Key in the Secret's data. Its value is a Standard Webhooks secret: "whsec_" and base64."""


class Callback(Contract):
    """Who is told about the result, by one HTTP POST that is retried until it is answered with a 2xx."""

    url: CallbackUrl
    """Where the result is POSTed. Private addresses need an entry in the operator's allow list."""
    format: CallbackFormat = "v1"
    """v1: the result document with units, summary and provenance.
    jobManager: {"id", "result": [{"time", "voltage", "current", "dcap"}]} (s, V, A, A.h)."""
    id: Annotated[str, Field(min_length=1, max_length=253)] | None = None
    """The "id" of the jobManager format. Default: the object's name."""
    secret_ref: SecretKeyReference | None = None
    """Signs each POST after the Standard Webhooks specification (headers webhook-id, webhook-timestamp,
    webhook-signature)."""


class ResourceAmounts(Contract):
    """Amounts of computing resources."""

    cpu: Quantity | None = None
    """Cores, for example 500m or 2."""
    memory: Quantity | None = None
    """Bytes, for example 512Mi or 2Gi."""


class Resources(Contract):
    """What the runner's container requests and is limited to."""

    requests: ResourceAmounts = ResourceAmounts()
    """What is reserved. Default: the operator's setting."""
    limits: ResourceAmounts = ResourceAmounts()
    """What may not be exceeded. Default: the operator's setting."""


class Run(Contract):
    """How the runner Job is run."""

    deadline_seconds: Annotated[int, Field(ge=1, le=2_592_000)] = 3600
    """The run fails with DeadlineExceeded when it takes longer, retries and waiting for a node included."""
    retries: Annotated[int, Field(ge=0, le=20)] = 2
    """How often a run is tried again after a failure that another try can help, such as a lost node or an
    upload that found no bridge. Evictions do not count; bad input is never retried."""
    # Long enough for the operator to see how a Job ended, or it would take the Job for lost and run it again.
    ttl_seconds_after_finished: Annotated[int, Field(ge=60, le=31_536_000)] = 3600
    """How long the Job and its pod (with its log) stay after the end. The result and this object stay."""
    resources: Resources = Resources()
    """Resources of the runner's container."""


class BatterySimulationSpec(Contract):
    """What to simulate and how to run it."""

    model_config = cel(
        "!has(self.protocol.experiment) || !has(self.output.points)",
        "output.points is not for an experiment: set output.periodSeconds instead",
    )

    model: Model = Model()
    """The electrochemical model."""
    cell: Cell
    """The cell and its state at the start."""
    protocol: Protocol
    """What is done to the cell."""
    cut_off_policy: CutOffPolicy = CutOffPolicy()
    """What happens at a voltage cut-off."""
    solver: Solver = Solver()
    """Tolerances of the solver."""
    output: Output = Output()
    """Points of time in the result."""
    callback: Callback | None = None
    """Who is told about the result."""
    run: Run = Run()
    """Deadline, retries and resources of the Job."""

    @model_validator(mode="after")
    def _rules_across_fields(self) -> "BatterySimulationSpec":
        """Hold the CEL rules for specs that never met an API server."""
        cell, protocol, output = self.cell, self.protocol, self.output
        if (
            cell.lower_cutoff_volts is not None
            and cell.upper_cutoff_volts is not None
            and cell.lower_cutoff_volts >= cell.upper_cutoff_volts
        ):
            raise ValueError(
                f"cell.lowerCutoffVolts ({cell.lower_cutoff_volts}) must be below "
                f"cell.upperCutoffVolts ({cell.upper_cutoff_volts}): swap them or correct one"
            )
        if [protocol.constant_current, protocol.drive_cycle, protocol.experiment].count(None) != 2:
            raise ValueError("protocol: set exactly one of constantCurrent, driveCycle and experiment")
        if protocol.experiment is not None and output.points is not None:
            raise ValueError("output.points is not for an experiment: set output.periodSeconds instead")
        if output.points is not None and output.period_seconds is not None:
            raise ValueError("output: set at most one of points and periodSeconds")
        return self

    def physics(self) -> dict[str, object]:
        """Return the part that decides the result: all but who is told and how the Job is run."""
        return self.model_dump(mode="json", by_alias=True, exclude_none=True, exclude={"callback", "run"})
