"""Filters as data: rules, sentences, links."""

from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.filters import (
    LIMIT_FILTERS,
    MOST_CHOICE_TEXT,
    MOST_CHOICES,
    MOST_TEXT,
    NOT_RECORDED,
    OFFERING_FILTERS,
    PARTITION_FILTERS,
    PLAN_FILTERS,
    Criteria,
    Filter,
    Kind,
    apply,
    describe,
    from_query,
    options,
    period_filter,
    sentence,
    spell_choice,
    to_query,
    unknown,
)
from bookings.frames import (
    OFFERING_COLUMNS,
    PARTITION_COLUMNS,
    PLAN_COLUMNS,
    offerings_frame,
    partitions_frame,
    plans_frame,
)
from bookings.portfolio import Snapshot
from bookings.slurm.limits import LIMITS, Unit
from bookings.waldur.fieldsets import GROUPS
from bookings.waldur.models import Offering

# A busy machine may take long over one example.

TABLES = {
    "offerings": (OFFERING_FILTERS, OFFERING_COLUMNS),
    "partitions": ((*PARTITION_FILTERS, *LIMIT_FILTERS), PARTITION_COLUMNS),
    "plans": (PLAN_FILTERS, PLAN_COLUMNS),
}
OFFERINGS = (
    {
        "uuid": "0" * 32, "name": "Übermensa GPU cluster", "slug": "gpu-1", "state": "Active",
        "customer_name": "Nordic", "category_title": "HPC", "country": "EE", "shared": True,
        "billable": True, "description": "<p>Fast (very) nodes</p>", "googlecalendar": None,
        "partitions": [
            {"partition_name": "batch", "qos": "normal", "gpu_arch": "hopper", "req_resv": True},
            {"partition_name": "debug", "qos_options": [{"qos_name": "high"}], "req_resv": False},
        ],
        "plans": [
            {"name": "Day", "unit": "day", "unit_price": 10},
            {"name": "Gone", "unit": "hour", "unit_price": 1, "archived": True},
        ],
    },
    {
        "uuid": "1" * 32, "name": "Meeting room", "slug": "room", "state": "Paused",
        "customer_name": "Nordic", "category_title": "Rooms", "country": "FI", "shared": False,
        "billable": False, "googlecalendar": {"backend_id": "x", "public": True},
        "partitions": [],
        "plans": [
            {"name": "Hours", "unit": "hour", "unit_price": "0.5", "prices": {"a": 1},
             "future_prices": {"a": 2}},
        ],
    },
    {"uuid": "2" * 32, "name": "Empty 100%", "state": "Draft", "partitions": [], "plans": []},
    {"uuid": "3" * 32, "name": "Waiting", "state": "Active", "customer_name": "South"},
)  # fmt: skip
SNAPSHOT = Snapshot(
    offerings=tuple(Offering.model_validate(each) for each in OFFERINGS),
    read_only=frozenset({"3" * 32}),
)
FRAMES = {
    "offerings": offerings_frame(SNAPSHOT),
    "partitions": partitions_frame(SNAPSHOT),
    "plans": plans_frame(SNAPSHOT),
}
GPU, ROOM, EMPTY, WAITING = (str(each["name"]) for each in OFFERINGS)

texts = st.text(max_size=30)
ranges = st.tuples(*[st.none() | st.floats(allow_nan=False, allow_infinity=False)] * 2)
VALUES = {
    Kind.TEXT: st.text(max_size=300),
    Kind.CHOICES: st.lists(texts, max_size=5).map(tuple),
    Kind.FLAG: st.booleans(),
    Kind.RANGE: ranges,
}
anything = st.one_of(*VALUES.values(), st.none(), st.integers(), st.lists(st.none()))


def criteria_of(filters: tuple[Filter, ...]) -> st.SearchStrategy[Criteria]:
    """Criteria with values of the right kind for any of the filters."""
    by_key = {each.key: VALUES[each.kind] for each in filters}
    return st.fixed_dictionaries({}, optional=by_key).map(Criteria)


def names(values: dict[str, Any]) -> list[str]:
    """The offerings that fit."""
    return list(apply(OFFERING_FILTERS, Criteria(values), FRAMES["offerings"])["name"])


