"""Which field of an offering is shown where, under which label, and how its value is said.

Field names are Waldur's. `TABS` places every field of an offering in one tab; `COLUMNS` does it
for every field of the records inside an offering. What is not recorded is never said here: the
screen tells "not recorded" from "not sent by this server", and both from 0.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeAlias

from bookings.places import country_name
from bookings.plain_text import one_line, plain_text
from bookings.plans.prices import (
    MOST_DECIMALS,
    billing_words,
    exact,
    money,
    period_words,
    unit_words,
)
from bookings.schedule.times import entries_of
from bookings.slurm.limits import LIMITS, Limit
from bookings.waldur.fieldsets import NEVER
from bookings.waldur.models import (
    Booking,
    Endpoint,
    GoogleCalendar,
    Offering,
    OfferingComponent,
    OfferingFile,
    OrganizationGroup,
    Partition,
    Plan,
    PlanComponent,
    Quota,
    Record,
    Role,
    Screenshot,
    Slot,
    SoftwareCatalog,
    Tag,
)
from bookings.waldur.options import (
    OptionField,
    PluginOptions,
    read_options,
    read_plugin_options,
)

__all__ = [
    "COLUMNS",
    "TABS",
    "Form",
    "Line",
    "Manner",
    "Schedule",
    "as_json",
    "is_recorded",
    "other_attributes",
    "plugin_lines",
    "recorded",
    "say_data",
    "schedules_of",
    "unknown_fields",
]

MOST_IN_A_CELL = 300
"""Signs of a text in a table cell; Raw has all of it."""
DEEPEST = 100
"""Levels of nesting that are written out; nobody means more, and Python ends at a thousand."""
DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
"""In the order of the numbers that calendars in browsers use: 0 is Sunday."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How values are said to this person: in the server's currency and in their time zone."""

    currency: str = ""
    moment: Callable[[datetime], str] = lambda moment: f"{moment:%Y-%m-%d %H:%M:%S} UTC"


Say: TypeAlias = Callable[[Any, Manner], str]


class Form(StrEnum):
    """The shape in which a screen shows a field."""

    VALUE = "value"
    """A few words on one line."""
    ADDRESS = "address"
    """An address on the web, which becomes a link if it is safe."""
    TEXT = "text"
    """Prose that may hold HTML."""
    TABLE = "table"
    """Records, or settings by name, that have a table of their own."""


@dataclass(frozen=True, slots=True)
class Line:
    """A field in its place. `say` is given a recorded value and never None."""

    field: str
    label: str
    say: Say
    form: Form = Form.VALUE
    section: str = ""


# --- values in words ------------------------------------------------------------------------


def _text(value: Any, _: Manner) -> str:
    return str(value)


def _prose(value: Any, _: Manner) -> str:
    return one_line(plain_text(str(value)), MOST_IN_A_CELL)


def _flag(value: Any, _: Manner) -> str:
    return "yes" if value else "no"


def _count(value: Any, _: Manner) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def _moment(value: Any, manner: Manner) -> str:
    return manner.moment(value)


def _money(value: Any, manner: Manner) -> str:
    """With every digit beside it where the written amount is rounded."""
    text, digits = money(value, manner.currency), exact(value)
    rounded = value != round(value, MOST_DECIMALS) and digits not in text
    return f"{text} (exactly {digits})" if rounded else text


def _amounts(value: Any, manner: Manner) -> str:
    """Amounts by component type."""
    said = (
        f"{key}: {'not recorded' if each is None else _money(each, manner)}"
        for key, each in value.items()
    )
    return ", ".join(said)


def _numbers(value: Any, _: Manner) -> str:
    said = (f"{key}: {'not recorded' if n is None else exact(n)}" for key, n in value.items())
    return ", ".join(said)


def _names(value: Any, _: Manner) -> str:
    return ", ".join(each.name or each.uuid or "unnamed" for each in value)


def _how_many(value: Any, _: Manner) -> str:
    return f"{len(value):,}"


def _list(value: Any, _: Manner) -> str:
    if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return say_data(value)


def _data(value: Any, _: Manner) -> str:
    return say_data(value)


def say_data(value: Any) -> str:
    """Anything as JSON on one line; a plain text is itself."""
    return value if isinstance(value, str) else one_line("".join(_json(_plain(value), None)))


def _rating(value: Any, _: Manner) -> str:
    return f"{value} of 5"


