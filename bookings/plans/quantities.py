"""Quantities of a basket as people type them, as spreadsheets give them, and as files hold them.

A line names a component, by its type or its name, and how much of it is wanted; a unit may stand
between them. A line that cannot be read is told with its number and the reason, never dropped.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, NamedTuple

from babel.numbers import NumberFormatError, parse_decimal

from bookings.json_objects import UnreadableFile, kind_of, read_objects
from bookings.plans.basket import Wanted
from bookings.plans.prices import babel_locale, exact, lines_of, with_unit
from bookings.waldur.models import Offering, Plan

__all__ = [
    "Measure",
    "Pasted",
    "Unread",
    "measures_of",
    "read_basket",
    "read_pasted",
    "read_quantity",
]

MOST_QUANTITY = Decimal("1E+12")
"""A server keeps twelve digits before the point."""
MOST_LINES = 1000
MOST_SIGNS = 300
"""Of a line; what is longer is no line of a spreadsheet's."""
MOST_DIGITS = 60
"""Signs of a number."""
_NUMBER = re.compile(r"[.,]?\d[\d.,'\u2019\u00a0\u202f ]*(?:[eE][-+]?\d+)?")
_PLAIN = re.compile(r"\d+(?:\.\d+)?(?:[eE][-+]?\d{1,2})?")
_LEADING_ZERO = re.compile(r"0\d")
_GROUPING = str.maketrans("", "", " '\u2019\u00a0\u202f")
_AT_END = re.compile(r"(?:(?<=[\s,:=])|^)[-+]?\.?\d[\d.,'\u2019\u00a0\u202f]*(?:[eE][-+]?\d+)?$")
_THOUSANDS = re.compile(r"(?<=\s)\d{1,3}(?: \d{3})+(?=(?:[.,]\d+)?\s*$)")
"""A number at the end of a line whose thousands are parted by spaces."""
_AROUND = " \t,:="
"""What may stand between a component and its quantity."""
_QUANTITY_KEYS = ("quantity", "amount", "limit", "usage", "value")
_TYPE_KEYS = ("type", "component_type", "component", "name")
_UNIT_KEYS = ("measured_unit", "unit")
_BASKET_KEYS = ("quantities", "components", "basket", "limits")
_HEADING = frozenset({*_TYPE_KEYS, *_QUANTITY_KEYS, *_UNIT_KEYS})
"""What columns are called, by which a first line is known for a heading."""


class Measure(NamedTuple):
    """A component that a basket can hold, as some plan counts it."""

    type: str
    measured_unit: str
    name: str

    @property
    def label(self) -> str:
        """For people: "CPU (core-hours)"."""
        return with_unit(self.name, self.measured_unit)

    def wanted(self, quantity: Decimal) -> Wanted:
        """So much of it."""
        return Wanted(self.type, quantity, self.measured_unit, self.name)


