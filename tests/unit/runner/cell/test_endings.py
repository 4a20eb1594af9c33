"""What ended a run is told, also where it was neither the protocol nor a voltage."""

import pytest

from batterysim.results import EndReason
from batterysim_runner.cell.endings import end_reason
from batterysim_runner.errors import InfeasibleError, SolverFailedError
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, spec_of, unchecked_spec_of

CIRCUIT = {"family": "Thevenin"}
IGNORE = {"lower": "Ignore", "upper": "Ignore"}


def circuit(**fields: object) -> Json:
    return {"parameterSet": "ECM_Example", **fields}


@pytest.mark.parametrize(
    ("soc", "amperes", "ended"), [(0.01, 100, EndReason.EMPTY), (0.99, -100, EndReason.FULL)]
)
def test_a_circuit_ends_empty_or_full(soc: float, amperes: float, ended: EndReason) -> None:
    spec = spec_of(
        model=CIRCUIT,
        cell=circuit(initialStateOfCharge=soc),
        protocol=constant_current(amperes, 600),
        cutOffPolicy=IGNORE,
    )

    summary = summarise(solve(spec))

    assert (summary.end_reason, summary.partial) == (ended, False)
    assert summary.end_time_seconds == pytest.approx(36, rel=1e-4)  # 1 % of 100 A.h at 100 A


def test_pores_that_are_filled_up_end_a_run_with_what_came_before() -> None:
    spec = spec_of(
        model={"family": "SPM", "options": {"SEI": "reaction limited", "SEI porosity change": "true"}},
        cell={"parameterSet": "Marquis2019", "parameters": {"Negative electrode porosity": 0.001}},
        protocol={"rest": {"durationSeconds": 3e7}},
    )

    summary = summarise(solve(spec))

    assert (summary.end_reason, summary.partial) == (EndReason.MODEL_LIMIT, True)
    assert 0 < (summary.end_time_seconds or 0) < 3e7


def test_a_limit_without_a_name_of_ours_is_the_models() -> None:
    assert end_reason("event: Zero negative electrode porosity cut-off") == EndReason.MODEL_LIMIT


def pulse(amperes: float) -> Json:
    """Return a protocol that begins and ends at rest."""
    csv = f"0,0\n10,0\n20,{amperes}\n600,{amperes}\n610,0\n2000,0"
    return {"profile": {"quantity": "Current", "csv": csv}}


@pytest.mark.parametrize(
    ("celsius", "protocol", "limit"),
    [
        (60, constant_current(50, 60), {}),
        (38, pulse(200), {}),
        (38, pulse(200), {"wallClockLimitSeconds": 600}),
        (38, {"experiment": {"steps": ["Hold at 3.9 V for 4 hours"]}}, {}),
    ],
)
def test_no_table_of_the_cell_is_left(celsius: float, protocol: Json, limit: Json) -> None:
    """PyBaMM's example circuit is measured up to 40 degC; 200 A warm it beyond that on the way."""
    spec = spec_of(
        model=CIRCUIT,
        cell=circuit(ambientTemperatureCelsius=celsius, initialStateOfCharge=0.6),
        protocol=protocol,
        solver=limit,
    )

    with pytest.raises(SolverFailedError) as caught:
        solve(spec)

    assert "the run left the cell's tables (Interpolant 'ecm_" in str(caught.value)
    assert str(caught.value).endswith(
        "check spec.cell.ambientTemperatureCelsius and the size of the current, or use another cell"
    )


def test_a_cell_that_starts_past_a_limit_of_its_model_cannot_start() -> None:
    spec = unchecked_spec_of(
        model={"family": "SPM", "options": {"SEI": "reaction limited", "SEI porosity change": "true"}},
        cell={"parameterSet": "Marquis2019", "parameters": {"Negative electrode porosity": -0.1}},
        protocol=constant_current(0.1, 60),
    )

    with pytest.raises(InfeasibleError, match=r"at time 0 the cell is at a limit of its model .*porosity"):
        solve(spec)


def test_a_cell_that_is_too_empty_for_its_equations_is_told_to_begin_fuller() -> None:
    """The exchange current of this graphite all but ends below 1 %: PyBaMM alone cannot solve it either."""
    spec = spec_of(
        model={"family": "MSMR"},
        cell={"parameterSet": "MSMR_Example", "initialStateOfCharge": 0.001},
        protocol={"constantCurrent": {"cRate": -0.5, "durationSeconds": 60}},
    )

    with pytest.raises(SolverFailedError) as caught:
        solve(spec)

    assert str(caught.value).startswith("PyBaMM could not make a first step (")
    assert "another spec.cell.initialStateOfCharge, at least 0.01 for an MSMR cell" in str(caught.value)
