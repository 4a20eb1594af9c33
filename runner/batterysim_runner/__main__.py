"""The runner's process: read the spec, solve, upload, and leave word of how it went."""

import contextlib
import json
import sys
import time
import traceback
from datetime import UTC, datetime
from functools import partial

STARTED_TIME = datetime.now(UTC)  # before the imports, which take most of a short run's time

from batterysim.checks.problem import InvalidSpecError  # noqa: E402
from batterysim.checks.validation import parse_spec  # noqa: E402
from batterysim.failure import ExitCode, FailureReason, TerminationMessage, shorten  # noqa: E402
from batterysim.status import Progress  # noqa: E402
from batterysim_runner.errors import RunError  # noqa: E402
from batterysim_runner.pod.inputs import Inputs  # noqa: E402


def main() -> ExitCode:
    """Run one simulation and return the process's exit code."""
    inputs = Inputs.from_environment()
    try:
        run(inputs)
    except InvalidSpecError as error:
        return _give_up(inputs, ExitCode.INVALID_SPEC, error.reason, str(error))
    except RunError as error:
        return _give_up(inputs, error.exit_code, error.reason, str(error))
    except Exception as error:
        traceback.print_exc()
        text = f"the runner has a defect ({type(error).__name__}: {error}); its log has the details"
        return _give_up(inputs, ExitCode.CRASHED, FailureReason.RUNNER_CRASHED, text)
    return ExitCode.OK


def run(inputs: Inputs) -> None:
    """Solve the simulation that this pod is for, and bring the result to the bridge."""
    # Imported here, not above: a bad spec is refused before PyBaMM is loaded, and progress is sent meanwhile.
    spec = parse_spec(json.loads(inputs.read_spec()), inputs.read_reference)
    from batterysim_runner.pod.bridge_client import BridgeClient  # noqa: PLC0415

    with contextlib.closing(BridgeClient(inputs)) as bridge:
        bridge.report(Progress(percent=0, stage="Starting"))
        from batterysim_runner.lean_pybamm import import_pybamm  # noqa: PLC0415

        import_pybamm()
        from batterysim_runner.experiment.checkpointing import Checkpointer  # noqa: PLC0415
        from batterysim_runner.report.product import produce  # noqa: PLC0415
        from batterysim_runner.report.provenance import origin  # noqa: PLC0415

        imported_time = datetime.now(UTC)
        bridge.report(Progress(percent=0, stage="Solving"))
        checkpointer = Checkpointer(bridge, origin(spec), partial(_say, inputs), time.monotonic)
        metadata, content = produce(spec, inputs, STARTED_TIME, imported_time, bridge.report, checkpointer)
        summary = metadata.summary
        # An impedance has no end in time.
        when = "" if summary.end_time_seconds is None else f" at {summary.end_time_seconds:g} s"
        _say(inputs, f"{summary.end_reason}{when}")
        bridge.upload(content)


def _say(inputs: Inputs, text: str) -> None:
    """Write a line into the log, at once: a pod that is evicted has no time to."""
    print(f"{inputs.namespace}/{inputs.name}: {text}", flush=True)


def _give_up(inputs: Inputs, code: ExitCode, reason: FailureReason, text: str) -> ExitCode:
    message = TerminationMessage(reason=reason, message=shorten(text))
    print(f"{inputs.namespace}/{inputs.name}: {reason}: {text}", file=sys.stderr)
    inputs.termination_log.write_text(message.model_dump_json(by_alias=True), encoding="utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main())
