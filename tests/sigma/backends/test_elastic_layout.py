from __future__ import annotations

from sigma.sigmaproof.elastic.layout import (
    WIDTH,
    Choice,
    Line,
    Negation,
    Node,
    Some,
    Style,
    every,
    laid_out,
    negation,
    some,
)

STYLE = Style("and", "or", "not")
A, B, C = Line("a"), Line("b"), Line("c")


def choice(width: int) -> Choice:
    """Return a list of two values that is so wide on one line."""
    first = "x" * ((width - len("f: ( or )")) // 2)
    second = "y" * (width - len(f"f: ({first} or )"))
    return Choice("f: (", (first, f"or {second}"), ")")


def test_list_that_fills_the_width_stays_on_its_line() -> None:
    lines = laid_out(choice(WIDTH), STYLE)
    assert [len(line) for line in lines] == [WIDTH]


def test_list_one_character_wider_is_wrapped() -> None:
    assert len(laid_out(choice(WIDTH + 1), STYLE)) == 3


def test_list_is_wrapped_where_its_connective_leaves_too_little_room() -> None:
    room = WIDTH - len("and not ")
    assert len(laid_out(every([A, negation(choice(room))]), STYLE)) == 2
    assert len(laid_out(every([A, negation(choice(room + 1))]), STYLE)) == 4


def test_no_line_of_a_nested_list_is_wider_than_the_width() -> None:
    wide = Choice("f: (", tuple(f"or {'v' * 30}" for _ in range(20)), ")")
    node: Node = every([A, some([B, every([C, some([A, negation(wide)])])])])
    assert max(len(line) for line in laid_out(node, STYLE)) <= WIDTH


def test_value_wider_than_the_width_stands_on_its_own_line() -> None:
    wide = Choice("f: (", ("a", "or " + "b" * WIDTH, "or c"), ")")
    assert laid_out(wide, STYLE) == ["f: (", "  a", "  or " + "b" * WIDTH, "  or c", ")"]


def test_nested_connectives_of_one_kind_are_one() -> None:
    assert laid_out(every([every([A, B]), C]), STYLE) == ["a", "and b", "and c"]
    assert some([some([A, B]), C]) == Some((A, B, C))


def test_negation_of_a_choice_is_one_condition_a_line() -> None:
    assert laid_out(negation(some([A, negation(B)])), STYLE) == ["not a", "and b"]


def test_negation_of_a_negation_is_its_operand() -> None:
    assert negation(Negation(A)) == A
