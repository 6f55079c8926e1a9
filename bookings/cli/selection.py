"""Which offerings a command is about: those named by UUID, and those that fit a view."""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlsplit

from bookings.calendars.actions import Action, CalendarStatus, Outcome
from bookings.calendars.journal import Entry
from bookings.cli.terminal import fail, tell
from bookings.waldur.models import Booking, Offering
from bookings.waldur.protocol import normal_uuid

if TYPE_CHECKING:
    from bookings.filters import Criteria, Filter
    from bookings.portfolio import Snapshot

PAGES = frozenset({"offerings", "calendars"})
"""Whose links can be given. On other pages the same words search other things."""
_FIXED = {"calendar": frozenset(status.value for status in CalendarStatus)}
"""Words that a filter can have, where the filter itself learns them from the rows."""
_STATES = frozenset({"Draft", "Active", "Paused", "Archived", "Unavailable"})
"""Of Waldur 7 and 8 (OfferingState)."""
MOST_CHOICES = 12
"""Of a filter, named where another was asked for."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for: uuids without dashes, and criteria, None for none."""

    uuids: tuple[str, ...]
    criteria: "Criteria | None"

    @property
    def groups(self) -> tuple[str, ...]:
        """The field groups that the criteria look at."""
        asked = {each.group for each in _filters() if each.key in (self.criteria or ())}
        return tuple(sorted(asked - {"light"}))


@dataclass(frozen=True, slots=True)
class Known:
    """What filters can look at beside the offerings; `bookings` is called where it is needed."""

    entries: Sequence[Entry]
    connected: Mapping[str, bool]
    bookings: Callable[[], Sequence[Booking]]


def wanted(uuids: Sequence[str], expression: str | None) -> Wanted:
    """What the words of the command line mean.

    Ends the command where they mean nothing or are not understood whole: what is left out of an
    expression would make it fit more.
    """
    if not uuids and expression is None:
        fail("name offerings by UUID, or give --all-matching")
    plain = {text: normal_uuid(text) for text in uuids}
    for text, uuid in plain.items():
        if uuid is None:
            fail(f"{text} is not a UUID")
    criteria = None if expression is None else _criteria(expression)
    return Wanted(tuple(dict.fromkeys(uuid for uuid in plain.values() if uuid)), criteria)


def chosen(wanted: Wanted, snapshot: "Snapshot", known: Known) -> list[Offering]:
    """The offerings that are meant, as tables have them in order, each once.

    Ends the command where one of the uuids is of no offering that this person may see, or where
    a filter is given a value that none of them has.
    """
    from bookings.frames import in_order

    offerings = in_order(snapshot)
    missing = set(wanted.uuids) - {each.uuid for each in offerings}
    if missing:
        for uuid in sorted(missing):
            tell(f"{uuid} is the UUID of no booking offering that you may see")
        fail("nothing was sent")
    uuids = {*wanted.uuids, *_fitting(wanted.criteria, snapshot, known)}
    return [each for each in offerings if each.uuid in uuids]


def _fitting(criteria: "Criteria | None", snapshot: "Snapshot", known: Known) -> list[str]:
    if criteria is None:
        return []
    # Loaded where they are needed: pandas alone takes a second.
    from bookings.calendar_tables import calendars_frame
    from bookings.filters import Kind, apply, unknown
    from bookings.filters import options as options_of
    from bookings.frames import offerings_frame

    filters = _filters()
    frame = calendars_frame(
        offerings_frame(snapshot),
        snapshot.offerings,
        known.entries,
        known.connected,
        known.bookings() if "next" in criteria else None,
        datetime.now(UTC),
    )
    occurring = {
        key: [value for value, _ in found] for key, found in options_of(filters, frame).items()
    }
    for each in filters:
        if each.kind is Kind.CHOICES and each.key in criteria and each.key in occurring:
            _check(each, criteria[each.key], occurring[each.key])
    undecided = unknown(filters, criteria, frame)
    if undecided:
        tell(f"{undecided} offerings could not be judged, and are left out")
    fitting: list[str] = apply(filters, criteria, frame)["uuid"].tolist()
    return fitting


