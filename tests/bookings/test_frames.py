"""Tables of what is loaded."""

from datetime import UTC, datetime
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bookings.frames import (
    MAP_COLUMNS,
    OFFERING_COLUMNS,
    PARTITION_COLUMNS,
    PLAN_COLUMNS,
    PLAN_COMPONENT_COLUMNS,
    SEARCH,
    UNPLACED_COLUMNS,
    Column,
    fold,
    map_frame,
    natural,
    offerings_frame,
    partitions_frame,
    plan_components_frame,
    plans_frame,
    unplaced_frame,
)
from bookings.portfolio import Snapshot
from bookings.slurm.limits import LIMITS, Unit
from bookings.waldur.fieldsets import GROUPS
from bookings.waldur.models import Offering, OfferingComponent, Partition, Plan

# A busy machine may take long over one example.

TABLES = {
    "offerings": OFFERING_COLUMNS,
    "partitions": PARTITION_COLUMNS,
    "plans": PLAN_COLUMNS,
    "plan components": PLAN_COMPONENT_COLUMNS,
    "map": MAP_COLUMNS,
    "unplaced": UNPLACED_COLUMNS,
}
UUID = "9c0bd3eff80749648691b411531d6ac3"
HOSTILE_NAMES = [
    "<script>alert('xss')</script>", '=HYPERLINK("http://evil.example","x")', "$E=mc^2$ :rocket:",
    "**bold** [link](https://x.example)", "  leading", "two\nlines", "line\u2028separator",
    "zero\u200bwidth", "\u202eright to left", "nul\x00", "half \ud800", "", " ", "é" * 150,
]  # fmt: skip


def offering(**fields: Any) -> Offering:
    """An offering with the given fields and a uuid."""
    return Offering.model_validate({"uuid": UUID, **fields})


def snapshot(*offerings: Offering, read_only: frozenset[str] = frozenset()) -> Snapshot:
    """What is loaded: these offerings."""
    return Snapshot(offerings=offerings, read_only=read_only)


def row(**fields: Any) -> dict[str, Any]:
    """The only row of the offerings frame of one offering."""
    (only,) = offerings_frame(snapshot(offering(**fields)), currency="EUR").to_dict("records")
    return only


def every_frame(loaded: Snapshot) -> dict[str, pd.DataFrame]:
    """All tables that are made of a snapshot."""
    offerings = offerings_frame(loaded, currency="EUR")
    first = loaded.offerings[0] if loaded.offerings else offering()
    plan = first.plans[0] if first.plans else Plan()
    return {
        "offerings": offerings,
        "partitions": partitions_frame(loaded),
        "plans": plans_frame(loaded, "EUR"),
        "plan components": plan_components_frame(plan, first.components, "EUR"),
        "map": map_frame(offerings),
        "unplaced": unplaced_frame(offerings),
    }


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    """The columns of a frame and their dtypes, in order."""
    return {str(key): str(dtype) for key, dtype in frame.dtypes.items()}


FULL = offering(
    created="2026-11-24T11:07:23.908926Z",
    name="Rich",
    slug="rich-1",
    description="<p>Short <b>HTML</b></p><p>more</p>",
    customer_name="Nordic",
    project_name="NRF internal",
    category_title="Meeting rooms",
    state="Active",
    type="Marketplace.Booking",
    shared=True,
    billable=False,
    latitude=59.437,
    longitude=24.7536,
    country="EE",
    paused_reason="<i>Repair</i>",
    googlecalendar={
        "backend_id": "rich@group.calendar.google.com",
        "public": True,
        "http_link": "https://calendar.google.com/calendar/embed?src=rich",
    },
    components=[
        {"type": "rent", "name": "Rent", "billing_type": "fixed", "measured_unit": "hours"},
        {
            "type": "energy", "name": "Energy", "billing_type": "usage", "measured_unit": "kWh",
            "limit_period": "month", "limit_amount": 100, "min_value": 1, "max_value": 9,
            "default_limit": 5, "article_code": "E-1", "description": "<b>Metered</b>",
            "is_boolean": False,
        },
    ],
    plans=[
        {
            "uuid": "a", "name": "Basic", "unit": "day", "unit_price": "10.0000000000",
            "init_price": 50.0, "switch_price": 0, "minimal_price": 63.5, "is_active": True,
            "archived": False, "max_amount": 20, "resources_count": 3,
            "prices": {"rent": 10.0, "energy": 0.123456789},
            "future_prices": {"rent": None, "energy": 0.2}, "quotas": {"rent": 1, "energy": 0},
            "organization_groups": [{"name": "Baltics"}],
        },
        {"uuid": "b", "name": "Old", "unit": "half_month", "unit_price": "1", "archived": True},
    ],
    partitions=[
        {
            "uuid": "c", "partition_name": "batch", "max_time": 10080, "default_time": 2160,
            "def_mem_per_cpu": 256000, "max_nodes": 0, "cpu_bind": 5, "qos": "normal",
            "exclusive_user": False, "qos_options": [{"qos_name": "high"}], "cpu_arch": "zen4",
        },
        {"partition_name": "debug"},
    ],
)  # fmt: skip


