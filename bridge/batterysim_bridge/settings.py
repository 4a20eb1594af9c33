"""What is set from outside, by environment variables."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_STORE_DIR = Path("/var/lib/batterysim")
DEFAULT_MAX_RESULT_BYTES = 1 << 30
DEFAULT_PORT = 8084
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")

_NAMESPACE = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


class SettingsError(Exception):
    """An environment variable that cannot be used. Names it, its value and what is expected."""


@dataclass(frozen=True)
class Settings:
    """The bridge's settings."""

    bridge_url: str
    """Base URL at which clients reach the bridge; results are reported under it."""
    store_dir: Path = DEFAULT_STORE_DIR
    """Where results are kept. The only directory that is written to."""
    max_result_bytes: int = DEFAULT_MAX_RESULT_BYTES
    """Largest result that is accepted."""
    watch_namespaces: tuple[str, ...] = ()
    """Namespaces served. Empty: all."""
    log_level: str = "INFO"
    """One of LOG_LEVELS."""
    port: int = DEFAULT_PORT
    """TCP port of everything over HTTP."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SettingsError: for the first variable that is missing or wrong.
        """
        return cls(
            bridge_url=_url(environment, "BATTERYSIM_BRIDGE_URL"),
            store_dir=Path(environment.get("BATTERYSIM_STORE_DIR") or DEFAULT_STORE_DIR),
            max_result_bytes=_positive(environment, "BATTERYSIM_MAX_RESULT_BYTES", DEFAULT_MAX_RESULT_BYTES),
            watch_namespaces=_namespaces(environment, "BATTERYSIM_WATCH_NAMESPACES"),
            log_level=_log_level(environment, "BATTERYSIM_LOG_LEVEL"),
            # Not BATTERYSIM_BRIDGE_PORT: Kubernetes sets that to "tcp://…" in pods beside our Service.
            port=_positive(environment, "BATTERYSIM_LISTEN_PORT", DEFAULT_PORT),
        )

    def serves(self, namespace: str) -> bool:
        """Tell whether the bridge is responsible for a namespace."""
        return not self.watch_namespaces or namespace in self.watch_namespaces


def _url(environment: Mapping[str, str], variable: str) -> str:
    value = environment.get(variable, "")
    if not re.match(r"https?://[^/]", value):
        raise SettingsError(
            f"{variable} is {value!r}: set it to the bridge's own base URL, "
            "for example http://batterysim-bridge.batterysim-system.svc:8084"
        )
    return value


def _positive(environment: Mapping[str, str], variable: str, default: int) -> int:
    value = environment.get(variable) or str(default)
    if not value.isdecimal() or int(value) == 0:
        raise SettingsError(f"{variable} is {value!r}: set it to a positive whole number, such as {default}")
    return int(value)


def _namespaces(environment: Mapping[str, str], variable: str) -> tuple[str, ...]:
    parts = [part.strip() for part in environment.get(variable, "").split(",")]
    namespaces = tuple(part for part in parts if part)
    for namespace in namespaces:
        if not _NAMESPACE.fullmatch(namespace):
            raise SettingsError(
                f"{variable} has {namespace!r}: write names of namespaces, separated by commas"
            )
    return namespaces


def _log_level(environment: Mapping[str, str], variable: str) -> str:
    value = (environment.get(variable) or "INFO").upper()
    if value not in LOG_LEVELS:
        raise SettingsError(f"{variable} is {value!r}: set it to one of {', '.join(LOG_LEVELS)}")
    return value