def _check(filter_: "Filter", asked: Any, occurring: Sequence[str]) -> None:
    """Ends the command where a value is neither had by any offering nor known to be possible."""
    from bookings.filters import NOT_RECORDED, spell_choice

    possible = {NOT_RECORDED, *_possible(filter_.key)}
    there = [spell_choice(value) for value in occurring[:MOST_CHOICES]] or ["none"]
    if len(occurring) > MOST_CHOICES:
        there.append(f"{len(occurring) - MOST_CHOICES} more")
    for value in sorted({*asked} - {*occurring}):
        words = f"no offering has the {filter_.label.lower()} {spell_choice(value)}"
        if value not in possible:
            fail(f"--all-matching: {words}; there are {', '.join(there)}")
        tell(words)


def _possible(key: str) -> Iterable[str]:
    """Words of a filter that are right though no offering has them today."""
    from bookings.frames import ACCESSES
    from bookings.places import Placement

    words: Mapping[str, Iterable[str]] = {
        **_FIXED,
        "state": _STATES,
        "outcome": [outcome.value for outcome in Outcome],
        "action": [action.label for action in Action],
        "placement": [placement.value for placement in Placement],
        "access": ACCESSES,
    }
    return words.get(key, ())


def _filters() -> "tuple[Filter, ...]":
    """Those of the page of offerings and what the page of calendars has beside them."""
    from bookings.calendar_tables import CALENDAR_FILTERS
    from bookings.filters import OFFERING_FILTERS

    return tuple({each.key: each for each in (*CALENDAR_FILTERS, *OFFERING_FILTERS)}.values())


def _criteria(expression: str) -> "Criteria":
    from bookings.filters import from_query

    pairs: list[tuple[str, str]] = []
    with contextlib.suppress(ValueError):
        pairs = parse_qsl(
            _query_of(expression), keep_blank_values=True, strict_parsing=True, errors="strict"
        )
    if not pairs:
        fail(f"--all-matching: {expression!r} is no query as state=Active&calendar=private is")
    filters = {each.key: each for each in _filters()}
    given: dict[str, list[str]] = {}
    for key, text in pairs:
        given.setdefault(key, []).append(text)
    criteria = from_query(tuple(filters.values()), pairs)
    for key, texts in given.items():
        if key not in filters:
            fail(f"--all-matching: there is no filter {key}; there are {', '.join(filters)}")
        if not _understood(filters[key], texts, criteria.get(key)):
            fail(f"--all-matching: {key} cannot be {' and '.join(map(repr, texts))}")
    return criteria


def _query_of(expression: str) -> str:
    """The query itself, or that of a link to a page whose filters are known."""
    text = expression.strip()
    if not text.startswith(("http://", "https://", "/", "?")):
        return text
    parts = urlsplit(text)
    page = parts.path.rstrip("/").rpartition("/")[2]
    if not text.startswith("?") and page not in PAGES:
        fail("--all-matching: a link must be to the page of offerings or of calendars")
    return parts.query


def _understood(filter_: "Filter", texts: Sequence[str], value: Any) -> bool:
    """Whether nothing of what was given for a filter was left out."""
    from bookings.filters import RANGE_SIGN, Kind
    from bookings.frames import fold

    if filter_.kind is Kind.CHOICES:
        allowed = _FIXED.get(filter_.key) or frozenset(filter_.choices)
        return {*texts} == {*(value or ())} and (not allowed or allowed.issuperset(texts))
    if value is None or len(texts) != 1:
        return False
    if filter_.kind is Kind.TEXT:
        words = texts[0].split()
        # What is no sign to a search would be found everywhere.
        return value == " ".join(words) and all(fold(word) for word in words)
    if filter_.kind is Kind.FLAG:
        return True
    ends = [end.strip() for end in texts[0].split(RANGE_SIGN)]
    return [bool(end) for end in ends].count(True) == sum(each is not None for each in value)


__all__ = ["Known", "Wanted", "chosen", "wanted"]
