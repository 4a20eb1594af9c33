"""`kubernetes.aio`, imported without the blocking client next to it.

Python imports a package before a part of it, and `kubernetes` then imports its blocking client, with requests
and OAuth: 80 ms of CPU time at each start. Nothing of ours calls the API server that way.
"""

import sys
from importlib.util import find_spec, module_from_spec

_PACKAGE = "kubernetes"


def leave_out_blocking_client() -> None:
    """Put the package in place as it is found, with none of its parts; each is imported when asked for.

    It is for processes of our own only: in them, `kubernetes.config` is there once something imports it.
    """
    spec = find_spec(_PACKAGE)
    if spec is not None:
        sys.modules.setdefault(_PACKAGE, module_from_spec(spec))
