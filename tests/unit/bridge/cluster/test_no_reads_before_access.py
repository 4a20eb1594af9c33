"""Without a good token, the API server is asked for nothing but the token's review."""

import pytest

from ..builders import API_TOKEN, NAME, NAMESPACE, parquet, upload_headers

OBJECT = f"/v1/simulations/{NAMESPACE}/{NAME}"
READS = ["", "/events", "/result", "/result/head", "/plot.svg", "/plot.png", "/checkpoint"]


@pytest.mark.parametrize("path", READS)
@pytest.mark.parametrize("token", [None, API_TOKEN, "made-up", "bsimrun_made-up"])
async def test_nothing_is_read(client, cluster, path, token):
    cluster.objects.clear()
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}

    answer = await client.get(OBJECT + path, headers=headers)

    if token != "bsimrun_made-up":
        assert answer.status_code == 401
        assert cluster.read == []
    assert cluster.asked == []


@pytest.mark.parametrize("path", READS)
async def test_a_credential_of_a_shared_runner_is_no_token_and_not_reviewed(client, cluster, path):
    """Each of these once cost a TokenReview, without the limit that other tokens have."""
    for number in range(100):
        headers = {"Authorization": f"Bearer bsimrun_{number}"}
        assert (await client.get(OBJECT + path, headers=headers)).status_code != 200

    assert cluster.reviewed == []


@pytest.mark.parametrize("path", ["/result", "/progress", "/checkpoint"])
@pytest.mark.parametrize("token", [API_TOKEN, "made-up"])
async def test_uploads_read_nothing_either_and_refusals_are_remembered(client, cluster, path, token):
    for _ in range(100):
        answer = await client.put(OBJECT + path, content=parquet(), headers=upload_headers(parquet(), token))
        assert answer.status_code == 401

    assert cluster.read == []
    assert cluster.reviewed == [token]


async def test_made_up_credentials_of_shared_runners_are_soon_not_looked_at_and_tell_nothing(client, cluster):
    answers = {}
    for name in (NAME, "no-such-simulation"):
        for number in range(50):
            answer = await client.put(
                f"/v1/simulations/{NAMESPACE}/{name}/outcome",
                json={},
                headers={"Authorization": f"Bearer bsimrun_{number}"},
            )
            answers.setdefault(answer.status_code, set()).add(answer.json()["type"])

    assert len(cluster.read) <= 20
    assert set(answers) == {409, 429}
