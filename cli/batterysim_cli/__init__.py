"""Battery simulations without a cluster: the `batterysim` command, and `run` and `run_sweep` for Python."""

from batterysim_cli.local.run import LocalResult, run
from batterysim_cli.sweep.frame import run_sweep
from batterysim_cli.sweep.sensitivity import morris_effects, sobol_indices

__all__ = ["LocalResult", "morris_effects", "run", "run_sweep", "sobol_indices"]
