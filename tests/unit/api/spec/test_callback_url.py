"""A callback's host can be looked up: here, and by the API server."""

import re

import pytest

from batterysim.problem import InvalidSpecError
from batterysim.spec.callback_url import URL_PATTERN
from tests.builders import spec_of

LONGEST_LABEL = "x" * 63


@pytest.mark.parametrize(
    "url",
    [
        "http://jobs.example.com/results?a=b..c#d..e",
        "https://jobs.example.com:8443",
        "http://job-manager.jobs.svc.cluster.local.:8083/results",
        "http://user:secret@jobs/",
        "http://10.0.0.1/",
        "http://[fd00::1]:8080/results",
        f"http://{LONGEST_LABEL}.example/",
        "http://bücher.example/",
    ],
)
def test_a_host(url: str) -> None:
    callback = spec_of(callback={"url": url}).callback

    assert callback is not None
    assert callback.url.scheme in ("http", "https")
    assert re.fullmatch(URL_PATTERN, url)


@pytest.mark.parametrize(
    "url",
    [
        "http://a..b/",
        "http://.a/",
        "http://a../",
        "http://../",
        f"http://{LONGEST_LABEL}x.example/",
        "http://",
        "ftp://jobs.example.com/",
    ],
)
def test_no_host(url: str) -> None:
    with pytest.raises(InvalidSpecError) as caught:
        spec_of(callback={"url": url})

    assert {problem.field for problem in caught.value.problems} == {"spec.callback.url"}
    assert not re.fullmatch(URL_PATTERN, url)


def test_the_host_is_named() -> None:
    with pytest.raises(InvalidSpecError) as caught:
        spec_of(callback={"url": "http://user:secret@jobs..example/"})

    assert str(caught.value) == (
        "spec.callback.url: the host 'jobs..example' is not valid: its parts, between single dots, have 1 to "
        "63 characters each, as in jobs.example.com"
    )