def _citations(value: Any, _: Manner) -> str:
    return "unknown to the server (-1)" if value == -1 else _count(value, _)


def _quota_limit(value: Any, _: Manner) -> str:
    return "no limit (-1)" if value == -1 else _count(value, _)


def _per_cent(value: Any, _: Manner) -> str:
    return f"{value} %"


def _billing(value: Any, _: Manner) -> str:
    words = billing_words(value)
    return words if words == value else f"{words} ({value})"


def _period(value: Any, _: Manner) -> str:
    return period_words(value)


def _unit(value: Any, _: Manner) -> str:
    return unit_words(value)


def _country(value: Any, _: Manner) -> str:
    name = country_name(value)
    return value if name == value else f"{name} ({value})"


def _degrees(value: Any, _: Manner) -> str:
    return f"{value!r}°"


def _catalogue(value: Any, _: Manner) -> str:
    if not isinstance(value, Mapping):
        return say_data(value)
    title = " ".join(str(value[key]) for key in ("name", "version") if value.get(key))
    about = value.get("description")
    return one_line(f"{title}: {about}" if title and about else title or say_data(value))


def _partition_of(value: Any, _: Manner) -> str:
    if isinstance(value, Mapping) and isinstance(value.get("partition_name"), str):
        return str(value["partition_name"])
    return say_data(value)


def _qos_options(value: Any, _: Manner) -> str:
    """Names, and which of them is the default; anything of another shape as it is."""
    if not isinstance(value, (list, tuple)):
        return say_data(value)
    said = []
    for each in value:
        if isinstance(each, Mapping) and isinstance(each.get("qos_name"), str):
            said.append(each["qos_name"] + (" (default)" if each.get("is_default") else ""))
        else:
            said.append(say_data(each))
    return ", ".join(said)


def _calendar(value: Any, _: Manner) -> str:
    return {True: "public", False: "not public"}.get(value.public, "not said")


def _order_of(value: Any, _: Manner) -> str:
    options = read_options(value)
    return say_data(value) if options is None else f"{len(options.options):,} fields"


def _cascade(value: Any, _: Manner) -> str:
    return " → ".join(step.label or step.name for step in value.steps) or "no steps"


def _rest(value: Any, _: Manner) -> str:
    """A small record as its fields that are recorded."""
    return say_data(value.model_dump(exclude_none=True))


def _validators(value: Any, _: Manner) -> str:
    signs = {"gt": ">", "gte": "≥", "lt": "<", "lte": "≤"}
    return ", ".join(
        f"{signs.get(each.type or '', each.type or '?')} {each.target_field or '?'}"
        for each in value
    )


# --- the tabs -------------------------------------------------------------------------------


def _in(section: str, *lines: Line) -> tuple[Line, ...]:
    return tuple(Line(each.field, each.label, each.say, each.form, section) for each in lines)


