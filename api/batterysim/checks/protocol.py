"""Errors in a protocol, as far as they show without PyBaMM."""

from collections.abc import Iterator
from typing import assert_never

from pydantic.alias_generators import to_camel

from batterysim.catalogue.model_options import in_text
from batterysim.catalogue.parameter_names import NOMINAL_CAPACITY, UPPER_CUT_OFF
from batterysim.catalogue.parameters import cell_base, cut_offs, given_nominal_capacity
from batterysim.catalogue.prescription import Prescription, Quantity, prescription, profile_complaint
from batterysim.catalogue.profile_csv import MAX_ROWS, MAX_SECONDS
from batterysim.failure import FailureReason
from batterysim.problem import Problem
from batterysim.spec.protocols.drive_cycle import DriveCycle
from batterysim.spec.protocols.experiment import Experiment
from batterysim.spec.protocols.profile import Profile
from batterysim.spec.protocols.protocol import (
    Cccv,
    ConstantCurrent,
    ConstantPower,
    ConstantVoltage,
    GivenProtocol,
    Impedance,
    Rest,
)
from batterysim.spec.simulation import BatterySimulationSpec
from batterysim.spec.steps.experiment import step_fields, steps_of

HIGHEST_C_RATE = 30.0
"""Beyond it, models end or go on for reasons of their own (docs/decisions/024-no-more-than-30-c.md)."""

MOST_CELL_VOLTS = 10.0
"""Far beyond every cell."""
SURFACE_FORM = "surface form"


