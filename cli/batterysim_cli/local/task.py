"""One simulation from its spec to its files, in a process of its own. Never raises."""

import io
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from batterysim.failure import ExitCode, FailureReason
from batterysim.problem import InvalidSpecError
from batterysim.result_format import ResultFormat
from batterysim.results import RunnerTimes
from batterysim.status import Phase, Progress, Stage
from batterysim_cli.local.earlier import state_in_directory
from batterysim_cli.local.outcome import Outcome, Seconds, failed
from batterysim_cli.local.run import LocalResult, result_of, solve_here
from batterysim_cli.manifests.files import Runnable

if TYPE_CHECKING:
    from batterysim_runner.errors import RunError


class Task(NamedTuple):
    """A simulation, and where its files go. Parquet is always written, because it describes itself."""

    simulation: Runnable
    directory: Path
    formats: tuple[ResultFormat, ...] = ()
    plot: bool = True

    @property
    def name(self) -> str:
        """The simulation's name; no other task has it."""
        return self.simulation.name

    @property
    def earlier(self) -> str | None:
        """The name of the simulation that it goes on from; None: of none."""
        initial = self.simulation.spec.cell.initial_state
        return None if initial is None else initial.from_result

    def path(self, ending: str) -> Path:
        """Return one of the task's files; not by with_suffix, because names may have dots."""
        return self.directory / f"{self.name}.{ending}"

    def failed(self, code: ExitCode, reason: FailureReason, message: str) -> Outcome:
        """Return the outcome without a result."""
        return failed(self.simulation.file, self.name, code, reason, message)


def run_task(task: Task, report: Callable[[Progress], None] = lambda _: None) -> Outcome:
    """Solve a simulation and write its files.

    report: is called with the progress.
    """
    from batterysim_runner.errors import RunError  # noqa: PLC0415 - `validate` does without the runner

    began = time.perf_counter()
    report(Progress(percent=0, stage=Stage.STARTING))
    try:
        spec = task.simulation.spec
        state = state_in_directory(spec, task.directory)
        result = solve_here(task.name, spec, report, own_process=True, state=state)
        report(Progress(percent=100, stage=Stage.STORING))
        outputs = _write(task, result)
    except InvalidSpecError as error:
        return task.failed(ExitCode.INVALID_SPEC, error.reason, str(error))
    except RunError as error:
        return _failed(task, error)
    except OSError as error:
        text = f"{error.filename or task.directory} could not be written: {error.strerror or error}"
        return task.failed(ExitCode.RESULT_REFUSED, FailureReason.RESULT_REFUSED, text)
    except Exception as error:
        return task.failed(ExitCode.CRASHED, FailureReason.RUNNER_CRASHED, _defect(task, error))
    return Outcome(
        name=task.name,
        file=task.simulation.file,
        phase=Phase.SUCCEEDED,
        exit_code=ExitCode.OK,
        summary=result.summary,
        seconds=_seconds(result.metadata.times, time.perf_counter() - began),
        outputs=tuple(map(str, outputs)),
    )


def _failed(task: Task, error: "RunError") -> Outcome:
    """Return the outcome of a failed run, whose files have what was solved before, if anything was."""
    outcome = task.failed(error.exit_code, error.reason, str(error))
    if error.content is None:
        return outcome
    result = result_of(task.name, task.simulation.spec, error.content)
    try:
        outputs = _write(task, result)
    except OSError:
        return outcome  # why the run failed is more than that its part could not be written
    return outcome.model_copy(update={"summary": result.summary, "outputs": tuple(map(str, outputs))})


def _write(task: Task, result: LocalResult) -> list[Path]:
    paths = [task.path("parquet")]
    paths[0].write_bytes(result.parquet)
    paths += [
        _write_format(task, result, wanted) for wanted in task.formats if wanted is not ResultFormat.PARQUET
    ]
    if task.plot:
        from batterysim_cli.local.plot import save_png  # noqa: PLC0415 - slow to import

        paths.append(task.path("png"))
        save_png(result.to_arrow(), result.title, paths[-1])
    return paths


def _write_format(task: Task, result: LocalResult, wanted: ResultFormat) -> Path:
    import pyarrow.parquet as pq  # noqa: PLC0415 - slow to import

    from batterysim_formats.document import file_pieces, head_of  # noqa: PLC0415
    from batterysim_formats.series import series_of_file  # noqa: PLC0415

    series = series_of_file(pq.ParquetFile(io.BytesIO(result.parquet)))
    path = task.path(wanted.facts.ending)
    with path.open("wb") as file:
        file.writelines(file_pieces(wanted, series, head_of({"name": task.name}, result.metadata)))
    return path


def _seconds(times: RunnerTimes, total: float) -> Seconds:
    return Seconds(
        importing=(times.solver_imported_time - times.runner_started_time).total_seconds(),
        solving=(times.solved_time - times.solver_imported_time).total_seconds(),
        total=total,
    )


def _defect(task: Task, error: Exception) -> str:
    """Keep the traceback for a bug report, and give the user a sentence."""
    text = f"batterysim has a defect ({type(error).__name__}: {error})"
    log = task.path("traceback.txt")
    try:
        log.write_text("".join(traceback.format_exception(error)), "utf-8")
    except OSError:
        return text
    return f"{text}; please report it with {log}"
