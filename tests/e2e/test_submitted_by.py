"""The policy that keeps the annotation with the user's name for the bridge, on a real API server."""

from collections.abc import Callable, Iterator

import pytest
import requests
from devtools.kube import Kube, Manifest
from devtools.node_port import bridge_at_node_port
from kubernetes.client.exceptions import ApiException

from .release import changed_release
from .users import make_user, token_of
from .waiting import until

ANNOTATION = "batterysim.dev/submitted-by"
SOMEBODY = {ANNOTATION: "system:serviceaccount:lab:alice"}


@pytest.fixture(scope="module", autouse=True)
def policy(kube: Kube, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with changed_release({"submittedByPolicy.create": True}, tmp_path_factory.mktemp("values")):
        yield


def is_refused(kube: Kube, manifest: Manifest) -> bool:
    """Try it without creating anything: the API server takes a moment to know a new policy."""
    try:
        kube.objects.create_namespaced_custom_object(
            "batterysim.dev", "v1alpha1", kube.namespace, "batterysimulations", manifest, dry_run="All"
        )
    except ApiException as error:
        return "only the bridge may write it" in error.body
    return False


def test_nobody_else_writes_it(kube: Kube, simulation: Callable[..., Manifest]) -> None:
    manifest = simulation()
    manifest["metadata"]["annotations"] = SOMEBODY
    until(lambda: is_refused(kube, manifest), 30)

    name = kube.create(simulation())["metadata"]["name"]
    with pytest.raises(ApiException, match="only the bridge may write it"):
        kube.patch(name, {"metadata": {"annotations": SOMEBODY}})
    kube.patch(name, {"metadata": {"annotations": {"note": "mine"}}})


def test_the_bridge_writes_it_and_it_stays(kube: Kube, simulation: Callable[..., Manifest]) -> None:
    make_user(kube, "submitter", "batterysim-editor")
    headers = {"Authorization": f"Bearer {token_of(kube, 'submitter')}"}
    with bridge_at_node_port(kube) as bridge:
        url = f"{bridge.url}/v1/simulations?namespace={kube.namespace}"
        answer = requests.post(url, json={"spec": simulation()["spec"]}, headers=headers, timeout=30)
    assert answer.status_code == 202, answer.text
    name = answer.headers["Location"].rsplit("/", 1)[1]

    kube.patch(name, {"metadata": {"annotations": {"note": "mine"}}})
    annotations = kube.get(name)["metadata"]["annotations"]
    assert annotations[ANNOTATION] == f"system:serviceaccount:{kube.namespace}:submitter"
    with pytest.raises(ApiException, match="only the bridge may write it"):
        kube.patch(name, {"metadata": {"annotations": {ANNOTATION: None}}})
