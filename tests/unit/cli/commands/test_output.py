"""How simulations look: exit codes, live table, ages, plots."""

import io
from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from matplotlib.figure import Figure
from rich.console import Console

from batterysim.failure import ExitCode, FailureReason
from batterysim.problem import InvalidSpecError
from batterysim_cli.commands.exit_status import status_of, status_of_error
from batterysim_cli.display.figure import save_figure
from batterysim_cli.display.live_table import ROWS, LiveTable, live_table
from batterysim_cli.display.panels import panels_of
from batterysim_cli.display.printing import age
from batterysim_cli.display.terminal_plot import terminal_plot
from batterysim_client import ClientError, Simulation, errors
from tests.unit.cli.fake_client import running, succeeded
from tests.unit.client.builders import failed, simulation


@pytest.mark.parametrize("reason", FailureReason)
def test_every_failure_has_a_code_of_the_runner(reason: FailureReason) -> None:
    code = status_of([succeeded("a"), failed(reason), failed("SolverFailed")])

    assert code in set(ExitCode) - {ExitCode.OK}


def test_simulations_that_have_not_ended_are_no_failures() -> None:
    assert status_of([running("a"), succeeded("b")]) == 0


def test_every_error_has_a_code_of_its_own() -> None:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, ClientError)
    ]
    kinds.remove(ClientError)

    codes = [status_of_error(kind("x")) for kind in kinds]
    assert len({*codes, status_of_error(InvalidSpecError([])), status_of_error(OSError())}) == len(kinds) + 2


def shown(simulations: list[Simulation]) -> str:
    console = Console(file=io.StringIO(), width=120, force_terminal=False)
    console.print(live_table(simulations))
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_live_table_has_what_is_under_way_first() -> None:
    text = shown([succeeded("done"), running("half", 50), failed("SolverFailed", "broken")])

    lines = [line.split() for line in text.splitlines()[1:]]
    assert [line[0] for line in lines] == ["half", "done", "broken"]
    assert lines[0][-1] == "Solving"
    assert lines[1][-4:] == ["59", "min", "16", "s"]
    assert lines[2][-3:] == ["SolverFailed:", "change", "something"]
    assert text.count("━") > 24  # the bars of a half and of a whole


def test_of_very_many_the_live_table_says_how_many_more() -> None:
    assert "and 5 more" in shown([running(f"r{number}") for number in range(ROWS + 5)])


def test_a_terminal_gets_a_table_that_changes() -> None:
    stream = io.StringIO()
    with LiveTable(Console(file=stream, force_terminal=True, width=100)) as table:
        table.show(running("a", 10))
        table.show(succeeded("a"))

    assert "\x1b[" in stream.getvalue()
    assert "Lower cut-off after 59 min 16 s" in stream.getvalue()


def test_a_log_gets_a_line_for_each_step_and_no_more() -> None:
    stream = io.StringIO()
    with LiveTable(Console(file=stream, width=100)) as table:
        for item in (simulation("a"), simulation("a"), running("a", 10), running("a", 20), succeeded("a")):
            table.show(item)

    assert stream.getvalue().splitlines() == [
        "a: Pending",
        "a: Running, Solving",
        "a: Succeeded Lower cut-off after 59 min 16 s",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"), [(-3, "0s"), (59, "59s"), (60, "1m"), (7199, "1h"), (200_000, "2d")]
)
def test_ages_are_in_their_largest_unit(seconds: int, text: str) -> None:
    assert age(timedelta(seconds=seconds)) == text


def over_time(volts: list[float]) -> pa.Table:
    time = [60.0 * index for index in range(len(volts))]
    return pa.table({"Time [s]": time, "Voltage [V]": volts, "Current [A]": [5.0] * len(volts)})


IMPEDANCE = pa.table(
    {
        "Frequency [Hz]": [1000.0, 1.0],
        "Real impedance [Ohm]": [0.01, 0.03],
        "Imaginary impedance [Ohm]": [0.0, -0.01],
    }
)


def test_runs_are_drawn_over_each_other_with_a_panel_for_each_variable() -> None:
    voltage, current = panels_of([("a", over_time([4.1, 4.0])), ("b", over_time([3.9]))], [])

    assert (voltage.x_label, voltage.y_label, current.y_label) == ("Time [s]", "Voltage [V]", "Current [A]")
    assert [(curve.label, curve.x, curve.y) for curve in voltage.curves] == [
        ("a", [0.0, 60.0], [4.1, 4.0]),
        ("b", [0.0], [3.9]),
    ]


def test_an_impedance_is_a_nyquist_plot_with_capacitive_parts_upwards() -> None:
    (panel,) = panels_of([("a", IMPEDANCE)], [])

    assert (panel.x_label, panel.y_label) == ("Real impedance [Ohm]", "-Imaginary impedance [Ohm]")
    assert panel.curves[0].y == [0.0, 0.01]


def test_the_terminal_gets_characters_of_its_width() -> None:
    text = terminal_plot(panels_of([("first", over_time([4.1, 4.0, 3.5]))], []), 80, color=False)

    assert "Voltage [V] against Time [s]" in text
    assert "first" in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize(("ending", "start"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_a_picture_has_the_format_of_its_name(ending: str, start: bytes, tmp_path: Path) -> None:
    panels = panels_of([("a", over_time([4.1, 4.0])), ("z", IMPEDANCE)], [])

    save_figure(panels, tmp_path / f"p.{ending}")

    assert (tmp_path / f"p.{ending}").read_bytes().startswith(start)


def test_a_picture_that_breaks_off_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: Figure, path: Path, **options: object) -> None:
        path.write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr(Figure, "savefig", interrupted)
    (tmp_path / "p.png").write_text("before")

    with pytest.raises(KeyboardInterrupt):
        save_figure(panels_of([("a", over_time([4.1, 4.0]))], []), tmp_path / "p.png")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"p.png": "before"}
