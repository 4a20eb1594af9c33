"""Settings from environment variables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from batterysim.spec.run_policy import Isolation
from batterysim_bridge.edge.settings import HttpSettings
from batterysim_bridge.environment import (
    SettingsError,
    choice,
    http_url,
    namespace,
    namespaces,
    positive,
    switch,
)
from batterysim_bridge.job_manager.settings import JobManagerSettings
from batterysim_bridge.store.settings import StoreSettings
from batterysim_bridge.upkeep.settings import UpkeepSettings

DEFAULT_MAX_RESULT_BYTES = 1 << 30
DEFAULT_MAX_CHECKPOINT_BYTES = 1 << 28
DEFAULT_MAX_REQUEST_BYTES = 1 << 20
DEFAULT_PORT = 8084
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


@dataclass(frozen=True)
class Settings:
    """The bridge's settings."""

    bridge_url: str
    """Base URL at which clients reach the bridge; results are reported under it."""
    store: StoreSettings = field(default_factory=StoreSettings)
    """Where results are kept."""
    upkeep: UpkeepSettings = field(default_factory=UpkeepSettings)
    """How long results, and simulations that have ended, are kept."""
    max_result_bytes: int = DEFAULT_MAX_RESULT_BYTES
    """Largest result that is accepted."""
    max_checkpoint_bytes: int = DEFAULT_MAX_CHECKPOINT_BYTES
    """Largest checkpoint that is accepted. A run with a larger one starts again when its pod is lost."""
    watch_namespaces: tuple[str, ...] = ()
    """Namespaces served. Empty: all."""
    default_namespace: str = "default"
    """Where a simulation is created whose request names no namespace."""
    max_request_bytes: int = DEFAULT_MAX_REQUEST_BYTES
    """Largest request to create a simulation."""
    anonymous_read: bool = False
    """Whether everything can be read without a token. Nothing can be changed without one."""
    hosts: tuple[str, ...] = ()
    """Further names under which it may be called without a token, in addition to those that nobody can
    register."""
    http: HttpSettings = field(default_factory=HttpSettings)
    """Proxies, web pages of other origins, and connections."""
    any_audience: bool = False
    """Whether tokens for the API server are accepted, as well as those for the bridge."""
    job_manager: JobManagerSettings | None = None
    """How the Job Manager is served. None: it is not."""
    shared_namespaces: frozenset[str] = frozenset()
    """Namespaces that have shared runners."""
    shared_over_http: bool = True
    """Whether they run what comes over HTTP and does not say how it is to be run."""
    shared_account: str = "batterysim-shared-runner"
    """The service account, in each of them, of shared runners."""
    log_level: str = "INFO"
    """One of LOG_LEVELS."""
    port: int = DEFAULT_PORT
    """TCP port of everything over HTTP."""
    tls_dir: Path | None = None
    """Directory of tls.crt and tls.key. None: no TLS. The Job Manager's port has none, for it speaks none."""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Settings":
        """Read the settings.

        Raises:
            SettingsError: for the first variable that is missing or wrong.
        """
        return cls(
            bridge_url=_own_url(environment, "BATTERYSIM_BRIDGE_URL"),
            store=StoreSettings.from_environment(environment),
            upkeep=UpkeepSettings.from_environment(environment),
            max_result_bytes=positive(environment, "BATTERYSIM_MAX_RESULT_BYTES", DEFAULT_MAX_RESULT_BYTES),
            max_checkpoint_bytes=positive(
                environment, "BATTERYSIM_MAX_CHECKPOINT_BYTES", DEFAULT_MAX_CHECKPOINT_BYTES
            ),
            watch_namespaces=namespaces(environment, "BATTERYSIM_WATCH_NAMESPACES"),
            default_namespace=namespace(environment, "BATTERYSIM_DEFAULT_NAMESPACE", "default"),
            max_request_bytes=positive(
                environment, "BATTERYSIM_MAX_REQUEST_BYTES", DEFAULT_MAX_REQUEST_BYTES
            ),
            anonymous_read=switch(environment, "BATTERYSIM_ANONYMOUS_READ"),
            hosts=tuple(environment.get("BATTERYSIM_HOSTS", "").replace(",", " ").lower().split()),
            http=HttpSettings.from_environment(environment),
            any_audience=switch(environment, "BATTERYSIM_ANY_AUDIENCE"),
            job_manager=JobManagerSettings.from_environment(environment),
            shared_namespaces=frozenset(namespaces(environment, "BATTERYSIM_SHARED_RUNNER_NAMESPACES")),
            shared_over_http=choice(environment, "BATTERYSIM_SHARED_OVER_HTTP", ("true", "false")) == "true",
            shared_account=environment.get("BATTERYSIM_SHARED_RUNNER_ACCOUNT") or cls.shared_account,
            log_level=_log_level(environment, "BATTERYSIM_LOG_LEVEL"),
            # Not BATTERYSIM_BRIDGE_PORT: Kubernetes sets that to "tcp://…" in pods beside our Service.
            port=positive(environment, "BATTERYSIM_LISTEN_PORT", DEFAULT_PORT),
            tls_dir=Path(tls_dir) if (tls_dir := environment.get("BATTERYSIM_TLS_DIR")) else None,
        )

    @property
    def scopes(self) -> tuple[str | None, ...]:
        """The scopes to list and watch: each served namespace, or None for all at once."""
        return self.watch_namespaces or (None,)

    def isolation_over_http(self, namespace: str) -> Isolation | None:
        """Return how a simulation is run that comes over HTTP and does not say so; None: as any other."""
        return "Process" if self.shared_over_http and namespace in self.shared_namespaces else None

    @property
    def own_hosts(self) -> frozenset[str]:
        """Names of the bridge that anyone could register, and has not."""
        return frozenset({*self.hosts, urlsplit(self.bridge_url).hostname or ""})

    def serves(self, namespace: str) -> bool:
        """Tell whether the bridge is responsible for a namespace."""
        return not self.watch_namespaces or namespace in self.watch_namespaces


def _own_url(environment: Mapping[str, str], variable: str) -> str:
    example = "http://batterysim-bridge.batterysim-system.svc:8084"
    value = http_url(environment, variable, example)
    if value is None:
        raise SettingsError(f"{variable} is '': set it to the bridge's own base URL, for example {example}")
    return value


def _log_level(environment: Mapping[str, str], variable: str) -> str:
    value = (environment.get(variable) or "INFO").upper()
    if value not in LOG_LEVELS:
        raise SettingsError(f"{variable} is {value!r}: set it to one of {', '.join(LOG_LEVELS)}")
    return value
