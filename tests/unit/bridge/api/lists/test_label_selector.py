import pytest

from batterysim_bridge.api.lists.label_selector import SelectorError, parse_selector

LABELS = {"campaign": "spring", "example.org/cell": "LGM50", "empty": ""}


@pytest.mark.parametrize(
    ("selector", "matches"),
    [
        ("", True),
        ("campaign=spring", True),
        ("campaign==spring", True),
        ("campaign = autumn", False),
        ("campaign!=autumn", True),
        ("missing!=x", True),
        ("campaign", True),
        ("!campaign", False),
        ("!missing", True),
        ("empty=", True),
        ("campaign in (autumn, spring)", True),
        ("campaign notin (autumn, spring)", False),
        ("missing notin (a)", True),
        ("example.org/cell in (LGM50),campaign=spring,!missing", True),
        ("example.org/cell in (LGM50),campaign=autumn", False),
    ],
)
def test_selectors_are_those_of_kubectl(selector, matches):
    assert all(fulfilled(LABELS) for fulfilled in parse_selector(selector)) is matches


@pytest.mark.parametrize(
    "selector", ["a=b=c", "a in b", "a in (b", "=b", ",", "a>1", "-a", "a=b,", "a in ((b))"]
)
def test_what_makes_no_sense_is_refused_with_the_part_that_does_not(selector):
    with pytest.raises(SelectorError, match="is not a label selector: write key=value"):
        parse_selector(selector)
