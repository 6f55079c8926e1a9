"""What the server says, as values: tolerant, exact, and one bad item costs only itself."""

import copy
import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bookings.waldur import models, options
from bookings.waldur.fieldsets import NEVER
from bookings.waldur.models import (
    Booking,
    GoogleCalendar,
    Offering,
    Person,
    Record,
    Slot,
    Unreadable,
    read_item,
    read_items,
)

UUID = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
DASHED = "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9"
SECRET = "correct horse battery staple"
Sample = Callable[[str], Any]
LOOSE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


def offering(**fields: Any) -> Offering:
    read = read_item(Offering, {"uuid": UUID, **fields})
    assert isinstance(read, Offering), read
    return read


def reason(model: type[Record] = Offering, **fields: Any) -> str:
    read = read_item(model, {"uuid": UUID, **fields})
    assert isinstance(read, Unreadable), read
    return read.reason


# --- whole items ----------------------------------------------------------------------------


def test_the_observed_item_is_read_whole(sample: Sample) -> None:
    """Every key of the item that a real server sends has its field, at every level."""
    item = sample("observed")
    read = read_item(Offering, item)

    assert isinstance(read, Offering)
    assert set(item) == read.model_fields_set
    assert list(unknown_fields(read)) == []
    assert (
        read.state,
        read.order_count,
        read.citation_count,
        read.rating,
    ) == ("Paused", 17, -1, 5)
    assert datetime(2025, 2, 3, 4, 5, 6, 789012, UTC) == read.created
    assert (read.latitude, read.longitude) == (58.25, 26.5)
    assert item["attributes"] == read.attributes
    assert tuple(part.type for part in read.components) == ("wood", "entry")
    assert read.googlecalendar is not None
    assert read.googlecalendar.public


def test_the_published_item_is_read_whole(sample: Sample) -> None:
    """Every key of the schema that the observed server does not send has its field too."""
    item = sample("published")
    read = read_item(Offering, item)

    assert isinstance(read, Offering)
    assert set(item) == read.model_fields_set
    assert list(unknown_fields(read)) == []
    assert read.partitions[0].def_mem_per_node == 9223372036854775807
    assert read.partitions[0].cpu_bind == 24576
    assert read.partitions[0].max_nodes is None
    assert Decimal("3.14") == read.plans[0].components[0].price
    assert Decimal("1E-10") == read.plans[0].unit_price
    assert read.state == "Unavailable"


def unknown_fields(value: Any) -> Any:
    """Keys that no model names, at any depth."""
    if isinstance(value, Record):
        yield from value.model_extra or ()
        for name in type(value).model_fields:
            yield from unknown_fields(getattr(value, name))
    elif isinstance(value, tuple):
        for part in value:
            yield from unknown_fields(part)


def test_an_item_with_nothing_but_a_uuid_is_an_offering() -> None:
    """Every other key may be missing, and what is missing is known to be."""
    read = offering()

    assert {"uuid"} == read.model_fields_set
    assert (read.name, read.plans, read.googlecalendar) == ("", (), None)


@given(data=st.data())
def test_any_part_of_an_item_reads(sample: Sample, data: st.DataObject) -> None:
    """Any subset of keys, any of them null, reads; only the uuid is needed."""
    item = {**sample("observed"), **sample("published")}
    kept = data.draw(st.sets(st.sampled_from(sorted(item))))
    nulls = data.draw(st.sets(st.sampled_from(sorted(item))))
    part = {key: None if key in nulls else item[key] for key in sorted(kept)}
    read = read_item(Offering, part)

    assert isinstance(read, Offering if part.get("uuid") else Unreadable)


@given(data=st.data())
def test_null_inside_an_item_reads(sample: Sample, data: st.DataObject) -> None:
    """A null at any place below the item reads as well."""
    item = copy.deepcopy({**sample("observed"), **sample("published")})
    places = [
        (part, key)
        for many in ("plans", "components", "partitions", "files", "screenshots", "quotas",
                     "tags", "roles", "endpoints", "organization_groups", "software_catalogs")
        for part in item[many]
        for key in part
    ]  # fmt: skip
    places += [(item["googlecalendar"], key) for key in item["googlecalendar"]]
    for part, key in data.draw(st.lists(st.sampled_from(places), max_size=40)):
        part[key] = None

    assert isinstance(read_item(Offering, item), Offering)


