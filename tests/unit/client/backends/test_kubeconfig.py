"""Credentials as kubectl would find them."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from batterysim_client.backends.kubeconfig import load_credentials
from batterysim_client.errors import ConfigurationError


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing of this machine be found."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)


def kubeconfig(directory: Path, user: dict[str, Any]) -> Path:
    """Write a kubeconfig with two contexts, of which the first is the current one."""
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [
            {"name": "c", "cluster": {"server": "https://127.0.0.1:6443/", "tls-server-name": "api"}}
        ],
        "users": [{"name": "u", "user": user}],
        "contexts": [
            {"name": "lab", "context": {"cluster": "c", "user": "u", "namespace": "cells"}},
            {"name": "plant", "context": {"cluster": "c", "user": "u"}},
        ],
    }
    file = directory / "config"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    return file


def test_the_current_context_and_its_namespace(tmp_path: Path) -> None:
    found = load_credentials(kubeconfig(tmp_path, {"token": "t"}), None)

    assert (found.url, found.tls_server_name) == ("https://127.0.0.1:6443", "api")
    assert (found.where, found.namespace, found.token()) == ("context lab", "cells", "t")


def test_a_context_by_name_and_a_file_by_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path, {"token": "t"})))

    found = load_credentials(None, "plant")

    assert (found.where, found.namespace) == ("context plant", "default")


def test_a_token_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file", encoding="utf-8")

    user = {"tokenFile": str(tmp_path / "token")}

    assert load_credentials(kubeconfig(tmp_path, user), None).token() == "from-file"


def test_a_token_of_a_plugin(tmp_path: Path) -> None:
    version = "client.authentication.k8s.io/v1"
    answer = json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": {"token": "p"}})
    plugin = {
        "apiVersion": version,
        "command": sys.executable,
        "args": ["-c", f"print('''{answer}''')"],
        "interactiveMode": "Never",
    }

    assert load_credentials(kubeconfig(tmp_path, {"exec": plugin}), None).token() == "p"


def test_without_a_token_there_is_none(tmp_path: Path) -> None:
    assert load_credentials(kubeconfig(tmp_path, {}), None).token() is None


def test_a_context_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"cannot connect to a cluster: .*nowhere.*--server"):
        load_credentials(kubeconfig(tmp_path, {}), "nowhere")


def test_no_kubeconfig_at_all(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot connect to a cluster"):
        load_credentials(tmp_path / "absent", None)


@pytest.mark.parametrize(
    "content",
    [
        "a: [",
        "a: \x01",
        "[1, 2]",
        "text",
        "current-context: a\ncontexts: 3",
        "current-context: a\ncontexts: [{name: a, context: text}]",
    ],
)
def test_a_file_that_is_no_kubeconfig(tmp_path: Path, content: str) -> None:
    (tmp_path / "config").write_text(content, encoding="utf-8")

    with pytest.raises(ConfigurationError, match="cannot connect to a cluster"):
        load_credentials(tmp_path / "config", None)


def test_a_certificate_that_is_none(tmp_path: Path) -> None:
    user = {"client-certificate-data": "Zm9v", "client-key-data": "Zm9v"}

    with pytest.raises(ConfigurationError, match="cannot connect to a cluster"):
        load_credentials(kubeconfig(tmp_path, user), None)


def test_of_several_files_the_first_that_has_a_current_context_decides(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library takes the last, so that `delete` reached another cluster than kubectl did."""
    second = kubeconfig(tmp_path, {"token": "t"})
    first = tmp_path / "first"
    mine = {"name": "mine", "context": {"cluster": "c", "user": "u", "namespace": "of-mine"}}
    first.write_text(yaml.safe_dump({"current-context": "mine", "contexts": [mine]}), encoding="utf-8")
    empty = tmp_path / "empty"
    empty.write_text("", encoding="utf-8")
    without = tmp_path / "without"
    without.write_text(yaml.safe_dump({"kind": "Config", "current-context": ""}), encoding="utf-8")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'absent'}:{without}:{first}:{second}")

    found = load_credentials(None, None)

    assert (found.where, found.namespace, found.url) == ("context mine", "of-mine", "https://127.0.0.1:6443")
    assert load_credentials(None, "lab").where == "context lab"


@pytest.mark.parametrize(
    "arguments",
    [["-c", "import sys; sys.exit('please log in')"], ["-c", "print('no JSON')"], ["-c", "print('{}')"]],
)
def test_a_plugin_that_fails_ends_the_command(tmp_path: Path, arguments: list[str]) -> None:
    plugin = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "command": sys.executable,
        "args": arguments,
        "interactiveMode": "Never",
    }

    with pytest.raises(ConfigurationError, match="the credential plugin failed"):
        load_credentials(kubeconfig(tmp_path, {"exec": plugin}), None)


def test_a_proxy_of_the_environment_is_not_taken_for_the_kubeconfigs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = kubeconfig(tmp_path, {"token": "t"})
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")

    assert load_credentials(file, None).proxy is None  # the API server is on this machine

    content = yaml.safe_load(file.read_text("utf-8"))
    content["clusters"][0]["cluster"]["proxy-url"] = "http://proxy.example.org:3128"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")

    assert load_credentials(file, None).proxy == "http://proxy.example.org:3128"
