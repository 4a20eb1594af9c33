"""Addresses behind a proxy that removes a prefix."""

from ipaddress import ip_network

import httpx
import pytest

from batterysim_bridge.app import create_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.settings import ApiSettings

from ..answers import SIMULATIONS
from ..builders import READER_TOKEN, WRITER_TOKEN, with_settings

PROXY = "10.1.2.3"
FORWARDED = {
    "X-Forwarded-Prefix": "/battery",
    "X-Forwarded-Proto": "https",
    "Host": "sim.example.org",
    "Authorization": f"Bearer {WRITER_TOKEN}",
}
SHORT = {
    "name": "a",
    "spec": {
        "cell": {"parameterSet": "Chen2020"},
        "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 60}},
    },
}


async def ask(
    bridge: Bridge, method: str, path: str, *, address: str = PROXY, **options: object
) -> httpx.Headers:
    """Return an answer's headers from a bridge that trusts a network of proxies."""
    bridge = with_settings(bridge, api=ApiSettings(trusted_proxies=(ip_network("10.0.0.0/8"),)))
    bridge.simulations.replace(None, await bridge.cluster.listing(None))
    transport = httpx.ASGITransport(create_app(bridge), client=(address, 40000))
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge:8084") as client:
        return (await client.request(method, path, **{"headers": FORWARDED} | options)).headers


async def test_a_new_simulation_is_below_the_prefix(bridge: Bridge) -> None:
    assert (await ask(bridge, "POST", SIMULATIONS, json=SHORT))[
        "Location"
    ] == f"/battery{SIMULATIONS}/default/a"


async def test_the_next_page_is_below_the_prefix(bridge: Bridge) -> None:
    for name in ("a", "b"):
        await bridge.cluster.create(
            {"metadata": {"namespace": "default", "name": name}, "spec": SHORT["spec"]}
        )
    link = (await ask(bridge, "GET", f"{SIMULATIONS}?limit=1&namespace=default"))["Link"]

    assert link.startswith(f"</battery{SIMULATIONS}?limit=1&namespace=default&cursor=")


async def test_a_slash_too_many_leads_neither_out_of_the_prefix_nor_out_of_tls(bridge: Bridge) -> None:
    headers = await ask(bridge, "GET", f"{SIMULATIONS}/?limit=1")

    assert headers["Location"] == f"/battery{SIMULATIONS}?limit=1"


async def test_a_prefix_of_somebody_else_does_not_count(bridge: Bridge) -> None:
    headers = await ask(bridge, "GET", f"{SIMULATIONS}/?limit=1", address="192.0.2.7")

    assert headers["Location"] == f"{SIMULATIONS}?limit=1"


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("/battery/", "/battery"),
        ("/a/b-c", "/a/b-c"),
        ("/", ""),
        ("//evil.example.org", ""),
        ("https://evil.example.org", ""),
        ("/a/../..", ""),
        ("/a, /b", ""),
        ("/" + "a" * 64, ""),
    ],
)
async def test_a_prefix_is_a_path(bridge: Bridge, prefix: str, expected: str) -> None:
    headers = await ask(bridge, "GET", f"{SIMULATIONS}/", headers=FORWARDED | {"X-Forwarded-Prefix": prefix})

    assert headers["Location"] == f"{expected}{SIMULATIONS}"


async def test_a_client_behind_a_trusted_proxy_has_an_address_of_its_own(bridge: Bridge) -> None:
    """Otherwise 20 rejected tokens of one client would lock out all who come through the proxy."""
    for _ in range(25):
        rejected = FORWARDED | {"Authorization": "Bearer wrong", "X-Forwarded-For": "203.0.113.5"}
        await ask(bridge, "GET", SIMULATIONS, headers=rejected)

    fine = FORWARDED | {"Authorization": f"Bearer {READER_TOKEN}", "X-Forwarded-For": "203.0.113.6"}
    assert "Retry-After" not in await ask(bridge, "GET", f"{SIMULATIONS}?namespace=default", headers=fine)