# --- columns --------------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "loaded",
    [snapshot(), snapshot(offering()), snapshot(FULL), snapshot(FULL, offering(name="x"))],
    ids=["nothing", "bare", "full", "mixed"],
)
def test_columns_and_dtypes_are_the_declared_ones(table: str, loaded: Snapshot) -> None:
    """A table of nothing has the same columns and dtypes as any other, and a plain index."""
    frame = every_frame(loaded)[table]

    assert {column.key: column.dtype for column in TABLES[table]} == dtypes(frame)
    assert list(frame.index) == list(range(len(frame)))


@pytest.mark.parametrize("table", TABLES)
def test_declarations_are_distinct_and_complete(table: str) -> None:
    """Keys and labels occur once, help is made of sentences, and groups exist."""
    columns = TABLES[table]

    assert len(columns) == len({column.key for column in columns})
    assert len(columns) == len({column.label for column in columns})
    assert all(column.group in GROUPS for column in columns)
    assert all(column.help == "" or column.help.endswith((".", "it is not")) for column in columns)
    assert any(column.shown for column in columns)


def test_what_serves_the_program_only_is_internal() -> None:
    """Search text and row number are marked, so that no screen or file shows them."""
    internal = {c.key for columns in TABLES.values() for c in columns if c.internal}

    assert internal == {SEARCH, "place"}
    assert not any(c.shown for c in OFFERING_COLUMNS if c.internal)
    assert not Column("name", "Name").internal


# --- offerings ------------------------------------------------------------------------------


def test_a_full_offering() -> None:
    """Every cell of an offering with all its groups."""
    (only,) = offerings_frame(snapshot(FULL), currency="EUR").to_dict("records")

    assert only.pop(SEARCH).startswith("rich\nrich-1\nnordic\nmeeting rooms\nshort html")
    assert only == {
        "uuid": UUID,
        "name": "Rich",
        "provider": "Nordic",
        "category": "Meeting rooms",
        "state": "Active",
        "country": "EE",
        "country_name": "Estonia",
        "calendar": "public",
        "calendar_link": "https://calendar.google.com/calendar/embed?src=rich",
        "partitions": 2,
        "partition_names": ["batch", "debug"],
        "qos": ["normal", "high"],
        "plans": 1,
        "plan_units": ["day"],
        "price_from": 10.0,
        "price": "from €10.00 per day",
        "price_unit": "day",
        "shared": True,
        "billable": False,
        "created": pd.Timestamp("2026-11-24T11:07:23.908926Z"),
        "access": "act",
        "project": "NRF internal",
        "slug": "rich-1",
        "description": "Short HTML more",
        "paused_reason": "Repair",
        "latitude": 59.437,
        "longitude": 24.7536,
        "placement": "on_map",
        "placement_reason": "",
        "type": "Marketplace.Booking",
    }


