"""Report expressions that docs/style.md replaces.

    PYTHONPATH=hack python -m prose.check [FILE ...]   # default: every file of the repository

Exits with 1 if there are any. The rules are in words.toml.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

EXEMPT = ("tests/", "uv.lock", "LICENSE", "data/batterysim_data/parameter_sets/")
"""Tests and the words of others. Anything with `vendor` in its path is exempt, too."""


def in_markdown(source: str) -> Iterator[tuple[int, str]]:
    """Yield the text without code and quotations, which are blanked to keep the lines."""
    hidden = re.compile(r"```.*?```|`[^`\n]*`|<!--.*?-->|\"[^\"\n]*\"|(?<=\]\()[^)]*", re.DOTALL)
    yield 1, hidden.sub(lambda found: re.sub(r"\S", "x", found[0]), source)


def in_python(source: str) -> Iterator[tuple[int, str]]:
    """Yield the strings and docstrings of a module; `code` in them is blanked."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, re.sub(r"`[^`]*`", lambda found: "x" * len(found[0]), node.value)


def in_comments(source: str) -> Iterator[tuple[int, str]]:
    """Yield the comments of a YAML file, each block as one text."""
    for block in re.finditer(r"(?:^[ \t]*#.*\n)+", source, re.MULTILINE):
        yield (
            source.count("\n", 0, block.start()) + 1,
            re.sub(r"^[ \t]*# ?", "", block[0], flags=re.MULTILINE),
        )


def in_script(source: str) -> Iterator[tuple[int, str]]:
    """Yield a script of the page as it is. Templates and comments are prose, and code matches no rule."""
    yield 1, source


READERS: dict[str, Callable[[str], Iterator[tuple[int, str]]]] = {
    ".md": in_markdown,
    ".txt": in_markdown,
    ".py": in_python,
    ".yaml": in_comments,
    ".js": in_script,
}


def rules(text: str) -> list[tuple[re.Pattern[str], str]]:
    """Return the rules of words.toml: what is replaced, and by what."""
    return [
        (re.compile(rule["pattern"], re.IGNORECASE), rule["instead"]) for rule in tomllib.loads(text)["rule"]
    ]


def findings(name: str, source: str, known: list[tuple[re.Pattern[str], str]]) -> Iterator[str]:
    """Yield a line for each expression that the rules replace."""
    for start, text in READERS[Path(name).suffix](source):
        for pattern, instead in known:
            for found in pattern.finditer(text):
                line = start + text.count("\n", 0, found.start())
                words = " ".join(found[0].split())
                yield f"{name}:{line}: '{words}': write {instead} (docs/style.md)"


def checked_files() -> list[str]:
    """Return the files of the repository that have prose in them."""
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, check=True).stdout.split()
    return [name for name in listed if is_checked(name)]


def is_checked(name: str) -> bool:
    """Tell whether a file has prose of ours."""
    return Path(name).suffix in READERS and not name.startswith(EXEMPT) and "/vendor/" not in name


def main(names: list[str]) -> int:
    """Print the findings, and return the exit code."""
    known = rules(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    found = [
        line
        for name in names or checked_files()
        for line in findings(name, Path(name).read_text(encoding="utf-8"), known)
    ]
    print("\n".join(found) if found else "prose: no findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main([name for name in sys.argv[1:] if is_checked(name)]))
