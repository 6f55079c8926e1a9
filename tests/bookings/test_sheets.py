"""Where every field of an offering is shown, and how its value is said."""

import json
import types
import typing
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.sheets import (
    COLUMNS,
    TABS,
    Form,
    Line,
    Manner,
    as_json,
    is_recorded,
    other_attributes,
    plugin_lines,
    recorded,
    say_data,
    schedules_of,
    unknown_fields,
)
from bookings.waldur.models import (
    Booking,
    Offering,
    Plan,
    Record,
    Slot,
    SoftwareCatalog,
    read_item,
)
from bookings.waldur.options import OptionField, PluginOptions

UUID = "d23e07c3312244b5995156de396a4b14"
MANNER = Manner("EUR")


def offering(**fields: Any) -> Offering:
    """An offering as the server would send it with these fields."""
    read = read_item(Offering, {"uuid": UUID, **fields})
    assert isinstance(read, Offering), read
    return read


def said(field: str, value: Any) -> str:
    """How the value of a field of an offering is said."""
    line = next(line for lines in TABS.values() for line in lines if line.field == field)
    return line.say(getattr(offering(**{field: value}), field), MANNER)


def records_in(annotation: Any) -> set[type[Record]]:
    """Every model that a type annotation holds, at any depth."""
    if isinstance(annotation, type) and not isinstance(annotation, types.GenericAlias):
        return {annotation} if issubclass(annotation, Record) else set()
    return {found for each in typing.get_args(annotation) for found in records_in(each)}


def records_of(model: type[Record]) -> set[type[Record]]:
    """The models that stand inside a model, and inside those."""
    direct = {
        each for field in model.model_fields.values() for each in records_in(field.annotation)
    }
    return direct | {deeper for each in direct for deeper in records_of(each)}


class TestPlaces:
    """Nothing that the server sends is left without a place."""

    def test_every_field_of_an_offering_has_one_place(self) -> None:
        """The tabs together show each field of the model, and each once."""
        shown = [line.field for lines in TABS.values() for line in lines]

        assert sorted(shown) == sorted(Offering.model_fields)

    @pytest.mark.parametrize(
        "model",
        sorted(records_of(Offering) | {Booking, Slot, OptionField}, key=lambda m: m.__name__),
    )
    def test_every_field_inside_an_offering_has_a_column(self, model: type[Record]) -> None:
        """Records inside an offering, and its bookings, are shown with all their fields."""
        assert sorted(line.field for line in COLUMNS[model]) == sorted(model.model_fields)

    def test_every_plugin_option_is_known(self) -> None:
        """The table of plugin options can name each option of the published schema."""
        assert [line.field for line in plugin_lines()] == list(PluginOptions.model_fields)

    @pytest.mark.parametrize("lines", [*TABS.values(), *COLUMNS.values()])
    def test_labels_are_told_apart(self, lines: tuple[Line, ...]) -> None:
        """No two fields of one tab or one table have the same label and shape."""
        labels = [(line.label, line.form) for line in lines]

        assert len(set(labels)) == len(labels)

    def test_the_fields_with_tables_are_those_with_records_or_settings(self) -> None:
        """A field that holds records is not squeezed into one line."""
        tables = {x.field for lines in TABS.values() for x in lines if x.form is Form.TABLE}
        many = {
            name
            for name, field in Offering.model_fields.items()
            if records_in(field.annotation) and name != "tags"
        }

        assert many | {"attributes", "options", "resource_options", "plugin_options"} == tables


class TestRecorded:
    """Recorded, empty, and not sent are three different things."""

    def test_tells_the_three_apart(self) -> None:
        """0 and no are values; null and "" are not recorded; a missing key was not sent."""
        lines = TABS["Summary"]
        item = offering(order_count=0, shared=False, rating=None, slug="", tags=[])
        values, empty, absent = recorded(item, lines, MANNER)

        assert {line.field: text for line, text in values} == {
            "uuid": UUID, "order_count": "0", "shared": "no",
        }  # fmt: skip
        assert {line.field for line in empty} == {"rating", "slug", "tags"}
        assert "name" in {line.field for line in absent}

    @pytest.mark.parametrize("value", [0, False, 0.0, Decimal(0), "x", ("",), {"a": None}])
    def test_is_recorded(self, value: Any) -> None:
        """Whatever says something counts, zero included."""
        assert is_recorded(value)

    @pytest.mark.parametrize("value", [None, "", (), [], {}])
    def test_is_not_recorded(self, value: Any) -> None:
        """Null and emptiness say nothing."""
        assert not is_recorded(value)


