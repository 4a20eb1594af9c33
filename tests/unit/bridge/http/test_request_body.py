"""Nothing gets in that two readers could read differently."""

import contextlib
import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from batterysim_bridge.http.problem import ProblemError
from batterysim_bridge.http.request_body import MAX_DEPTH, Body, parse_document, parse_json, parse_yaml

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc"), inner, max_size=4),
    max_leaves=15,
)


@given(json_values)
def test_json_is_read_as_it_is_written(value):
    assert parse_json(json.dumps(value)) == value


@given(json_values)
def test_yaml_is_read_as_the_same(value):
    assert parse_yaml(yaml.safe_dump(value)) == value


@pytest.mark.parametrize("media_type", ["application/json", "application/yaml"])
def test_a_byte_order_mark_is_no_content(media_type):
    """Windows' editors and PowerShell write one, and Kubernetes' YAML reader takes it."""
    assert parse_document(Body(b'\xef\xbb\xbf{"a": 1}', media_type)) == {"a": 1}


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_nothing_else(text):
    for parse in (parse_json, parse_yaml):
        with contextlib.suppress(ProblemError):
            parse(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not JSON"),
        ("{", "not JSON: Expecting property name enclosed in double quotes in line 1, column 2"),
        ('{"a": 1, "a": 2}', "the key 'a' occurs twice"),
        ('{"b": [{"a": 1, "c": 0, "a": 1}]}', "the key 'a' occurs twice"),
        ('{"a": NaN}', "a: must be a finite number, not nan"),
        ('{"a": [1, -Infinity]}', "a[1]: must be a finite number, not -inf"),
        ('{"a": 1e999}', "a: must be a finite number, not inf"),
        ('{"a": 9223372036854775808}', "a: must be a number that fits into 64 bits"),
        ('{"a": 1' + "0" * 5000 + "}", "too many digits"),
        (r'{"a": "\ud800"}', "a: has half a character"),
        (r'{"\udfff": 1}', "body: has half a character"),
        ("[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), f"more than {MAX_DEPTH} levels deep"),
        ("[" * 100_000, f"more than {MAX_DEPTH} levels deep"),
    ],
)
def test_json_that_is_refused(text, said):
    with pytest.raises(ProblemError) as refused:
        parse_json(text)

    assert said in refused.value.detail
    assert refused.value.kind.status == 400


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "not YAML"),
        ("a: 1\nb: 2\na: 3", "the key 'a' occurs twice: remove one in line 3, column 1"),
        ("a: &x [1]\nb: [*x, *x]", "has an alias in line 2"),
        ("a: .nan", "a: must be a finite number"),
        ("a: -.inf", "a: must be a finite number"),
        ("1: a", "has the key 1, which is not text"),
        ("a: !!binary aGk=", "a: is a bytes, which JSON does not have"),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
        ("a: 1\n---\nb: 2", "found another document"),
        ("a: \0", "not YAML"),
        ("[" * (MAX_DEPTH + 2), f"more than {MAX_DEPTH} levels deep"),
        ("[" * 100_000, f"more than {MAX_DEPTH} levels deep"),
        ("? {a: 1}\n: b", "not YAML"),
    ],
)
def test_yaml_that_is_refused(text, said):
    with pytest.raises(ProblemError) as refused:
        parse_yaml(text)

    assert said in refused.value.detail


def test_a_date_in_yaml_is_the_text_that_it_is():
    assert parse_yaml("name: 2026-11-24") == {"name": "2026-11-24"}


def test_a_number_in_yaml_needs_no_dot():
    assert parse_yaml("radius: 5e-6") == {"radius": 5e-6}
