"""Set before anything imports PyBaMM: it asks for consent to telemetry otherwise."""

import os

import pytest
from hypothesis import HealthCheck, settings

os.environ["PYBAMM_DISABLE_TELEMETRY"] = "true"

# No test fails on a time: a machine may be busy.
settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show why a test needed its second try."""
    for report in terminalreporter.stats.get("rerun", []):
        terminalreporter.section(f"first try of {report.nodeid}", sep="_")
        terminalreporter.line(report.longreprtext)
