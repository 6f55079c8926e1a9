"""What is loaded as tables. Columns and their dtypes are declared here, and nowhere else.

A table of nothing has the same columns and dtypes as any other. A cell is missing where nothing
is recorded, and where the field group it comes from is not loaded for that row yet: then the
count of that group (`partitions`, `plans`) is <NA> in the row. Lists are cells of dtype object,
None where not loaded. Times are in UTC. Texts are what the server sent, not escaped; only
descriptions are freed of their HTML.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pandas as pd

from bookings.calendars.actions import public_link, status_of
from bookings.places import DOUBTFUL, Placement, country_name, judge
from bookings.plain_text import one_line, plain_text
from bookings.plans.compare import price_words
from bookings.plans.prices import (
    Headline,
    PriceLine,
    billing_words,
    change,
    exact,
    headline,
    headline_of,
    is_offered,
    lines_of,
    money,
    period_words,
    places_left,
    spell_change,
    spell_discount,
    spell_next_change,
    unit_words,
)
from bookings.plans.quotes import plans_of
from bookings.portfolio import Snapshot
from bookings.slurm.limits import LIMITS, MEMORY_CONVENTION, Unit, qos_names
from bookings.waldur.models import Offering, OfferingComponent, Partition, Plan

__all__ = [
    "MAP_COLUMNS",
    "OFFERING_COLUMNS",
    "PARTITION_COLUMNS",
    "PLAN_COLUMNS",
    "PLAN_COMPONENT_COLUMNS",
    "SEARCH",
    "UNPLACED_COLUMNS",
    "Column",
    "fold",
    "frame_of",
    "in_order",
    "map_frame",
    "natural",
    "offerings_frame",
    "partitions_frame",
    "plan_components_frame",
    "plans_frame",
    "search_text",
    "unplaced_frame",
]

MOST_DESCRIPTION = 500
"""Signs of a description in a table cell; the page of the offering shows all of it."""
MOST_SEARCHED = 4000
"""Signs of a description that a search looks through."""

TEXT, LIST, TIME = "str", "object", "datetime64[us, UTC]"
WHOLE, FRACTION, FLAG = "Int64", "Float64", "boolean"

SEARCH = "search"
"""The column a text search looks in. It is made for machines: never shown, never exported."""
ACCESSES = ACT, READ_ONLY = "act", "read only"
"""What a person may do with the calendar of an offering."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    key: str
    label: str
    dtype: str = TEXT
    group: str = "light"
    """The field group its values come from."""
    help: str = ""
    shown: bool = False
    """Whether it is in view until a person chooses otherwise."""
    pinned: bool = False

    @property
    def internal(self) -> bool:
        """Whether it serves this program only, and is neither offered nor exported."""
        return self.key in {SEARCH, "place"}


