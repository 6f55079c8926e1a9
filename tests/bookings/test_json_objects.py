"""Files of JSON objects, in each form that is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.json_objects import UnreadableFile, read_objects

# A busy machine may take long over one example.

values = st.none() | st.booleans() | st.integers() | st.text(max_size=10)
objects = st.lists(st.dictionaries(st.text(max_size=5), values, max_size=3), min_size=1, max_size=5)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("{}", [("item 1", {})]),
        ('{"a": 1}', [("item 1", {"a": 1})]),
        ('{\n "a":\n 1}\n', [("item 1", {"a": 1})]),
        ("[]", []),
        ('[{"a": 1}, {}]', [("item 1", {"a": 1}), ("item 2", {})]),
        ('{"a": 1}\n{"b": 2}', [("line 1", {"a": 1}), ("line 2", {"b": 2})]),
        ('\ufeff{"a": 1}\r\n\r\n \n{"b": 2}\r\n', [("line 1", {"a": 1}), ("line 4", {"b": 2})]),
        ('\n\n{"a": 1}\n{"b": 2}', [("line 3", {"a": 1}), ("line 4", {"b": 2})]),
    ],
)
def test_objects_come_with_their_places(text: str, found: list[tuple[str, Any]]) -> None:
    """Items of a list, or lines as an editor numbers them."""
    assert list(read_objects(text)) == found


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "^the file is empty$"),
        ("\ufeff \n", "^the file is empty$"),
        ("nonsense", "^line 1: it is not JSON: [^:]*: column 1$"),
        ("[{}", "^it is not JSON: "),
        ("[{}]]", "^it is not JSON: "),
        ("{}\n{}\n[", "^line 3: it is not JSON: [^:]*: column 2$"),
        ('{\n "a": 1,\n "b" 2\n}', "^it is not JSON: .*: line 3 column"),
        ('{"a": 1,\n "b": 2', "^it is not JSON: .*: line 2 column"),
        ('{"a": 1}\n{"a" 1}', "^line 2: it is not JSON: "),
        ('{"a": {"b": 1, "b": 1}}', "^an object in it has 'b' twice$"),
        ('{}\n{"a": 1, "a": 2}', "^line 2: an object in it has 'a' twice$"),
        ('{"a": ' + "1" * 5000 + "}", "^a number in it has too many digits$"),
        ("{}\n5", "^line 2: it is a number, not an object$"),
        ("{}\n[{}]", "^line 2: it is a list, not an object$"),
        ("5", "^item 1: it is a number, not an object$"),
        ("null", "^item 1: it is null, not an object$"),
        ('[{}, "x"]', "^item 2: it is a text, not an object$"),
        ("[" * 100_000, "^it is nested too deeply$"),
        ("{}\n" + "[" * 100_000, "^line 2: it is nested too deeply$"),
    ],
)
def test_what_is_no_object_is_told_in_one_line(text: str, words: str) -> None:
    """With its place and the reason."""
    with pytest.raises(UnreadableFile, match=words) as raised:
        list(read_objects(text))
    assert "\n" not in str(raised.value)


def test_objects_before_a_bad_line_are_read() -> None:
    """A file is read as it is asked for, and the place of what is wrong stays known."""
    reading = read_objects('{"a": 1}\noops\n')

    assert next(reading) == ("line 1", {"a": 1})
    with pytest.raises(UnreadableFile, match="line 2"):
        next(reading)


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\u0085"])
def test_only_ends_of_lines_part_lines(sign: str) -> None:
    """Signs that JSON allows within a text are no ends of lines, whatever else they are."""
    wanted = [{"a": f"one{sign}two"}, {"a": "three"}]
    text = "\n".join(json.dumps(each, ensure_ascii=False) for each in wanted)

    assert [each for _, each in read_objects(text)] == wanted


@given(objects, st.booleans(), st.sampled_from([None, 2]))
def test_a_list_comes_back_as_it_was(
    wanted: list[dict[str, Any]], ascii_only: bool, indent: int | None
) -> None:
    """However it is written."""
    text = json.dumps(wanted, ensure_ascii=ascii_only, indent=indent)

    assert [each for _, each in read_objects(text)] == wanted


@given(objects)
def test_lines_say_what_a_list_says(wanted: list[dict[str, Any]]) -> None:
    """The same objects, one a line."""
    text = "\n".join(map(json.dumps, wanted))

    assert [each for _, each in read_objects(text)] == wanted