@given(st.dictionaries(st.sampled_from(sorted(Offering.model_fields)) | st.text(), LOOSE))
def test_anything_reads_or_is_unreadable(fields: dict[str, Any]) -> None:
    """No item raises, whatever its values are."""
    read = read_item(Offering, {"uuid": UUID, **fields})

    assert isinstance(read, Offering | Unreadable)
    assert not isinstance(read, Offering) or read.uuid


@given(LOOSE)
def test_anything_at_all_is_an_item_or_unreadable(item: Any) -> None:
    """An item need not even be an object."""
    for model in (Offering, Person, Booking, Slot):
        assert isinstance(read_item(model, item), model | Unreadable)


@pytest.mark.parametrize("item", [None, [], "OK", 3, True, {}, {"uuid": 3}, {"uuid": "abc"}])
def test_what_has_no_uuid_is_unreadable(item: Any) -> None:
    """An offering without a usable uuid could not be joined with anything."""
    assert isinstance(read_item(Offering, item), Unreadable)


# --- the rows next to a bad one -------------------------------------------------------------


def test_one_bad_item_costs_only_itself() -> None:
    """The others are read, in the order they came."""
    uuids = [f"{number:032x}" for number in range(5)]
    items: list[Any] = [{"uuid": uuid, "name": f"n{uuid[-1]}"} for uuid in uuids]
    items[1]["order_count"] = "many"
    items[3] = None
    good, bad = read_items(Offering, items)

    assert [item.name for item in good] == ["n0", "n2", "n4"]
    assert [(uuids[1], "n1"), ("", "")] == [(item.uuid, item.name) for item in bad]


WRONG = [
    ("order_count", SECRET),
    ("order_count", 1.5),
    ("order_count", True),
    ("order_count", 2**63),
    ("name", {"a": SECRET}),
    ("name", True),
    ("created", SECRET),
    ("created", "0001-01-01T00:00:00+23:59"),
    ("latitude", SECRET),
    ("latitude", "nan"),
    ("latitude", "inf"),
    ("latitude", False),
    ("shared", SECRET),
    ("googlecalendar", [SECRET]),
    ("googlecalendar", SECRET),
    ("plans", SECRET),
    ("plans", {"0": SECRET}),
    ("plans", [SECRET]),
    ("plans", [{"unit_price": SECRET}]),
    ("plans", [{"unit_price": "NaN"}]),
    ("plans", [{"unit_price": "1e999999"}]),
    ("plans", [{"unit_price": True}]),
    ("plans", [{"prices": {"wood": SECRET}}]),
    ("customer_uuid", [SECRET]),
    ("total_cost", SECRET),
]


@pytest.mark.parametrize(("field", "value"), WRONG)
def test_a_wrong_type_is_a_row_that_says_so(field: str, value: Any) -> None:
    """The reason names the field and the rule, never the value; uuid and name are kept."""
    read = read_item(Offering, {"uuid": DASHED, "name": "Sauna", field: value})

    assert isinstance(read, Unreadable)
    assert read.uuid == UUID
    assert ("" if field == "name" else "Sauna") == read.name
    assert f"Field {field}" in read.reason
    assert SECRET not in read.reason


def test_a_reason_has_bounds() -> None:
    """A key of the server's choosing does not fill the screen."""
    assert len(reason(plans=[{"prices": {"k" * 5000: "x"}}])) < 300


