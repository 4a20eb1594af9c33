"""Callbacks go to public addresses, and to private ones only by allow list."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from pydantic import TypeAdapter

from batterysim.spec.run_policy import CallbackUrl
from batterysim_operator.delivery.destination import ForbiddenDestinationError, GuardedResolver, check_url

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
    "2002:a60:1::1",
]
PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]


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
        check_url(in_url(address), frozenset())


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_fine(address: str) -> None:
    check_url(in_url(address), frozenset())


@pytest.mark.parametrize(
    "odd",
    ["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1/", "http://127.1/", "http://127.0.0.1./"],
)
def test_odd_spellings_of_an_address_are_seen_through(odd: str) -> None:
    """The spec's own type writes them the usual way, before anything is checked."""
    with pytest.raises(ForbiddenDestinationError, match=r"127\.0\.0\.1 is a private address"):
        check_url(str(URL.validate_python(odd)), frozenset())


def test_the_allow_list_lets_a_private_address_through() -> None:
    check_url("http://10.96.0.1:8080/r", frozenset({"10.96.0.1"}))


@pytest.mark.parametrize("address", NOT_PUBLIC)
async def test_a_name_that_leads_to_what_is_not_public_is_refused(address: str) -> None:
    with pytest.raises(ForbiddenDestinationError, match=r"jobs\.example\.com is a private address"):
        await GuardedResolver(frozenset(), Dns(address)).resolve("jobs.example.com")


async def test_of_a_names_addresses_only_the_public_ones_are_called() -> None:
    found = await GuardedResolver(frozenset(), Dns("10.0.0.1", *PUBLIC)).resolve("jobs.example.com")

    assert [result["host"] for result in found] == PUBLIC


async def test_the_allow_list_lets_a_name_through() -> None:
    guard = GuardedResolver(frozenset({"job-manager.lab.svc"}), Dns("10.96.0.7"))

    assert [result["host"] for result in await guard.resolve("job-manager.lab.svc")] == ["10.96.0.7"]
    with pytest.raises(ForbiddenDestinationError):
        await guard.resolve("other.lab.svc")


@pytest.mark.parametrize("odd", ["2130706433", "0x7f.1", "localhost"])
async def test_what_the_system_makes_of_odd_names_is_checked_too(odd: str) -> None:
    with pytest.raises((ForbiddenDestinationError, OSError)):
        await GuardedResolver(frozenset()).resolve(odd)
