"""The API server and the user's credentials, as kubectl would find them."""

import logging
import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import httpx

from batterysim_client.backends.bearer_auth import BearerAuth, read_token
from batterysim_client.backends.proxy import proxy_for, proxy_url
from batterysim_client.errors import ConfigurationError

if TYPE_CHECKING:
    from kubernetes.client import Configuration

DEFAULT_NAMESPACE = "default"
POD_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
EXEC_VERSIONS = ("client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1")
_TOKEN = "BearerToken"  # noqa: S105 - what the library calls it


class Credentials(NamedTuple):
    """How to call the API server.

    token: returns the user's own bearer token, renewed if necessary; None with a certificate. It may block.
    namespace: that of the context.
    where: the context in words.
    password: the user's name and password, if the kubeconfig has these instead.
    """

    url: str
    tls: ssl.SSLContext
    tls_server_name: str | None
    proxy: str | None
    token: Callable[[], str | None]
    namespace: str
    where: str
    password: tuple[str, str] | None = None

    def auth(self) -> httpx.Auth:
        """Return what goes into each request."""
        return BearerAuth(self.token) if self.password is None else httpx.BasicAuth(*self.password)


class Context(NamedTuple):
    """A context of a kubeconfig, and what it names. directory: of the file that has the user."""

    name: str
    namespace: str
    cluster: Mapping[str, Any]
    user: Mapping[str, Any]
    directory: Path


def load_credentials(kubeconfig: Path | None, context: str | None) -> Credentials:
    """Read a kubeconfig; without one, in a pod, take the pod's own account. It may block.

    Raises:
        ConfigurationError: there is neither, or the kubeconfig makes no sense.
    """
    # Only who goes by kubeconfig waits for the library.
    import yaml  # noqa: PLC0415
    from kubernetes import config  # noqa: PLC0415
    from kubernetes.client import Configuration  # noqa: PLC0415

    configuration = Configuration()
    file = str(kubeconfig) if kubeconfig else os.environ.get("KUBECONFIG") or None
    in_pod = "KUBERNETES_SERVICE_HOST" in os.environ and not (file or context or _has_default_kubeconfig())
    try:
        if in_pod:
            config.load_incluster_config(client_configuration=configuration)  # type: ignore[no-untyped-call]
            return _of_pod(configuration)
        files = _with_content(file or str(_default_kubeconfig()))
        chosen = _context(files, context or _current_context(files))
        with _errors_logged() as errors:
            config.load_kube_config(files, chosen.name, configuration)  # type: ignore[no-untyped-call]
        if errors and not (configuration.api_key or configuration.cert_file):
            # A plugin that failed; the library would go on as nobody.
            raise config.ConfigException(f"the credential plugin failed: {'; '.join(errors)}")
        return _of_context(configuration, chosen)
    # The library does not look at the types of what it reads.
    except (config.ConfigException, yaml.YAMLError, OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"cannot connect to a cluster: {error}. Set a kubeconfig (--kubeconfig, KUBECONFIG) and its "
            "--context, "
            "or the bridge's URL (--server, BATTERYSIM_SERVER)"
        ) from error


def _of_pod(configuration: "Configuration") -> Credentials:
    return Credentials(
        configuration.host,
        _tls(configuration),
        None,
        proxy_for(configuration.host, os.environ),
        _token(configuration),
        POD_NAMESPACE_FILE.read_text("utf-8").strip(),
        "the pod's account",
    )


def _of_context(configuration: "Configuration", chosen: Context) -> Credentials:
    proxy = chosen.cluster.get("proxy-url")
    return Credentials(
        configuration.host,
        _tls(configuration),
        configuration.tls_server_name,
        # The library takes a proxy of the environment for the kubeconfig's, and knows nothing of NO_PROXY.
        proxy_url(proxy, "proxy-url", needs_scheme=True)
        if proxy
        else proxy_for(configuration.host, os.environ),
        _token_of_user(configuration, chosen),
        chosen.namespace,
        f"context {chosen.name}",
        _password(chosen.user),
    )


def _token_of_user(configuration: "Configuration", chosen: Context) -> Callable[[], str | None]:
    if not configuration.host.startswith("https:") or _password(chosen.user) is not None:
        return lambda: None  # nobody's token goes over a network in clear text
    if (file := chosen.user.get("tokenFile")) and "exec" not in chosen.user:
        path = chosen.directory / file
        read_token(path)  # now, to say so
        return lambda: read_token(path)
    return _token(configuration)


def _token(configuration: "Configuration") -> Callable[[], str | None]:
    def token() -> str | None:
        header = configuration.get_api_key_with_prefix(_TOKEN)
        return None if header is None else header.partition(" ")[2]

    return token


def _password(user: Mapping[str, Any]) -> tuple[str, str] | None:
    if any(field in user for field in ("token", "tokenFile", "exec")) or "username" not in user:
        return None
    return str(user["username"]), str(user.get("password", ""))


def _with_content(files: str) -> str:
    """Return the kubeconfigs that have something in them; the library cannot read the others.

    If there is none, all of them, so that the library says so.
    """
    with_content = [file for file in files.split(os.pathsep) if file and _content(file) is not None]
    return os.pathsep.join(with_content) or files


def _content(file: str) -> Any:
    import yaml  # noqa: PLC0415

    path = Path(file).expanduser()
    return yaml.safe_load(path.read_text("utf-8")) if path.is_file() else None


def _current_context(files: str) -> str:
    """Return the current context of several kubeconfigs as kubectl does: the first that names one.

    The library takes the last.
    """
    for file in files.split(os.pathsep):
        content = _content(file)
        if isinstance(content, dict) and content.get("current-context"):
            return str(content["current-context"])
    raise ValueError(f"no current context in {files}")


def _context(files: str, name: str) -> Context:
    """Return a context. The library merges the files as kubectl does: the first that has a name has it."""
    from kubernetes.config import ConfigException  # noqa: PLC0415
    from kubernetes.config.kube_config import KubeConfigMerger  # noqa: PLC0415

    merged = KubeConfigMerger(files).config  # type: ignore[no-untyped-call]
    if merged is None:
        raise ConfigException(f"no kubeconfig at {files}")
    context = merged["contexts"].get_with_name(name)["context"].value
    cluster = merged["clusters"].get_with_name(context["cluster"])["cluster"].value
    user: Mapping[str, Any] = {}
    directory = Path()
    if "user" in context:  # kubectl, too, refuses a user that is not there
        node = merged["users"].get_with_name(context["user"])
        user, directory = node.value.get("user") or {}, Path(node.path).parent
    version = (user.get("exec") or {}).get("apiVersion", EXEC_VERSIONS[0])
    if version not in EXEC_VERSIONS:
        raise ValueError(
            f"the credential plugin of user {context['user']!r} speaks {version}: update it to "
            f"{EXEC_VERSIONS[0]}"
        )
    return Context(name, context.get("namespace") or DEFAULT_NAMESPACE, cluster, user, directory)


@contextmanager
def _errors_logged() -> Iterator[list[str]]:
    """Collect what the library logs as errors instead of raising them."""
    errors: list[str] = []
    handler = logging.Handler(logging.ERROR)
    handler.emit = lambda record: errors.append(record.getMessage().strip())  # type: ignore[method-assign]
    root = logging.getLogger()
    root.addHandler(handler)
    try:
        yield errors
    finally:
        root.removeHandler(handler)


def _tls(configuration: "Configuration") -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file)
    return context


def _default_kubeconfig() -> Path:
    return Path.home() / ".kube" / "config"


def _has_default_kubeconfig() -> bool:
    return _default_kubeconfig().is_file()
