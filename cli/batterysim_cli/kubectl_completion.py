"""`kubectl_complete-batterysim`, which kubectl asks for what can follow `kubectl batterysim …`.

The words come as arguments, the last one being the one that is typed. The answers are lines; the last one
has a colon and a number, which says what else the shell may offer:
https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/
"""

import contextlib
import io
import os
import shlex
import sys

from batterysim_cli.__main__ import app

DEFAULT, NO_FILES = 0, 4
"""Cobra's directives: complete with file names if there is nothing else, or do not."""
WITH_FILES = ("submit", "run", "validate")


def main() -> None:
    """Print the completions."""
    words = sys.argv[1:]
    # As Typer's own script for bash asks.
    os.environ["_BATTERYSIM_COMPLETE"] = "complete_bash"
    os.environ["COMP_WORDS"] = shlex.join(["batterysim", *words])
    os.environ["COMP_CWORD"] = str(len(words))
    answers = io.StringIO()
    with contextlib.redirect_stdout(answers), contextlib.suppress(SystemExit):
        app(prog_name="batterysim")
    for answer in filter(None, answers.getvalue().splitlines()):
        print(answer)
    print(f":{DEFAULT if words[:1] and words[0] in WITH_FILES else NO_FILES}")
