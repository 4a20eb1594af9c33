"""Simulations in a cluster from Python: `batterysim.Client` and `batterysim.AsyncClient`."""

from batterysim.change_kind import ChangeKind
from batterysim_client.async_client import AsyncClient
from batterysim_client.client import Client
from batterysim_client.errors import (
    AccessError,
    ClientError,
    ConfigurationError,
    ConflictError,
    NotFoundError,
    RefusedError,
    ServerWarning,
    UnreachableError,
    WaitTimeoutError,
)
from batterysim_client.result_format import ResultFormat, format_of
from batterysim_client.results.async_result import AsyncResult
from batterysim_client.results.result import Result
from batterysim_client.simulation import Change, Simulation
from batterysim_client.sweep import Sweep

__all__ = [
    "AccessError",
    "AsyncClient",
    "AsyncResult",
    "Change",
    "ChangeKind",
    "Client",
    "ClientError",
    "ConfigurationError",
    "ConflictError",
    "NotFoundError",
    "RefusedError",
    "Result",
    "ResultFormat",
    "ServerWarning",
    "Simulation",
    "Sweep",
    "UnreachableError",
    "WaitTimeoutError",
    "format_of",
]
