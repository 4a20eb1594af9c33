"""The check of words finds them where people read, and nowhere else."""

from pathlib import Path

import pytest
from prose.check import findings, is_checked, rules

ROOT = Path(__file__).parents[3]
RULES = rules((ROOT / "hack" / "prose" / "words.toml").read_text(encoding="utf-8"))


def found(name: str, source: str) -> list[str]:
    return [line.split(": write")[0] for line in findings(name, source, RULES)]


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("The client is told of every change.", "told of"),
        ("It is sent by HTTP.", "by HTTP"),
        ("An unknown name is refused.", "is refused"),
        ("What is wrong is an error.", "What is"),
        ("It is stored. Who asks gets it.", "Who"),
        ("The name is made up.", "made up"),
        ("The store is not well.", "not well"),
        ("The list is read\nanew.", "anew"),
    ],
)
def test_an_expression_is_found_with_its_place(sentence: str, words: str) -> None:
    assert found("page.md", f"# Title\n\n{sentence}\n") == [
        f"page.md:{3 + sentence[: sentence.index(words)].count(chr(10))}: {words!r}"
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "What is a good mesh? Twenty points.",
        "It says what is wrong.",
        'The option `beside` and the word "beside" are names.',
        "PyBaMM refuses to start.",
        "The connection was closed.",
    ],
)
def test_other_sentences_are_left_alone(sentence: str) -> None:
    assert found("page.md", sentence) == []


def test_strings_and_docstrings_are_read_and_names_are_not() -> None:
    source = '"""It is refused."""\nbeside = 1  # beside\nraise ValueError(f"{beside} is made up")\n'

    assert found("module.py", source) == ["module.py:1: 'is refused'", "module.py:3: 'made up'"]


def test_comments_of_the_chart_are_read() -> None:
    assert found("values.yaml", "a: 1\n# The pod\n# is made up.\nb: anew\n") == ["values.yaml:3: 'made up'"]


def test_templates_and_comments_of_the_page_are_read() -> None:
    source = "// Made anew.\nreturn html`<p>The store is not well.</p>`;\n"

    assert found("view.js", source) == ["view.js:1: 'anew'", "view.js:2: 'not well'"]


def test_words_of_others_and_tests_are_exempt() -> None:
    assert not is_checked("tests/unit/test_linear_time.py")
    assert not is_checked("bridge/batterysim_bridge/page/vendor/README.md")
    assert is_checked("docs/page.md")