def protocol_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Return everything that is wrong with a protocol."""
    if (complaint := profile_complaint(spec.protocol.profile)) is not None:
        return [_problem("profile.csv", complaint)]
    prescribed = prescription(spec.protocol)
    problems = list(_beyond_volts(spec)) or _volts_problems(spec, prescribed)
    problems += _repeat_problems(spec.protocol.given, prescribed) + _current_problems(spec, prescribed)
    return problems if spec.protocol.impedance is None else problems + _impedance_problems(spec)


def _volts_problems(spec: BatterySimulationSpec, prescribed: Prescription | None) -> list[Problem]:
    """Check a voltage that is set against the cut-offs, as far as these are known without PyBaMM."""
    field, volts = _set_volts(spec.protocol.given, prescribed)
    if volts is None or (prescribed is not None and spec.pack is not None):
        return []
    lower, upper = cut_offs(spec.cell).in_series(1 if spec.pack is None else spec.pack.series_count)
    if lower is not None and volts < lower and spec.cut_off_policy.lower == "Stop":
        side, limit = "lower", lower
    elif upper is not None and volts > upper and spec.cut_off_policy.upper == "Stop":
        side, limit = "upper", upper
    else:
        return []
    text = (
        f"{volts:g} V is past the cell's {side} cut-off of {limit:g} V: set another voltage, change "
        f"spec.cell.{side}CutoffVolts or set spec.cutOffPolicy.{side}"
    )
    return [_problem(field, text)]


def _beyond_volts(spec: BatterySimulationSpec) -> Iterator[Problem]:
    """Yield voltages that are beyond those of any such cells in series."""
    most = MOST_CELL_VOLTS * (1 if spec.pack is None else spec.pack.series_count)
    given = spec.protocol.given
    volts = [(_set_volts(given, None))] if isinstance(given, ConstantVoltage | Cccv) else []
    if isinstance(given, Experiment):
        for field, step in zip(step_fields(given), steps_of(given), strict=True):
            place = field.removeprefix("spec.protocol.")
            volts += [(f"{place}.volts", step.volts), (f"{place}.untilVolts", step.until_volts)]
    for field, value in volts:
        if value is not None and value > most:
            yield _problem(field, f"must be at most {most:g}, not {value:g}")


def _set_volts(given: GivenProtocol, prescribed: Prescription | None) -> tuple[str, float | None]:
    """Return the field that sets a voltage, and the voltage; None where none is set."""
    match given:
        case ConstantVoltage():
            return "constantVoltage.volts", given.volts
        case Cccv():
            return "cccv.volts", given.volts
        case DriveCycle() | Profile():
            if prescribed is None or prescribed.quantity is not Quantity.VOLTAGE:
                return "", None
            # where it begins, and no more: where it passes a cut-off later, it ends as any other does
            return "driveCycle.name" if isinstance(given, DriveCycle) else "profile.csv", _values(prescribed)[
                0
            ]
        case ConstantCurrent() | ConstantPower() | Rest() | Experiment() | Impedance():
            return "", None
        case _:
            assert_never(given)


def _repeat_problems(given: GivenProtocol, prescribed: Prescription | None) -> list[Problem]:
    """Check what repetitions lead to, which none of the fields alone limits."""
    if prescribed is None or prescribed.table is None:
        return []
    field = "driveCycle.repeat" if isinstance(given, DriveCycle) else "profile.repeat"
    duration, points = prescribed.duration_seconds, prescribed.point_count
    if duration > MAX_SECONDS:
        return [_problem(field, f"gives {duration:g} s, more than a year: repeat it less often")]
    if points > MAX_ROWS:
        return [_problem(field, f"gives {points} points, more than {MAX_ROWS}: repeat it less often")]
    return []


def _impedance_problems(spec: BatterySimulationSpec) -> list[Problem]:
    """Check what has no meaning for a spectrum, and the double layer that it needs."""
    problems = [
        Problem(
            FailureReason.INVALID_SPEC,
            f"spec.output.{to_camel(name)}",
            "is for a result over time, which an impedance does not have: remove it",
        )
        for name in type(spec.output).model_fields
        if getattr(spec.output, name)
    ]
    if in_text(spec.model.options.get(SURFACE_FORM, "differential")) == "false":
        message = (
            "'false' leaves out the surfaces of the particles, without which there is no impedance: "
            "remove it "
            "or set 'differential' (with the double layer's capacitance) or 'algebraic' (without)"
        )
        field = f"spec.model.options[{SURFACE_FORM!r}]"
        problems.append(Problem(FailureReason.INVALID_SPEC, field, message))
    return problems


def _current_problems(spec: BatterySimulationSpec, prescribed: Prescription | None) -> list[Problem]:
    """Check that the current is one that a cell of this size can have anything to do with
    (docs/decisions/024-no-more-than-30-c.md).

    By the larger nominal capacity of the parameters' own and the spec's: the cell may have been made larger,
    but the spec's may also be there for C-rates alone.
    """
    defaults = cell_base(spec.cell).defaults or {}
    own_capacity, volts = (defaults.get(name) for name in (NOMINAL_CAPACITY, UPPER_CUT_OFF))
    if own_capacity is None or volts is None or spec.pack is not None:
        return []
    nominal = given_nominal_capacity(spec.cell) or own_capacity
    field, amperes = _highest_current(spec.protocol.given, prescribed, nominal, volts)
    capacity = max(nominal, own_capacity)
    if abs(amperes) <= HIGHEST_C_RATE * capacity:
        return []
    text = (
        f"up to {abs(amperes):.4g} A is {abs(amperes) / capacity:.3g} C for a cell of {capacity:g} A.h, but "
        f"these models are meant for at most {HIGHEST_C_RATE:g} C: use a smaller current or another cell; if "
        "spec.cell.parameters make the cell larger, set spec.cell.nominalCapacityAmpereHours"
    )
    return [_problem(field, text)]


def _highest_current(
    given: GivenProtocol, prescribed: Prescription | None, nominal: float, volts: float
) -> tuple[str, float]:
    """Return the field that says the current, and the highest one in A, of a power at the upper cut-off."""
    match given:
        case ConstantCurrent(current_amperes=amperes, c_rate=rate):
            name = "currentAmperes" if rate is None else "cRate"
            return f"constantCurrent.{name}", (amperes or 0.0) if rate is None else rate * nominal
        case ConstantPower(power_watts=watts):
            return "constantPower.powerWatts", watts / volts
        case Cccv(charge_current_amperes=amperes, charge_c_rate=rate):
            name = "chargeCurrentAmperes" if rate is None else "chargeCRate"
            return f"cccv.{name}", (amperes or 0.0) if rate is None else rate * nominal
        case DriveCycle():
            return "driveCycle.scale", _highest_in_table(prescribed, nominal, volts)
        case Profile():
            return "profile", _highest_in_table(prescribed, nominal, volts)
        case ConstantVoltage() | Rest() | Experiment() | Impedance():
            return "", 0.0
        case _:
            assert_never(given)


def _highest_in_table(prescribed: Prescription | None, nominal: float, volts: float) -> float:
    if prescribed is None or prescribed.quantity is Quantity.VOLTAGE:
        return 0.0
    highest = max(map(abs, _values(prescribed.in_amperes(nominal))))
    return highest / volts if prescribed.quantity is Quantity.POWER else highest


def _values(prescribed: Prescription | None) -> tuple[float, ...]:
    assert prescribed is not None and prescribed.table is not None  # noqa: S101, PT018 - of a cycle or a CSV
    return prescribed.table.values


def _problem(field: str, message: str) -> Problem:
    return Problem(FailureReason.INVALID_SPEC, f"spec.protocol.{field}", message)
