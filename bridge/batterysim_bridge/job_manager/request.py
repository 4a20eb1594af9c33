"""What the Job Manager asks for, and the simulation that answers it. Pure.

The Job Manager sends the numbers of a form: hours, volts, ampere-hours and amperes. Positive current
discharges. It never learns from an error: anything but a 2xx makes it ask again at once, so a request that no
simulation can answer is one that has failed for good.
"""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from batterysim import names
from batterysim.checks.validation import parse_spec
from batterysim.problem import InvalidSpecError
from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.http.request_body import parse_json

SECONDS_PER_HOUR = 3600.0
CELL_POINTS = 100
DRIVE_CYCLE_POINTS = 601
NAME_PREFIX = "job-manager"
NAME_DIGITS = 16
# The original service's own mesh for drive cycles.
DRIVE_CYCLE_MESH = {
    "negativeElectrodePoints": 30,
    "separatorPoints": 30,
    "positiveElectrodePoints": 30,
    "negativeParticlePoints": 10,
    "positiveParticlePoints": 10,
}
# What the original service took for a field that is absent.
DEFAULTS = {"time": 1.0, "upperVoltage": 4.2, "lowerVoltage": 2.5, "nominalCell": 8.6, "controlCurrent": 5.0}


class SimulationType(StrEnum):
    """The kind of simulation, as the answer's `simulationType` says it."""

    CELL = "cell"
    DRIVE_CYCLE = "driveCycle"


# Where the original service POSTed its points to.
POST_BACK_PATHS = {SimulationType.CELL: "/simulateCell", SimulationType.DRIVE_CYCLE: "/simulateDriveCycle"}


class JobManagerRequest(NamedTuple):
    """A request that can be simulated."""

    simulation_type: SimulationType
    spec: dict[str, Any]
    upper_volts: float
    lower_volts: float

    @property
    def name(self) -> str:
        """The simulation's name. Equal requests have the same: they share one run.

        Equal is what has the same physics, and the same `id` if the points are POSTed back under it.
        """
        canonical = json.dumps(self.spec, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(canonical.encode()).hexdigest()[:NAME_DIGITS]
        kind = "cell" if self.simulation_type is SimulationType.CELL else "drive-cycle"
        return f"{NAME_PREFIX}-{kind}-{digest}"

    def manifest(self, namespace: str) -> dict[str, Any]:
        """Return the BatterySimulation to create."""
        return {
            "apiVersion": names.API_VERSION,
            "kind": names.KIND,
            "metadata": {
                "namespace": namespace,
                "name": self.name,
                "labels": {names.LABEL_CREATED_BY: NAME_PREFIX},
            },
            "spec": self.spec,
        }

    def starts_within(self, first_volts: float) -> bool:
        """Tell whether the first voltage is within the cut-offs.

        A drive cycle goes on past them later, but the original could not begin beyond one.
        """
        return self.lower_volts < first_volts < self.upper_volts


def read_request(
    simulation_type: SimulationType, body: bytes, post_back_url: str | None = None
) -> JobManagerRequest | None:
    """Return what a body asks for; None if no simulation can answer it, now or later.

    post_back_url: base URL to which the points are also POSTed.
    """
    sent = _object(body)
    values = None if sent is None else _numbers(sent)
    if sent is None or values is None:
        return None
    spec = _spec(simulation_type, values)
    if post_back_url is not None:
        spec["callback"] = _callback(simulation_type, post_back_url, sent.get("id"))
    try:
        parse_spec(spec)
    except InvalidSpecError:
        return None
    return JobManagerRequest(simulation_type, spec, values["upperVoltage"], values["lowerVoltage"])


def is_same_spec(found: Any, wanted: Mapping[str, Any]) -> bool:
    """Tell whether an object's spec, which has the API server's defaults in it, asks for what is wanted.

    How it is run is not compared: it changes no number.
    """
    try:
        return parse_spec({**found, "run": {}}) == parse_spec({**wanted, "run": {}})
    except (InvalidSpecError, TypeError):
        return False


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        sent = parse_json(body.decode("utf-8"))
    except (UnicodeDecodeError, ProblemError):
        return None
    return sent if isinstance(sent, dict) else None


def _numbers(sent: Mapping[str, Any]) -> dict[str, float] | None:
    values = {field: sent.get(field, default) for field, default in DEFAULTS.items()}
    return values if all(map(_is_number, values.values())) else None


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _callback(simulation_type: SimulationType, post_back_url: str, identifier: object) -> dict[str, Any]:
    callback: dict[str, Any] = {
        "url": post_back_url.rstrip("/") + POST_BACK_PATHS[simulation_type],
        "format": "jobManager",
    }
    if identifier is not None:
        # A database's number is as good as a text.
        callback["id"] = str(identifier) if type(identifier) is int else identifier
    return callback


def _spec(simulation_type: SimulationType, values: dict[str, float]) -> dict[str, Any]:
    spec: dict[str, Any] = {
        "model": {"family": "DFN"},
        "cell": {
            "parameterSet": "Chen2020",
            "upperCutoffVolts": float(values["upperVoltage"]),
            "lowerCutoffVolts": float(values["lowerVoltage"]),
            "nominalCapacityAmpereHours": float(values["nominalCell"]),
        },
    }
    if simulation_type is SimulationType.DRIVE_CYCLE:
        return spec | {
            "protocol": {"driveCycle": {"name": "US06"}},
            "cutOffPolicy": {"lower": "Ignore", "upper": "Ignore"},
            "solver": {"mesh": DRIVE_CYCLE_MESH},
            "output": {"points": DRIVE_CYCLE_POINTS},
        }
    return spec | {
        "protocol": {
            "constantCurrent": {
                "currentAmperes": float(values["controlCurrent"]),
                "durationSeconds": values["time"] * SECONDS_PER_HOUR,
            }
        },
        "output": {"points": CELL_POINTS},
    }