# --- rules ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [EMPTY, ROOM, GPU, WAITING]),
        ({"q": "gpu"}, [GPU]),
        ({"q": "GPU cluster"}, [GPU]),
        ({"q": "cluster ubermensa"}, [GPU]),
        ({"q": "ÜBERMENSA"}, [GPU]),
        ({"q": "gpu room"}, []),
        ({"q": "(very)"}, [GPU]),
        ({"q": "fast <p>"}, []),
        ({"q": "100%"}, [EMPTY]),
        ({"q": ".*"}, []),
        ({"q": "nordic rooms"}, [ROOM]),
        ({"q": "11111111-1111-1111"}, [ROOM]),
        ({"q": "1" * 32}, [ROOM]),
        ({"q": "  "}, [EMPTY, ROOM, GPU, WAITING]),
        ({"state": ("Active",)}, [GPU, WAITING]),
        ({"state": ("Active", "Paused")}, [ROOM, GPU, WAITING]),
        ({"state": ("active",)}, []),
        ({"provider": ("Nordic",), "state": ("Active",)}, [GPU]),
        ({"provider": (NOT_RECORDED,)}, [EMPTY]),
        ({"category": ("HPC",)}, [GPU]),
        ({"country": ("Estonia", "Finland")}, [ROOM, GPU]),
        ({"calendar": ("public",)}, [ROOM]),
        ({"calendar": ("unknown",)}, [EMPTY, WAITING]),
        ({"partitions": True}, [GPU]),
        ({"partitions": False}, [EMPTY, ROOM]),
        ({"qos": ("high",)}, [GPU]),
        ({"qos": (NOT_RECORDED,)}, [EMPTY, ROOM]),
        ({"unit": ("day",)}, [GPU]),
        ({"unit": ("hour",)}, [ROOM]),
        ({"price": (None, 1)}, [ROOM]),
        ({"price": (0.5, 10)}, [ROOM, GPU]),
        ({"price": (10, 0.5)}, [ROOM, GPU]),
        ({"price": (10.01, None)}, []),
        ({"shared": True}, [GPU]),
        ({"shared": False}, [ROOM]),
        ({"billable": True}, [GPU]),
        ({"access": ("read only",)}, [WAITING]),
        ({"placement": ("missing",)}, [EMPTY, ROOM, GPU, WAITING]),
        ({"placement": ("swapped",)}, []),
        ({"no such filter": "x"}, [EMPTY, ROOM, GPU, WAITING]),
        ({"state": "Active", "q": True, "price": "1"}, [EMPTY, ROOM, GPU, WAITING]),
    ],
)
def test_offerings_that_fit(values: dict[str, Any], expected: list[str]) -> None:
    """Each filter keeps the rows it should; an unknown answer does not fit either way."""
    assert expected == names(values)


@pytest.mark.parametrize(
    ("table", "values", "column", "expected"),
    [
        ("partitions", {"q": "hopper"}, "partition_name", ["batch"]),
        ("partitions", {"q": "ubermensa debug"}, "partition_name", ["debug"]),
        ("partitions", {"partition": ("debug",)}, "partition_name", ["debug"]),
        ("partitions", {"offering": (ROOM,)}, "partition_name", []),
        ("partitions", {"qos": ("high",)}, "partition_name", ["debug"]),
        ("partitions", {"gpu": (NOT_RECORDED,)}, "partition_name", ["debug"]),
        ("partitions", {"reservation": True}, "partition_name", ["batch"]),
        ("partitions", {"reservation": False}, "partition_name", ["debug"]),
        ("plans", {"active": True}, "plan", ["Hours", "Day"]),
        ("plans", {"active": False}, "plan", ["Gone"]),
        ("plans", {"changing": True}, "plan", ["Hours"]),
        ("plans", {"changing": False}, "plan", ["Day", "Gone"]),
        ("plans", {"unit": ("hour",)}, "plan", ["Hours", "Gone"]),
        ("plans", {"price": (5, None)}, "plan", ["Day"]),
        ("plans", {"q": "meeting"}, "plan", ["Hours"]),
    ],
)
def test_partitions_and_plans_that_fit(
    table: str, values: dict[str, Any], column: str, expected: list[str]
) -> None:
    """The filters of the two other tables."""
    filters, _ = TABLES[table]

    assert expected == list(apply(filters, Criteria(values), FRAMES[table])[column])


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ({}, 0),
        ({"state": ("Active",)}, 0),
        ({"partitions": True}, 1),
        ({"partitions": False}, 1),
        ({"qos": ("high",), "price": (1, 2)}, 1),
        ({"unit": ("day",), "provider": ("South",)}, 1),
        ({"unit": ("day",), "provider": ("Nordic",)}, 0),
    ],
)
def test_undecided_rows_are_counted(values: dict[str, Any], count: int) -> None:
    """A row counts as undecided when only data that has not come keeps it from fitting."""
    assert count == unknown(OFFERING_FILTERS, Criteria(values), FRAMES["offerings"])