def test_what_is_not_loaded_is_missing_and_what_is_empty_is_not() -> None:
    """A group that has not come leaves <NA>; an empty one is 0 and an empty list."""
    bare = row()
    empty = row(plans=[], partitions=[])

    assert bare["partitions"] is None
    assert bare["plans"] is None
    assert bare["qos"] is bare["partition_names"] is bare["plan_units"] is None
    assert (empty["partitions"], empty["plans"]) == (0, 0)
    assert empty["qos"] == empty["partition_names"] == empty["plan_units"] == []
    assert pd.isna(bare["price"])
    assert empty["price"] == ""


def test_unrecorded_flags_are_neither_true_nor_false() -> None:
    """An absent `shared` stays unknown."""
    assert row()["shared"] is None
    assert row(shared=False)["shared"] is False


def test_read_only_offerings_say_so() -> None:
    """The access column follows the snapshot."""
    frame = offerings_frame(snapshot(offering(), read_only=frozenset({UUID})))

    assert frame["access"].tolist() == ["read only"]


@pytest.mark.parametrize(
    ("prices", "text", "amount", "unit"),
    [
        ([], "", None, ""),
        ([{"unit_price": 5, "unit": "hour"}], "€5.00 per hour", 5.0, "hour"),
        (
            [{"unit_price": 300, "unit": "month"}, {"unit_price": 5, "unit": "hour"}],
            "from €5.00 per hour", 5.0, "hour",
        ),
        ([{"unit_price": 5, "unit": "day"}] * 2, "€5.00 per day", 5.0, "day"),
        ([{"unit_price": 5, "archived": True}], "", None, ""),
        ([{}], "not priced", None, ""),
        ([{}, {"unit_price": 5, "unit": "day"}], "from €5.00 per day", 5.0, "day"),
        (
            [{"prices": {"cpu": "0.01"}, "unit": "day"}, {"unit_price": 5, "unit": "day"}],
            "from €5.00 per day", 5.0, "day",
        ),
        ([{"prices": {"cpu": "0.01"}}], "€0.01 / cpu", 0.01, "cpu"),
        ([{"unit_price": 0, "unit": "day"}], "free", 0.0, "day"),
        (
            [{"unit_price": 0, "unit": "day"}, {"unit_price": 5, "unit": "day"}],
            "free in one plan, priced in others", 0.0, "day",
        ),
    ],
)  # fmt: skip
def test_price(prices: list[dict[str, Any]], text: str, amount: float | None, unit: str) -> None:
    """The lowest price of the plans that can be taken, and "from" where others cost more."""
    cells = row(plans=prices)

    assert (text, unit) == (cells["price"], cells["price_unit"])
    assert cells["price_from"] is None if amount is None else amount == cells["price_from"]


def test_rows_are_sorted_as_people_sort() -> None:
    """By name without case, accents and leading spaces, numbers by value, then by uuid."""
    names = ["Room 10", "room 2", "  Alpha", "Élan", "Zeta", "eland", ""]
    items = [offering(uuid=f"{n:032x}", name=name) for n, name in enumerate(names)]
    twins = [offering(uuid=letter * 32, name="Twin") for letter in "ba"]

    frame = offerings_frame(snapshot(*items, *twins))

    expected = ["", "  Alpha", "Élan", "eland", "room 2", "Room 10", "Twin", "Twin", "Zeta"]
    assert frame["name"].tolist() == expected
    assert frame["uuid"].tolist()[6:8] == ["a" * 32, "b" * 32]


@pytest.mark.parametrize("name", [*HOSTILE_NAMES, "9" * 5000], ids=lambda name: name[:10].strip())
def test_hostile_names_are_kept(name: str) -> None:
    """A name stays as it came; only half a surrogate pair, which no table holds, is replaced."""
    loaded = snapshot(
        offering(
            name=name, customer_name=name, slug=name, category_title=name, country=name[:2],
            state=name, plans=[{"name": name, "unit": name}],
            partitions=[{"partition_name": name, "qos": name}],
        )
    )  # fmt: skip
    frames = every_frame(loaded)

    expected = name.replace("\ud800", "?")
    assert frames["offerings"]["name"].tolist() == [expected]
    assert frames["plans"]["plan"].tolist() == [expected]
    assert frames["partitions"]["partition_name"].tolist() == [expected]


