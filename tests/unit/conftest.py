"""Set before anything imports PyBaMM: it asks for consent to telemetry otherwise."""

import os

os.environ["PYBAMM_DISABLE_TELEMETRY"] = "true"