def test_apply_keeps_the_columns_and_renews_the_index() -> None:
    """What is left has the same dtypes and counts from 0; the frame itself stays as it is."""
    before = FRAMES["offerings"].copy()

    left = apply(OFFERING_FILTERS, Criteria({"state": ("Paused",)}), FRAMES["offerings"])

    assert left.dtypes.equals(before.dtypes)
    assert list(left.index) == [0]
    pd.testing.assert_frame_equal(before, FRAMES["offerings"])


@pytest.mark.parametrize("table", TABLES)
def test_filters_work_on_a_table_of_nothing(table: str) -> None:
    """Before anything is loaded, every filter leaves nothing and has no options."""
    filters, _ = TABLES[table]
    empty = FRAMES[table].iloc[:0]
    values = {
        Kind.TEXT: "x", Kind.CHOICES: ("x",), Kind.FLAG: True, Kind.RANGE: (1, 2),
    }  # fmt: skip
    criteria = Criteria({each.key: values[each.kind] for each in filters})

    assert apply(filters, criteria, empty).dtypes.equals(FRAMES[table].dtypes)
    assert unknown(filters, criteria, empty) == 0
    assert all(found == [] for found in options(filters, empty).values())


@given(st.data(), st.sampled_from(list(TABLES)))
def test_apply_never_raises(data: st.DataObject, table: str) -> None:
    """Whatever is typed or linked is a value: rows fit it or do not."""
    filters, _ = TABLES[table]
    keys = st.sampled_from([each.key for each in filters])
    criteria = Criteria(data.draw(st.dictionaries(keys, anything)))

    left = apply(filters, criteria, FRAMES[table])

    assert 0 <= len(left) <= len(FRAMES[table])
    assert len(left) + unknown(filters, criteria, FRAMES[table]) <= len(FRAMES[table])
    describe(filters, criteria)


@given(st.text(min_size=1), st.text(), st.text())
def test_a_part_of_a_name_finds_it(part: str, before: str, after: str) -> None:
    """Every text is found by any word of it, whatever signs it is made of."""
    name = f"{before} {part} {after}"
    frame = offerings_frame(Snapshot(offerings=(Offering(uuid="a", name=name),)))

    assert len(apply(OFFERING_FILTERS, Criteria({"q": part}), frame)) == 1


# --- declarations ---------------------------------------------------------------------------


@pytest.mark.parametrize("table", TABLES)
def test_declarations_fit_the_table(table: str) -> None:
    """Keys and labels are distinct, and columns and groups exist."""
    filters, columns = TABLES[table]
    keys = {column.key for column in columns}

    assert len(filters) == len({each.key for each in filters})
    assert len(filters) == len({each.label for each in filters})
    assert filters[0].kind is Kind.TEXT
    for each in filters:
        assert set(each.columns) <= keys
        assert each.group in GROUPS
        assert not each.loaded or each.loaded in keys


def test_the_order_is_the_agreed_one() -> None:
    """Widgets, links and sentences have the same order."""
    order = "q state provider category country calendar partitions qos unit price shared billable"

    assert [each.key for each in OFFERING_FILTERS] == [*order.split(), "access", "placement"]


# --- choices and sentences ------------------------------------------------------------------


def test_options_are_counted_and_sorted() -> None:
    """Values in natural order with their rows; what is not recorded comes last."""
    found = options(OFFERING_FILTERS, FRAMES["offerings"])

    assert found["state"] == [("Active", 2), ("Draft", 1), ("Paused", 1)]
    assert found["provider"] == [("Nordic", 2), ("South", 1), (NOT_RECORDED, 1)]
    assert found["qos"] == [("high", 1), ("normal", 1), (NOT_RECORDED, 2)]
    assert found["unit"] == [("day", 1), ("hour", 1), (NOT_RECORDED, 1)]
    assert found.keys() == {f.key for f in OFFERING_FILTERS if f.kind is Kind.CHOICES}


