"""Arguments and the command line whose words they are say the same in an event that is made."""

from __future__ import annotations

from converter.ir import Atom, OneOf, View
from converter.layout import CellPlace, FieldLayout, TableLayout
from harness.generate.twins import agreed, twins_of

LAYOUT = TableLayout(
    name="Processes",
    columns={"Line": "string"},
    fields=(
        FieldLayout("line", places=(CellPlace("Line"),)),
        FieldLayout("args", places=(CellPlace("Line"),), reading="words"),
    ),
)
TWINS = twins_of([LAYOUT], ("line", "args"))
LISTS = Atom("args", View.KEYWORD, OneOf(("-l",)))


def test_the_line_is_written_of_the_arguments() -> None:
    event = {"line": "other", "args": ["ls", "-l"]}
    assert agreed(event, LISTS, TWINS, ()) == {"line": "ls -l", "args": ["ls", "-l"]}


def test_a_line_that_is_a_term_gets_the_arguments_behind_it() -> None:
    event = {"line": "term-1", "args": ["-l"]}
    found = agreed(event, LISTS, TWINS, ("line",))
    assert found == {"line": "term-1 -l", "args": ["term-1", "-l"]}


def test_arguments_are_those_of_the_line_where_nothing_asks_for_others() -> None:
    assert agreed({"line": "ls -a"}, LISTS, TWINS, ()) == {"line": "ls -a", "args": ["ls", "-a"]}
    assert agreed({"line": "ls -l"}, LISTS, TWINS, ()) == {"line": "ls -l"}