class Unread(NamedTuple):
    """A line that says no quantity, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pasted:
    """What a pasted text asks for; of a component that is named twice the first line counts."""

    quantities: Mapping[Measure, Decimal]
    unread: tuple[Unread, ...]


def measures_of(plans: Iterable[tuple[Offering, Plan]]) -> list[Measure]:
    """What these plans charge by use or by limit, each once, by name."""
    found: dict[tuple[str, str], Measure] = {}
    for offering, plan in plans:
        for line in lines_of(plan, offering.components):
            if line.by_quantity:
                key = (line.type, line.measured_unit)
                found.setdefault(key, Measure(*key, line.name))
    return sorted(found.values(), key=lambda each: (each.name.casefold(), each[:2]))


# --- numbers --------------------------------------------------------------------------------


def read_quantity(text: str, locale: str = "en") -> Decimal:
    """A quantity as a language writes numbers, or plainly as 1234.5. Raises ValueError."""
    stripped = text.strip()
    if len(stripped) > MOST_DIGITS:
        raise ValueError("the number is too long")
    if stripped.startswith("-"):
        raise ValueError("a quantity cannot be below 0")
    stripped = stripped.removeprefix("+")
    # "gpu 1 000" ends in 000, which is not how a quantity is written.
    if not _NUMBER.fullmatch(stripped) or _LEADING_ZERO.match(stripped):
        raise ValueError(f"{text.strip()[:40]!r} is not a number")
    bare = stripped.translate(_GROUPING)
    quantity = _in_language(bare, locale)
    if quantity is None and _PLAIN.fullmatch(bare):
        quantity = Decimal(bare)
    if quantity is None or not quantity.is_finite():
        raise ValueError(f"{text.strip()[:40]!r} is not a number in this language")
    if quantity > MOST_QUANTITY:
        raise ValueError("the quantity is too large")
    return quantity


def _in_language(bare: str, locale: str) -> Decimal | None:
    try:
        return parse_decimal(bare, locale=babel_locale(locale), strict=True)
    except (NumberFormatError, InvalidOperation):
        return None


# --- pasted ---------------------------------------------------------------------------------


def read_pasted(text: str, known: Sequence[Measure], locale: str = "en") -> Pasted:
    """Lines of a spreadsheet: name or type, perhaps a unit, and a quantity.

    Columns are parted by tabs or semicolons; a line of one column ends with its quantity. A
    first line without a number, and without a component that is known, is a heading of others.
    """
    quantities: dict[Measure, Decimal] = {}
    named_in: dict[Measure, int] = {}
    unread: list[Unread] = []
    lines = [(i, line) for i, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(lines) > 1 and _is_heading(lines[0][1], known):
        del lines[0]
    for number, line in lines[:MOST_LINES]:
        try:
            measure, quantity = _reading(line, known, locale)
            if measure in quantities:
                raise ValueError(f"named before in line {named_in[measure]}")
        except ValueError as error:
            unread.append(Unread(number, line.strip()[:80], str(error)))
        else:
            quantities[measure], named_in[measure] = quantity, number
    if len(lines) > MOST_LINES:
        unread.append(
            Unread(lines[MOST_LINES][0], "…", f"only {MOST_LINES:,} lines are read at once")
        )
    return Pasted(quantities, tuple(unread))


def _is_heading(line: str, known: Sequence[Measure]) -> bool:
    """Whether a line has no number and begins with no component that is known."""
    if any(sign.isdigit() for sign in line):
        return False
    label = re.split("[\t;,:=]", line)[0].strip().casefold()
    names = {name.casefold() for each in known for name in (each.type, each.name, each.label)}
    return not any(label == name or label.startswith(f"{name} ") for name in names if name)


def _reading(line: str, known: Sequence[Measure], locale: str) -> tuple[Measure, Decimal]:
    """The component and the quantity of a line. Raises ValueError for none, or for two.

    "GPU 2 100" is 100 of "GPU 2", or 2100 of "GPU", whichever is known.
    """
    found: dict[Measure, Decimal] = {}
    failure: ValueError | None = None
    closed = _THOUSANDS.sub(lambda number: number[0].replace(" ", ""), line)
    for each in dict.fromkeys((line, closed)):
        try:
            label, unit, quantity = _parts(each, partial(read_quantity, locale=locale))
            found[_named(label, unit, known)] = quantity
        except ValueError as error:
            failure = failure or error
    if len(found) > 1:
        several = " or ".join(f"{exact(many)} of {each.label}" for each, many in found.items())
        raise ValueError(f"it can be {several}; part the columns by a tab")
    for measure, quantity in found.items():
        return measure, quantity
    raise failure or ValueError("it names no component")


def _parts(line: str, read: Callable[[str], Decimal]) -> tuple[str, str, Decimal]:
    """The component, its unit ("" for none) and the quantity of a line. Raises ValueError."""
    if len(line) > MOST_SIGNS:
        raise ValueError("the line is too long")
    cells = [cell.strip() for cell in re.split("[\t;]", line)]
    if len(cells) == 1:
        stripped = line.strip()
        end = _AT_END.search(stripped)
        if end is None:
            raise ValueError("it ends with no quantity")
        label, _, unit = stripped[: end.start()].strip(_AROUND).partition(",")
        quantity = read(end[0])
    else:
        label, unit, quantity = _in_cells(cells, read)
    if not label.strip():
        raise ValueError("it names no component")
    return label.strip(), unit.strip(), quantity


def _in_cells(cells: Sequence[str], read: Callable[[str], Decimal]) -> tuple[str, str, Decimal]:
    reason = "it has no quantity"
    for place in range(len(cells) - 1, 0, -1):
        try:
            quantity = read(cells[place])
        except ValueError as error:
            reason = str(error) if cells[place] else reason
            continue
        unit = next((cell for i, cell in enumerate(cells[1:], 1) if cell and i != place), "")
        return cells[0], unit, quantity
    raise ValueError(reason)


def _named(label: str, unit: str, known: Sequence[Measure]) -> Measure:
    """The component that a line means. Raises ValueError for none, or for several."""
    wanted, in_unit = label.casefold(), unit.casefold()
    found = [each for each in known if wanted in (each.type.casefold(), each.label.casefold())]
    found = found or [each for each in known if wanted == each.name.casefold()]
    if not found:
        raise ValueError("no plan in view charges such a component by use or by limit")
    if unit:
        found = [each for each in found if each.measured_unit.casefold() == in_unit]
        if not found:
            raise ValueError(f"no plan in view counts it in {unit[:40]}")
    if len(found) > 1:
        several = ", ".join(each.label if unit else f"{each.label}, {each.type}" for each in found)
        raise ValueError(f"it can be any of {several}; name the type and the unit")
    return found[0]


# --- files ----------------------------------------------------------------------------------


def read_basket(text: str) -> list[Wanted]:
    """The basket of a file: JSON, or lines of a component type and a quantity.

    JSON is an object of quantities by type, perhaps under "quantities", or a list (or lines) of
    objects with "type" and "quantity". Numbers are plain, 1234.5: a file has no language. Raises
    UnreadableFile, for what is asked for twice and for what is not understood too.
    """
    stripped = text.lstrip("\ufeff").strip()
    if not stripped:
        raise UnreadableFile("the file is empty")
    if stripped[0] in "[{":
        found = [
            each for place, item in read_objects(stripped, Decimal) for each in _wants(place, item)
        ]
    else:
        found = list(_lines(stripped))
    if not found:
        raise UnreadableFile("it asks for nothing")
    asked: set[tuple[str, str | None]] = set()
    for each in found:
        if (each.type, each.measured_unit) in asked:
            raise UnreadableFile(f"it names {each.type[:40]!r} twice")
        asked.add((each.type, each.measured_unit))
    return found


def _wants(place: str, item: Mapping[str, Any]) -> list[Wanted]:
    around = next((key for key in _BASKET_KEYS if key in item), None)
    if around is not None:
        _only(place, item, {around})
        return _inner(place, item[around])
    key = next((key for key in _TYPE_KEYS if isinstance(item.get(key), str)), None)
    if key is None:
        return _inner(place, item)
    counted = next((each for each in _QUANTITY_KEYS if each in item), "quantity")
    _only(place, item, {key, "name", counted, "measured_unit"})
    unit = item.get("measured_unit")
    if unit is not None and not isinstance(unit, str):
        raise UnreadableFile(f"{place}: measured_unit is {kind_of(unit)}, not a text")
    return [Wanted(item[key], _exact(place, item.get(counted)), unit)]


def _only(place: str, item: Mapping[str, Any], keys: set[str]) -> None:
    """Refuses what would be left out of account."""
    unknown = next((key for key in item if key not in keys), None)
    if unknown is not None:
        raise UnreadableFile(f"{place}: {unknown[:40]!r} is not understood here")


def _inner(place: str, inner: Any) -> list[Wanted]:
    if isinstance(inner, Mapping):
        return [Wanted(str(key), _exact(f"{place}, {key}", inner[key])) for key in inner]
    if isinstance(inner, list) and all(isinstance(each, Mapping) for each in inner):
        return [each for one in inner for each in _wants(place, one)]
    raise UnreadableFile(f"{place}: it holds no quantities")


def _exact(place: str, value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (int, float, str, Decimal)):
        raise UnreadableFile(f"{place}: the quantity is {kind_of(value)}, not a number")
    try:
        return _plain(str(value))
    except ValueError as error:
        raise UnreadableFile(f"{place}: {error}") from None


def _plain(text: str) -> Decimal:
    """A quantity of a file. Raises ValueError, for a comma too: it may be either sign."""
    if "," in text:
        raise ValueError(f"{text.strip()[:40]!r} has a comma: write 1000 or 1.5")
    return read_quantity(text)


def _lines(text: str) -> Iterable[Wanted]:
    lines = [
        (i, line)
        for i, line in enumerate(text.splitlines(), start=1)
        if line.strip() and not line.lstrip().startswith("#")
    ]
    if lines and _names_columns(lines[0][1]):
        del lines[0]
    for number, line in lines:
        try:
            label, unit, quantity = _parts(line, _plain)
        except ValueError as error:
            raise UnreadableFile(f"line {number}: {error}") from None
        yield Wanted(label, quantity, unit or None)


def _names_columns(line: str) -> bool:
    """Whether a line holds nothing but what columns are called: "Type, unit, quantity"."""
    cells = re.split("[\t;,]", line)
    cells = line.split() if len(cells) == 1 else [cell.strip() for cell in cells if cell.strip()]
    return all(cell.casefold().replace(" ", "_") in _HEADING for cell in cells)