@pytest.mark.parametrize("table", TABLES)
def test_an_option_finds_as_many_rows_as_it_says(table: str) -> None:
    """The count beside a choice is what choosing it leaves."""
    filters, _ = TABLES[table]

    for key, found in options(filters, FRAMES[table]).items():
        for value, count in found:
            assert count == len(apply(filters, Criteria({key: (value,)}), FRAMES[table]))


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({}, ""),
        (
            {"state": ("Active", "Paused"), "q": "gpu"},
            'where search contains "gpu" and state is "Active" or "Paused"',
        ),
        ({"state": ("A", "B", "C")}, 'where state is "A", "B" or "C"'),
        ({"provider": (NOT_RECORDED, "X")}, 'where provider is not recorded or "X"'),
        (
            {"qos": tuple("abcdefgh")},
            'where QOS is "a", "b", "c", "d", "e" or one of 3 others',
        ),
        ({"category": ("two\nlines",)}, 'where category is "two lines"'),
        ({"partitions": True}, "where it has partitions"),
        ({"shared": False, "billable": True}, "where it is not shared and it is billable"),
        ({"price": (0.5, 10)}, "where price is from 0.5 to 10"),
        ({"price": (None, 0)}, "where price is at most 0"),
        ({"price": (1e-10, None)}, "where price is at least 1e-10"),
    ],
)
def test_describe(values: dict[str, Any], text: str) -> None:
    """Criteria read as the end of a sentence, in the order of the filters."""
    assert text == describe(OFFERING_FILTERS, Criteria(values))


@pytest.mark.parametrize(
    ("shown", "of", "noun", "text"),
    [
        (12, 300, "offerings", "12 of 300 offerings"),
        (300, 300, "offerings", "300 offerings"),
        (0, 0, "plans", "no plans"),
        (0, 5, "plans", "0 of 5 plans"),
        (1, 1, "offerings", "1 offering"),
        (0, 1, "offerings", "0 of 1 offering"),
        (1200, 10000, "offerings", "1,200 of 10,000 offerings"),
    ],
)
def test_sentence(shown: int, of: int, noun: str, text: str) -> None:
    """How many rows are shown, and of how many."""
    assert text == sentence(shown, of, noun)


def test_an_empty_choice_has_words() -> None:
    """A person sees what the empty choice stands for."""
    assert spell_choice(NOT_RECORDED) == "(not recorded)"
    assert spell_choice("x") == "x"


# --- criteria -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "nothing",
    [None, "", "  ", (), [], (None, None), (float("nan"), float("inf")), {}, 5, ("a", None),
     (True, False), (10**400, None)],
)  # fmt: skip
def test_values_that_narrow_nothing_are_left_out(nothing: Any) -> None:
    """Criteria hold only what matters, so an untouched widget changes neither link nor sentence."""
    criteria = Criteria({"x": nothing})

    assert not criteria
    assert criteria == Criteria()


def test_criteria_that_mean_the_same_are_equal() -> None:
    """Order, doubles, blanks and the type of the list make no difference."""
    one = Criteria({"state": ["B", "A", "B"], "q": "  gpu \n lab ", "price": (2, 1)})
    two = Criteria({"price": [1.0, 2.0], "q": "gpu lab", "state": ("A", "B")})

    assert one == two
    assert hash(one) == hash(two)
    assert dict(one) == {"price": (1.0, 2.0), "q": "gpu lab", "state": ("A", "B")}
    assert one != dict(one)
    assert "gpu lab" in repr(one)


def test_criteria_are_changed_by_making_others() -> None:
    """having gives new criteria and leaves the old ones alone."""
    old = Criteria({"q": "gpu"})

    assert old.having("state", ("Active",)) == Criteria({"q": "gpu", "state": ("Active",)})
    assert old.having("q", None) == Criteria()
    assert old == Criteria({"q": "gpu"})


