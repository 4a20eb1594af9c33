"""batterysim.Client and AsyncClient on a real cluster, by URL and token and by kubeconfig."""

import asyncio
import re
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from devtools.kube import SYSTEM_NAMESPACE, Kube, Results

import batterysim
from batterysim import names
from batterysim.problem import InvalidSpecError
from batterysim_client import (
    AccessError,
    ChangeKind,
    ConflictError,
    NotFoundError,
    RefusedError,
)
from tests.e2e.users import RBAC, bind, kubeconfig_of, make_user, may_have_tokens_for_the_bridge, token_of
from tests.e2e.waiting import until

PAGE = Path(__file__).parents[3] / "docs" / "python-client.md"
EDITOR, VIEWER = "client-editor", "client-viewer"
SPEC = {
    "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 1.0},
    "protocol": {"constantCurrent": {"currentAmperes": 5, "durationSeconds": 600}},
}


@pytest.fixture(scope="module", autouse=True)
def users(kube: Kube) -> None:
    make_user(kube, EDITOR, "batterysim-editor")
    make_user(kube, VIEWER, "batterysim-viewer")
    bind(
        kube, EDITOR, {"apiGroup": RBAC, "kind": "Role", "name": "batterysim-bridge-proxy"}, SYSTEM_NAMESPACE
    )
    for user in (EDITOR, VIEWER):
        may_have_tokens_for_the_bridge(kube, user)


@pytest.fixture
def name() -> str:
    return f"client-{uuid.uuid4().hex[:12]}"


def by_token(kube: Kube, results: Results, user: str) -> dict[str, str]:
    return {"server": results.url, "token": token_of(kube, user), "namespace": kube.namespace}


@pytest.fixture(params=["by token", "by certificate", "by kubeconfig with a token"])
def way(request: pytest.FixtureRequest, kube: Kube, results: Results, tmp_path: Path) -> dict[str, object]:
    """Return the arguments of a client that may do everything in the tests' namespace."""
    match request.param:
        case "by token":
            return dict(by_token(kube, results, EDITOR))
        case "by certificate":  # kind's own kubeconfig: the API server issues a token for the bridge
            return {"namespace": kube.namespace}
    return {"kubeconfig": kubeconfig_of(kube, EDITOR, tmp_path / "kubeconfig")}


def run_to_its_end(kube: Kube, name: str) -> None:
    metadata = {"name": name}
    kube.create({"apiVersion": names.API_VERSION, "kind": names.KIND, "metadata": metadata, "spec": SPEC})
    kube.wait_for_end(name)


@pytest.fixture
def client(way: dict) -> Iterator[batterysim.Client]:
    with batterysim.Client(**way) as client:
        yield client


@pytest.fixture
async def async_client(way: dict) -> AsyncIterator[batterysim.AsyncClient]:
    async with batterysim.AsyncClient(**way) as client:
        yield client


def test_a_simulation_from_submission_to_its_end(
    client: batterysim.Client, name: str, tmp_path: Path
) -> None:
    client.validate(SPEC)
    submitted = client.submit(SPEC, name, labels={"made-by": "test"})
    changes = list(client.watch(name))
    simulation = client.wait(name)

    assert (submitted.name, submitted.labels["made-by"]) == (name, "test")
    assert changes[-1].kind is ChangeKind.END
    assert simulation.succeeded
    assert client.get(name).spec == submitted.spec
    assert [item.name for item in client.list(text=name, labels="made-by=test")] == [name]

    frame = client.result(name).to_pandas()
    local = batterysim.run(SPEC).to_pandas()
    assert frame.attrs["units"]["Voltage [V]"] == "V"
    np.testing.assert_allclose(frame["Voltage [V]"], local["Voltage [V]"], rtol=0, atol=1e-9)
    part = client.result(name, variables=["Time [s]"], every=10, start=60, end=300).to_arrow()
    assert part["Time [s]"].to_pylist() == [60.0, 120.0, 180.0, 240.0, 300.0]
    whole = client.result(name).save(tmp_path / "cell.parquet")
    assert pq.read_table(whole).num_rows == simulation.status.results.rows  # type: ignore[union-attr]
    assert client.result(name).save(tmp_path / "cell.csv").read_text().startswith('"Time [s]","Current [A]"')
    assert client.plot(name).startswith(b"<svg")
    assert client.plot(name, "png", width_pixels=400).startswith(b"\x89PNG")

    with pytest.raises(RefusedError, match="did you mean 'Voltage"):
        client.result(name, variables=["Voltage"]).read()
    with pytest.raises(ConflictError, match="has ended"):
        client.cancel(name)
    client.delete(name)
    until(lambda: name not in {item.name for item in client.list(text=name)})
    with pytest.raises(NotFoundError):
        client.get(name)


async def test_many_at_once_without_threads(async_client: batterysim.AsyncClient, name: str) -> None:
    several = [f"{name}-{number}" for number in range(3)]
    await asyncio.gather(*(async_client.submit(SPEC, each) for each in several))

    ended = await asyncio.gather(*(async_client.wait(each, timeout_seconds=180) for each in several))

    assert [item.succeeded for item in ended] == [True] * 3
    tables = await asyncio.gather(*(async_client.result(each).to_arrow() for each in several))
    assert len({table["Voltage [V]"][-1].as_py() for table in tables}) == 1
    await asyncio.gather(*(async_client.delete(each) for each in several))


