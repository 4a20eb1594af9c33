"""The bridge's settings, from environment variables that the Helm chart sets."""

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import PositiveInt, StringConstraints

from batterysim.kubernetes_names import NamespaceName
from batterysim.process.environment import BaseUrl, EnvironmentSettings, Section
from batterysim.spec.run_policy import Isolation
from batterysim_bridge.edge.settings import HttpSettings
from batterysim_bridge.job_manager.settings import JobManagerSettings
from batterysim_bridge.store.settings import StoreSettings
from batterysim_bridge.upkeep.settings import LifetimeSettings


class ApiSettings(HttpSettings):
    """The REST API: `bridge.api` of the values."""

    default_namespace: NamespaceName = "default"
    """Where a simulation is created whose request names no namespace."""
    max_request_bytes: PositiveInt = 1 << 20
    """Largest request to create a simulation."""
    anonymous_read: bool = False
    """Whether everything can be read without a token. Nothing can be changed without one."""
    hosts: tuple[Annotated[str, StringConstraints(to_lower=True)], ...] = ()
    """Further names under which it may be called without a token, in addition to those that nobody can
    register."""
    any_audience: bool = False
    """Whether tokens for the API server are accepted, as well as those for the bridge."""


class SharedRunnersSettings(Section):
    """The shared runners, as far as the bridge deals with them."""

    namespaces: frozenset[NamespaceName] = frozenset()
    """Those that have some."""
    over_http: bool = True
    """Whether they run what comes over HTTP and does not say how it is to be run."""
    account: str = "batterysim-shared-runner"
    """Their service account, in each of the namespaces."""


class Settings(EnvironmentSettings):
    """All of the bridge's settings."""

    bridge_url: BaseUrl
    """Base URL at which clients reach the bridge; results are reported under it."""
    result_store: StoreSettings = StoreSettings()
    lifetimes: LifetimeSettings = LifetimeSettings()
    api: ApiSettings = ApiSettings()
    job_manager: JobManagerSettings | None = None
    """How the Job Manager is served. None: it is not."""
    shared_runners: SharedRunnersSettings = SharedRunnersSettings()
    watch_namespaces: tuple[NamespaceName, ...] = ()
    """Namespaces served. Empty: all."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    listen_port: PositiveInt = 8084
    """TCP port of everything over HTTP. Not "bridge_port": Kubernetes sets BATTERYSIM_BRIDGE_PORT to "tcp://…"
    in pods next to our Service."""
    tls_dir: Path | None = None
    """Directory of tls.crt and tls.key. None: no TLS. The Job Manager's port has none, for it speaks none."""

    @property
    def scopes(self) -> tuple[str | None, ...]:
        """The scopes to list and watch: each served namespace, or None for all at once."""
        return self.watch_namespaces or (None,)

    def isolation_over_http(self, namespace: str) -> Isolation | None:
        """Return how a simulation is run that comes over HTTP and does not say so; None: as any other."""
        shared = self.shared_runners
        return "Process" if shared.over_http and namespace in shared.namespaces else None

    @property
    def own_hosts(self) -> frozenset[str]:
        """Names of the bridge that anyone could register, and has not."""
        return frozenset({*self.api.hosts, urlsplit(self.bridge_url).hostname or ""})

    def serves(self, namespace: str) -> bool:
        """Tell whether the bridge is responsible for a namespace."""
        return not self.watch_namespaces or namespace in self.watch_namespaces
