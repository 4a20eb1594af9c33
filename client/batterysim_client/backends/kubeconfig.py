"""The API server and the user's credentials, as kubectl would find them."""

import logging
import os
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from batterysim_client.backends.proxy import proxy_for, proxy_url
from batterysim_client.errors import ConfigurationError

if TYPE_CHECKING:
    from kubernetes.client import Configuration

DEFAULT_NAMESPACE = "default"
_PROXY_VARIABLES = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
POD_NAMESPACE_FILE = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
_TOKEN = "BearerToken"  # noqa: S105 - what the library calls it


class Credentials(NamedTuple):
    """How to call the API server.

    token: returns the user's own bearer token, renewed if necessary; None with a certificate. It may block.
    namespace: that of the context.
    where: the context in words.
    """

    url: str
    tls: ssl.SSLContext
    tls_server_name: str | None
    proxy: str | None
    token: Callable[[], str | None]
    namespace: str
    where: str


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
            namespace, where = _pod_namespace(), "the pod's account"
        else:
            context = context or _current_context(file)
            with _errors_logged() as errors:
                config.load_kube_config(file, context, configuration)  # type: ignore[no-untyped-call]
            if errors and not (configuration.api_key or configuration.cert_file):
                # A plugin that failed; the library would go on as nobody.
                raise config.ConfigException(f"the credential plugin failed: {'; '.join(errors)}")
            contexts, active = config.list_kube_config_contexts(file)  # type: ignore[no-untyped-call]
            namespace, where = _of_context(contexts, context or active["name"])
        return _credentials(configuration, namespace, where)
    # The library does not look at the types of what it reads.
    except (config.ConfigException, yaml.YAMLError, OSError, ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(
            f"cannot connect to a cluster: {error}. Set a kubeconfig (--kubeconfig, KUBECONFIG) and its "
            "--context, "
            "or the bridge's URL (--server, BATTERYSIM_SERVER)"
        ) from error


def _credentials(configuration: "Configuration", namespace: str, where: str) -> Credentials:
    def token() -> str | None:
        header = configuration.get_api_key_with_prefix(_TOKEN)
        return None if header is None else header.partition(" ")[2]

    return Credentials(
        configuration.host,
        _tls(configuration),
        configuration.tls_server_name,
        _proxy(configuration),
        token,
        namespace,
        where,
    )


def _proxy(configuration: "Configuration") -> str | None:
    """Return the proxy that the kubeconfig names, or else that of the environment.

    The library has taken the environment's for the kubeconfig's, and knows nothing of NO_PROXY.
    """
    named = configuration.proxy
    if named and named not in (os.environ.get(name) for name in _PROXY_VARIABLES):
        return proxy_url(named, "proxy-url")
    return proxy_for(configuration.host, os.environ)


def _current_context(files: str | None) -> str | None:
    """Return the current context of several kubeconfigs as kubectl does: the first that names one.

    The library takes the last. None: leave it to the library, which has one file or none.
    """
    import yaml  # noqa: PLC0415

    for file in (files or "").split(os.pathsep):
        path = Path(file).expanduser()
        content = yaml.safe_load(path.read_text("utf-8")) if file and path.is_file() else None
        if isinstance(content, dict) and content.get("current-context"):
            return str(content["current-context"])
    return None


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


def _of_context(contexts: list[dict[str, Any]], name: str) -> tuple[str, str]:
    """Return the namespace of a context, and the context in words."""
    found = next(item["context"] for item in contexts if item["name"] == name)
    return found.get("namespace") or DEFAULT_NAMESPACE, f"context {name}"


def _has_default_kubeconfig() -> bool:
    return (Path.home() / ".kube" / "config").is_file()


def _pod_namespace() -> str:
    return POD_NAMESPACE_FILE.read_text("utf-8").strip()
