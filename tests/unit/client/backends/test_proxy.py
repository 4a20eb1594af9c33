"""Which proxy is taken, by kubectl's rules."""

import pytest

from batterysim_client.backends.proxy import proxy_for
from batterysim_client.errors import ConfigurationError

API = "https://api.cluster.example.org:6443"
PROXY = "http://proxy.example.org:3128"


@pytest.mark.parametrize(
    ("environment", "proxy"),
    [
        ({}, None),
        ({"HTTPS_PROXY": PROXY}, PROXY),
        ({"https_proxy": PROXY}, PROXY),
        ({"HTTPS_PROXY": PROXY, "https_proxy": "http://other:1"}, PROXY),
        ({"HTTPS_PROXY": ""}, None),
        ({"HTTP_PROXY": PROXY}, None),
        ({"ALL_PROXY": PROXY}, None),
        ({"HTTPS_PROXY": "proxy.example.org:3128"}, PROXY),
        ({"HTTPS_PROXY": "10.0.0.1:3128"}, "http://10.0.0.1:3128"),
        ({"HTTPS_PROXY": "socks5://proxy.example.org:1080"}, "socks5://proxy.example.org:1080"),
    ],
)
def test_the_variable_of_the_scheme(environment: dict[str, str], proxy: str | None) -> None:
    assert proxy_for(API, environment) == proxy


@pytest.mark.parametrize(
    ("excluded", "is_direct"),
    [
        ("*", True),
        ("api.cluster.example.org", True),
        ("API.Cluster.Example.org", True),
        ("cluster.example.org", True),
        ("example.org", True),
        (".example.org", True),
        ("*.example.org", True),
        (".api.cluster.example.org", False),
        ("xample.org", False),
        ("api.cluster.example.org:6443", True),
        ("api.cluster.example.org:443", False),
        ("other.org, example.org", True),
        ("other.org,,", False),
        ("10.0.0.0/8", False),
        ("", False),
    ],
)
def test_no_proxy(excluded: str, is_direct: bool) -> None:
    proxy = proxy_for(API, {"HTTPS_PROXY": PROXY, "NO_PROXY": excluded})

    assert proxy == (None if is_direct else PROXY)


@pytest.mark.parametrize(
    ("host", "excluded", "is_direct"),
    [
        ("10.1.2.3", "10.1.2.3", True),
        ("10.1.2.3", "10.0.0.0/8", True),
        ("10.1.2.3", "192.168.0.0/16", False),
        ("10.1.2.3", "10.1.2.3:6443", True),
        ("[fd00::1]", "fd00::/8", True),
    ],
)
def test_no_proxy_for_addresses(host: str, excluded: str, is_direct: bool) -> None:
    proxy = proxy_for(f"https://{host}:6443", {"https_proxy": PROXY, "no_proxy": excluded})

    assert proxy == (None if is_direct else PROXY)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "127.8.9.10"])
def test_never_for_this_machine(host: str) -> None:
    assert proxy_for(f"https://{host}:6443", {"HTTPS_PROXY": PROXY}) is None


@pytest.mark.parametrize("value", ["ftp://proxy:1", "http://", "http://proxy:port", "http://proxy:99999"])
def test_what_is_no_proxy_is_named(value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"HTTPS_PROXY is .*: write a proxy such as"):
        proxy_for(API, {"HTTPS_PROXY": value})