class TestWords:
    """Values are said for people, with nothing lost."""

    @pytest.mark.parametrize(
        ("field", "value", "expected"),
        [
            ("created", "2026-11-01T23:59:59.030652Z", "2026-11-01 23:59:59 UTC"),
            ("rating", 4, "4 of 5"),
            ("citation_count", -1, "unknown to the server (-1)"),
            ("citation_count", 1200, "1,200"),
            ("country", "EE", "Estonia (EE)"),
            ("country", "XX", "XX"),
            ("latitude", 59.437, "59.437°"),
            ("latitude", 0.0, "0.0°"),
            ("total_cost", "12.5", "€12.50"),
            ("total_cost", "1E-10", "€0.0000000001"),
            ("total_cost", "1E-12", "0.000000000001 EUR"),
            ("total_cost", "0.12345678901", "€0.123456789 (exactly 0.12345678901)"),
            ("tags", [{"name": "new"}, {"name": ""}], "new, unnamed"),
            ("paused_reason", "<p>Until <b>May</b></p>", "Until May"),
            ("googlecalendar", {"public": True}, "public"),
            ("googlecalendar", {}, "not said"),
            ("options", {"options": {"a": {}}}, "1 fields"),
            ("options", ["odd"], '["odd"]'),
            ("backend_metadata", {"n": Decimal("0.10"), "s": "ü"}, '{"n": 0.1, "s": "ü"}'),
        ],
    )
    def test_of_an_offering(self, field: str, value: Any, expected: str) -> None:
        """A field of an offering in words."""
        assert said(field, value) == expected

    @pytest.mark.parametrize(
        ("field", "value", "expected"),
        [
            ("catalog", {"name": "Spack", "version": "0.23", "description": "d"}, "Spack 0.23: d"),
            ("catalog", {"name": "Spack"}, "Spack"),
            ("catalog", "Spack", "Spack"),
            ("catalog", {"x": 1}, '{"x": 1}'),
            ("partition", {"partition_name": "gpu", "qos": "x"}, "gpu"),
            ("partition", ["gpu"], '["gpu"]'),
            ("enabled_cpu_family", ["x86_64", "aarch64"], "x86_64, aarch64"),
            ("enabled_cpu_family", [1], "[1]"),
        ],
    )
    def test_of_software(self, field: str, value: Any, expected: str) -> None:
        """Fields without a published shape are said as far as they are understood."""
        line = next(line for line in COLUMNS[SoftwareCatalog] if line.field == field)

        assert line.say(getattr(SoftwareCatalog(**{field: value}), field), MANNER) == expected

    def test_of_a_plan(self) -> None:
        """Prices by type keep null apart from 0."""
        plan = Plan(
            prices={"cpu": Decimal("0.5"), "gpu": None}, quotas={"cpu": 0}, unit="half_month"
        )
        words = {line.field: line.say for line in COLUMNS[Plan]}

        assert words["prices"](plan.prices, MANNER) == "cpu: €0.50, gpu: not recorded"
        assert words["quotas"](plan.quotas, MANNER) == "cpu: 0"
        assert words["unit"](plan.unit, MANNER) == "half month"

    def test_of_a_booking(self) -> None:
        """The first stretch of time is said, and how many follow."""
        times = [datetime(2026, 12, day, 9, tzinfo=UTC) for day in (3, 2)]
        slots = tuple(Slot(start=each, end=each.replace(hour=11)) for each in times)
        say = next(line.say for line in COLUMNS[Booking] if line.field == "slots")

        assert say(slots, MANNER) == (
            "2026-12-02 09:00:00 UTC – 2026-12-02 11:00:00 UTC and 1 more"
        )
        assert say((Slot(),), MANNER) == "no times"

    def test_of_a_form(self) -> None:
        """A comparison of an order form is said with its sign."""
        field = OptionField.model_validate({"validators": [{"type": "gte", "target_field": "min"}]})
        say = next(line.say for line in COLUMNS[OptionField] if line.field == "validators")

        assert say(field.validators, MANNER) == "≥ min"


