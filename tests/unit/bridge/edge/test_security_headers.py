"""Every answer tells a browser to run nothing of it."""

import pytest

from ..builders import NAME, NAMESPACE, READER_TOKEN, parquet, put

AS_READER = {"Authorization": f"Bearer {READER_TOKEN}"}


@pytest.mark.parametrize(
    "path",
    ["/", "/page/app.js", "/v1/simulations", "/v1/nothing", "/healthz"]
    + [f"/v1/simulations/{NAMESPACE}/{NAME}/{part}" for part in ("result?format=csv", "plot.svg", "nothing")],
)
async def test_each_answer_has_them(client, bridge, path):
    put(bridge.store, parquet())

    headers = (await client.get(path, headers=AS_READER)).headers

    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]


async def test_a_picture_is_no_page_of_ours(client, bridge):
    put(bridge.store, parquet())

    answer = await client.get(f"/v1/simulations/{NAMESPACE}/{NAME}/plot.svg", headers=AS_READER)

    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"].endswith("sandbox")