OFFERING_COLUMNS: tuple[Column, ...] = (
    Column("name", "Name", shown=True),
    Column("state", "State", help="Draft, Active, Paused or Archived.", shown=True),
    Column("provider", "Provider", help="The organisation that offers it.", shown=True),
    Column("category", "Category", shown=True),
    Column(
        "calendar", "Calendar", shown=True,
        help="The Google calendar. Anyone on the web can read a public one.",
    ),
    Column("country_name", "Country", help="As declared by the provider.", shown=True),
    Column(
        "partitions", "Partitions", WHOLE, "partitions", shown=True,
        help="SLURM partitions recorded for the offering.",
    ),
    Column(
        "plans", "Plans", WHOLE, "plans", shown=True,
        help="Plans that new bookings can take: active and not archived.",
    ),
    Column(
        "price", "Price", TEXT, "plans", shown=True,
        help="The lowest price among its plans, each in its own unit.",
    ),
    Column(
        "access", "Access", shown=True,
        help="Whether you may act on its calendar, or only read the offering.",
    ),
    Column("qos", "QOS", LIST, "partitions", help="Quality of service names of its partitions."),
    Column("partition_names", "Partition names", LIST, "partitions"),
    Column("plan_units", "Plan units", LIST, "plans", help="What its plans are charged by."),
    Column(
        "price_from", "Price from", FRACTION, "plans",
        help="The amount of the price, for sorting. Not every plan has the same unit.",
    ),
    Column("price_unit", "Price unit", TEXT, "plans", help="What the price is for."),
    Column("project", "Project", help="The project the offering belongs to."),
    Column("created", "Created", TIME, help="In UTC."),
    Column("shared", "Shared", FLAG, help="Whether organisations other than its own can book it."),
    Column("billable", "Billable", FLAG, help="Whether its use appears on invoices."),
    Column("paused_reason", "Paused because"),
    Column("description", "Description", help="Without markup, shortened."),
    Column("country", "Country code", help="ISO 3166-1, as recorded."),
    Column("latitude", "Latitude", FRACTION, help="Degrees north, as recorded."),
    Column("longitude", "Longitude", FRACTION, help="Degrees east, as recorded."),
    Column("placement", "Placement", help="Why it is on the map, or is not."),
    Column("placement_reason", "Remark on its place"),
    Column("calendar_link", "Calendar link", help="Where anyone can read a public calendar."),
    Column("slug", "Slug", help="Its short name in addresses."),
    Column("type", "Type", help="The kind of offering, in the server's words."),
    Column("uuid", "UUID", help="Identifies it on the server."),
    Column(SEARCH, "Search text"),
)  # fmt: skip


def _limit_columns() -> Iterable[Column]:
    """Two columns a limit: in words and exact. A name is its own words."""
    counts = (Unit.NODES, Unit.CPUS, Unit.TIER)
    for limit in LIMITS:
        help_ = limit.help
        if limit.unit is Unit.MEGABYTES:
            help_ = f"{help_} {MEMORY_CONVENTION}"
        if limit.unit is Unit.NAME:
            yield Column(limit.field, limit.label, TEXT, "partitions", help_, limit.field == "qos")
            continue
        # A count sorts as it reads; anything else is read in words and sorted by the exact value.
        plain = limit.unit in counts
        words = f"{limit.label} (text)" if plain else limit.label
        value = limit.label if plain else f"{limit.label} ({limit.unit})"
        shown = limit.field in _SHOWN_LIMITS
        yield Column(f"{limit.field}_text", words, TEXT, "partitions", help_, shown and not plain)
        yield Column(limit.field, value, limit.dtype, "partitions", help_, shown and plain)


_SHOWN_LIMITS = frozenset({
    "max_time", "default_time", "min_nodes", "max_nodes", "max_cpus_per_node", "def_mem_per_cpu",
    "max_mem_per_node", "priority_tier",
})  # fmt: skip

PARTITION_COLUMNS: tuple[Column, ...] = (
    Column("partition_name", "Partition", TEXT, "partitions", shown=True, pinned=True),
    Column("offering", "Offering", shown=True),
    Column("provider", "Provider", shown=True),
    *_limit_columns(),
    Column(
        "qos_options", "QOS options", LIST, "partitions",
        help="Every QOS that can be used in the partition, its own included.",
    ),
    Column(
        "differing", "Same name elsewhere", WHOLE, "partitions",
        help="How many limits differ among the partitions of this name in other offerings.",
    ),
    Column(
        "differs_in", "Differs elsewhere in", LIST, "partitions",
        help="The limits that differ among the partitions of this name in other offerings.",
    ),
    Column("uuid", "Partition UUID", TEXT, "partitions"),
    Column("offering_uuid", "Offering UUID"),
    Column("place", "Place", WHOLE, "partitions"),
    Column(SEARCH, "Search text"),
)  # fmt: skip

