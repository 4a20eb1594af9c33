"""The spec of a sweep from what a program has: a simulation, and values by the names of what varies."""

from collections.abc import Mapping, Sequence
from typing import Any

from batterysim.spec.documents.numpy_values import without_numpy
from batterysim.spec.simulation import RUN_FIELDS, BatterySimulationSpec
from batterysim.sweep.field_path import PathError, read_path

Vary = Sequence[Mapping[str, Any]] | Mapping[str, Sequence[float | str]]
"""As in spec.vary of a BatterySweep, or values by the path of a field or the name of a parameter."""


def sweep_spec(
    simulation: BatterySimulationSpec | Mapping[str, Any],
    vary: Vary = (),
    *,
    design: Mapping[str, Any] | None = None,
    metrics: Sequence[Mapping[str, Any]] = (),
    objective: Mapping[str, Any] | None = None,
    run: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the spec of a sweep, unchecked. Values may be of NumPy.

    simulation: a spec, a spec as a dict, or a whole BatterySimulation as a dict. Its callback and run are not
        used.
    design: as in spec.design; every value with every other by default.
    metrics, objective, run: as in the spec.
    """
    spec = {
        "simulation": _physics(simulation),
        "vary": _variations(vary),
        "design": {"grid": {}} if design is None else design,
        "metrics": list(metrics),
        "run": dict(run or {}),
    }
    return without_numpy(spec if objective is None else spec | {"objective": objective})


def _physics(simulation: BatterySimulationSpec | Mapping[str, Any]) -> Any:
    """Return what is solved; what makes no sense stays as it is, for the validation to say so."""
    if isinstance(simulation, BatterySimulationSpec):
        return simulation.physics()
    raw = simulation.get("spec", {}) if "kind" in simulation or "spec" in simulation else simulation
    if not isinstance(raw, Mapping):
        return raw
    return {name: value for name, value in raw.items() if name not in RUN_FIELDS}


def _variations(vary: Vary) -> list[Mapping[str, Any]]:
    if not isinstance(vary, Mapping):
        return list(vary)
    return [_variation(name, list(values)) for name, values in vary.items()]


def _variation(name: str, values: list[float | str]) -> Mapping[str, Any]:
    kind = "words" if any(isinstance(value, str) for value in values) else "values"
    try:
        read_path(name)
    except PathError:
        return {"parameter": name, kind: values} if " " in name else {"field": name, kind: values}
    return {"field": name, kind: values}
