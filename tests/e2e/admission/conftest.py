"""A webhook that changes Jobs and pods, for the tests that look at what others put there."""

from collections.abc import Iterator

import pytest
from devtools.kube import Kube

from tests.e2e.admission.mutating_webhook import MutatingWebhook
from tests.namespaces import fresh_namespace


@pytest.fixture(scope="session")
def webhook(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MutatingWebhook]:
    home = Kube("batterysim-e2e-webhook")
    with fresh_namespace(home):
        yield MutatingWebhook(home, tmp_path_factory.mktemp("webhook"))
