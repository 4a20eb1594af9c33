"""Kubeconfigs, credentials and proxies that kubectl and our client have to read alike."""

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

UNCHECKED: dict[str, Any] = {"insecure-skip-tls-verify": True}
# Names that nobody has: only a proxy leads there.
HTTP_API = "http://api.cluster.invalid:8001"
HTTPS_API = "https://api.cluster.invalid:6443"


class Case(NamedTuple):
    """Settings.

    files: contents by name; None: there is no such file. k and l are kubeconfigs, in the order of KUBECONFIG.
    """

    files: dict[str, Any]
    environment: dict[str, str] = {}  # noqa: RUF012 - never changed
    context: str | None = None
    order: str | None = None
    """Of the kubeconfigs, if they are not named once each."""


def cases(url: Callable[[str], str]) -> dict[str, Case]:
    """Return all settings by their names. url: returns that of a server of RecordingServers."""
    a, b, h, p, q = map(url, "abhpq")
    return _of_files(a, b, h) | _of_credentials(a) | _of_proxies(a, p, q)


def _config(current: str | None = "one", **parts: Any) -> dict[str, Any]:
    """Return a kubeconfig. clusters, users: by name; contexts: (cluster, user, namespace) by name."""
    contexts = {
        name: {"cluster": cluster, "user": user} | ({"namespace": namespace} if namespace else {})
        for name, (cluster, user, namespace) in parts.get("contexts", {}).items()
    }
    named = {
        "clusters": ("cluster", parts.get("clusters", {})),
        "users": ("user", parts.get("users", {})),
        "contexts": ("context", contexts),
    }
    return {
        "apiVersion": "v1",
        "kind": "Config",
        **({} if current is None else {"current-context": current}),
        **{
            kind: [{"name": name, field: value} for name, value in items.items()]
            for kind, (field, items) in named.items()
        },
    }


def _one(server: str, user: dict[str, Any] | None = None, **cluster: Any) -> dict[str, Any]:
    """Return a kubeconfig with one context. cluster: more fields than the server."""
    return _config(
        clusters={"c": {"server": server, **(cluster or UNCHECKED)}},
        users={"u": {"token": "t"} if user is None else user},
        contexts={"one": ("c", "u", "lab")},
    )


def _plugin(body: str, version: str = "v1", **more: Any) -> dict[str, Any]:
    """Return a user whose token comes from a program, as Python."""
    program = {
        "apiVersion": f"client.authentication.k8s.io/{version}",
        "command": sys.executable,
        "args": ["-c", body],
        "interactiveMode": "Never",
    }
    return {"exec": program | more}


def _says(token: str, version: str = "v1") -> str:
    """Return a program that says a token, an expression of Python."""
    return (
        f"import json, os; print(json.dumps({{'apiVersion': 'client.authentication.k8s.io/{version}', "
        f"'kind': 'ExecCredential', 'status': {{'token': {token}}}}}))"
    )


def _of_files(a: str, b: str, h: str) -> dict[str, Case]:
    c, d = ({"server": url, **UNCHECKED} for url in (a, b))
    first = _config(clusters={"c": c}, users={"u": {"token": "1"}}, contexts={"one": ("c", "u", "lab")})
    second = _config(
        "two",
        clusters={"c": d, "d": d},
        users={"u": {"token": "2"}, "v": {"token": "3"}},
        contexts={"one": ("d", "v", "plant"), "two": ("d", "v", "plant")},
    )
    # Not a server below a path, which `kubectl get --raw` leaves out before version 1.34.
    mine = _config("mine", contexts={"mine": ("d", "v", None)})
    ca = {"certificate-authority": "ca.crt"}
    return {
        "one file": Case({"k": first}),
        "the first current context": Case({"k": first, "l": second}),
        "in the other order": Case({"l": second, "k": first}),
        "an empty current context in the first": Case({"k": first | {"current-context": ""}, "l": second}),
        "no current context in the first": Case({"k": _config(None), "l": second}),
        "the first file is absent": Case({"k": None, "l": second}),
        "the first file is empty": Case({"k": "", "l": second}),
        "an empty entry": Case({"l": second}, order=":l"),
        "the same file twice": Case({"l": second}, order="l:l"),
        "a context by name, of both": Case({"k": first, "l": second}, context="one"),
        "a context by name, of the second": Case({"k": first, "l": second}, context="two"),
        "a context whose parts are in the other file": Case({"k": mine, "l": second}),
        "a context that is not there": Case({"k": first}, context="three"),
        "a context without its cluster": Case({"k": _config(contexts={"one": ("x", "u", None)})}),
        "a user that is not there": Case(
            {"k": _config(clusters={"c": c}, contexts={"one": ("c", "x", None)})}
        ),
        "no current context at all": Case({"k": first | {"current-context": ""}}),
        "no file at all": Case({"k": None}),
        "no YAML": Case({"k": "a: ["}),
        "no TLS, and so no token": Case({"k": _one(h)}),
        "an authority next to the file": Case({"k": _one(a, **ca)}),
        "an authority that is not there": Case({"k": _one(a, **{"certificate-authority": "none.crt"})}),
        "an authority that is unknown": Case({"k": _one(a, **{"insecure-skip-tls-verify": False})}),
        "tls-server-name": Case({"k": _one(a, **ca, **{"tls-server-name": "api"})}),
        "a tls-server-name of another": Case({"k": _one(a, **ca, **{"tls-server-name": "other"})}),
    }