TABS: dict[str, tuple[Line, ...]] = {
    "Summary": (
        *_in(
            "Identity",
            Line("name", "Name", _text),
            Line("state", "State", _text),
            Line("paused_reason", "Paused because", _prose),
            Line("type", "Type", _text),
            Line("slug", "Slug", _text),
            Line("uuid", "UUID", _text),
            Line("url", "API address", _text, Form.ADDRESS),
            Line("created", "Created", _moment),
            Line("shared", "Shared", _flag),
            Line("billable", "Billable", _flag),
            Line("billing_type_classification", "Billing", _text),
            Line("rating", "Rating", _rating),
            Line("tags", "Tags", _names),
        ),
        *_in(
            "Provider",
            Line("customer_name", "Organisation", _text),
            Line("customer_uuid", "Organisation UUID", _text),
            Line("customer", "Organisation's API address", _text, Form.ADDRESS),
            Line("project_name", "Project", _text),
            Line("project_uuid", "Project UUID", _text),
            Line("project", "Project's API address", _text, Form.ADDRESS),
            Line("category_title", "Category", _text),
            Line("category_uuid", "Category UUID", _text),
            Line("category", "Category's API address", _text, Form.ADDRESS),
        ),
        *_in(
            "Use",
            Line("order_count", "Orders", _count),
            Line("total_customers", "Organisations that use it", _count),
            Line("total_cost", "Total cost", _money),
            Line("total_cost_estimated", "Total cost, estimated", _money),
            Line("citation_count", "Citations", _citations),
            Line("datacite_doi", "DOI", _text),
            Line("quotas", "Quotas", _how_many, Form.TABLE),
        ),
        *_in(
            "Parent, scope and backend",
            Line("parent_name", "Parent offering", _text),
            Line("parent_uuid", "Parent UUID", _text),
            Line("parent_description", "Parent's description", _prose),
            Line("scope", "Scope", _text, Form.ADDRESS),
            Line("scope_name", "Scope's name", _text),
            Line("scope_uuid", "Scope UUID", _text),
            Line("scope_state", "Scope's state", _text),
            Line("scope_error_message", "Scope's error", _text),
            Line("backend_id", "Backend ID", _text),
            Line("backend_metadata", "Backend metadata", _data),
        ),
        *_in(
            "Texts",
            Line("native_name", "Native name", _text),
            Line("description", "Description", _prose, Form.TEXT),
            Line("full_description", "Full description", _prose, Form.TEXT),
            Line("native_description", "Native description", _prose, Form.TEXT),
            Line("getting_started", "Getting started", _prose, Form.TEXT),
            Line("integration_guide", "Integration guide", _prose, Form.TEXT),
            Line("vendor_details", "Vendor details", _prose, Form.TEXT),
        ),
    ),
    "Plans": (Line("plans", "Plans", _how_many, Form.TABLE),),
    "Components": (Line("components", "Components", _how_many, Form.TABLE),),
    "Partitions": (Line("partitions", "Partitions", _how_many, Form.TABLE),),
    "Software": (Line("software_catalogs", "Software catalogues", _how_many, Form.TABLE),),
    "Calendar": (
        Line("googlecalendar", "Google calendar", _calendar, Form.TABLE),
        Line("google_calendar_is_public", "Calendar is public", _flag),
        Line("google_calendar_link", "Calendar link", _text, Form.ADDRESS),
    ),
    "Bookings": (Line("attributes", "Schedules", _data, Form.TABLE),),
    "Location": (
        Line("latitude", "Latitude", _degrees),
        Line("longitude", "Longitude", _degrees),
        Line("country", "Country", _country),
    ),
    "Access": (
        *_in(
            "Who may use it",
            Line("is_accessible", "Accessible to you", _flag),
            Line("user_has_consent", "You have given consent", _flag),
            Line("has_compliance_requirements", "Has compliance requirements", _flag),
            Line("compliance_checklist", "Compliance checklist", _text, Form.ADDRESS),
            Line("access_url", "Access address", _text, Form.ADDRESS),
        ),
        Line("organization_groups", "Organisation groups", _how_many, Form.TABLE),
        Line("endpoints", "Endpoints", _how_many, Form.TABLE),
        Line("roles", "Roles", _how_many, Form.TABLE),
        Line("options", "Order form", _order_of, Form.TABLE),
        Line("resource_options", "Resource form", _order_of, Form.TABLE),
        Line("plugin_options", "Plugin options", _data, Form.TABLE),
    ),
    "Documents": (
        *_in(
            "Addresses",
            Line("terms_of_service_link", "Terms of service link", _text, Form.ADDRESS),
            Line("privacy_policy_link", "Privacy policy link", _text, Form.ADDRESS),
            Line("image", "Image", _text, Form.ADDRESS),
            Line("thumbnail", "Thumbnail", _text, Form.ADDRESS),
        ),
        Line("terms_of_service", "Terms of service", _prose, Form.TEXT),
        Line("files", "Files", _how_many, Form.TABLE),
        Line("screenshots", "Screenshots", _how_many, Form.TABLE),
    ),
    "Raw": (),
}
"""Tab -> its fields, in the order of the page. Raw has every field once more, as it came."""


# --- records inside an offering -------------------------------------------------------------


def _spelled(limit: Limit) -> Say:
    return lambda value, _: limit.spell(value)


_PARTITION_LIMITS = tuple(Line(limit.field, limit.label, _spelled(limit)) for limit in LIMITS)

