"""What models make of a current that no cell carries, for decision 024.

PYTHONPATH=hack .venv/bin/python -m evidence.high_currents
"""

from rich.console import Console
from rich.table import Table

from batterysim.spec.simulation import BatterySimulationSpec
from batterysim_runner.errors import RunError
from batterysim_runner.report.summary import summarise
from batterysim_runner.solution import solve

AMPERES = 200


def main() -> None:
    """Discharge half-full Chen2020 cells at 40 C, with and without the lower cut-off."""
    table = Table(title=f"Chen2020 from a state of charge of 0.5, {AMPERES} A for a minute")
    for heading in ("model", "lower cut-off", "ended by", "at s", "lowest V"):
        table.add_column(heading, justify="right")
    for family in ("SPM", "SPMe", "DFN"):
        for action in ("Stop", "Ignore"):
            table.add_row(family, action, *outcome(family, action))
    Console().print(table)


def outcome(family: str, action: str) -> tuple[str, str, str]:
    """Return how a run ended, when, and its lowest voltage. The spec is not checked: it would be rejected."""
    spec = BatterySimulationSpec.model_validate(
        {
            "model": {"family": family},
            "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 0.5},
            "protocol": {"constantCurrent": {"currentAmperes": AMPERES, "durationSeconds": 60}},
            "cutOffPolicy": {"lower": action},
        }
    )
    try:
        summary = summarise(solve(spec))
    except RunError as error:
        return error.reason, "", ""
    return summary.end_reason, f"{summary.end_time_seconds:.2f}", f"{summary.min_volts:.4g}"


if __name__ == "__main__":
    main()