# --- single kinds of field ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("came", "fields"),
    [
        ({"googlecalendar": None}, None),
        ({}, None),
        ({"googlecalendar": {}}, (None, None, None)),
        ({"googlecalendar": {"public": True}}, (None, True, None)),
        ({"googlecalendar": {"backend_id": None, "public": False}}, (None, False, None)),
        ({"googlecalendar": {"backend_id": "b", "http_link": None}}, ("b", None, None)),
        ({"googlecalendar": {"backend_id": "b", "public": None, "new": 1}}, ("b", None, None)),
    ],
)
def test_a_calendar_may_be_null_missing_or_half_filled(came: Any, fields: Any) -> None:
    """Whatever is there is kept; the rest is unknown, not false."""
    calendar: GoogleCalendar | None = offering(**came).googlecalendar

    assert fields == (calendar and (calendar.backend_id, calendar.public, calendar.http_link))


@pytest.mark.parametrize(
    ("came", "amount"),
    [
        ("10.0000000000", "10.0000000000"),
        (10, "10"),
        (Decimal("0.123456789"), "0.123456789"),
        (Decimal("1E-10"), "1E-10"),
        ("0.0000000001", "1E-10"),
        ("-3.5", "-3.5"),
        (0, "0"),
    ],
)
def test_an_amount_is_decimal_however_it_came(came: Any, amount: str) -> None:
    """Numbers and decimal strings give the same exact Decimal."""
    plan = offering(plans=[{"unit_price": came, "prices": {"a": came, "b": None}}]).plans[0]

    assert amount == str(plan.unit_price)
    assert {"a": Decimal(amount), "b": None} == plan.prices


def test_every_amount_of_the_sample_is_decimal(sample: Sample) -> None:
    """No price, quota or fee of a plan is a float."""
    plan = offering(plans=sample("observed")["plans"]).plans[0]
    amounts = [plan.unit_price, plan.init_price, plan.switch_price, plan.minimal_price]
    amounts += [*plan.prices.values(), *plan.future_prices.values(), *plan.quotas.values()]

    assert {Decimal, NoneType} == {type(amount) for amount in amounts}
    assert Decimal("1E-10") == plan.prices["entry"]
    assert Decimal("0.1") + Decimal("0.2") == plan.prices["wood"] + plan.future_prices["wood"]


def test_uuids_are_spelled_one_way(sample: Sample) -> None:
    """With or without dashes a uuid is the same, at every level; what is none stays as it is."""
    read = offering(**{**sample("published"), "project_uuid": "none-of-ours"})
    found = json.dumps([value for value in uuids_of(read) if value != "none-of-ours"])

    assert "-" not in found
    assert found == found.lower()
    assert read.project_uuid == "none-of-ours"
    assert offering(uuid=DASHED).uuid == UUID
    booking = read_item(Booking, {"uuid": DASHED, "offering_uuid": DASHED})
    assert isinstance(booking, Booking)
    assert booking.offering_uuid == UUID


def uuids_of(value: Any) -> Any:
    """Every uuid of a value, at any depth."""
    if isinstance(value, tuple):
        for part in value:
            yield from uuids_of(part)
    if isinstance(value, Record):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if isinstance(inner, str) and (name.endswith("uuid") or name == "overage_component"):
                yield inner
            yield from uuids_of(inner)


@pytest.mark.parametrize(
    ("came", "moment"),
    [
        ("2025-02-03T04:05:06.789012Z", datetime(2025, 2, 3, 4, 5, 6, 789012, UTC)),
        ("2025-02-03T04:05:06+02:00", datetime(2025, 2, 3, 2, 5, 6, tzinfo=UTC)),
        ("2025-02-03T04:05:06", datetime(2025, 2, 3, 4, 5, 6, tzinfo=UTC)),
        ("2025-02-03", datetime(2025, 2, 3, tzinfo=UTC)),
    ],
)
def test_a_moment_always_has_a_zone(came: str, moment: datetime) -> None:
    """Any two moments can be compared, as each is in UTC."""
    read = offering(created=came)

    assert moment == read.created
    assert read.created is not None
    assert UTC is read.created.tzinfo


@pytest.mark.parametrize("state", ["Draft", "Retired", "", "ÜBER"])
def test_an_unknown_state_is_shown_as_it_came(state: str) -> None:
    """Enum values are plain text."""
    read = offering(state=state, plans=[{"unit": state}], components=[{"billing_type": state}])

    assert (state, state, state) == (
        read.state,
        read.plans[0].unit,
        read.components[0].billing_type,
    )