@pytest.mark.parametrize(
    "created",
    ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "2026-11-24T11:07:23", None],
)
def test_any_time_has_a_cell(created: str | None) -> None:
    """Times far outside of any calendar, without a zone, or absent make a UTC column."""
    frame = offerings_frame(snapshot(offering(created=created)))

    assert frame["created"].isna().tolist() == [created is None]
    assert str(frame["created"].dt.tz) == "UTC"


def test_a_time_with_another_offset_is_brought_to_utc() -> None:
    """The moment stays the same."""
    moment = row(created="2026-11-24T13:00:00+02:00")["created"]

    assert moment == datetime(2026, 11, 24, 11, tzinfo=UTC)


def test_the_description_is_short_and_the_search_is_not() -> None:
    """A cell shows the beginning; the search looks further."""
    cells = row(description="word " * 200 + "needle")

    assert len(cells["description"]) == 500
    assert cells["description"].endswith("…")
    assert "needle" in cells[SEARCH]


def test_search_knows_both_spellings_of_a_uuid() -> None:
    """A uuid is found with and without dashes."""
    assert UUID in row()[SEARCH]
    assert "9c0bd3ef-f807-4964-8691-b411531d6ac3" in row()[SEARCH]


# --- partitions -----------------------------------------------------------------------------


def test_a_partition_with_limits() -> None:
    """The exact value stands beside its words."""
    first, second = partitions_frame(snapshot(FULL)).to_dict("records")

    expected = {
        "offering_uuid": UUID, "offering": "Rich", "provider": "Nordic", "uuid": "c",
        "partition_name": "batch", "max_time": 10080, "max_time_text": "7 d",
        "default_time_text": "1 d 12 h", "def_mem_per_cpu": 256000,
        "def_mem_per_cpu_text": "256 GB", "max_nodes": 0, "max_nodes_text": "0", "cpu_bind": 5,
        "cpu_bind_text": "verbose, cores", "exclusive_user": False, "exclusive_user_text": "no",
        "qos": "normal", "qos_options": ["normal", "high"], "cpu_arch": "zen4",
    }  # fmt: skip
    assert expected == {key: first[key] for key in expected}
    assert second["partition_name"] == "debug"


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.field)
def test_an_unrecorded_limit_is_empty(limit: Any) -> None:
    """No limit recorded is neither 0 nor unlimited: the value is missing and the text empty."""
    (cells,) = partitions_frame(snapshot(offering(partitions=[{}]))).to_dict("records")

    if limit.unit is Unit.NAME:
        assert cells[limit.field] == ""
    else:
        assert cells[limit.field] is None
        assert cells[f"{limit.field}_text"] == ""


@pytest.mark.parametrize("number", [2**63 - 1, -1, -(2**63)])
def test_absurd_numbers_are_kept(number: int) -> None:
    """The greatest and the most senseless numbers are exact, as values and in words."""
    loaded = snapshot(
        offering(partitions=[{"max_mem_per_node": number}, {"priority_tier": number}])
    )

    frame = partitions_frame(loaded)

    assert int(frame["max_mem_per_node"].iloc[0]) == number
    assert int(frame["priority_tier"].iloc[1]) == number
    assert frame["priority_tier_text"].tolist() == ["", str(number)]
    assert frame["max_mem_per_node_text"].iloc[0].split()[1] in ("MB", "TiB")


def test_a_difference_that_no_column_holds_is_missing() -> None:
    """Two numbers that fit can differ by one that does not."""
    loaded = snapshot(offering(plans=[{"max_amount": 2**63 - 1, "resources_count": -5}, {}]))

    assert plans_frame(loaded)["places_left"].isna().all()


def test_partitions_follow_the_order_of_the_offerings() -> None:
    """Offerings by name, and in each the server's own order."""
    loaded = snapshot(
        offering(name="b", partitions=[{"partition_name": "z"}, {"partition_name": "a"}]),
        offering(name="a", partitions=[{"partition_name": "m"}]),
    )

    assert partitions_frame(loaded)["partition_name"].tolist() == ["m", "z", "a"]


