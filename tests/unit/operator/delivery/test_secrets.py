"""Callbacks that are signed with a Secret, on their way to a real receiver."""

import base64
import json
from datetime import UTC, datetime

import pytest
from standardwebhooks import Webhook

from batterysim_kube.api_server import Json
from batterysim_kube.errors import Forbidden
from tests.unit.operator.delivery.deliveries import (
    RESULT,
    SECRET,
    Receiver,
    deliver,
    owing,
    secret,
    status_of,
    with_secret,
)
from tests.unit.operator.fake_cluster import FakeCluster


@pytest.mark.parametrize("value", [SECRET.encode(), SECRET.encode() + b"\n"], ids=["plain", "with a newline"])
async def test_the_receiver_can_verify_the_signature(receiver: Receiver, value: bytes) -> None:
    await deliver(with_secret(receiver.url, value), now=datetime.now(UTC))

    ((body, headers),) = receiver.posts
    assert Webhook(SECRET).verify(body, headers) == json.loads(RESULT["json"])


@pytest.mark.parametrize(
    ("value", "key", "said"),
    [
        (None, "key", "not found; create it in namespace lab"),
        (SECRET.encode(), "other", "is absent; add it to the Secret"),
        (b"", "key", 'must be "whsec_" and base64'),
        (b"whsec_", "key", "has 0 bytes, must have at least 24"),
        (b"whsec_c2hvcnQ=", "key", "has 5 bytes, must have at least 24"),
        (b"Summer2026!", "key", 'must be "whsec_" and base64'),
        (b"whsec_x", "key", 'must be "whsec_" and base64'),
        (b"\xff\xfe", "key", 'must be "whsec_" and base64'),
    ],
    ids=["no Secret", "no key", "empty", "prefix only", "short", "a password", "not base64", "not text"],
)
async def test_an_unusable_secret_is_told_and_nothing_is_sent(
    receiver: Receiver, value: bytes | None, key: str, said: str
) -> None:
    cluster = with_secret(receiver.url, value, key)

    assert await deliver(cluster) == 5

    assert receiver.posts == []
    error = status_of(cluster)["callback"]["lastError"]
    assert error.startswith(f"spec.callback.secretRef: Secret webhook, key key: {said}")


class Locked(FakeCluster):
    """The operator may not read Secrets here."""

    async def secret(self, namespace: str, name: str) -> Json:
        raise Forbidden(status=403)


async def test_a_secret_that_the_operator_may_not_read_says_what_to_bind(receiver: Receiver) -> None:
    cluster = Locked(with_secret(receiver.url, SECRET.encode()).object)

    await deliver(cluster)

    error = status_of(cluster)["callback"]["lastError"]
    assert "bind the chart's ClusterRole <release>-callback-secrets" in error


async def test_a_secret_that_is_not_marked_for_callbacks_signs_nothing(receiver: Receiver) -> None:
    """Whoever may create simulations would otherwise use any Secret of the namespace."""
    cluster = owing(receiver.url, secretRef={"name": "webhook", "key": "key"})
    data = {"key": base64.b64encode(SECRET.encode()).decode()}
    cluster.secrets["webhook"] = secret(data, app="database")

    await deliver(cluster)

    assert receiver.posts == []
    assert "must have the label batterysim.dev/callback-secret" in status_of(cluster)["callback"]["lastError"]
