import shutil


async def test_a_bridge_with_store_and_api_server_is_ready(client):
    assert (await client.get("/readyz")).status_code == 200


async def test_a_bridge_without_the_api_server_lives_but_is_not_ready(client, cluster):
    cluster.is_down = True

    assert (await client.get("/healthz")).status_code == 200
    assert (await client.get("/readyz")).status_code == 503


async def test_a_bridge_without_its_store_is_not_ready(client, tmp_path):
    shutil.rmtree(tmp_path / "store")

    assert (await client.get("/readyz")).status_code == 503


async def test_an_unknown_path_is_a_problem_document(client):
    answer = await client.get("/v1/nothing")

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
