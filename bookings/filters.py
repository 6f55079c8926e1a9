"""Filters as data: what a table can be narrowed by, its words, its rule, and its place in a link.

Widgets, links and the sentence "where …" are all made from the same tuples of `Filter`. Whatever a
person types or a link holds is a value here, never a pattern: nothing of it is interpreted, and
what does not fit a filter is left out.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from bookings.frames import SEARCH, fold, natural
from bookings.slurm.limits import LIMITS, UNLIMITED, Limit, Unit, inside_a_sentence
from bookings.slurm.limits import NOT_RECORDED as LIMIT_NOT_RECORDED

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "LIMIT_FILTERS",
    "NOT_RECORDED",
    "OFFERING_FILTERS",
    "PARTITION_FILTERS",
    "PLAN_FILTERS",
    "Criteria",
    "Filter",
    "Kind",
    "apply",
    "choices_filter",
    "describe",
    "from_query",
    "options",
    "period_filter",
    "recorded_as",
    "sentence",
    "spell_choice",
    "text_filter",
    "to_query",
    "unknown",
]

MOST_TEXT = 200
"""Signs of a search."""
MOST_CHOICES = 100
MOST_CHOICE_TEXT = 500
"""Signs of one choice. The server's longest name has 255."""
MOST_SPELLED = 6
"""Choices that a sentence names; it counts the others."""
NOT_RECORDED = ""
"""The choice that stands for rows in which nothing is recorded."""
RANGE_SIGN = ".."
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)
"""The days that can be asked for; a link that names others is not followed."""
ZERO = "0"
NO_LIMIT = "unlimited"
A_NUMBER = "a number"
NOT_READABLE = "not readable"

Range: TypeAlias = tuple[float | None, float | None]
Period: TypeAlias = tuple[date | None, date | None]
Value: TypeAlias = str | bool | tuple[str, ...] | Range | Period
Mask: TypeAlias = "pd.Series[bool]"


class Kind(StrEnum):
    """What a person gives a filter, and the type of its value."""

    TEXT = "text"
    """Words, all of which must occur: str."""
    CHOICES = "choices"
    """One or more of the values that occur: tuple[str, ...]."""
    FLAG = "flag"
    """Yes or no: bool. Without a value both fit."""
    RANGE = "range"
    """From and to, both included: tuple[float | None, float | None]."""
    PERIOD = "period"
    """First and last day, both included: tuple[date | None, date | None]."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One way to narrow a table. `key` is its name in links."""

    key: str
    label: str
    kind: Kind
    columns: tuple[str, ...]
    match: Callable[[pd.DataFrame, Any], Mask]
    """Rows that fit a value. A row in which the answer is not known does not fit."""
    say: Callable[[Any], str]
    """The value as a part of a sentence."""
    group: str = "light"
    """The field group it needs."""
    loaded: str = ""
    """The column that is <NA> where this group is not loaded; "" where every row has it."""
    help: str = ""
    about: str = ""
    """What it and its neighbours are about, where there are too many to stand in sight."""
    choices: tuple[str, ...] = ()
    """What can be chosen, where that does not depend on the rows."""