def test_the_same_key_gets_the_same_simulation_by_every_way(
    client: batterysim.Client, kube: Kube, results: Results, name: str
) -> None:
    first = client.submit(SPEC, idempotency_key=name)

    with batterysim.Client(**by_token(kube, results, EDITOR)) as other:  # type: ignore[arg-type]
        assert other.submit(SPEC, idempotency_key=name).uid == first.uid
        with pytest.raises(ConflictError, match="it belongs to"):
            other.submit(SPEC, labels={"another": "request"}, idempotency_key=name)
    with pytest.raises(ConflictError, match="belongs to"):
        client.submit(SPEC, labels={"another": "request"}, idempotency_key=name)


def test_what_cannot_be_run_is_told_field_by_field(client: batterysim.Client) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        client.submit({"cell": {"parameterSet": "Chen2021"}, "protocol": {}})

    assert [problem.field for problem in caught.value.problems] == ["spec.cell.parameterSet", "spec.protocol"]


def test_a_viewer_by_token_may_look_and_not_submit(kube: Kube, results: Results, name: str) -> None:
    with batterysim.Client(**by_token(kube, results, VIEWER)) as viewer:  # type: ignore[arg-type]
        list(viewer.list())  # which raises nothing
        with pytest.raises(AccessError, match="needs the verb 'create'"):
            viewer.submit(SPEC, name)


def test_a_viewer_by_kubeconfig_has_the_rights_that_rbac_gives(kube: Kube, name: str, tmp_path: Path) -> None:
    run_to_its_end(kube, name)

    with batterysim.Client(kubeconfig=kubeconfig_of(kube, VIEWER, tmp_path / "config")) as viewer:
        assert viewer.get(name).succeeded
        with pytest.raises(AccessError, match="cannot create resource"):
            viewer.submit(SPEC, f"{name}-2")
        with pytest.raises(AccessError, match="services/proxy"):  # which this one was not given
            viewer.result(name).read()


def test_logs_are_there_by_kubeconfig(kube: Kube, name: str) -> None:
    with batterysim.Client(namespace=kube.namespace) as client:
        client.submit(SPEC, name)

        assert "DurationReached at 600 s" in "\n".join(client.logs(name, follow=True))


def test_a_profile_that_is_too_long_for_a_spec_goes_into_a_config_map(kube: Kube, name: str) -> None:
    rows = np.arange(20_000)
    trip = pd.DataFrame({"Time [s]": rows / 10, "Current [A]": np.where(rows % 2, 1.123456, 1.234567)})
    spec = {
        "model": {"family": "SPM"},
        "cell": {"parameterSet": "Chen2020", "initialStateOfCharge": 0.9},
        "protocol": {"profile": {"quantity": "Current", "csv": trip}},
        "output": {"periodSeconds": 100},
    }

    with batterysim.Client(namespace=kube.namespace) as client:
        simulation = client.wait(client.submit(spec, name).name, timeout_seconds=180)
        reference = simulation.manifest["spec"]["protocol"]["profile"]["configMapKeyRef"]
        config_map = kube.core.read_namespaced_config_map(reference["name"], kube.namespace)
        client.delete(name)

    assert simulation.succeeded, simulation.status
    assert simulation.status.summary.discharge_capacity_ampere_hours == pytest.approx(
        (1.123456 + 1.234567) / 2 * 1999.9 / 3600, rel=1e-6
    )
    assert [owner.uid for owner in config_map.metadata.owner_references] == [simulation.uid]

    def is_gone() -> bool:
        found = kube.core.list_namespaced_config_map(kube.namespace).items
        return reference["name"] not in [item.metadata.name for item in found]

    until(is_gone)


def test_no_token_goes_to_a_service_that_one_may_not_reach(kube: Kube, name: str, tmp_path: Path) -> None:
    run_to_its_end(kube, name)
    results = {"uri": "http://thief.lab.svc:80/x", "sha256": "0" * 64, "sizeBytes": 1, "rows": 1}
    group = ("batterysim.dev", "v1alpha1", kube.namespace, "batterysimulations", name)
    kube.objects.patch_namespaced_custom_object_status(
        *group, {"status": {"results": results}}, _content_type="application/merge-patch+json"
    )

    with batterysim.Client(kubeconfig=kubeconfig_of(kube, EDITOR, tmp_path / "config")) as client:
        with pytest.raises(AccessError, match="services/proxy"):
            client.result(name).read()
        client.delete(name)


PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("number", range(len(PROGRAMS)))
def test_the_programs_of_the_page_run(
    number: int,
    kube: Kube,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("BATTERYSIM_NAMESPACE", kube.namespace)
    monkeypatch.chdir(tmp_path)

    exec(compile(PROGRAMS[number], PAGE.name, "exec"), {})

    assert re.match(r"Succeeded 3\.\d+|DurationReached|\[[34]\.\d+, [34]\.\d+\]", capsys.readouterr().out)
