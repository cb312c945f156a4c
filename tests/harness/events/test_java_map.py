from __future__ import annotations

import json

import pytest

from harness.events.java_map import json_of, says_the_same, text_of


@pytest.mark.parametrize(
    ("node", "text"),
    [
        ({"userName": "Bob", "n": 1, "on": True}, "{userName=Bob, n=1, on=true}"),
        ({"a": {"b": ["x", "y"]}, "c": [{"d": "e"}]}, "{a={b=[x, y]}, c=[{d=e}]}"),
        ({"created": "Jan 8, 2020 8:43:06 PM"}, "{created=Jan 8, 2020 8:43:06 PM}"),
        ({"policy": '{"Effect":"Allow"}'}, '{policy={"Effect":"Allow"}}'),
        ({"arn": "a:b", "q": ":x,"}, "{arn=a:b, q=:x,}"),
        ({"path": "a\\b"}, "{path=a\\b}"),
        ({}, "{}"),
        ("no map", "no map"),
    ],
)
def test_json_prints_as_a_map_does(node: object, text: str) -> None:
    assert text_of(json.dumps(node)) == text
    again = json_of(text)
    assert again is not None
    assert text_of(again) == text


def test_a_text_is_made_an_object_where_it_prints_as_one() -> None:
    made = json_of("{a={b=[x, true]}, at=Jan 8, 2020, n=7}")
    assert made is not None
    assert json.loads(made) == {"a": {"b": ["x", True]}, "at": "Jan 8, 2020", "n": 7}


def test_a_text_that_no_json_prints_as_has_none() -> None:
    assert json_of("one\tand another") is None


def test_order_and_empty_values_say_nothing() -> None:
    assert says_the_same("{a=1, b=x}", "{b=x, key=, a=1}")
    assert not says_the_same("{a=1, b=x}", "{b=y, a=1}")