def _of_credentials(a: str) -> dict[str, Case]:
    of_variable = _plugin(_says("os.environ['X']"), env=[{"name": "X", "value": "of-a-variable"}])
    beside = {
        "k": _one(a, _plugin("", command="./login", args=[])),
        "login": "\n".join((f"#!{sys.executable}", _says("'next'"))),
    }
    in_file = {"tokenFile": "token"}
    # Not without any credentials: there kubectl asks for a name and a password.
    return {
        "a token in a file next to it": Case({"k": _one(a, in_file), "token": "of-a-file"}),
        "a token, and one in a file": Case({"k": _one(a, {"token": "t"} | in_file), "token": "of-a-file"}),
        "a token in a file that is not there": Case({"k": _one(a, in_file)}),
        "a name and a password": Case({"k": _one(a, {"username": "ada", "password": "x"})}),
        "a plugin": Case({"k": _one(a, _plugin(_says("'p'")))}),
        "a plugin of v1beta1": Case({"k": _one(a, _plugin(_says("'p'", "v1beta1"), "v1beta1"))}),
        "a plugin of a version that is gone": Case(
            {"k": _one(a, _plugin(_says("'p'", "v1alpha1"), "v1alpha1"))}
        ),
        "a plugin that answers in another version": Case({"k": _one(a, _plugin(_says("'p'", "v1beta1")))}),
        "a plugin with a variable": Case({"k": _one(a, of_variable)}),
        "a plugin next to the file": Case(beside),
        "a plugin and a token": Case({"k": _one(a, {"token": "t", **_plugin(_says("'p'"))})}),
        "a plugin that fails": Case({"k": _one(a, _plugin("import sys; sys.exit(3)"))}),
        "a plugin that says nothing": Case({"k": _one(a, _plugin("pass"))}),
        "a plugin that is not there": Case({"k": _one(a, _plugin("", command="no-such-plugin"))}),
    }


def _of_proxies(a: str, p: str, q: str) -> dict[str, Case]:
    plain, tls = {"k": _one(HTTP_API)}, {"k": _one(HTTPS_API)}
    through_p = {"proxy-url": p, **UNCHECKED}
    address = p.partition("//")[2]
    excluded = (
        *("*", "api.cluster.invalid", "API.cluster.Invalid", "cluster.invalid", ".cluster.invalid"),
        *("*.cluster.invalid", ".api.cluster.invalid", "luster.invalid", "other.invalid", ",,"),
        *("api.cluster.invalid:6443", "api.cluster.invalid:443", "a.invalid, cluster.invalid", "10.0.0.0/8"),
        *("a.invalid *", "cluster.invalid."),
    )
    excluded_addresses = (
        *("192.0.2.0/24", "192.0.3.0/24", "192.0.2.1", "192.0.2.1:1", "192.0.2.1:2", "2.1", "192.0.2.01"),
    )
    return {
        "proxy-url": Case({"k": _one(a, **through_p)}),
        "proxy-url and NO_PROXY": Case({"k": _one(HTTPS_API, **through_p)}, {"NO_PROXY": "*"}),
        "proxy-url and another proxy": Case({"k": _one(HTTPS_API, **through_p)}, {"HTTPS_PROXY": q}),
        "the same proxy in both, and NO_PROXY": Case(
            {"k": _one(HTTPS_API, **through_p)}, {"HTTPS_PROXY": p, "NO_PROXY": "*"}
        ),
        "proxy-url without a scheme": Case({"k": _one(HTTPS_API, **through_p | {"proxy-url": address})}),
        "never for this machine": Case({"k": _one(a)}, {"HTTPS_PROXY": p}),
        "HTTP_PROXY": Case(plain, {"HTTP_PROXY": p}),
        "HTTPS_PROXY": Case(tls, {"HTTPS_PROXY": p}),
        "https_proxy": Case(tls, {"https_proxy": p}),
        "HTTPS_PROXY and https_proxy": Case(tls, {"HTTPS_PROXY": p, "https_proxy": q}),
        "HTTP_PROXY is not for https": Case(tls, {"HTTP_PROXY": p}),
        "ALL_PROXY is for nobody": Case(tls, {"ALL_PROXY": p}),
        "a proxy without a scheme": Case(tls, {"HTTPS_PROXY": address}),
        "a proxy with a slash": Case(tls, {"HTTPS_PROXY": f"{p}/"}),
        "a proxy with a password": Case(tls, {"HTTPS_PROXY": p.replace("//", "//ada:x@")}),
        "a proxy of another kind": Case(tls, {"HTTPS_PROXY": "ftp://127.0.0.1:1"}),
        "a proxy that is away": Case(tls, {"HTTPS_PROXY": "http://127.0.0.1:1"}),
        "no_proxy": Case(tls, {"HTTPS_PROXY": p, "no_proxy": "cluster.invalid"}),
        "NO_PROXY and no_proxy": Case(
            tls, {"HTTPS_PROXY": p, "NO_PROXY": "x.invalid", "no_proxy": "cluster.invalid"}
        ),
        **{f"NO_PROXY={item}": Case(tls, {"HTTPS_PROXY": p, "NO_PROXY": item}) for item in excluded},
        **{
            f"an address, NO_PROXY={item}": Case(
                {"k": _one("https://192.0.2.1:1")}, {"HTTPS_PROXY": p, "NO_PROXY": item}
            )
            for item in excluded_addresses
        },
    }