PLAN_COLUMNS: tuple[Column, ...] = (
    Column("plan", "Plan", TEXT, "plans", shown=True, pinned=True),
    Column("offering", "Offering", shown=True),
    Column("provider", "Provider", shown=True),
    Column("headline", "Price", TEXT, "plans", shown=True, help="What it costs, in one phrase."),
    Column(
        "amount", "Price as a number", FRACTION, "plans", shown=True,
        help="To sort by; what it is for stands in the price.",
    ),
    Column(
        "kind", "Kind of price", TEXT, "plans",
        help="fixed: it costs that much. from: that much, and more by use or by limit. per use: "
        "nothing else. free: every price is 0. not priced: a price is missing.",
    ),
    Column("unit", "Unit", TEXT, "plans", shown=True, help="What it is charged by."),
    Column(
        "components", "Components", WHOLE, "plans", shown=True,
        help="How many lines the plan has.",
    ),
    Column(
        "next_change", "Next month", TEXT, "plans", shown=True,
        help="Prices that change at the start of the next month.",
    ),
    Column(
        "places_left", "Places left", WHOLE, "plans", shown=True,
        help="How many more bookings can take it; empty where there is no maximum.",
    ),
    Column(
        "active", "Active", FLAG, "plans", shown=True,
        help="Whether new bookings can take it: active and not archived.",
    ),
    Column("archived", "Archived", FLAG, "plans", shown=True),
    Column(
        "minimal_price", "Least price with the start", FRACTION, "plans", shown=True,
        help="What the first period costs at least, with the price at the start, as the server "
        "works it out.",
    ),
    Column("price_unit", "Price unit", TEXT, "plans", help="What the amount is for."),
    Column("unit_price", "Unit price", TEXT, "plans", help="The server's figure, every digit."),
    Column("init_price", "Price at the start", FRACTION, "plans", help="Paid once."),
    Column("switch_price", "Price of a change", FRACTION, "plans", help="Paid on a change to it."),
    Column(
        "currency", "Currency", TEXT, "plans", help="Of the amounts; empty where none is known."
    ),
    Column("changing", "Changing prices", WHOLE, "plans"),
    Column("discounts", "Discounts", WHOLE, "plans", help="Lines with a discount."),
    Column("billing_types", "Charged", LIST, "plans", help="How its components are charged."),
    Column("component_types", "Component types", LIST, "plans", help="The keys of its components."),
    Column("resources_count", "In use", WHOLE, "plans", help="Bookings that have taken it."),
    Column("max_amount", "Most in use", WHOLE, "plans"),
    Column("limited_to", "Limited to", LIST, "plans", help="Groups of organisations."),
    Column("article_code", "Article code", TEXT, "plans"),
    Column("description", "Description", TEXT, "plans", help="Without markup, shortened."),
    Column("plan_uuid", "Plan UUID", TEXT, "plans"),
    Column("offering_uuid", "Offering UUID"),
    Column("place", "Place", WHOLE, "plans"),
    Column(SEARCH, "Search text"),
)  # fmt: skip

PLAN_COMPONENT_COLUMNS: tuple[Column, ...] = (
    Column("name", "Component", TEXT, "plans", shown=True, pinned=True),
    Column("billing", "Charged", TEXT, "plans", shown=True),
    Column("measured_unit", "Unit", TEXT, "plans", shown=True),
    Column(
        "amount", "Amount", FRACTION, "plans", shown=True, help="How much a fixed price covers."
    ),
    Column("quota", "Quota", FRACTION, "plans", help="As the plan records it by component type."),
    Column(
        "price_text",
        "Price",
        TEXT,
        "plans",
        shown=True,
        help="And what it is per: a unit of use, or a unit and the time the plan is charged by.",
    ),
    Column("future_price_text", "Price next month", TEXT, "plans", shown=True),
    Column("change", "Change", TEXT, "plans", shown=True),
    Column("discount", "Discount", TEXT, "plans", shown=True),
    Column("limit_period", "Limit period", TEXT, "plans", shown=True),
    Column("price", "Exact price", TEXT, "plans", help="Every digit."),
    Column("future_price", "Exact price next month", TEXT, "plans", help="Every digit."),
    Column("change_percent", "Change (%)", FRACTION, "plans"),
    Column("min_value", "Least limit", WHOLE, "plans"),
    Column("max_value", "Greatest limit", WHOLE, "plans"),
    Column("default_limit", "Default limit", WHOLE, "plans"),
    Column("article_code", "Article code", TEXT, "plans"),
    Column("type", "Type", TEXT, "plans", help="Its key on the server."),
)


