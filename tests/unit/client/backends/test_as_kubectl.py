"""Kubeconfigs, proxies and credentials lead where they lead kubectl, or are refused by both.

Both make a request with the same settings; servers and proxies of this test write down what reaches them.
"""

import asyncio
import shutil
import stat
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from batterysim_client.backends import http
from batterysim_client.backends.kubeconfig import load_credentials
from batterysim_client.errors import ClientError
from tests.certificates import Certificate, make_authority, make_certificate
from tests.unit.client.backends.kubectl_cases import Case, cases
from tests.unit.client.backends.recording_servers import Arrival, RecordingServers

PROXY_VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY")
# Not /version, for which some installations of kubectl ask on their own.
ASKED = "/livez"
VARIABLES = ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def servers(authority: Certificate, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RecordingServers]:
    if shutil.which("kubectl") is None:
        pytest.skip('needs kubectl on PATH: run `hack/cluster up`, then eval "$(hack/cluster env)"')
    certificate = make_certificate(tmp_path_factory.mktemp("tls"), authority, "IP:127.0.0.1", "DNS:api")
    found = RecordingServers(certificate)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing of this machine be found, and try once."""
    for variable in (*VARIABLES, *PROXY_VARIABLES, *map(str.lower, PROXY_VARIABLES)):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setattr(http, "RETRY_SECONDS", ())


@pytest.mark.parametrize("name", list(cases(lambda server: f"http://{server}")))
def test_it_leads_where_it_leads_kubectl(
    servers: RecordingServers,
    authority: Certificate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    case = cases(servers.url)[name]
    shutil.copy(authority.certificate, tmp_path / "ca.crt")
    write(case, tmp_path)
    for variable, value in case.environment.items():
        monkeypatch.setenv(variable, value)
    order = case.order or ":".join(file for file in case.files if file in "kl")
    paths = [str(tmp_path / file) if file else "" for file in order.split(":")]
    monkeypatch.setenv("KUBECONFIG", ":".join(paths))

    by_client = what_arrives(servers, lambda: ask_by_client(case))

    assert by_client == what_arrives(servers, lambda: ask_by_kubectl(case))


def write(case: Case, directory: Path) -> None:
    for file, content in case.files.items():
        if content is not None:
            text = content if isinstance(content, str) else yaml.safe_dump(content)
            (directory / file).write_text(text, encoding="utf-8")
            (directory / file).chmod(stat.S_IRWXU)


def what_arrives(
    servers: RecordingServers, ask: Callable[[], str | None]
) -> tuple[list[Arrival], str | None]:
    """Return what has arrived, and the namespace; None: it was refused, or got no answer."""
    servers.arrived.clear()
    namespace = ask()
    arrived = {found for found in servers.arrived if found.what.startswith("CONNECT") or ASKED in found.what}
    return sorted(arrived), namespace


def ask_by_kubectl(case: Case) -> str | None:
    context = () if case.context is None else ("--context", case.context)
    if kubectl("get", "--raw", ASKED, "--request-timeout=1s", *context).returncode != 0:
        return None
    namespace = "jsonpath={.contexts[0].context.namespace}"
    return kubectl("config", "view", "--minify", "-o", namespace, *context).stdout or "default"


def kubectl(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ("kubectl", *arguments), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def ask_by_client(case: Case) -> str | None:
    async def ask() -> str | None:
        try:
            found = load_credentials(None, case.context)
            client = http.new_client(found.url, found.proxy, found.auth(), found.tls)
            client.timeout = 1.0
            server = http.Http(client, found.where, tls_server_name=found.tls_server_name)
            try:
                await server.json("GET", ASKED)
            finally:
                await server.close()
        except ClientError:
            return None
        return found.namespace

    return asyncio.run(ask())