COLUMNS: dict[type[Record], tuple[Line, ...]] = {
    GoogleCalendar: (
        Line("public", "Public", _flag),
        Line("http_link", "Link", _text, Form.ADDRESS),
        Line("backend_id", "Calendar ID", _text),
    ),
    Endpoint: (
        Line("name", "Name", _text),
        Line("url", "Address", _text, Form.ADDRESS),
        Line("uuid", "UUID", _text),
    ),
    Role: (
        Line("name", "Name", _text),
        Line("url", "API address", _text, Form.ADDRESS),
        Line("uuid", "UUID", _text),
    ),
    OrganizationGroup: (
        Line("name", "Name", _text),
        Line("parent_name", "Parent", _text),
        Line("type_name", "Type", _text),
        Line("customers_count", "Organisations", _count),
        Line("uuid", "UUID", _text),
        Line("parent_uuid", "Parent UUID", _text),
        Line("type", "Type's UUID or address", _text),
        Line("parent", "Parent's API address", _text, Form.ADDRESS),
        Line("url", "API address", _text, Form.ADDRESS),
    ),
    Tag: (Line("name", "Name", _text), Line("uuid", "UUID", _text)),
    Quota: (
        Line("name", "Quota", _text),
        Line("usage", "Used", _count),
        Line("limit", "Limit", _quota_limit),
    ),
    OfferingFile: (
        Line("name", "File", _text),
        Line("created", "Added", _moment),
        Line("file", "Address", _text, Form.ADDRESS),
    ),
    Screenshot: (
        Line("name", "Screenshot", _text),
        Line("description", "Description", _prose),
        Line("created", "Added", _moment),
        Line("image", "Image", _text, Form.ADDRESS),
        Line("thumbnail", "Thumbnail", _text, Form.ADDRESS),
        Line("uuid", "UUID", _text),
    ),
    Partition: (
        Line("partition_name", "Partition", _text),
        *_PARTITION_LIMITS,
        Line("qos_options", "QOS options", _qos_options),
        Line("uuid", "UUID", _text),
    ),
    SoftwareCatalog: (
        Line("catalog", "Catalogue", _catalogue),
        Line("partition", "Partition", _partition_of),
        Line("package_count", "Packages", _count),
        Line("enabled_cpu_family", "CPU families", _list),
        Line("enabled_cpu_microarchitectures", "CPU microarchitectures", _list),
        Line("uuid", "UUID", _text),
    ),
    PlanComponent: (
        Line("name", "Component", _text),
        Line("type", "Type", _text),
        Line("measured_unit", "Unit", _text),
        Line("amount", "Amount", _count),
        Line("price", "Price", lambda value, _: exact(value)),
        Line("future_price", "Price next month", lambda value, _: exact(value)),
        Line("discount_threshold", "Discount from", _count),
        Line("discount_rate", "Discount", _per_cent),
    ),
    Plan: (
        Line("name", "Plan", _text),
        Line("description", "Description", _prose),
        Line("unit", "Charged per", _unit),
        Line("unit_price", "Unit price", _money),
        Line("init_price", "Price at the start", _money),
        Line("switch_price", "Price of a change to it", _money),
        Line("minimal_price", "Least price with the start", _money),
        Line("plan_type", "Plan type", _text),
        Line("is_active", "Active", _flag),
        Line("archived", "Archived", _flag),
        Line("resources_count", "Bookings that took it", _count),
        Line("max_amount", "Most bookings that can take it", _count),
        Line("organization_groups", "Only for", _names),
        Line("article_code", "Article code", _text),
        Line("backend_id", "Backend ID", _text),
        Line("prices", "Prices by type", _amounts),
        Line("future_prices", "Prices next month by type", _amounts),
        Line("quotas", "Amounts by type", _numbers),
        Line("components", "Components", _how_many, Form.TABLE),
        Line("uuid", "UUID", _text),
        Line("url", "API address", _text, Form.ADDRESS),
    ),
    OfferingComponent: (
        Line("name", "Component", _text),
        Line("billing_type", "Charged", _billing),
        Line("measured_unit", "Unit", _text),
        Line("description", "Description", _prose),
        Line("limit_period", "Limit period", _period),
        Line("limit_amount", "Most per period", _count),
        Line("min_value", "Least limit", _count),
        Line("max_value", "Greatest limit", _count),
        Line("default_limit", "Default limit", _count),
        Line("max_available_limit", "Available in all", _count),
        Line("is_boolean", "Yes or no", _flag),
        Line("is_prepaid", "Prepaid", _flag),
        Line("min_prepaid_duration", "Least months prepaid", _count),
        Line("max_prepaid_duration", "Most months prepaid", _count),
        Line("overage_component", "Overage goes to", _text),
        Line("factor", "Factor", _count),
        Line("unit_factor", "Unit factor", _count),
        Line("is_builtin", "Built in", _flag),
        Line("article_code", "Article code", _text),
        Line("type", "Type", _text),
        Line("uuid", "UUID", _text),
    ),
    OptionField: (
        Line("label", "Label", _text),
        Line("type", "Type", _text),
        Line("required", "Required", _flag),
        Line("choices", "Choices", _list),
        Line("default", "Default", _data),
        Line("min", "Least", lambda value, _: exact(value)),
        Line("max", "Most", lambda value, _: exact(value)),
        Line("help_text", "Help", _prose),
        Line("validators", "Must be", _validators),
        Line("cascade_config", "Lists in a chain", _cascade),
        Line("component_multiplier_config", "Sets a limit", _rest),
        Line("storage_folder_config", "Storage folders", _rest),
        Line("default_configs", "Cluster sizes", _rest),
    ),
    Booking: (
        Line("name", "Booking", _text),
        Line("state", "State", _text),
        Line("slots", "When", lambda value, manner: _when(value, manner)),
        Line("customer_name", "Organisation", _text),
        Line("project_name", "Project", _text),
        Line("created_by_full_name", "Booked by", _text),
        Line("created_by_username", "Username", _text),
        Line("created", "Booked on", _moment),
        Line("modified", "Changed", _moment),
        Line("description", "Description", _prose),
        Line("offering_name", "Offering", _text),
        Line("offering_uuid", "Offering UUID", _text),
        Line("uuid", "UUID", _text),
    ),
    Slot: (
        Line("start", "From", _moment),
        Line("end", "To", _moment),
        Line("created_by_full_name", "By", _text),
        Line("backend_id", "ID", _text),
    ),
}  # fmt: skip
"""Record -> its fields as columns, or as lines where one record stands alone."""