def _derived(*keys: str) -> tuple[Column, ...]:
    """Columns of the offerings that another table takes over, all of them in view."""
    by_key = {column.key: column for column in OFFERING_COLUMNS}
    return tuple(replace(by_key[key], shown=True) for key in keys)


MAP_COLUMNS = (
    *_derived(
        "name", "provider", "state", "category", "latitude", "longitude", "placement", "uuid"
    ),
    Column("reason", "Remark", shown=True, help="Why its place is doubtful; empty if it is not."),
)  # fmt: skip
UNPLACED_COLUMNS = (
    *_derived("name", "provider"),
    Column("reason", "Why", shown=True),
    *_derived(
        "latitude", "longitude", "country_name", "country", "state", "category", "placement",
        "uuid",
    ),
)  # fmt: skip


# --- offerings ------------------------------------------------------------------------------


def offerings_frame(snapshot: Snapshot, *, currency: str = "", locale: str = "en") -> pd.DataFrame:
    """One row an offering, by name as people sort it, then by uuid."""
    rows = [
        _offering_row(offering, offering.uuid in snapshot.read_only, currency, locale)
        for offering in in_order(snapshot)
    ]
    return frame_of(OFFERING_COLUMNS, rows)


def _offering_row(
    offering: Offering, read_only: bool, currency: str, locale: str
) -> dict[str, Any]:
    place = judge(offering.latitude, offering.longitude, offering.country)
    description = plain_text(offering.description)
    provider = offering.customer_name or ""
    return {
        "uuid": offering.uuid,
        "name": offering.name,
        "provider": provider,
        "category": offering.category_title,
        "state": offering.state,
        "country": offering.country,
        "country_name": _country(offering.country),
        "calendar": status_of(offering).value,
        "calendar_link": public_link(offering) or "",
        "shared": offering.shared,
        "billable": offering.billable,
        "created": offering.created,
        "access": READ_ONLY if read_only else ACT,
        "project": offering.project_name or "",
        "slug": offering.slug,
        "description": one_line(description[: MOST_DESCRIPTION + 1], MOST_DESCRIPTION),
        "paused_reason": one_line(plain_text(offering.paused_reason), MOST_DESCRIPTION),
        "latitude": offering.latitude,
        "longitude": offering.longitude,
        "placement": place.placement.value,
        "placement_reason": place.reason,
        "type": offering.type,
        SEARCH: search_text(
            offering.name, offering.slug, provider, offering.category_title,
            description[:MOST_SEARCHED], *_spellings(offering.uuid),
        ),
        **_partition_cells(offering),
        **_plan_cells(offering, currency, locale),
    }  # fmt: skip


_country = lru_cache(maxsize=1000)(country_name)


def _partition_cells(offering: Offering) -> dict[str, Any]:
    if "partitions" not in offering.model_fields_set:
        return {"partitions": None, "partition_names": None, "qos": None}
    qos = (name for partition in offering.partitions for name in qos_names(partition))
    return {
        "partitions": len(offering.partitions),
        "partition_names": [partition.partition_name for partition in offering.partitions],
        "qos": list(dict.fromkeys(qos)),
    }


