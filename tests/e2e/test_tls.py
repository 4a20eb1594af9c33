"""The bridge with a certificate of an authority of our own: runners, the operator and users by https."""

import base64
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from devtools.kube import SYSTEM_NAMESPACE, Kube, Manifest, forwarded_bridge
from kubernetes.client.exceptions import ApiException

import batterysim
from tests.certificates import make_authority, make_certificate

from .receiver import Receiver
from .release import changed_release, helm
from .waiting import until

SECRET = "bridge-tls-e2e"
SERVICE = f"batterysim-bridge.{SYSTEM_NAMESPACE}.svc"


@pytest.fixture(scope="module")
def authority(kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Give the release a certificate; return the file of its authority's."""
    directory = tmp_path_factory.mktemp("tls")
    authority = make_authority(directory)
    made = make_certificate(directory, authority, f"DNS:{SERVICE}", "DNS:localhost", "IP:127.0.0.1")
    remove_secret(kube)
    files = {"tls.crt": made.certificate, "tls.key": made.key}
    kube.core.create_namespaced_secret(
        SYSTEM_NAMESPACE,
        {
            "metadata": {"name": SECRET},
            "type": "kubernetes.io/tls",
            "data": {name: base64.b64encode(file.read_bytes()).decode() for name, file in files.items()},
        },
    )
    values = {"bridge.tls": {"secretName": SECRET, "ca": authority.certificate.read_text("ascii")}}
    with changed_release(values, directory):
        yield authority.certificate
    remove_secret(kube)


@pytest.fixture(scope="module")
def https(authority: Path) -> Iterator[str]:
    """The address of the forwarded bridge."""
    with forwarded_bridge() as url:
        yield url.replace("http://", "https://")


def remove_secret(kube: Kube) -> None:
    try:
        kube.core.delete_namespaced_secret(SECRET, SYSTEM_NAMESPACE)
    except ApiException as error:
        if error.status != 404:
            raise


@pytest.mark.parametrize("isolation", ["Job", "Process"])
def test_a_simulation_is_run_and_its_result_read(
    kube: Kube, simulation: Callable[..., Manifest], https: str, authority: Path, isolation: str
) -> None:
    """A runner's upload, and the user's download."""
    lab = kube if isolation == "Job" else Kube("batterysim-shared")
    name = lab.create(simulation(run__isolation=isolation))["metadata"]["name"]
    try:
        status = lab.wait_for_end(name)[name]["status"]
        assert status["phase"] == "Succeeded"
        assert status["results"]["uri"].startswith(f"https://{SERVICE}:8084/")

        answer = requests.get(
            f"{https}/v1/simulations/{lab.namespace}/{name}/result",
            params={"format": "csv"},
            headers={"Authorization": f"Bearer {lab.reader_token()}"},
            verify=str(authority),
            timeout=60,
        )
        assert answer.status_code == 200
    finally:
        lab.delete(name)


def test_a_callback_has_the_result_that_the_operator_reads(
    kube: Kube, simulation: Callable[..., Manifest], authority: Path
) -> None:
    receiver = Receiver(kube, refusals=0)
    try:
        name = kube.create(simulation(callback={"url": f"{receiver.url}/tls"}))["metadata"]["name"]
        until(lambda: "deliveredTime" in kube.get(name).get("status", {}).get("callback", {}), 60)
        assert len(receiver.posts("/tls")) == 1
    finally:
        receiver.remove()


def test_the_api_servers_proxy_leads_to_it(
    kube: Kube, simulation: Callable[..., Manifest], authority: Path
) -> None:
    name = kube.create(simulation())["metadata"]["name"]
    kube.wait_for_end(name)

    with batterysim.Client(namespace=kube.namespace) as client:
        assert len(client.result(name).to_pandas()) > 1


def test_nobody_is_answered_who_does_not_trust_it_or_speaks_http(https: str) -> None:
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{https}/healthz", timeout=10)

    address = https.removeprefix("https://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=10) as plain:
        plain.sendall(b"GET /healthz HTTP/1.1\r\nHost: b\r\n\r\n")
        assert not plain.recv(100).startswith(b"HTTP/1.1 200")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_versions_of_tls_are_refused(https: str) -> None:
    address = https.removeprefix("https://").split(":")
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("DEFAULT@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with (
        socket.create_connection((address[0], int(address[1])), timeout=10) as plain,
        pytest.raises((ssl.SSLError, ConnectionError)),
        old.wrap_socket(plain),
    ):
        pass


def test_helm_test_finds_it_healthy(authority: Path) -> None:
    assert "Succeeded" in helm("test", "batterysim")