# --- plans ----------------------------------------------------------------------------------


def test_a_plan() -> None:
    """Every cell of a plan."""
    first, second = plans_frame(snapshot(FULL), "EUR").to_dict("records")

    assert "basic" in first.pop(SEARCH)
    assert first == {
        "offering_uuid": UUID, "offering": "Rich", "provider": "Nordic", "plan": "Basic",
        "plan_uuid": "a", "unit": "day", "active": True, "archived": False,
        "headline": "from €10.00 per day", "amount": 10.0, "price_unit": "day",
        "unit_price": "10", "init_price": 50.0, "switch_price": 0.0,
        "minimal_price": 63.5, "currency": "EUR",
        "kind": "from", "billing_types": ["fixed amount", "by use"], "discounts": 0,
        "component_types": ["rent", "energy"], "place": 0, "components": 2,
        "places_left": 17, "resources_count": 3, "max_amount": 20,
        "changing": 1, "next_change": "Energy +62 % next month", "limited_to": ["Baltics"],
        "article_code": "", "description": "",
    }  # fmt: skip
    assert (second["active"], second["unit"]) == (False, "half month")
    assert second["places_left"] is None


def test_only_a_discount_that_can_be_earned_is_counted() -> None:
    """Not a rate without a threshold, and not one of what has no quantity."""
    lines = [
        {"type": "cpu", "discount_rate": 10, "discount_threshold": 5},
        {"type": "gpu", "discount_rate": 10},
        {"type": "rent", "discount_rate": 10, "discount_threshold": 5},
    ]
    components = [
        {"type": type_, "billing_type": "fixed" if type_ == "rent" else "usage"}
        for type_ in ("cpu", "gpu", "rent")
    ]
    plans = [{"components": lines}, {"components": lines[1:]}]

    frame = plans_frame(snapshot(offering(components=components, plans=plans)))
    assert frame["discounts"].tolist() == [1, 0]


def test_a_language_and_a_currency_are_followed() -> None:
    """Amounts are written as asked for; without a currency there is none."""
    assert plans_frame(snapshot(FULL), "EUR", "de")["headline"].tolist()[0] == (
        "from 10,00\u00a0€ per day"
    )
    assert plans_frame(snapshot(FULL))["headline"].tolist()[0] == "from 10.00 per day"


def test_lines_of_a_plan() -> None:
    """Prices now and next month, how they change, and the limits of the component."""
    plan = FULL.plans[0]
    rent, energy = plan_components_frame(plan, FULL.components, "EUR").to_dict("records")

    assert (rent["price_text"], rent["amount"], rent["change"]) == (
        "€10.00 / hours per day",
        1.0,
        "",
    )
    assert rent["change_percent"] is None
    assert energy["change_percent"] == pytest.approx(62.0, abs=0.1)
    expected = {
        "type": "energy", "name": "Energy", "billing": "by use", "measured_unit": "kWh",
        "amount": None, "price_text": "€0.123456789 / kWh", "price": "0.123456789",
        "future_price_text": "€0.20", "future_price": "0.2", "change": "+€0.076543211 (+62 %)",
        "discount": "", "article_code": "E-1", "min_value": 1, "max_value": 9,
        "default_limit": 5, "limit_period": "per month",
    }  # fmt: skip
    assert expected == {key: energy[key] for key in expected}


# --- places ---------------------------------------------------------------------------------


def test_every_offering_is_on_the_map_or_among_the_others() -> None:
    """Doubtful places are in both tables, and each of the others has its reason."""
    places = {
        "good": (59.4, 24.7, "EE"),
        "none": (None, None, "EE"),
        "half": (59.4, None, "EE"),
        "zero": (0.0, 0.0, "EE"),
        "beyond": (159.0, 24.7, "EE"),
        "swapped": (24.7, 59.4, "EE"),
        "elsewhere": (-33.9, 18.4, "EE"),
    }
    loaded = snapshot(
        *(
            offering(name=name, latitude=place[0], longitude=place[1], country=place[2])
            for name, place in places.items()
        )
    )

    offerings = offerings_frame(loaded)
    drawn, unplaced = map_frame(offerings), unplaced_frame(offerings)

    assert drawn["name"].tolist() == ["elsewhere", "good", "swapped"]
    assert set(unplaced["name"]) == places.keys() - {"good"}
    assert (unplaced["reason"] != "").all()
    assert drawn["reason"].ne("").tolist() == [True, False, True]
    assert drawn["latitude"].notna().all()


