"""The bridge knows its ServiceAccount from the token of its pod."""

import base64
import json
from pathlib import Path

import pytest

from batterysim_bridge.cluster.account import Account, read_account, read_owner

UID = "11111111-0000-4000-8000-000000000001"


def token_of(claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2lnbmF0dXJl"


def test_the_owner_is_the_service_account_of_the_pods_token(tmp_path: Path) -> None:
    file = tmp_path / "token"
    account = {"name": "bridge", "uid": UID}
    file.write_text(token_of({"kubernetes.io": {"namespace": "lab", "serviceaccount": account}}))

    assert read_owner(file) == UID
    assert read_account(file) == Account("lab", "bridge")


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", token_of([]), token_of({"kubernetes.io": {"serviceaccount": {"uid": "../x"}}})]
)
def test_a_token_of_another_kind_names_nobody(tmp_path: Path, text: str) -> None:
    (tmp_path / "token").write_text(text)

    for file in (tmp_path / "token", tmp_path / "none"):
        assert read_owner(file) is None
        assert read_account(file) is None