def test_unknown_fields_are_kept() -> None:
    """What this product does not know is kept for the Raw tab, at every level."""
    read = offering(brand_new={"a": 1}, plans=[{"colour": "red"}])

    assert read.model_extra == {"brand_new": {"a": 1}}
    assert read.plans[0].model_extra == {"colour": "red"}


@pytest.mark.parametrize("key", ["model_extra", "model_dump", "__class__", "self", "model_config"])
def test_a_key_that_looks_like_ours_does_no_harm(key: str) -> None:
    """A key with the name of a model's method is only kept."""
    read = offering(**{key: "x"}, name="Sauna")

    assert type(read) is Offering
    assert read.model_dump()[key] == "x"


def test_secrets_are_dropped() -> None:
    """Credentials of the service are not kept, even where a server sends them unasked."""
    read = offering(**dict.fromkeys(NEVER, SECRET))

    assert not NEVER & read.model_fields_set
    assert SECRET not in repr(read)
    assert SECRET not in read.model_dump_json()


def test_a_value_does_not_change() -> None:
    """A value that many threads read cannot be written."""
    read = offering(name="Sauna")

    with pytest.raises(ValidationError):
        read.name = "Other"


# --- people, bookings -----------------------------------------------------------------------


def test_a_person_has_no_token() -> None:
    """The token that `users/me` contains is dropped with everything else unknown."""
    answer = {
        "uuid": DASHED,
        "username": "mari",
        "full_name": "Mari Maasikas",
        "email": "mari@lake.test",
        "token": SECRET,
        "token_lifetime": 3600,
        "permissions": [{"role_name": "CUSTOMER.OWNER", "scope_type": "customer",
                         "scope_uuid": DASHED, "scope_name": "Lake", "expiration_time": None}],
    }  # fmt: skip
    person = read_item(Person, answer)

    assert isinstance(person, Person)
    assert SECRET not in repr(person) + person.model_dump_json()
    assert not hasattr(person, "token")
    assert (person.is_staff, person.is_support) == (False, False)
    assert (
        person.permissions[0].role_name,
        person.permissions[0].scope_uuid,
    ) == ("CUSTOMER.OWNER", UUID)


@pytest.mark.parametrize(
    ("full_name", "shown"), [("Mari M", "Mari M"), ("", "mari"), (None, "mari")]
)
def test_a_person_without_a_full_name_is_called_by_the_username(full_name: Any, shown: str) -> None:
    """A name is always shown."""
    person = read_item(Person, {"uuid": UUID, "username": "mari", "full_name": full_name})

    assert isinstance(person, Person)
    assert shown == person.shown_name


def test_the_record_names_a_person_by_the_username() -> None:
    """Or by the full name, where there is no username."""
    assert Person(uuid=UUID, username="mari", full_name="Mari M").named == "mari"
    assert Person(uuid=UUID, full_name="Mari M").named == "Mari M"


def test_a_person_with_nulls_is_read() -> None:
    """Nulls where a truth value or a list belongs do not stop a sign-in."""
    answer = dict.fromkeys(Person.model_fields) | {"uuid": UUID}
    person = read_item(Person, answer)

    assert isinstance(person, Person)
    assert (person.is_staff, person.is_support, person.permissions) == (False, False, ())


def test_a_booking_is_read_with_its_slots() -> None:
    """Slots come with moments that have a zone, even where the server left it out."""
    slots = [{"start": "2025-02-03T16:00:00Z", "end": "2025-02-03T18:00:00", "backend_id": "b"}]
    booking = read_item(Booking, {"uuid": UUID, "state": "Brewing", "slots": slots})

    assert isinstance(booking, Booking)
    assert booking.state == "Brewing"
    assert booking.slots[0].start is not None
    assert booking.slots[0].end is not None
    assert booking.slots[0].start < booking.slots[0].end


# --- nested settings ------------------------------------------------------------------------


