"""Other people's words on a terminal are words: no failure's message and no end of a log commands it."""

import json
from io import StringIO

import pytest
from rich.table import Table

from batterysim_cli.display.console import console, for_terminal
from batterysim_cli.display.live_table import LiveTable
from batterysim_cli.display.printing import OutputFormat, as_text, document_of, table_of
from batterysim_client import Simulation
from batterysim_client.simulation import to_simulation
from tests.builders import NOW, simulation

CLEAR, TITLE, CLIPBOARD = "\x1b[2J", "\x1b]0;title\x07", "\x1b]52;c;cm0gLXJm\x07"
TRICKS = [CLEAR, TITLE, CLIPBOARD, "\x9b2J", "\r", "\x7f", "\u202egnp"]


def failed(message: str) -> Simulation:
    status = {"phase": "Failed", "protocol": message, "failure": {"reason": "Infeasible", "message": message}}
    return to_simulation(simulation(status=status))


def printed(*what: object) -> str:
    out = console()
    out.file = StringIO()
    for item in what:
        out.print(item, soft_wrap=True)
    text: str = out.file.getvalue()
    return text


@pytest.mark.parametrize("trick", TRICKS)
def test_a_message_is_shown_and_not_obeyed(trick: str) -> None:
    table = Table()
    table.add_column("heading")
    table.add_row(trick)

    for shown in (printed(f"reason: {trick}"), printed(table)):
        assert trick[0] not in shown
        assert repr(trick[0])[1:-1] in shown


@pytest.mark.parametrize("trick", TRICKS)
def test_tables_and_documents_have_none(trick: str) -> None:
    found = failed(trick)
    document = as_text(document_of([found], as_list=False), OutputFormat.JSON)

    assert trick[0] not in printed(table_of([found], NOW, namespaces=True))
    assert trick[0] not in document
    assert json.loads(document)["status"]["protocol"] == trick


@pytest.mark.parametrize("trick", TRICKS[:-1])
def test_yaml_has_none_that_commands(trick: str) -> None:
    assert trick[0] not in as_text(document_of([failed(trick)], as_list=False), OutputFormat.YAML)


@pytest.mark.parametrize("trick", TRICKS)
def test_who_watches_is_not_commanded_either(trick: str) -> None:
    out = console()
    out.file = StringIO()
    with LiveTable(out) as table:
        table.show(failed(trick))

    assert trick[0] not in out.file.getvalue()


def test_words_of_any_language_and_units_stay() -> None:
    text = "Zyklus 3: 25 °C, Ω, 电池, 🔋\tlast\nline [V]"

    assert for_terminal(text) == text
    assert printed(text) == text.replace("\t", "    ") + "\n"