class TestSchedules:
    """The server stores whatever a browser sent; nothing of it breaks the table."""

    def test_the_usual_shape(self) -> None:
        """An availability of the Waldur front end."""
        entry = {
            "id": "availability-0", "start": "2026-11-24T13:00:00.000Z",
            "end": "2026-11-24T21:00:00.000+02:00", "title": "", "allDay": False,
            "extendedProps": {"type": "Availability", "config": {
                "weekends": True, "slotDuration": "01:00:00", "businessHours": {
                    "endTime": "18:00", "startTime": "08:00", "daysOfWeek": [1, 5]}}},
        }  # fmt: skip
        [schedule] = schedules_of({"schedules": [entry]}, MANNER)

        assert schedule.start == "2026-11-24 13:00:00 UTC"
        assert schedule.end == "2026-11-24 19:00:00 UTC"
        assert schedule.hours == "Mon, Fri 08:00–18:00"
        assert (schedule.kind, schedule.slot, schedule.weekends) == (
            "Availability",
            "01:00:00",
            "yes",
        )

    @pytest.mark.parametrize("attributes", [None, [], "x", {}, {"schedules": None}])
    def test_none(self, attributes: Any) -> None:
        """Attributes without a list of schedules have none."""
        assert schedules_of(attributes, MANNER) == []

    @pytest.mark.parametrize(
        ("start", "expected"),
        [
            (None, ""),
            ("soon", "soon"),
            ("2026-11-24T13:00:00", "2026-11-24T13:00:00 (no time zone)"),
            ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
            (5, "5"),
        ],
    )
    def test_times_that_cannot_be_read(self, start: Any, expected: str) -> None:
        """They are shown as they came."""
        [schedule] = schedules_of({"schedules": [{"start": start}]}, MANNER)

        assert schedule.start == expected

    def test_an_entry_that_is_no_object(self) -> None:
        """It stands in its row as it came."""
        assert schedules_of({"schedules": [7]}, MANNER)[0].title == "7"

    def test_other_attributes(self) -> None:
        """Whatever else is stored beside the schedules is kept."""
        assert other_attributes({"schedules": [], "colour": "red"}) == {"colour": "red"}
        assert other_attributes(None) == {}


class TestRaw:
    """Everything as it came, and nothing that must not be seen."""

    def test_every_digit(self) -> None:
        """Prices are exact numbers, not floats."""
        item = offering(total_cost="0.1234567890123456789", plans=[{"unit_price": "1E-10"}])
        text = as_json(item)

        assert '"total_cost": 0.1234567890123456789' in text
        assert '"unit_price": 0.0000000001' in text

    def test_only_what_came(self) -> None:
        """Fields that were not sent do not appear; null does, and unknown ones do."""
        item = offering(rating=None, created="2026-11-01T10:00:00Z", colour={"r": Decimal("1.50")})

        assert json.loads(as_json(item)) == {
            "uuid": UUID, "created": "2026-11-01T10:00:00Z", "rating": None, "colour": {"r": 1.5},
        }  # fmt: skip

    def test_no_credentials(self) -> None:
        """They are dropped at any depth, and not among the unknown fields either."""
        item = offering(
            secret_options={"k": "canary"},
            plugin_options={"secret_options": "canary", "x": 1},
            plans=[{"secret_options": "canary"}],
        )

        assert "canary" not in as_json(item)
        assert "canary" not in str(unknown_fields(item))

    def test_deep_nesting_ends(self) -> None:
        """A value nested beyond all sense is cut, not fatal."""
        deep: Any = "end"
        for _ in range(400):
            deep = [deep]

        assert "…" in as_json(offering(backend_metadata=deep))
        assert "…" in say_data(deep)

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
            max_leaves=12,
        )
    )
    def test_is_json_whatever_came(self, value: Any) -> None:
        """Any JSON that the server may hold comes out as the same JSON."""
        assert json.loads(as_json(offering(backend_metadata=value)))["backend_metadata"] == value

    def test_unknown_fields_say_where_they_stand(self) -> None:
        """At the top, inside records, and inside settings."""
        item = offering(
            colour="red",
            googlecalendar={"shade": 1},
            plans=[{}, {"season": [1]}],
            options={"options": {"a": {"hue": True}}},
            plugin_options={"novelty": None},
        )

        assert dict(unknown_fields(item)) == {
            "colour": "red",
            "googlecalendar.shade": "1",
            "plans[1].season": "[1]",
            "options.options.a.hue": "true",
            "plugin_options.novelty": "null",
        }

    def test_nothing_unknown(self) -> None:
        """An item of known fields has none."""
        assert unknown_fields(offering(name="x", plugin_options="odd")) == []
