"""Files of JSON: a list of objects, one object, or a line for each."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from bookings.waldur.models import Offering, Unreadable, read_item

__all__ = ["UnreadableFile", "read_objects", "read_offering"]


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
        whole = json.loads(stripped, parse_float=parse_float)
    except RecursionError:
        raise UnreadableFile("it is nested too deeply") from None
    except ValueError as error:
        if stripped.startswith("["):
            raise UnreadableFile(f"it is not JSON: {error}") from None
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
            item = json.loads(line, parse_float=parse_float)
        except RecursionError:
            raise UnreadableFile(f"{place}: it is nested too deeply") from None
        except ValueError as error:
            raise UnreadableFile(f"{place}: it is not JSON: {error}") from None
        yield place, _object(place, item)


def _object(place: str, item: Any) -> Mapping[str, Any]:
    if not isinstance(item, Mapping):
        raise UnreadableFile(f"{place}: it is {type(item).__name__}, not an object")
    return item


def read_offering(place: str, item: Mapping[str, Any]) -> Offering:
    """An offering as the API gives it; `place` names it in the error. Raises UnreadableFile."""
    read = read_item(Offering, item)
    if isinstance(read, Unreadable):
        raise UnreadableFile(f"{place}: {read.reason}")
    return read