def plugin_lines() -> Iterator[Line]:
    """The plugin options this product knows. Their labels are Waldur's names in words."""
    for field in PluginOptions.model_fields:
        yield Line(field, field.replace("_", " ").capitalize(), _plugin_value)


def _plugin_value(value: Any, manner: Manner) -> str:
    return _flag(value, manner) if isinstance(value, bool) else _list(value, manner)


def _when(slots: Sequence[Slot], manner: Manner) -> str:
    """The first stretch of time, and how many more there are."""
    times = sorted(slot.start for slot in slots if slot.start is not None)
    if not times:
        return "no times"
    first = next(slot for slot in slots if slot.start == times[0])
    more = f" and {len(slots) - 1} more" if len(slots) > 1 else ""
    times_said = " – ".join(manner.moment(each) for each in (first.start, first.end) if each)
    return times_said + more


# --- what is recorded -----------------------------------------------------------------------


def is_recorded(value: Any) -> bool:
    """Whether a value says anything. 0 and False do; null, "" and an empty list do not."""
    return value is not None and value != "" and not (_is_many(value) and len(value) == 0)


def _is_many(value: Any) -> bool:
    return isinstance(value, (list, tuple, Mapping))


def recorded(
    record: Record, lines: Iterable[Line], manner: Manner
) -> tuple[list[tuple[Line, str]], list[Line], list[Line]]:
    """The lines that have a value, each with it in words; those without; those not sent."""
    said: list[tuple[Line, str]] = []
    empty: list[Line] = []
    absent: list[Line] = []
    for line in lines:
        value = getattr(record, line.field)
        if line.field not in record.model_fields_set:
            absent.append(line)
        elif is_recorded(value):
            said.append((line, line.say(value, manner)))
        else:
            empty.append(line)
    return said, empty, absent


# --- schedules ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Schedule:
    """One entry of `attributes.schedules` in words; the server checks none of it."""

    title: str
    kind: str
    start: str
    end: str
    hours: str
    slot: str
    """Length of a booking slot, as recorded."""
    weekends: str


def schedules_of(attributes: Any, manner: Manner) -> list[Schedule]:
    """The schedules that are recorded; what is no object is a row that shows it as it came."""
    return [_schedule(each, manner) for each in entries_of(attributes)]


def _schedule(entry: Any, manner: Manner) -> Schedule:
    if not isinstance(entry, Mapping):
        return Schedule(say_data(entry), "", "", "", "", "", "")
    more = _mapping(entry.get("extendedProps"))
    config = _mapping(more.get("config"))
    hours = _mapping(config.get("businessHours"))
    weekends = config.get("weekends")
    return Schedule(
        title=_some(entry.get("title")),
        kind=_some(more.get("type")),
        start=_time(entry.get("start"), manner),
        end=_time(entry.get("end"), manner),
        hours=_hours(hours),
        slot=_some(config.get("slotDuration")),
        weekends=_flag(weekends, manner) if isinstance(weekends, bool) else _some(weekends),
    )


