"""Web pages of other origins, which only a value lets in."""

import httpx
import pytest

from batterysim_bridge.app import create_app, create_job_manager_app
from batterysim_bridge.bridge import Bridge
from batterysim_bridge.job_manager.settings import JobManagerSettings
from batterysim_bridge.settings import ApiSettings

from ..answers import SIMULATIONS
from ..builders import READER_TOKEN, with_settings

LAB = "https://lab.example.org"


async def ask(
    bridge: Bridge, method: str, origin: str, origins: tuple[str, ...], **headers: str
) -> httpx.Response:
    """Return the answer to a page of an origin, from a bridge that lets some in."""
    bridge = with_settings(bridge, api=ApiSettings(cors_origins=origins))
    bridge.simulations.replace(None, await bridge.cluster.listing(None))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(create_app(bridge)), base_url="http://bridge:8084"
    ) as client:
        return await client.request(
            method, f"{SIMULATIONS}?namespace=default", headers={"Origin": origin, **headers}
        )


async def preflight(bridge: Bridge, origin: str, origins: tuple[str, ...]) -> httpx.Response:
    """Return the answer to a browser's question whether a page may POST."""
    asked = {
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,idempotency-key",
    }
    return await ask(bridge, "OPTIONS", origin, origins, **asked)


async def test_a_named_origin_is_let_in(bridge: Bridge) -> None:
    answer = await preflight(bridge, LAB, (LAB,))

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, LAB)

    answer = await ask(bridge, "GET", LAB, (LAB,), Authorization=f"Bearer {READER_TOKEN}")

    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (200, LAB)
    assert "Location" in answer.headers["Access-Control-Expose-Headers"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


async def test_at_the_job_managers_port_where_no_token_is_required_none_is(bridge: Bridge) -> None:
    served = JobManagerSettings(namespace="lab", port=8085)
    app = create_job_manager_app(
        with_settings(bridge, api=ApiSettings(cors_origins=(LAB,)), job_manager=served)
    )
    asked = {"Origin": LAB, "Access-Control-Request-Method": "POST"}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://bridge:8085") as client:
        answer = await client.options("/cell/simulate", headers=asked)

    assert answer.status_code == 405
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(("origin", "origins"), [(LAB, ()), ("https://evil.example.org", (LAB,))])
async def test_no_other_is(bridge: Bridge, origin: str, origins: tuple[str, ...]) -> None:
    assert "Access-Control-Allow-Origin" not in (await preflight(bridge, origin, origins)).headers
    answer = await ask(bridge, "GET", origin, origins, Authorization=f"Bearer {READER_TOKEN}")
    assert "Access-Control-Allow-Origin" not in answer.headers