def test_options_are_read_with_their_fields() -> None:
    """A form has its questions by name, with whatever configures them."""
    read = options.read_options(
        {
            "order": ["size", "disk"],
            "options": {
                "size": {"type": "integer", "label": "Size", "min": 1, "max": Decimal("9.5")},
                "disk": {
                    "type": "new_kind",
                    "required": True,
                    "default": {"any": "thing"},
                    "choices": ["a", 2],
                    "cascade_config": {"steps": [{"name": "s", "choices_map": {"a": ["b"]}}]},
                    "storage_folder_config": {"storage_data_types": [{"key": "k"}]},
                    "validators": [{"type": "gt", "target_field": "size"}],
                    "surprise": 1,
                },
            },
        }
    )

    assert read is not None
    assert read.order == ("size", "disk")
    assert Decimal("9.5") == read.options["size"].max
    disk = read.options["disk"]
    assert disk.choices == ("a", "2")
    assert disk.model_extra == {"surprise": 1}
    assert disk.cascade_config is not None
    assert disk.cascade_config.steps[0].choices_map == {"a": ["b"]}


def test_plugin_options_tell_unsaid_from_false() -> None:
    """What the server does not say is None."""
    read = options.read_plugin_options({"supports_pausing": False, "max_volumes": 4, "new": "x"})

    assert read is not None
    assert (read.supports_pausing, read.supports_downscaling, read.max_volumes) == (False, None, 4)
    assert read.model_extra == {"new": "x"}


@pytest.mark.parametrize("value", [None, [], "", 3, {"order": 3}, {"options": {"a": 1}}])
def test_options_that_do_not_fit_are_none(value: Any) -> None:
    """The screen then shows the raw value."""
    assert options.read_options(value) is None


@pytest.mark.parametrize("value", [None, [], "x", {"max_volumes": "many"}])
def test_plugin_options_that_do_not_fit_are_none(value: Any) -> None:
    """The screen then shows the raw value."""
    assert options.read_plugin_options(value) is None


@given(
    st.dictionaries(st.sampled_from(["order", "options", "x"]), LOOSE)
    | st.dictionaries(st.sampled_from(sorted(options.PluginOptions.model_fields)), LOOSE)
    | LOOSE
)
def test_settings_read_or_are_none(value: Any) -> None:
    """No stored setting raises."""
    assert isinstance(options.read_options(value), options.OfferingOptions | None)
    assert isinstance(options.read_plugin_options(value), options.PluginOptions | None)


def test_every_field_of_every_model_may_be_missing_or_null() -> None:
    """Only the uuid by which an item is known is required."""
    required = {
        (model.__name__, name)
        for model in records()
        for name, field in model.model_fields.items()
        if field.is_required()
    }
    known_by_uuid = ("Offering", "Person", "Booking", "GoogleCredentials")

    assert {(name, "uuid") for name in known_by_uuid} == required
    for model in records():
        nulls: dict[str, Any] = dict.fromkeys(model.model_fields)
        assert isinstance(read_item(model, nulls | {"uuid": UUID}), model)


def records() -> list[type[Record]]:
    found = []
    for module in (models, options):
        found += [
            value
            for value in vars(module).values()
            if isinstance(value, type) and issubclass(value, Record) and not get_args(value)
        ]
    return [model for model in dict.fromkeys(found) if model is not Record]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("max_time", "1e999999"),
        ("max_time", "7-00:00:00"),
        ("max_mem_per_node", 2**63),
        ("max_nodes", True),
        ("req_resv", "maybe"),
        ("qos", ["normal"]),
    ],
)
def test_a_limit_that_cannot_be_read_is_kept_as_it_came(field: str, value: Any) -> None:
    """It costs neither the partition nor the offering, and is told apart from one not recorded."""
    item = {"partition_name": "batch", "min_nodes": "2", field: value}
    read = read_item(Offering, {"uuid": DASHED, "partitions": [item]})

    assert isinstance(read, Offering)
    [partition] = read.partitions
    assert {field: value} == partition.unread
    assert getattr(partition, field) is None
    assert (partition.partition_name, partition.min_nodes) == ("batch", 2)