# --- links ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "query"),
    [
        ({}, ""),
        ({"q": "gpu & lab"}, "q=gpu+%26+lab"),
        ({"state": ("Active", "Paused"), "q": "x"}, "q=x&state=Active&state=Paused"),
        ({"partitions": True, "shared": False}, "partitions=yes&shared=no"),
        ({"price": (0.5, 10)}, "price=0.5..10"),
        ({"price": (None, 10)}, "price=..10"),
        ({"price": (-1e-10, None)}, "price=-1e-10.."),
        ({"provider": (NOT_RECORDED,)}, "provider="),
    ],
)
def test_links(values: dict[str, Any], query: str) -> None:
    """Criteria as the part of an address behind the question mark, and back."""
    assert query == urlencode(to_query(OFFERING_FILTERS, Criteria(values)))
    pairs = parse_qsl(query, keep_blank_values=True)
    assert Criteria(values) == from_query(OFFERING_FILTERS, pairs)


@given(st.data(), st.sampled_from(list(TABLES)))
def test_a_link_gives_the_same_criteria(data: st.DataObject, table: str) -> None:
    """Every view can be shared: its criteria survive the way into an address and back."""
    filters, _ = TABLES[table]
    criteria = data.draw(criteria_of(filters))

    address = urlencode(to_query(filters, criteria))

    assert criteria == from_query(filters, parse_qsl(address, keep_blank_values=True))


@pytest.mark.parametrize(
    "pairs",
    [
        [("nothing", "x")],
        [("partitions", "maybe")],
        [("price", "cheap")],
        [("price", "5")],
        [("price", "a..b")],
        [("price", "nan..inf")],
        [("price", "..")],
        [("q", "")],
        [("state", "x" * (MOST_CHOICE_TEXT + 1))],
    ],
)
def test_what_no_filter_understands_is_left_out(pairs: list[tuple[str, str]]) -> None:
    """A broken or old link opens the table without the broken part."""
    assert from_query(OFFERING_FILTERS, pairs) == Criteria()


@given(st.lists(st.tuples(st.sampled_from([f.key for f in OFFERING_FILTERS]), st.text())))
def test_any_link_opens(pairs: list[tuple[str, str]]) -> None:
    """No address breaks the page, and what it leads to has an address of its own."""
    criteria = from_query(OFFERING_FILTERS, pairs)

    apply(OFFERING_FILTERS, criteria, FRAMES["offerings"])
    assert criteria == from_query(OFFERING_FILTERS, to_query(OFFERING_FILTERS, criteria))


def test_links_are_bounded() -> None:
    """A link can neither make a search of any length nor choose without end."""
    pairs = [("q", "x" * 5000), *(("state", str(number)) for number in range(5000))]

    criteria = from_query(OFFERING_FILTERS, pairs)

    assert len(str(criteria["q"])) == MOST_TEXT
    assert len(criteria["state"]) == MOST_CHOICES  # type: ignore[arg-type]


def test_the_last_of_several_values_counts_where_one_is_meant() -> None:
    """A search that is given twice is the last one."""
    assert from_query(OFFERING_FILTERS, [("q", "a"), ("q", "b")]) == Criteria({"q": "b"})


# --- limits ---------------------------------------------------------------------------------

