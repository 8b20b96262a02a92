"""`fast_json` is `json`, to the letter: values, texts and errors."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model import fast_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(VALUES)
def test_values_are_written_and_read_as_json_does(value: object) -> None:
    assert fast_json.dumps(value) == json.dumps(value)
    assert fast_json.loads(json.dumps(value)) == value
    assert fast_json.loads(f" \t\n{json.dumps(value, ensure_ascii=False, indent=1)}\r\n") == value


def outcome(text: str, loads: object) -> object:
    try:
        return repr(loads(text))  # type: ignore[operator]
    except (ValueError, RecursionError) as error:
        return type(error).__name__, str(error)


@given(st.text('[]{}",:0123e.-truefalsn \\u\n\x00', max_size=20))
def test_any_text_gives_the_value_or_the_error_of_json(text: str) -> None:
    assert outcome(text, fast_json.loads) == outcome(text, json.loads)


@pytest.mark.parametrize(
    "text", ["", "{", "[1]x", "NaN", '"\\ud800"', "[" * 100_000, "1e999", "\ufeff{}"]
)
def test_odd_texts_too(text: str) -> None:
    assert outcome(text, fast_json.loads) == outcome(text, json.loads)


def test_what_is_no_json_value_is_a_type_error() -> None:
    with pytest.raises(TypeError):
        fast_json.dumps({1, 2})