def _plan_cells(offering: Offering, currency: str, locale: str) -> dict[str, Any]:
    if "plans" not in offering.model_fields_set:
        cells = ("plans", "plan_units", "price_from", "price", "price_unit")
        return dict.fromkeys(cells)
    offered = [plan for plan in offering.plans if is_offered(plan)]
    heads = [headline(plan, offering.components, currency, locale) for plan in offered]
    lowest = min(heads, key=_rank, default=Headline("not priced", None, ""))
    return {
        "plans": len(offered),
        "plan_units": list(dict.fromkeys(unit_words(plan.unit) for plan in offered if plan.unit)),
        "price_from": lowest.amount,
        "price": _price_text(lowest, heads),
        "price_unit": lowest.unit,
    }


def _rank(head: Headline) -> tuple[int, Decimal]:
    """Prices per plan unit before any other, the lowest first."""
    if head.amount is None:
        return 2, Decimal(0)
    return int(head.kind == "per use" or head.unit == "once"), head.amount


def _price_text(lowest: Headline, heads: Sequence[Headline]) -> str:
    if all(head.text == lowest.text for head in heads):
        return lowest.text
    if lowest.kind == "free":
        return "free in one plan, priced in others"
    return f"from {lowest.text}" if lowest.kind == "fixed" else lowest.text


# --- partitions -----------------------------------------------------------------------------


def partitions_frame(snapshot: Snapshot) -> pd.DataFrame:
    """One row a partition, in the order of the offerings. Missing means: not recorded.

    `place` counts the rows, so that one can be found again in the list of partitions after
    filtering and sorting.
    """
    pairs = [
        (offering, partition)
        for offering in in_order(snapshot)
        for partition in offering.partitions
    ]
    offerings = [offering for offering, _ in pairs]
    partitions = [partition for _, partition in pairs]
    qos = [qos_names(partition) for partition in partitions]
    unread = [partition.unread for partition in partitions]
    cells: dict[str, list[Any]] = {
        "offering_uuid": [offering.uuid for offering in offerings],
        "offering": [offering.name for offering in offerings],
        "provider": [offering.customer_name or "" for offering in offerings],
        "uuid": [partition.uuid or "" for partition in partitions],
        "partition_name": [partition.partition_name for partition in partitions],
        "qos_options": qos,
        "place": list(range(len(pairs))),
        SEARCH: [
            _partition_search(offering, partition, names)
            for (offering, partition), names in zip(pairs, qos, strict=True)
        ],
    }
    for limit in LIMITS:
        values = [limit.value(partition) for partition in partitions]
        if limit.unit is Unit.NAME:
            cells[limit.field] = [value or "" for value in values]
            continue
        words = {value: limit.spell(value) for value in set(values)}
        cells[limit.field] = values
        cells[f"{limit.field}_text"] = [
            limit.text(partition) if misfits else words[value]
            for partition, value, misfits in zip(partitions, values, unread, strict=True)
        ]
    texts = {
        limit.label: cells[limit.field if limit.unit is Unit.NAME else f"{limit.field}_text"]
        for limit in LIMITS
    }
    cells |= _of_the_same_name(cells["partition_name"], cells["offering_uuid"], texts)
    return _from_cells(PARTITION_COLUMNS, cells)


def _of_the_same_name(
    names: Sequence[str], offerings: Sequence[str], texts: Mapping[str, Sequence[str]]
) -> dict[str, list[Any]]:
    """Of each partition, which limits differ among those of its name in several offerings."""
    by_name: dict[str, list[int]] = {}
    for place, name in enumerate(names):
        by_name.setdefault(name, []).append(place)
    labels: list[list[str]] = [[] for _ in names]
    for places in by_name.values():
        if len({offerings[place] for place in places}) > 1:
            differing = [
                label for label, said in texts.items() if len({said[place] for place in places}) > 1
            ]
            for place in places:
                labels[place] = differing
    return {"differing": [len(each) for each in labels], "differs_in": labels}


def _partition_search(offering: Offering, partition: Partition, qos: Sequence[str]) -> str:
    return search_text(
        partition.partition_name, offering.name, offering.customer_name or "", *qos,
        partition.cpu_arch or "", partition.gpu_arch or "", *_spellings(offering.uuid),
    )  # fmt: skip


