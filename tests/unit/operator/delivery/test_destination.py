"""Callbacks go to public addresses, and to private ones only by allow list."""

import ipaddress
import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import TypeAdapter

from batterysim.spec.run_policy import CallbackUrl
from batterysim_operator.delivery.destination import (
    AllowedDestination,
    DestinationPolicy,
    ForbiddenDestinationError,
    PublicResolver,
    check_url,
)

URL: TypeAdapter[object] = TypeAdapter(CallbackUrl)
NOT_PUBLIC = [
    "127.0.0.1",
    "10.96.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",  # carriers' NAT
    "169.254.169.254",  # cloud metadata
    "0.0.0.0",
    "224.0.0.1",  # multicast
    "255.255.255.255",
    "::1",
    "::",
    "fd00::1",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "::ffff:127.0.0.1",  # IPv4 in IPv6, five ways
    "::ffff:10.96.0.1",
    "::127.0.0.1",
    "64:ff9b::10.96.0.1",
    "64:ff9b:1::10.96.0.1",  # NAT64 of local use
    "::ffff:0:10.96.0.1",  # a translator's
    "2002:a60:1::1",
]
PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]


OPEN = DestinationPolicy()


def in_url(address: str) -> str:
    return f"http://[{address}]/r" if ":" in address else f"http://{address}/r"


class Dns(AbstractResolver):
    """Answers every name with the same addresses."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = addresses

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        return [
            ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)
            for address in self.addresses
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize("address", NOT_PUBLIC)
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(ForbiddenDestinationError, match="is a private address; add"):
        check_url(in_url(address), OPEN)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_fine(address: str) -> None:
    check_url(in_url(address), OPEN)


@pytest.mark.parametrize(
    "odd",
    ["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.0.1./"],
)
def test_odd_spellings_of_an_address_are_seen_through(odd: str) -> None:
    """The spec's own type writes them the usual way, before anything is checked."""
    with pytest.raises(ForbiddenDestinationError, match=r"127\.0\.0\.1 is a private address"):
        check_url(str(URL.validate_python(odd)), OPEN)


JOBS = "http://job-manager.lab.svc:8083/results"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (JOBS, True),
        (JOBS + "/simulateCell?x=1", True),
        ("http://JOB-MANAGER.lab.svc:8083/results", True),
        (JOBS + "-of-others", False),
        ("http://job-manager.lab.svc:8083/", False),
        ("http://job-manager.lab.svc:8080/results", False),
        ("http://job-manager.lab.svc/results", False),
        ("https://job-manager.lab.svc:8083/results", False),
        ("http://other.lab.svc:8083/results", False),
        ("http://job-manager.lab.svc:8083/results/../admin", False),
        (JOBS + "/%2e%2e/admin", False),
        # These stay as they are on their way, and are `..` to Tomcat and others.
        (JOBS + "/..;/admin", False),
        (JOBS + "/..%2fadmin", False),
        (JOBS + "/..%5cadmin", False),
        (JOBS + "/%252e%252e/admin", False),
        (JOBS + "/2026..27", True),
    ],
)
def test_the_allow_list_is_about_scheme_host_port_and_path(url: str, allowed: bool) -> None:
    policy = DestinationPolicy((AllowedDestination.parse(JOBS),))

    assert policy.allows(str(URL.validate_python(url)), "team-a") is allowed


def test_an_entry_without_a_path_allows_all_of_a_server() -> None:
    policy = DestinationPolicy((AllowedDestination.parse("http://10.0.0.7:8080"),))

    assert policy.allows("http://10.0.0.7:8080/anything", "team-a")


def test_an_entry_can_be_for_some_namespaces_only() -> None:
    policy = DestinationPolicy((AllowedDestination.parse({"url": JOBS, "namespaces": ["jobs"]}),))

    assert policy.allows(JOBS, "jobs")
    assert not policy.allows(JOBS, "team-a")


@pytest.mark.parametrize(
    "wrong", ["10.0.0.7", "ftp://a.svc/", "http://", "http://u:p@a.svc/", "http://a.svc/?q=1"]
)
def test_an_entry_that_is_no_such_url_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="must be a URL such as http://job-manager"):
        AllowedDestination.parse(wrong)


def test_networks_can_be_denied_although_their_addresses_are_public() -> None:
    policy = DestinationPolicy(denied=(ipaddress.ip_network("93.184.0.0/16"),))

    with pytest.raises(ForbiddenDestinationError):
        check_url("http://93.184.215.14/", policy)
    with pytest.raises(ForbiddenDestinationError):
        check_url("http://[::ffff:93.184.215.14]/", policy)
    check_url("http://8.8.8.8/", policy)


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_a_name_that_leads_to_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(ForbiddenDestinationError, match=r"jobs\.example\.com is a private address"):
        await PublicResolver(OPEN, Dns(address)).resolve("jobs.example.com")


async def test_of_a_names_addresses_only_the_public_ones_are_called() -> None:
    found = await PublicResolver(OPEN, Dns("10.0.0.1", *PUBLIC)).resolve("jobs.example.com")

    assert [result["host"] for result in found] == PUBLIC


@pytest.mark.parametrize("odd", ["2130706433", "0x7f.1", "localhost"])
async def test_what_the_system_makes_of_odd_names_is_checked_too(odd: str) -> None:
    with pytest.raises((ForbiddenDestinationError, OSError)):
        await PublicResolver(OPEN).resolve(odd)
