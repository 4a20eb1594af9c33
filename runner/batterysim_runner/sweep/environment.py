"""The environment that the process of a sweep is started with."""

from collections.abc import Mapping
from types import MappingProxyType

ENVIRONMENT: Mapping[str, str] = MappingProxyType(
    {
        # Cores are filled by processes.
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYBAMM_DISABLE_TELEMETRY": "true",
        # Arrow's allocator starts a thread otherwise, and a process of two threads must not fork.
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
    }
)
