"""A sweep in which some points do what no point should: by their temperature in degC."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from batterysim_runner.sweep import solving
from batterysim_runner.sweep.__main__ import main

CRASHES, CRASHES_ONCE, HANGS = 31.0, 32.0, 33.0

parse_spec = solving.parse_spec


def parse_or_fail(raw: Mapping[str, Any]) -> Any:
    """Read a spec, unless it is one of those."""
    temperature = raw["cell"].get("ambientTemperatureCelsius")
    marker = Path(os.environ["MARKER"])
    if temperature == CRASHES or (temperature == CRASHES_ONCE and not marker.exists()):
        marker.touch()
        os.kill(os.getpid(), signal.SIGSEGV)
    if temperature == HANGS:
        time.sleep(60)
    return parse_spec(raw)


if __name__ == "__main__":
    solving.parse_spec = parse_or_fail  # type: ignore[assignment]
    main(Path(sys.argv[1]), Path(sys.argv[2]))