# --- plans and components -------------------------------------------------------------------


def plans_frame(snapshot: Snapshot, currency: str = "", locale: str = "en") -> pd.DataFrame:
    """One row a plan, archived ones included, in the order of the offerings.

    `place` is the number of the plan in that order.
    """
    rows = [
        {**_plan_row(offering, plan, currency, locale), "place": place}
        for place, (offering, plan) in enumerate(plans_of(in_order(snapshot)))
    ]
    return frame_of(PLAN_COLUMNS, rows)


def _plan_row(offering: Offering, plan: Plan, currency: str, locale: str) -> dict[str, Any]:
    lines = lines_of(plan, offering.components)
    head = headline_of(plan, lines, currency, locale)
    provider = offering.customer_name or ""
    return {
        "offering_uuid": offering.uuid,
        "offering": offering.name,
        "provider": provider,
        "plan_uuid": plan.uuid or "",
        "plan": plan.name,
        "unit": unit_words(plan.unit),
        "active": is_offered(plan),
        "archived": plan.archived,
        "headline": head.text,
        "kind": head.kind,
        "amount": head.amount,
        "price_unit": head.unit,
        "unit_price": exact(plan.unit_price),
        "init_price": plan.init_price,
        "switch_price": plan.switch_price,
        "minimal_price": plan.minimal_price,
        "currency": currency,
        "components": len(lines),
        "places_left": places_left(plan),
        "resources_count": plan.resources_count,
        "max_amount": plan.max_amount,
        "changing": sum(line.changes for line in lines),
        "discounts": sum(line.earns_discount for line in lines),
        "billing_types": _each(billing_words(line.billing_type) for line in lines),
        "component_types": _each(line.type for line in lines),
        "next_change": spell_next_change(lines),
        "limited_to": [group.name for group in plan.organization_groups],
        "article_code": plan.article_code,
        "description": one_line(plain_text(plan.description), MOST_DESCRIPTION),
        SEARCH: search_text(
            plan.name, offering.name, provider, plan.article_code, *_spellings(offering.uuid)
        ),
    }


def _each(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(text for text in texts if text))


def plan_components_frame(
    plan: Plan, components: Sequence[OfferingComponent], currency: str = "", locale: str = "en"
) -> pd.DataFrame:
    """The lines of one plan. `components` are those of its offering."""
    rows = [_line_row(line, plan, currency, locale) for line in lines_of(plan, components)]
    return frame_of(PLAN_COMPONENT_COLUMNS, rows)


def _line_row(line: PriceLine, plan: Plan, currency: str, locale: str) -> dict[str, Any]:
    future = line.future_price if line.changes else None
    percent = None
    if line.price is not None and future is not None:
        percent = change(line.price, future)[1]
    component = line.component or OfferingComponent()
    return {
        "type": line.type,
        "name": line.name,
        "billing": billing_words(line.billing_type),
        "measured_unit": line.measured_unit,
        "amount": _held(line, line.amount),
        "quota": _held(line, plan.quotas.get(line.type)),
        "price_text": price_words(line, plan.unit, currency, locale),
        "price": exact(line.price),
        "future_price_text": "" if future is None else money(future, currency, locale),
        "future_price": exact(future),
        "change": spell_change(line, currency, locale),
        "change_percent": percent,
        "discount": spell_discount(line),
        "article_code": component.article_code,
        "min_value": component.min_value,
        "max_value": component.max_value,
        "default_limit": component.default_limit,
        "limit_period": period_words(component.limit_period),
    }


def _held(line: PriceLine, amount: Decimal | None) -> Decimal | None:
    """An amount that a plan records; a 0 means nothing where a plan fixes no amount."""
    counts = line.billing_type not in ("usage", "limit", "one", "few")
    return amount if amount or counts else None


# --- places ---------------------------------------------------------------------------------