def other_attributes(attributes: Any) -> dict[str, Any]:
    """What `attributes` holds beside schedules."""
    return {key: value for key, value in _mapping(attributes).items() if key != "schedules"}


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _some(value: Any) -> str:
    return "" if value is None else say_data(value)


def _time(value: Any, manner: Manner) -> str:
    """A time in the person's zone; one that cannot be read is shown as it came."""
    if not isinstance(value, str):
        return _some(value)
    try:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            return f"{value} (no time zone)"
        return manner.moment(moment.astimezone(UTC))
    except (ValueError, OverflowError):
        return value


def _hours(hours: Mapping[str, Any]) -> str:
    days = hours.get("daysOfWeek")
    named = ""
    if isinstance(days, (list, tuple)):
        named = ", ".join(
            DAYS[day][:3] if isinstance(day, int) and 0 <= day < len(DAYS) else say_data(day)
            for day in days
        )
    times = "–".join(_some(hours.get(key)) for key in ("startTime", "endTime"))
    return " ".join(part for part in (named, times.strip("–")) if part)


# --- everything as it came ------------------------------------------------------------------


def as_json(record: Record) -> str:
    """The record as JSON with every field that came, unknown ones included, and each digit.

    Credentials are left out at any depth. A price that came as text is a number here.
    """
    return "".join(_json(_plain(record), 0))


def unknown_fields(offering: Offering) -> list[tuple[str, str]]:
    """What this product has no model for: where it stands, such as `plans[0].colour`, and what."""
    found = list(_unknown(offering, ""))
    for field in ("options", "resource_options"):
        options = read_options(getattr(offering, field))
        if options is not None:
            found += _unknown(options, f"{field}.")
    plugin = read_plugin_options(offering.plugin_options)
    if plugin is not None:
        found += _unknown(plugin, "plugin_options.")
    return found


def _unknown(record: Record, place: str) -> Iterator[tuple[str, str]]:
    for key, value in (record.model_extra or {}).items():
        if key not in NEVER:
            yield f"{place}{key}", say_data(value)
    for field in type(record).model_fields:
        value = getattr(record, field)
        if isinstance(value, Record):
            yield from _unknown(value, f"{place}{field}.")
        elif isinstance(value, tuple):
            for index, each in enumerate(value):
                if isinstance(each, Record):
                    yield from _unknown(each, f"{place}{field}[{index}].")
        elif isinstance(value, dict):
            for key, each in value.items():
                if isinstance(each, Record):
                    yield from _unknown(each, f"{place}{field}.{key}.")


def _plain(value: Any, depth: int = 0) -> Any:
    """Records, times and credentials gone; Decimals stay what they are."""
    if depth > DEEPEST:
        return "…"
    if isinstance(value, Record):
        sent = value.model_fields_set
        known = {key: getattr(value, key) for key in type(value).model_fields if key in sent}
        return _plain({**known, **(value.model_extra or {})}, depth)
    if isinstance(value, Mapping):
        return {
            str(key): _plain(each, depth + 1) for key, each in value.items() if key not in NEVER
        }
    if isinstance(value, (list, tuple)):
        return [_plain(each, depth + 1) for each in value]
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return value


def _json(value: Any, depth: int | None) -> Iterator[str]:
    """JSON, indented unless `depth` is None. The standard library cannot write a Decimal."""
    inner = None if depth is None else depth + 1
    before = "" if inner is None else "\n" + "  " * inner
    after = "" if depth is None else "\n" + "  " * depth
    between = ", " if depth is None else ","
    if isinstance(value, Decimal):
        yield exact(value)
    elif isinstance(value, Mapping) and value:
        for index, (key, each) in enumerate(value.items()):
            yield (between if index else "{") + before
            yield f"{json.dumps(str(key), ensure_ascii=False)}: "
            yield from _json(each, inner)
        yield after + "}"
    elif isinstance(value, (list, tuple)) and value:
        for index, each in enumerate(value):
            yield (between if index else "[") + before
            yield from _json(each, inner)
        yield after + "]"
    else:
        yield json.dumps(value, ensure_ascii=False, default=str)
