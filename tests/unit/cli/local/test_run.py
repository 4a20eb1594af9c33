"""A simulation from Python: what a notebook gets."""

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import yaml

from batterysim.problem import InvalidSpecError
from batterysim.results import IMPEDANCE_COLUMNS, EndReason
from batterysim_cli import LocalResult, run
from batterysim_runner.errors import InfeasibleError
from batterysim_runner.report.result_file import encode
from batterysim_runner.report.summary import summarise
from batterysim_runner.report.trace import Trace
from batterysim_runner.solution import solve
from tests.builders import Json, constant_current, raw_spec, spec_of
from tests.unit.cli.builders import EXAMPLES, manifest

SHORT = raw_spec(model={"family": "SPM"}, protocol=constant_current(5, 60))


@pytest.fixture(scope="module")
def short() -> LocalResult:
    return run(SHORT)


def test_an_example_gives_the_runner_s_own_numbers() -> None:
    example = yaml.safe_load((EXAMPLES / "cell-discharge.yaml").read_text(encoding="utf-8"))

    result = run(example)

    trace = solve(result.spec)
    assert result.name == "cell-discharge"
    assert result.summary == summarise(trace)
    frame = result.to_pandas()
    for name, series in trace.output().items():
        np.testing.assert_array_equal(frame[name], series, err_msg=name)


def test_a_spec_may_be_parsed_already_or_stand_in_a_manifest(short: LocalResult) -> None:
    parsed = run(spec_of(model={"family": "SPM"}, protocol=constant_current(5, 60)))
    named = run(manifest("named"))

    assert parsed.summary == named.summary == short.summary
    assert (parsed.name, named.name) == ("simulation", "named")


def test_series_know_their_units(short: LocalResult) -> None:
    frame = short.to_pandas()

    assert frame["Time [s]"].iloc[-1] == 60
    assert frame.attrs["units"]["Discharge capacity [A.h]"] == "A.h"


def test_the_provenance_says_that_it_was_no_pod(short: LocalResult) -> None:
    assert (short.metadata.provenance.image, short.metadata.provenance.pod_name) == ("local", "local")


def test_a_notebook_shows_summary_and_series(short: LocalResult) -> None:
    assert repr(short).startswith("<LocalResult simulation: Duration reached after 1 min, 0.0833 A.h, ")
    html = short._repr_html_()
    assert "<th>End reason</th><td>Duration reached </td>" in html
    assert "<th>Net charge discharged</th><td>0.083333 A·h</td>" in html
    assert "<th>Voltage [V]</th>" in html


def test_a_plot_has_voltage_and_current(short: LocalResult) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415 - after the backend was chosen

    voltage, current = short.plot()

    assert (voltage.get_ylabel(), current.get_ylabel()) == ("Voltage [V]", "Current [A]")
    assert np.asarray(current.lines[0].get_ydata()).tolist() == [5.0] * 101
    pyplot.close("all")


def test_cycles_are_a_table_with_units_in_the_headings() -> None:
    steps: Json = {
        "experiment": {"steps": ["Discharge at 1C for 1 minute", "Rest for 1 minute"], "cycles": 2}
    }

    cycles = run(raw_spec(model={"family": "SPM"}, protocol=steps)).cycles

    assert cycles.index.tolist() == [1, 2]
    assert cycles["discharge_capacity_ampere_hours"].tolist() == pytest.approx([5 / 60, 5 / 60], rel=1e-6)
    assert cycles["capacity_ampere_hours"].iloc[0] == pytest.approx(5.1, abs=0.1)


def test_a_run_without_cycles_has_an_empty_table(short: LocalResult) -> None:
    assert short.cycles.empty


def test_an_impedance_is_drawn_as_a_nyquist_plot(short: LocalResult) -> None:
    mpl.use("Agg")
    from matplotlib import pyplot  # noqa: PLC0415 - after the backend was chosen

    numbers = ([1e3, 1.0], [0.02, 0.05], [-0.001, -0.01], [0.02, 0.05], [-3.0, -11.0])
    values = {column.name: np.array(part) for column, part in zip(IMPEDANCE_COLUMNS, numbers, strict=True)}
    trace = Trace(values, np.full(2, True), EndReason.SWEEP_FINISHED, columns=IMPEDANCE_COLUMNS)
    metadata = short.metadata.model_copy(update={"summary": summarise(trace)})
    result = LocalResult("eis", short.spec, metadata, encode(trace, metadata))

    (axis,) = result.plot()

    assert axis.get_title() == "eis: Sweep finished"
    assert np.asarray(axis.lines[0].get_xdata()).tolist() == [0.02, 0.05]
    assert np.asarray(axis.lines[0].get_ydata()).tolist() == [0.001, 0.01]
    assert repr(result) == "<LocalResult eis: Sweep finished, 0.0200 Ohm at the highest frequency>"
    pyplot.close("all")


def test_a_plot_without_matplotlib_says_how_to_get_it(
    short: LocalResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "batterysim_cli.local.plot", raising=False)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)

    with pytest.raises(ImportError, match=r"pip install 'batterysim-operator\[cli\]'"):
        short.plot()


def test_what_is_wrong_is_told_before_anything_is_solved() -> None:
    with pytest.raises(InvalidSpecError, match=r"spec\.cell\.colour: unknown field"):
        run(raw_spec(cell={"colour": "red"}))
    with pytest.raises(InvalidSpecError, match=r"kind: must be BatterySimulation, not 'Battery'"):
        run(manifest() | {"kind": "Battery"})


def test_a_run_that_cannot_start_says_what_to_change() -> None:
    with pytest.raises(InfeasibleError, match="use a smaller discharging or a larger charging current"):
        run(raw_spec(model={"family": "SPM"}, cell={"initialStateOfCharge": 0.0}))


def test_a_profile_may_be_a_file_or_a_data_frame(tmp_path: Path) -> None:
    frame = pd.DataFrame({"Time [h]": [0.0, 1 / 60], "Current [mA]": [5000.0, 5000.0]})
    frame.to_csv(tmp_path / "trip.csv", index=False)

    results = [
        run(raw_spec(model={"family": "SPM"}, protocol={"profile": {"quantity": "Current", "csv": csv}}))
        for csv in (frame, tmp_path / "trip.csv", frame.to_csv(index=False))
    ]

    assert {result.summary.end_time_seconds for result in results} == {60.0}
    assert results[0].summary == results[1].summary == results[2].summary
    assert results[0].summary.discharge_capacity_ampere_hours == pytest.approx(5 / 60, rel=1e-9)


def test_a_profile_may_be_as_long_as_it_likes() -> None:
    rows = 24_000  # more characters than a spec may have
    frame = pd.DataFrame({"t": np.arange(rows) / 100, "i": np.where(np.arange(rows) % 2, 1.5, 1.25)})

    result = run(
        raw_spec(
            model={"family": "SPM"},
            protocol={"profile": {"quantity": "Current", "csv": frame}},
            output={"periodSeconds": 50},
        )
    )

    assert result.summary.end_time_seconds == pytest.approx(239.99)
    assert result.summary.discharge_capacity_ampere_hours == pytest.approx(1.375 * 239.99 / 3600, rel=1e-9)
