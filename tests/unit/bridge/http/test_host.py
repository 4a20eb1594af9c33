"""Without a token, the bridge answers to no name that a web site could have."""

import httpx
import pytest

from batterysim_bridge.app import create_app
from batterysim_bridge.http.host import is_own_host
from batterysim_bridge.settings import ApiSettings

from ..builders import with_settings


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:8084", "127.0.0.1:18084", "[::1]:8084", "10.96.3.4"),
        *("batterysim-bridge:8084", "batterysim-bridge.batterysim-system.svc:8084"),
        *("battery-simulation-service.x.svc.cluster.local", "bridge.example.org", "bridge.example.org.:443"),
    ],
)
def test_the_bridges_own(host):
    assert is_own_host(host, {"bridge.example.org"})


@pytest.mark.parametrize(
    "host", ["evil.example", "a.svc.evil.example:8084", "127.0.0.1.evil.example", "", "[::1", "example.org"]
)
def test_anyone_elses(host):
    assert not is_own_host(host, {"bridge.example.org"})


@pytest.mark.parametrize(("host", "status"), [("evil.example", 421), ("localhost:8084", 200)])
async def test_a_site_that_has_its_name_lead_here_reads_nothing(bridge, host, status):
    bridge = with_settings(bridge, api=ApiSettings(anonymous_read=True))
    bridge.simulations.replace(None, await bridge.cluster.listing(None))
    transport = httpx.ASGITransport(create_app(bridge))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
        assert (await client.get("/v1/simulations")).status_code == status