class Criteria(Mapping[str, Value]):
    """Filter key -> value: immutable, hashable, and free of values that narrow nothing.

    Texts are stripped, choices are sorted and without doubles, and a range is in order, so that
    two criteria that mean the same are equal.
    """

    __slots__ = ("_items",)

    def __init__(self, values: Mapping[str, Any] | Iterable[tuple[str, Any]] = ()) -> None:
        normal = ((key, _normal(value)) for key, value in dict(values).items())
        self._items: dict[str, Value] = {k: v for k, v in sorted(normal) if v is not None}

    def __getitem__(self, key: str) -> Value:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __hash__(self) -> int:
        return hash(tuple(self._items.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Criteria) and self._items == other._items

    def __repr__(self) -> str:
        return f"Criteria({self._items!r})"

    def having(self, key: str, value: Any) -> "Criteria":
        """These criteria with another value; None takes the filter away."""
        return Criteria({**self._items, key: value})


# --- using them -----------------------------------------------------------------------------


def apply(filters: Sequence[Filter], criteria: Criteria, frame: pd.DataFrame) -> pd.DataFrame:
    """The rows that fit every criterion, with the same columns and a new index."""
    mask = _everywhere(frame, True)
    for filter_, value in _in_force(filters, criteria):
        mask &= filter_.match(frame, value)
    return frame[mask].reset_index(drop=True)


def unknown(filters: Sequence[Filter], criteria: Criteria, frame: pd.DataFrame) -> int:
    """Rows that might fit too: they fit what is known of them, and not all of it has come yet."""
    fits = _everywhere(frame, True)
    undecided = _everywhere(frame, False)
    for filter_, value in _in_force(filters, criteria):
        waiting = frame[filter_.loaded].isna() if filter_.loaded else _everywhere(frame, False)
        fits &= waiting | filter_.match(frame, value)
        undecided |= waiting
    return int((fits & undecided).sum())


def options(filters: Sequence[Filter], frame: pd.DataFrame) -> dict[str, list[tuple[str, int]]]:
    """For each filter of choices, the values that occur and in how many rows, in natural order.

    NOT_RECORDED comes last, where it occurs. Rows that are not loaded yet are not counted.
    """
    return {
        filter_.key: _counts(frame, filter_.columns)
        for filter_ in filters
        if filter_.kind is Kind.CHOICES and not filter_.choices
    }


def describe(filters: Sequence[Filter], criteria: Criteria) -> str:
    """The criteria as the end of a sentence: `where state is "Active"`; "" without any."""
    parts = [filter_.say(value) for filter_, value in _in_force(filters, criteria)]
    return f"where {' and '.join(parts)}" if parts else ""


def sentence(shown: int, of: int, noun: str = "offerings") -> str:
    """ "12 of 300 offerings", "300 offerings" when it is all of them, "no offerings"."""
    if of == 0:
        return f"no {noun}"
    one = noun.removesuffix("s") if of == 1 else noun
    return f"{of:,} {one}" if shown == of else f"{shown:,} of {of:,} {one}"


def spell_choice(value: str) -> str:
    """A choice for people."""
    return value if value.strip() else "(not recorded)"


# --- links ----------------------------------------------------------------------------------


def to_query(filters: Sequence[Filter], criteria: Criteria) -> list[tuple[str, str]]:
    """The criteria as parameters of an address, in the order of the filters.

    Choices repeat their key; a range is `0.5..10`, a period `2026-11-01..`, and a
    flag is yes or no.
    """
    pairs: list[tuple[str, str]] = []
    for filter_, value in _in_force(filters, criteria):
        if isinstance(value, str):
            pairs.append((filter_.key, value))
        elif isinstance(value, bool):
            pairs.append((filter_.key, "yes" if value else "no"))
        elif filter_.kind in {Kind.RANGE, Kind.PERIOD}:
            ends = RANGE_SIGN.join("" if end is None else _end(end) for end in value)
            pairs.append((filter_.key, ends))
        else:
            pairs.extend((filter_.key, str(choice)) for choice in value)
    return pairs


def from_query(filters: Sequence[Filter], pairs: Iterable[tuple[str, str]]) -> Criteria:
    """The criteria in the parameters of an address. What no filter understands is left out."""
    given: dict[str, list[str]] = {}
    for key, text in pairs:
        given.setdefault(key, []).append(text)
    values = {
        filter_.key: _READ[filter_.kind](given[filter_.key])
        for filter_ in filters
        if filter_.key in given
    }
    kept = {filter_.key: _fitting(filter_.kind, values.get(filter_.key)) for filter_ in filters}
    return Criteria(kept)


def _read_flag(texts: Sequence[str]) -> bool | None:
    return {"yes": True, "no": False}.get(texts[-1].strip().lower())


def _read_range(texts: Sequence[str]) -> Range | None:
    low, sign, high = texts[-1][:MOST_TEXT].partition(RANGE_SIGN)
    if not sign:
        return None
    try:
        return float(low) if low.strip() else None, float(high) if high.strip() else None
    except ValueError:
        return None


def _read_period(texts: Sequence[str]) -> Period | None:
    first, sign, last = texts[-1][:MOST_TEXT].partition(RANGE_SIGN)
    if not sign:
        return None
    try:
        return (
            date.fromisoformat(first.strip()) if first.strip() else None,
            date.fromisoformat(last.strip()) if last.strip() else None,
        )
    except ValueError:
        return None


_READ: Mapping[Kind, Callable[[Sequence[str]], Any]] = {
    Kind.TEXT: lambda texts: texts[-1],
    Kind.CHOICES: tuple,
    Kind.FLAG: _read_flag,
    Kind.RANGE: _read_range,
    Kind.PERIOD: _read_period,
}


# --- values ---------------------------------------------------------------------------------


def _normal(value: Any) -> Value | None:
    """A value in its one form; None for one that narrows nothing."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return " ".join(_without_halves(value)[:MOST_TEXT].split()) or None
    if not isinstance(value, list | tuple | set | frozenset) or not value:
        return None
    if all(isinstance(each, str) for each in value):
        choices = {_without_halves(each) for each in value if len(each) <= MOST_CHOICE_TEXT}
        return tuple(sorted(choices)[:MOST_CHOICES]) or None
    if len(value) != 2 or isinstance(value, set | frozenset):
        return None
    if any(isinstance(each, date) for each in value):
        return _period(*value)
    low, high = (_finite(each) for each in value)
    if low is not None and high is not None and high < low:
        low, high = high, low
    return None if low is None and high is None else (low, high)


def _period(first: Any, last: Any) -> Period | None:
    first, last = _day(first), _day(last)
    if first is not None and last is not None and last < first:
        first, last = last, first
    return None if first is None and last is None else (first, last)


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        value = value.date()
    return value if isinstance(value, date) and FIRST_DAY <= value <= LAST_DAY else None


def _fitting(kind: Kind, value: Any) -> Any:
    """The value where it is of the filter's kind, else None."""
    of_days = isinstance(value, tuple) and any(isinstance(v, date) for v in value)
    fits = {
        Kind.TEXT: isinstance(value, str),
        Kind.FLAG: isinstance(value, bool),
        Kind.CHOICES: isinstance(value, tuple) and all(isinstance(v, str) for v in value),
        Kind.RANGE: isinstance(value, tuple)
        and not of_days
        and not any(isinstance(v, str) for v in value),
        Kind.PERIOD: of_days,
    }
    return value if fits[kind] else None


def _in_force(filters: Sequence[Filter], criteria: Criteria) -> Iterator[tuple[Filter, Any]]:
    """The filters that have a value of their kind, with it."""
    for filter_ in filters:
        value = _fitting(filter_.kind, criteria.get(filter_.key))
        if value is not None:
            yield filter_, value


def _finite(number: Any) -> float | None:
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    try:
        value = float(number)
    except OverflowError:
        return None
    return value + 0.0 if math.isfinite(value) else None


def _end(end: float | date) -> str:
    return end.isoformat() if isinstance(end, date) else _number(end)


def _number(value: float) -> str:
    """The shortest text that reads as the same number."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)


def _without_halves(text: str) -> str:
    """Half a surrogate pair fits neither an address nor a table."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


# --- rules ----------------------------------------------------------------------------------


def _everywhere(frame: pd.DataFrame, value: bool) -> Mask:
    return pd.Series(value, index=frame.index, dtype=bool)


def _mask(frame: pd.DataFrame, values: Iterable[bool]) -> Mask:
    return pd.Series(np.fromiter(values, dtype=bool, count=len(frame)), index=frame.index)


def _contains(frame: pd.DataFrame, text: str) -> Mask:
    found = _everywhere(frame, True)
    for word in text.split():
        found &= frame[SEARCH].str.contains(fold(word), regex=False, na=False)
    return found


def _cells(frame: pd.DataFrame, columns: Sequence[str]) -> Iterator[list[str] | None]:
    """What each row offers for a choice: its texts and list members; None where not loaded."""
    for cells in zip(*(frame[column].tolist() for column in columns), strict=True):
        known = False
        texts: list[str] = []
        for cell in cells:
            if isinstance(cell, str):
                known = True
                texts += [cell] if cell.strip() else []
            elif isinstance(cell, list):
                known = True
                texts += [each for each in cell if each.strip()]
        yield (list(dict.fromkeys(texts)) or [NOT_RECORDED]) if known else None


def _counts(frame: pd.DataFrame, columns: Sequence[str]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for texts in _cells(frame, columns):
        for text in texts or ():
            counts[text] = counts.get(text, 0) + 1
    return sorted(counts.items(), key=lambda each: (each[0] == NOT_RECORDED, natural(each[0])))


def text_filter(key: str, label: str, help_: str = "") -> Filter:
    """A search: every word must occur in the frame's search text."""
    return Filter(
        key, label, Kind.TEXT, (SEARCH,), _contains,
        lambda value: f'{label.lower()} contains "{value}"', help=help_,
    )  # fmt: skip


def choices_filter(
    key: str, label: str, *columns: str, noun: str = "", group: str = "light", loaded: str = ""
) -> Filter:
    """One or several of the values that occur in the columns; a list column counts each."""
    noun = noun or label.lower()

    def match(frame: pd.DataFrame, value: tuple[str, ...]) -> Mask:
        wanted = {each if each.strip() else NOT_RECORDED for each in value}
        rows = (
            cells is not None and not wanted.isdisjoint(cells) for cells in _cells(frame, columns)
        )
        return _mask(frame, rows)

    return Filter(
        key, label, Kind.CHOICES, columns, match, lambda value: f"{noun} is {_any_of(value)}",
        group, loaded,
    )  # fmt: skip


def _flag(
    key: str,
    label: str,
    column: str,
    yes: str,
    no: str,
    group: str = "light",
    loaded: str = "",
) -> Filter:
    """Whether a flag is set, or a count is above 0."""

    def match(frame: pd.DataFrame, value: bool) -> Mask:
        counts = frame[column].astype("Int64")
        return ((counts > 0) == value).fillna(False).astype(bool)

    return Filter(
        key, label, Kind.FLAG, (column,), match, lambda value: yes if value else no, group, loaded
    )


def _range(
    key: str, label: str, column: str, noun: str, group: str, loaded: str, help_: str
) -> Filter:
    def match(frame: pd.DataFrame, value: Range) -> Mask:
        return _between(frame[column], value)

    def say(value: Range) -> str:
        low, high = (None if end is None else _number(end) for end in value)
        return _say_range(noun, low, high)

    return Filter(key, label, Kind.RANGE, (column,), match, say, group, loaded, help_)


def period_filter(key: str, label: str, column: str, noun: str, help_: str = "") -> Filter:
    """From day to day, both included. The column holds texts that begin with a day, as ISO has it:
    in the zone in which a person counts days.
    """

    def match(frame: pd.DataFrame, value: Period) -> Mask:
        first, last = value
        days = frame[column].str[:10]
        fits = (days != "").fillna(False)
        if first is not None:
            fits &= (days >= first.isoformat()).fillna(False)
        if last is not None:
            fits &= (days <= last.isoformat()).fillna(False)
        return fits.astype(bool)

    def say(value: Period) -> str:
        first, last = value
        if first == last:
            return f"{noun} on {first}"
        if first is None:
            return f"{noun} until {last}"
        return f"{noun} since {first}" if last is None else f"{noun} from {first} to {last}"

    return Filter(key, label, Kind.PERIOD, (column,), match, say, help=help_)


def _between(cells: "pd.Series[Any]", value: Range) -> Mask:
    low, high = value
    fits = cells.notna()
    if low is not None:
        fits &= (cells >= low).fillna(False)
    if high is not None:
        fits &= (cells <= high).fillna(False)
    return fits.astype(bool)


def _say_range(noun: str, low: str | None, high: str | None) -> str:
    if low is None:
        return f"{noun} is at most {high}"
    if high is None:
        return f"{noun} is at least {low}"
    return f"{noun} is from {low} to {high}"


def _any_of(values: Sequence[str]) -> str:
    spelled = [f'"{" ".join(v.split())}"' if v.strip() else "not recorded" for v in values]
    if len(spelled) > MOST_SPELLED:
        rest = len(spelled) - MOST_SPELLED + 1
        spelled = [*spelled[: MOST_SPELLED - 1], f"one of {rest} others"]
    return " or ".join([", ".join(spelled[:-1]), spelled[-1]] if len(spelled) > 1 else spelled)


# --- the filters ----------------------------------------------------------------------------

_PRICE_HELP = "Amounts are compared as they are; a price per hour is not made one per month."

OFFERING_FILTERS: tuple[Filter, ...] = (
    text_filter(
        "q", "Search",
        "Looks in name, slug, provider, category, description and UUID. Every word must occur.",
    ),
    choices_filter("state", "State", "state"),
    choices_filter("provider", "Provider", "provider"),
    choices_filter("category", "Category", "category"),
    choices_filter("country", "Country", "country_name"),
    choices_filter("calendar", "Calendar", "calendar"),
    _flag(
        "partitions", "Has partitions", "partitions", "it has partitions", "it has no partitions",
        "partitions", "partitions",
    ),
    choices_filter("qos", "QOS", "qos", noun="QOS", group="partitions", loaded="partitions"),
    choices_filter(
        "unit", "Plan unit", "plan_units", group="plans", loaded="plans"
    ),
    _range(
        "price", "Price (per plan unit)", "price_from", "price", "plans", "plans", _PRICE_HELP
    ),
    _flag("shared", "Shared", "shared", "it is shared", "it is not shared"),
    _flag("billable", "Billable", "billable", "it is billable", "it is not billable"),
    choices_filter("access", "Access", "access"),
    choices_filter("placement", "Placement", "placement"),
)  # fmt: skip
"""In the order in which they are shown and spoken."""

PARTITION_FILTERS: tuple[Filter, ...] = (
    text_filter(
        "q", "Search",
        "Looks in partition, offering, provider, QOS and architecture. Every word must occur.",
    ),
    choices_filter("provider", "Provider", "provider"),
    choices_filter("offering", "Offering", "offering"),
    choices_filter("partition", "Partition", "partition_name"),
    choices_filter("qos", "QOS", "qos_options", noun="QOS"),
    choices_filter("cpu", "CPU architecture", "cpu_arch", noun="CPU architecture"),
    choices_filter("gpu", "GPU architecture", "gpu_arch", noun="GPU architecture"),
    _flag(
        "reservation", "Reservation required", "req_resv",
        "it requires a reservation", "it requires no reservation",
    ),
    _flag(
        "differing", "Same name differs", "differing",
        "a partition of its name in another offering has other limits",
        "no partition of its name in another offering has other limits",
    ),
)  # fmt: skip


def recorded_as(frame: pd.DataFrame, limit: Limit) -> "pd.Series[str]":
    """For each partition how a limit is recorded, in the words that a filter offers."""
    values, words = frame[limit.field], frame[f"{limit.field}_text"]
    how = pd.Series(A_NUMBER, index=frame.index, dtype="str")
    if limit.unit is Unit.FLAG:
        how = words.where(words != "", LIMIT_NOT_RECORDED)
    elif limit.unit is Unit.MINUTES:
        how = how.mask((values == UNLIMITED).fillna(False), NO_LIMIT)
    if limit.unit is not Unit.FLAG:
        how = how.mask((values == 0).fillna(False), ZERO)
    unread = values.isna() & (words != "")
    return how.mask(values.isna(), LIMIT_NOT_RECORDED).mask(unread, NOT_READABLE)


def _limit_filters(limit: Limit) -> Iterator[Filter]:
    noun = inside_a_sentence(limit.label)

    def fits_kind(frame: pd.DataFrame, value: tuple[str, ...]) -> Mask:
        return recorded_as(frame, limit).isin(value).astype(bool)

    def fits_range(frame: pd.DataFrame, value: Range) -> Mask:
        return _between(frame[limit.field], value)

    def say_range(value: Range) -> str:
        low, high = (None if end is None else _limit_words(limit, end) for end in value)
        return _say_range(noun, low, high)

    if limit.unit is Unit.FLAG:
        kinds: tuple[str, ...] = ("yes", "no", LIMIT_NOT_RECORDED, NOT_READABLE)
    elif limit.unit is Unit.MINUTES:
        kinds = (LIMIT_NOT_RECORDED, ZERO, NO_LIMIT, A_NUMBER, NOT_READABLE)
    else:
        kinds = (LIMIT_NOT_RECORDED, ZERO, A_NUMBER, NOT_READABLE)
    yield Filter(
        f"{limit.field}.is", f"{limit.label} is", Kind.CHOICES, (limit.field,), fits_kind,
        lambda value: f"{noun} is {_any_of(value)}", "partitions", about=limit.label,
        choices=kinds,
    )  # fmt: skip
    if limit.unit not in {Unit.FLAG, Unit.MASK}:
        yield Filter(
            limit.field, _with_unit(limit), Kind.RANGE, (limit.field,), fits_range,
            say_range, "partitions", about=limit.label,
        )  # fmt: skip


def _with_unit(limit: Limit) -> str:
    shown = limit.unit in {Unit.MINUTES, Unit.SECONDS, Unit.MEGABYTES}
    return f"{limit.label} ({limit.unit})" if shown else limit.label


def _limit_words(limit: Limit, end: float) -> str:
    return limit.spell(int(end)) if end.is_integer() and end >= 0 else _number(end)


LIMIT_FILTERS: tuple[Filter, ...] = (
    *(
        each
        for limit in LIMITS
        if limit.unit not in {Unit.NAME, Unit.MASK}
        for each in _limit_filters(limit)
    ),
    replace(
        choices_filter("cpu_bind", "CPU binding", "cpu_bind_text", noun="CPU binding"),
        about="CPU binding",
    ),
)
"""Two for each limit: how it is recorded, and from where to where its number is."""

PLAN_FILTERS: tuple[Filter, ...] = (
    text_filter("q", "Search", "Looks in plan, offering, provider and article code."),
    choices_filter("provider", "Provider", "provider"),
    choices_filter("offering", "Offering", "offering"),
    choices_filter("unit", "Plan unit", "unit"),
    choices_filter("kind", "Kind of price", "kind", noun="kind of price"),
    choices_filter("component", "Component type", "component_types", noun="component type"),
    choices_filter("billing", "Charged", "billing_types", noun="a component"),
    _range("price", "Price (per plan unit)", "amount", "price", "plans", "", _PRICE_HELP),
    _flag("active", "Active", "active", "it is active", "it is not active"),
    _flag("archived", "Archived", "archived", "it is archived", "it is not archived"),
    _flag(
        "changing", "Changes next month", "changing",
        "a price changes next month", "no price changes next month",
    ),
    _flag("discount", "Discount", "discounts", "it has a discount", "it has no discount"),
)  # fmt: skip
