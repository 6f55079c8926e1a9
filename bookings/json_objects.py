"""Files of JSON: a list of objects, one object, or a line for each."""

import json
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from bookings.waldur.models import Offering, Unreadable, read_item

__all__ = ["UnreadableFile", "kind_of", "read_objects", "read_offering", "why_unread"]

_KINDS: Mapping[type, str] = {
    type(None): "null",
    bool: "true or false",
    int: "a number",
    float: "a number",
    Decimal: "a number",
    str: "a text",
    list: "a list",
    dict: "an object",
}
_OPEN = ("{", "[", ",", ":")
"""Ends of a first line whose object goes on in the next."""


class UnreadableFile(Exception):
    """A file is not what it should be; the text says where and why, in one line."""


def read_objects(
    text: str, parse_float: Callable[[str], Any] = float
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects in a JSON list or in JSON lines, each with its place ("line 3", "item 3").

    A single object is a list of one. `parse_float` makes the numbers with a point: Decimal keeps
    all of their digits. Raises UnreadableFile.
    """
    stripped = text.lstrip("\ufeff").strip()
    if not stripped:
        raise UnreadableFile("the file is empty")
    try:
        whole = _decoded(text.lstrip("\ufeff").rstrip(), parse_float)
    except json.JSONDecodeError as error:
        if stripped.startswith("[") or stripped.split("\n", 1)[0].rstrip().endswith(_OPEN):
            raise UnreadableFile(why_unread(error)) from None
        yield from _lines(text, parse_float)
        return
    items = whole if isinstance(whole, list) else [whole]
    for number, item in enumerate(items, start=1):
        yield f"item {number}", _object(f"item {number}", item)


# Other ends of lines, such as U+2028, may stand within the texts of JSON.
def _lines(text: str, parse_float: Callable[[str], Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for number, line in enumerate(text.lstrip("\ufeff").split("\n"), start=1):
        if not line.strip():
            continue
        place = f"line {number}"
        try:
            item = _decoded(line, parse_float)
        except json.JSONDecodeError as error:
            # The parser counts this line as its first.
            column = f"column {error.colno}"
            raise UnreadableFile(f"{place}: it is not JSON: {error.msg}: {column}") from None
        except UnreadableFile as error:
            raise UnreadableFile(f"{place}: {error}") from None
        yield place, _object(place, item)


def _decoded(text: str, parse_float: Callable[[str], Any]) -> Any:
    try:
        return json.loads(text, parse_float=parse_float, object_pairs_hook=_distinct)
    except RecursionError:
        raise UnreadableFile("it is nested too deeply") from None
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        raise UnreadableFile(why_unread(error)) from None


def why_unread(error: ValueError) -> str:
    """What json.loads found wrong, without words of Python."""
    if isinstance(error, json.JSONDecodeError):
        return f"it is not JSON: {error.msg}: line {error.lineno} column {error.colno}"
    return "a number in it has too many digits"


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object; of two values under one key, one would be lost."""
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise UnreadableFile(f"an object in it has {twice[:40]!r} twice")
    return found


def kind_of(value: Any) -> str:
    """What a value of JSON is called: null, a number, a text, a list, an object."""
    return _KINDS.get(type(value), "something else")


def _object(place: str, item: Any) -> Mapping[str, Any]:
    if not isinstance(item, Mapping):
        raise UnreadableFile(f"{place}: it is {kind_of(item)}, not an object")
    return item


def read_offering(place: str, item: Mapping[str, Any]) -> Offering:
    """An offering as the API gives it; `place` names it in the error. Raises UnreadableFile."""
    read = read_item(Offering, item)
    if isinstance(read, Unreadable):
        raise UnreadableFile(f"{place}: {read.reason}")
    return read