def map_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of an offerings frame that are drawn, doubtful places among them."""
    drawn = frame["placement"].isin([Placement.ON_MAP.value, *(p.value for p in DOUBTFUL)])
    return _taken_over(frame[drawn], MAP_COLUMNS)


def unplaced_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows of an offerings frame that are not drawn, or drawn at a doubtful place."""
    return _taken_over(frame[frame["placement"] != Placement.ON_MAP.value], UNPLACED_COLUMNS)


def _taken_over(frame: pd.DataFrame, columns: Sequence[Column]) -> pd.DataFrame:
    renamed = frame.rename(columns={"placement_reason": "reason"})
    return renamed[[column.key for column in columns]].reset_index(drop=True)


# --- order and search -----------------------------------------------------------------------


def natural(text: str) -> list[tuple[int, str] | str]:
    """A key that sorts texts as people do: "Room 2" before "room 10", spaces in front ignored."""
    parts = re.split("([0-9]+)", fold(text).strip())
    # Numbers compare by length, then by digits: int() refuses very long ones.
    return [
        (len(part.lstrip("0")), part.lstrip("0")) if index % 2 else part
        for index, part in enumerate(parts)
    ]


def fold(text: str) -> str:
    """`text` for comparing: without case, accents, and signs that are not seen."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_LETTERS)
    return _MARKS.sub("", plain)


_LETTERS = str.maketrans(
    {
        "æ": "ae", "ð": "d", "đ": "d", "ħ": "h", "ı": "i", "ĸ": "k", "ł": "l", "ŋ": "n",
        "ø": "o", "œ": "oe", "ŧ": "t", "þ": "th",
    }
)  # fmt: skip
"""Letters of European languages that Unicode does not take apart, as people type them who have
no key for them."""
_MARKS = re.compile(
    "[\u00ad\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)
_HEX32 = re.compile("[0-9a-f]{32}")


def in_order(snapshot: Snapshot) -> list[Offering]:
    """The offerings as every table has them: by name as people count, then by uuid."""
    return sorted(snapshot.offerings, key=lambda each: (natural(each.name), each.uuid))


def search_text(*texts: str) -> str:
    """What a search over these texts looks in; compared folded, as the search itself is."""
    return fold("\n".join(texts))


def _spellings(uuid: str) -> tuple[str, ...]:
    """A uuid without dashes, as the server writes it, and with them, as other tools do."""
    if not _HEX32.fullmatch(uuid):
        return (uuid,)
    return uuid, "-".join((uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:]))


# --- cells to columns -----------------------------------------------------------------------


def frame_of(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """Rows, each with every declared key, as a frame of the declared dtypes."""
    return _from_cells(columns, {c.key: [row[c.key] for row in rows] for c in columns})


def _from_cells(columns: Sequence[Column], cells: Mapping[str, list[Any]]) -> pd.DataFrame:
    return pd.DataFrame(
        {column.key: _series(column.dtype, cells[column.key]) for column in columns}
    )


def _series(dtype: str, values: list[Any]) -> "pd.Series[Any]":
    if dtype == FRACTION:
        values = [None if value is None else float(value) for value in values]
    elif dtype == TIME:
        values = [_utc(value) for value in values]
    try:
        return pd.Series(values, dtype=dtype)
    except UnicodeEncodeError:
        return pd.Series([_storable(value) for value in values], dtype=dtype)
    except OverflowError:
        return pd.Series([_fitting(value) for value in values], dtype=dtype)


def _storable(text: str | None) -> str | None:
    """Half a surrogate pair, which JSON can carry and UTF-8 cannot, becomes "?"."""
    return None if text is None else text.encode("utf-8", "replace").decode()


def _fitting(number: int | None) -> int | None:
    """None for what no Int64 holds; the text beside it, where there is one, says it."""
    return None if number is None or not -(2**63) <= number < 2**63 else number


def _utc(moment: datetime | None) -> datetime | None:
    if moment is None:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
