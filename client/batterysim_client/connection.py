"""Which way leads to the cluster, a URL of the bridge or a kubeconfig, by arguments and environment."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from batterysim_client.errors import ConfigurationError

_BY_SERVER = ("token", "token_file")
_BY_KUBECONFIG = ("kubeconfig", "context", "bridge", "service_account")


@dataclass(frozen=True)
class Connection:
    """What a user says about the way.

    server: the bridge's URL; then everything goes there. None: everything goes by the kubeconfig.
    token, token_file: for the bridge. A file is read again for each request, because tokens expire.
    kubeconfig, context: as of kubectl; the file may also be named by KUBECONFIG.
    namespace: default: that of the context, or "default".
    bridge: NAMESPACE/SERVICE or NAMESPACE/SERVICE:PORT, where results are when one goes by kubeconfig.
    service_account: NAME or NAMESPACE/NAME, whose token opens the bridge. Default: one's own.
    """

    server: str | None = None
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    kubeconfig: Path | None = None
    context: str | None = None
    namespace: str | None = None
    bridge: str | None = None
    service_account: str | None = None


def choose(given: Connection, environment: Mapping[str, str] | None = None) -> Connection:
    """Return the connection with what the environment adds. Arguments override the environment, and choose
    the connection.

    Raises:
        ConfigurationError: what is given belongs to both ways.
    """
    variables = os.environ if environment is None else environment

    def of(field: str) -> str | None:
        return getattr(given, field) or variables.get(f"BATTERYSIM_{field.upper()}") or None

    by_kubeconfig = [name for name in _BY_KUBECONFIG if getattr(given, name)]
    if given.server and by_kubeconfig:
        raise ConfigurationError(
            f"--server is for the bridge, {_options(by_kubeconfig)} for the API server: leave one out"
        )
    if (server := of("server")) and not by_kubeconfig:
        has_token = given.token or given.token_file
        token, token_file = (given.token, given.token_file) if has_token else (of("token"), of("token_file"))
        return replace(
            given,
            server=server.rstrip("/"),
            namespace=of("namespace"),
            token=token,
            token_file=None if token_file is None else Path(token_file),
        )
    if by_token := [name for name in _BY_SERVER if getattr(given, name)]:
        raise ConfigurationError(f"{_options(by_token)} is for the bridge: add --server or BATTERYSIM_SERVER")
    return replace(
        given, namespace=of("namespace"), bridge=of("bridge"), service_account=of("service_account")
    )


def _options(fields: Sequence[str]) -> str:
    return " and ".join(f"--{field.replace('_', '-')}" for field in fields)