# --- order and comparing --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("GPU", "gpu"),
        ("Straße", "strasse"),
        ("Õppejõud", "oppejoud"),
        ("İstanbul", "istanbul"),
        ("ÆØÅ æøå", "aeoa aeoa"),
        ("Øresund", "oresund"),
        ("Łódź", "lodz"),
        ("Đakovo", "dakovo"),
        ("Þingvellir Œuvre Diyarbakır", "thingvellir oeuvre diyarbakir"),
        ("zero\u200bwidth", "zerowidth"),
        ("\uff21\uff22", "ab"),
        ("\u2121", "tel"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    """Case, accents, compatibility forms and unseen signs make no difference."""
    assert folded == fold(text)


@given(st.lists(st.text()))
def test_any_names_can_be_sorted(names: list[str]) -> None:
    """The keys of any two texts compare."""
    assert len(sorted(names, key=natural)) == len(names)


# --- whatever comes -------------------------------------------------------------------------

numbers = st.none() | st.integers(-(2**63), 2**63 - 1)
amounts = st.none() | st.sampled_from(["1E-10", "-5", "0", "10.0000000000", "1E+59", "1E-60"])
texts = st.none() | st.text() | st.sampled_from(HOSTILE_NAMES)


def some(*keys: str, of: Any) -> Any:
    """Objects with any of the keys."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(keys, of))


plans = st.builds(
    lambda a, b, c, d, e: {**a, **b, **c, "prices": d, "future_prices": e},
    some("name", "unit", "description", "article_code", of=texts),
    some("unit_price", "init_price", "switch_price", "minimal_price", of=amounts),
    some("max_amount", "resources_count", of=numbers),
    st.dictionaries(st.sampled_from(["a", "b"]), amounts),
    st.dictionaries(st.sampled_from(["a", "b"]), amounts),
)
components = some("type", "name", "billing_type", "limit_period", "description", of=texts)
limits = [limit.field for limit in LIMITS if limit.dtype == "Int64"]
partitions = st.builds(
    lambda a, b, c: {**a, **b, "qos_options": c},
    some(*limits, of=numbers),
    some("partition_name", "qos", "cpu_arch", of=texts),
    st.none() | st.lists(st.none() | st.text() | st.dictionaries(st.text(), st.text())),
)
offerings = st.builds(
    lambda a, b, c, d, e: Offering.model_validate(
        {**a, **b, "uuid": UUID, "plans": c, "components": d, "partitions": e}
    ),
    some("name", "description", "customer_name", "country", "state", "type", of=texts),
    some("latitude", "longitude", of=st.none() | st.floats(allow_nan=False, allow_infinity=False)),
    st.lists(plans, max_size=2),
    st.lists(components, max_size=2),
    st.lists(partitions, max_size=2),
)


@settings(max_examples=30)
@given(st.lists(offerings, max_size=3))
def test_whatever_the_server_says_makes_tables(loaded: list[Offering]) -> None:
    """No value breaks a table, changes its columns, or loses a row."""
    frames = every_frame(snapshot(*loaded))

    for table, frame in frames.items():
        assert {column.key: column.dtype for column in TABLES[table]} == dtypes(frame)
    assert len(frames["offerings"]) == len(loaded)
    assert len(frames["plans"]) == sum(len(each.plans) for each in loaded)
    assert len(frames["partitions"]) == sum(len(each.partitions) for each in loaded)


def test_records_without_any_field_make_tables() -> None:
    """Everything absent is as good as anything."""
    frame = plan_components_frame(Plan(prices={"a": None}), [OfferingComponent()])

    assert frame["price_text"].tolist() == ["", ""]
    assert Partition().partition_name == ""