LIMITED = partitions_frame(
    Snapshot(
        offerings=(
            Offering.model_validate(
                {
                    "uuid": "9" * 32,
                    "name": "Kratt",
                    "partitions": [
                        {"partition_name": "unset"},
                        {"partition_name": "zero", "max_time": 0, "cpu_bind": 0, "max_nodes": 0},
                        {"partition_name": "endless", "max_time": -1, "req_resv": False},
                        {"partition_name": "day", "max_time": 1440, "cpu_bind": 4},
                        {"partition_name": "week", "max_time": 10080, "req_resv": True},
                        {"partition_name": "odd", "max_time": "soon", "req_resv": "perhaps"},
                    ],
                }
            ),
        ),
    )
)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"max_time.is": ("not recorded",)}, ["unset"]),
        ({"max_time.is": ("0",)}, ["zero"]),
        ({"max_time.is": ("unlimited",)}, ["endless"]),
        ({"max_time.is": ("a number",)}, ["day", "week"]),
        ({"max_time.is": ("not readable",)}, ["odd"]),
        ({"max_time.is": ("0", "unlimited")}, ["zero", "endless"]),
        ({"max_time": (1000.0, None)}, ["day", "week"]),
        ({"max_time": (None, 1440.0)}, ["zero", "endless", "day"]),
        ({"max_time": (1441.0, 20000.0)}, ["week"]),
        ({"req_resv.is": ("not recorded",)}, ["unset", "zero", "day"]),
        ({"req_resv.is": ("yes",)}, ["week"]),
        ({"req_resv.is": ("no",)}, ["endless"]),
        ({"req_resv.is": ("not readable",)}, ["odd"]),
        ({"cpu_bind": ("cores",)}, ["day"]),
        ({"cpu_bind": ("0 (not bound)",)}, ["zero"]),
        ({"max_nodes.is": ("0",)}, ["zero"]),
    ],
)
def test_limits_are_told_apart_by_how_they_are_recorded(
    values: dict[str, Any], expected: list[str]
) -> None:
    """Not set, 0, unlimited, a number, and what cannot be read are five things."""
    frame = apply(LIMIT_FILTERS, Criteria(values), LIMITED)

    assert frame["partition_name"].tolist() == expected


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"max_time": (1440.0, None)}, "where max time is at least 1 d"),
        ({"max_mem_per_node": (None, 256000.0)}, "where max memory per node is at most 256 GB"),
        ({"grace_time": (60.0, 3600.0)}, "where grace time is from 1 min to 1 h"),
        ({"max_nodes": (0.5, None)}, "where max nodes is at least 0.5"),
        ({"max_time.is": ("unlimited",)}, 'where max time is "unlimited"'),
    ],
)
def test_limits_are_spoken_in_human_units(values: dict[str, Any], sentence: str) -> None:
    """The number itself stands in the link."""
    assert describe(LIMIT_FILTERS, Criteria(values)) == sentence
    query = to_query(LIMIT_FILTERS, Criteria(values))
    assert from_query(LIMIT_FILTERS, query) == Criteria(values)


def test_every_limit_but_names_can_be_filtered() -> None:
    """Names have a filter of their own, with the values that occur."""
    about = {each.about for each in LIMIT_FILTERS}

    assert about == {limit.label for limit in LIMITS if limit.unit is not Unit.NAME}


# --- periods --------------------------------------------------------------------------------

DAYS = (period_filter("day", "Asked", "local", "it was asked for"),)
MOMENTS = pd.DataFrame({"local": ["2026-11-23 23:59:59", "2026-11-24 00:00:00", "2026-12-01", ""]})


@pytest.mark.parametrize(
    ("first", "last", "rows", "query", "words"),
    [
        ("2026-11-24", "2026-11-24", [1], "2026-11-24..2026-11-24", "on 2026-11-24"),
        ("2026-11-24", None, [1, 2], "2026-11-24..", "since 2026-11-24"),
        (None, "2026-11-24", [0, 1], "..2026-11-24", "until 2026-11-24"),
        ("2026-12-01", "2026-11-24", [1, 2], "2026-11-24..2026-12-01",
         "from 2026-11-24 to 2026-12-01"),
    ],
)  # fmt: skip
def test_a_period_holds_its_first_and_last_day(
    first: str | None, last: str | None, rows: list[int], query: str, words: str
) -> None:
    """Rows without a day are in none, days in the wrong order are put right, links come back."""
    ends = tuple(date.fromisoformat(each) if each else None for each in (first, last))
    criteria = Criteria({"day": ends})

    found = apply(DAYS, criteria, MOMENTS)["local"].tolist()
    assert found == [MOMENTS["local"][row] for row in rows]
    assert to_query(DAYS, criteria) == [("day", query)]
    assert from_query(DAYS, [("day", query)]) == criteria
    assert describe(DAYS, criteria) == f"where it was asked for {words}"


@pytest.mark.parametrize(
    "text", ["", "..", "today..", "2026-02-30..", "2026-11-24", "0001-01-01..", "..9999-12-31"]
)
def test_a_link_with_days_that_are_none_narrows_nothing(text: str) -> None:
    """Neither does one with days that the field could not show."""
    assert not from_query(DAYS, [("day", text)])


def test_a_moment_counts_as_its_day() -> None:
    """And numbers are no days."""
    noon = datetime(2026, 11, 24, 12, tzinfo=UTC)

    assert Criteria({"day": (noon, None)}) == Criteria({"day": (date(2026, 11, 24), None)})
    assert not from_query(DAYS, [("day", "1..2")])
    assert apply(DAYS, Criteria({"day": (1.0, 2.0)}), MOMENTS).equals(MOMENTS)
