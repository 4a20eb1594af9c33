"""Battery simulations without a cluster: the `batterysim` command, and `run` for Python."""

from batterysim_cli.local.run import LocalResult, run

__all__ = ["LocalResult", "run"]
