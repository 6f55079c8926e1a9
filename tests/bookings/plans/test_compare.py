"""Plans side by side: what stands in each row, and which price is the lowest."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.plans.basket import Basket, Wanted, cost_of
from bookings.plans.billing import QUANTITY, UNITS, period_between
from bookings.plans.compare import Row, price_words, side_by_side
from bookings.plans.prices import headline, lines_of, unit_words
from bookings.waldur.models import Offering, Plan

# A busy machine may take long over one example.

NONE = "–"
BASE = {"type": "base", "name": "Base", "billing_type": "fixed"}
CPU = {"type": "cpu", "name": "CPU", "billing_type": "usage", "measured_unit": "core-hours"}
DISK = {"type": "disk", "name": "Disk", "billing_type": "limit", "measured_unit": "TB"}
SETUP = {"type": "setup", "name": "Setup", "billing_type": "one"}
FACTS = [
    "Price", "Unit", "Unit price", "Price at the start", "Price of a change",
    "Least price with the start",
    "Open to bookings", "Places left", "Limited to", "Article code",
]  # fmt: skip


def beside(plan: dict[str, Any], *components: dict[str, Any]) -> tuple[Offering, Plan]:
    """A plan by the month of an offering with these components."""
    read = Offering.model_validate(
        {
            "uuid": "1" * 32,
            "components": list(components),
            "plans": [{"unit": "month", **plan}],
        }
    )
    return read, read.plans[0]


def compared(*plans: tuple[Offering, Plan]) -> dict[str, Row]:
    """The rows by their labels, in euros."""
    return {row.label: row for row in side_by_side(plans, "EUR")}


def cheapest(*plans: tuple[Offering, Plan], row: str) -> list[int]:
    """The places of the lowest prices in a row."""
    return sorted(compared(*plans)[row].cheapest)


# --- rows -----------------------------------------------------------------------------------


def test_facts_come_before_components() -> None:
    """Every fact has a row, known or not; a component has one where any plan has it."""
    rows = side_by_side([beside({}, BASE, CPU), beside({}, DISK)])

    assert [row.label for row in rows] == [*FACTS, "Base", "CPU", "Disk"]
    assert {len(row.cells) for row in rows} == {2}


def test_components_stand_side_by_side_by_type() -> None:
    """Whatever their names and their order; what a plan does not have is a dash."""
    rows = compared(
        beside({"prices": {"cpu": 1, "disk": 2}}, CPU, DISK),
        beside({"prices": {"disk": 3, "cpu": 4}}, DISK, {**CPU, "name": "Processors"}),
        beside({"prices": {"base": 5}}, BASE),
    )

    assert rows["CPU"].cells == (
        "€1.00 / core-hours, by use",
        "€4.00 / core-hours, by use",
        NONE,
    )
    assert rows["Disk"].cells == (
        "€2.00 / TB per month, by limit",
        "€3.00 / TB per month, by limit",
        NONE,
    )
    assert rows["Base"].cells == (NONE, NONE, "€5.00 per month, fixed amount")
    assert "Processors" not in rows


def test_facts_of_each_plan() -> None:
    """In words, and a dash where the server says nothing."""
    known = beside(
        {
            "unit": "half_month",
            "unit_price": "10",
            "init_price": "0",
            "switch_price": "2.5",
            "minimal_price": "1E-10",
            "is_active": False,
            "max_amount": 10,
            "resources_count": 4,
            "organization_groups": [{"name": "North"}, {"name": "South"}],
            "article_code": "A-1",
        }
    )
    cells = {label: row.cells for label, row in compared(known, beside({"unit": ""})).items()}

    assert cells == {
        "Price": ("€10.00 per half month", "not priced"),
        "Unit": ("half month", NONE),
        "Unit price": ("€10.00", NONE),
        "Price at the start": ("€0.00", NONE),
        "Price of a change": ("€2.50", NONE),
        "Least price with the start": ("€0.0000000001", NONE),
        "Open to bookings": ("no", "yes"),
        "Places left": ("6", NONE),
        "Limited to": ("North, South", NONE),
        "Article code": ("A-1", NONE),
    }


@pytest.mark.parametrize(
    ("most", "taken", "left"),
    [(10, 10, "0"), (10, 0, "10"), (None, 4, NONE), (10, None, NONE)],
)
def test_places_left(most: int | None, taken: int | None, left: str) -> None:
    """Where both numbers are known."""
    plan = beside({"max_amount": most, "resources_count": taken})

    assert compared(plan)["Places left"].cells == (left,)


@pytest.mark.parametrize(
    ("cells", "differs"), [(("a", "a"), False), (("a", "b"), True), (("a",), False)]
)
def test_a_row_differs_where_its_cells_do(cells: tuple[str, ...], differs: bool) -> None:
    """Among all plans."""
    assert Row("x", cells).differs is differs


def test_no_plans_have_only_empty_rows() -> None:
    """Nothing to compare is no error."""
    rows = side_by_side([])

    assert all((row.cells, row.cheapest) == ((), frozenset()) for row in rows)


# --- what a price is for --------------------------------------------------------------------


@pytest.mark.parametrize("measured_unit", ["TB", ""])
@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("period", ["month", "quarterly", "annual", "total", "", None])
def test_a_limit_is_priced_per_what_it_is_charged_for(
    unit: str, period: str | None, measured_unit: str
) -> None:
    """The words of the list, of the headline and of the basket's arithmetic agree."""
    disk = {**DISK, "limit_period": period, "measured_unit": measured_unit}
    offering, plan = beside({"unit": unit, "prices": {"disk": 3}}, disk)
    year = period_between(date(2027, 1, 1), date(2027, 12, 31))
    charges = cost_of(offering, plan, Basket((Wanted("disk", Decimal(2)),), *year), None).charges
    words = price_words(lines_of(plan, offering.components)[0], unit)

    # What is charged by the unit is charged for no time.
    timeless = QUANTITY if unit == QUANTITY and period != "total" else ""
    (charged,) = {each.unit or timeless for each in charges}
    told = f"per {unit_words(charged)}" if charged else "once in total"
    if charged == QUANTITY and measured_unit:
        told = ""
    assert words == " ".join(filter(None, ("3.00", measured_unit and f"/ {measured_unit}", told)))
    assert headline(plan, offering.components).text.endswith(told or measured_unit)
    assert told != "once in total" or len(charges) == 1
    assert told != "per year" or len(charges) == 1
    assert told != "per quarter" or sum(each.periods for each in charges) == 4


# --- cells ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("component", "plan", "cell"),
    [
        (CPU, {"prices": {"cpu": None}}, "not priced"),
        (CPU, {"prices": {"cpu": 0}}, "€0.00 / core-hours, by use"),
        (BASE, {"prices": {"base": 5}, "quotas": {"base": 1}}, "€5.00 per month, fixed amount"),
        (BASE, {"prices": {"base": 5}, "quotas": {"base": 3}},
         "€5.00 per month, fixed amount, × 3"),
        (BASE, {"prices": {"base": 5}, "quotas": {"base": 0}},
         "€5.00 per month, fixed amount, × 0"),
        (BASE, {"prices": {"base": 5}, "quotas": {"base": "2.50"}},
         "€5.00 per month, fixed amount, × 2.5"),
        (BASE, {"prices": {"base": 5}, "quotas": {"base": "1E+1"}},
         "€5.00 per month, fixed amount, × 10"),
        (CPU, {"prices": {"cpu": 1}, "quotas": {"cpu": 3}}, "€1.00 / core-hours, by use"),
        (SETUP, {"prices": {"setup": 50}}, "€50.00, once, at the start"),
    ],
)  # fmt: skip
def test_a_cell_says_all_of_a_price(
    component: dict[str, Any], plan: dict[str, Any], cell: str
) -> None:
    """What it is per, how it is charged and for which amount."""
    assert compared(beside(plan, component))[component["name"]].cells == (cell,)


@pytest.mark.parametrize(
    ("component", "most", "bounds", "remarks"),
    [
        (CPU, 5, "at most 5 per year", ("CPU: over the most per year, 5 core-hours",)),
        (CPU, 0, "per year", ()),
        ({**CPU, "billing_type": "limit"}, 5, "per year", ()),
    ],
)
def test_the_most_of_a_period_is_that_of_use(
    component: dict[str, Any], most: int, bounds: str, remarks: tuple[str, ...]
) -> None:
    """Side by side as in the basket; 0 bounds nothing, as on the server."""
    bounded = {**component, "limit_period": "annual", "limit_amount": most}
    offering, plan = beside({"prices": {"cpu": 1}}, bounded)
    year = period_between(date(2027, 1, 1), date(2027, 12, 31))
    cost = cost_of(offering, plan, Basket((Wanted("cpu", Decimal(6)),), *year), None)

    assert compared((offering, plan))["CPU: bounds"].cells == (bounds,)
    assert cost.remarks == remarks


def test_what_else_is_set_for_a_component_has_rows_of_its_own() -> None:
    """Each short enough to be read whole, and only where some plan has it."""
    bounded = {
        **CPU, "min_value": 1, "max_value": 900, "default_limit": 20, "limit_amount": 500,
        "limit_period": "month",
    }  # fmt: skip
    discounted = {"type": "cpu", "price": "10", "discount_threshold": 100, "discount_rate": 10}
    rows = compared(
        beside({"components": [discounted], "future_prices": {"cpu": 12}}, bounded),
        beside({"prices": {"cpu": None}, "future_prices": {"cpu": 5}}, CPU),
        beside({"prices": {"disk": 1}}, DISK),
    )

    assert {label: row.cells for label, row in rows.items() if label not in FACTS} == {
        "CPU": ("€10.00 / core-hours, by use", "not priced", NONE),
        "CPU: discount": ("10 % from 100", NONE, NONE),
        "CPU: bounds": ("from 1 up to 900 default 20, at most 500 per month", NONE, NONE),
        "CPU: next month": ("+€2.00 (+20 %)", "priced from next month", NONE),
        "Disk": (NONE, NONE, "€1.00 / TB per month, by limit"),
    }


@pytest.mark.parametrize(
    ("component", "unit", "words"),
    [
        (CPU, "month", "€3.50 / core-hours"),
        (CPU, "quantity", "€3.50 / core-hours"),
        ({**CPU, "measured_unit": ""}, "month", "€3.50"),
        (DISK, "month", "€3.50 / TB per month"),
        (DISK, "half_month", "€3.50 / TB per half month"),
        (DISK, "quantity", "€3.50 / TB"),
        ({**DISK, "measured_unit": ""}, "month", "€3.50 per month"),
        ({**DISK, "measured_unit": ""}, "quantity", "€3.50 per unit"),
        (BASE, "day", "€3.50 per day"),
        (BASE, "", "€3.50"),
        ({**BASE, "measured_unit": "seat"}, "day", "€3.50 / seat per day"),
        ({**SETUP, "measured_unit": "seat"}, "day", "€3.50"),
        ({**SETUP, "billing_type": "few"}, "day", "€3.50"),
    ],
)
def test_a_price_says_what_it_is_per(component: dict[str, Any], unit: str, words: str) -> None:
    """The component's unit, and the plan's where it is charged by time."""
    found = beside({"prices": {component["type"]: "3.5"}}, component)
    (line,) = lines_of(found[1], found[0].components)

    assert price_words(line, unit, "EUR") == words


def test_no_price_has_no_words() -> None:
    """Not even what it would be per."""
    found = beside({}, CPU)
    (line,) = lines_of(found[1], found[0].components)

    assert price_words(line, "month", "EUR") == ""


# --- the lowest component price -------------------------------------------------------------


@pytest.mark.parametrize(
    ("prices", "places"),
    [
        ([1, 2], [0]),
        ([2, 1], [1]),
        ([2, 1, 1], [1, 2]),
        ([2, 2], []),
        ([2, "2.00"], []),
        ([0, 1], [0]),
        (["1E-10", "2E-10"], [0]),
        ([1, None], []),
        ([1], []),
    ],
)
@pytest.mark.parametrize("component", [BASE, CPU, DISK, SETUP])
def test_the_lowest_price_is_marked(
    component: dict[str, Any], prices: list[Any], places: list[int]
) -> None:
    """All that share it; none where all cost the same, or where one has no price."""
    plans = [beside({"prices": {component["type"]: price}}, component) for price in prices]

    assert cheapest(*plans, row=component["name"]) == places


def test_a_plan_without_the_component_leaves_no_lowest_price() -> None:
    """What is not offered has no price to compare with."""
    plans = [beside({"prices": {"cpu": price}}, CPU) for price in (1, 2)]

    assert cheapest(*plans, beside({}, DISK), row="CPU") == []


@pytest.mark.parametrize(
    ("component", "other"),
    [
        (CPU, {**CPU, "measured_unit": "node-hours"}),
        (CPU, {**CPU, "measured_unit": ""}),
        (CPU, {**CPU, "billing_type": "limit"}),
        (CPU, {**CPU, "billing_type": "fixed"}),
        (DISK, {**DISK, "limit_period": "annual"}),
        (SETUP, {**SETUP, "billing_type": "few"}),
    ],
)
def test_what_is_charged_in_another_way_is_not_compared(
    component: dict[str, Any], other: dict[str, Any]
) -> None:
    """By another unit, on another occasion or for another time."""
    type_ = component["type"]
    plans = [
        beside({"prices": {type_: 1}}, component),
        beside({"prices": {type_: 2}}, other),
    ]

    assert cheapest(*plans, row=component["name"]) == []


@pytest.mark.parametrize(
    ("component", "units", "places"),
    [
        (BASE, ("month", "day"), []),
        (DISK, ("month", "day"), []),
        (BASE, ("day", "day"), [0]),
        (CPU, ("month", "day"), [0]),
        (SETUP, ("month", "day"), [0]),
        (BASE, ("quantity", "quantity"), []),
        (DISK, ("quantity", "quantity"), []),
        (CPU, ("quantity", "quantity"), [0]),
    ],
)
def test_the_unit_of_the_plan_counts_for_what_is_charged_by_time(
    component: dict[str, Any], units: tuple[str, str], places: list[int]
) -> None:
    """And nothing that is charged by time compares where the plan has no period."""
    plans = [
        beside({"unit": unit, "prices": {component["type"]: price}}, component)
        for unit, price in zip(units, (1, 2), strict=True)
    ]

    assert cheapest(*plans, row=component["name"]) == places


@pytest.mark.parametrize("odd", [{"price": "-1"}, {"price": "1", "discount_rate": 150}])
def test_what_cannot_be_a_price_is_not_the_lowest(odd: dict[str, Any]) -> None:
    """A price below 0, or more off than there is."""
    plans = [
        beside({"components": [{"type": "cpu", "discount_threshold": 0, **each}]}, CPU)
        for each in (odd, {"price": "2"})
    ]

    assert cheapest(*plans, row="CPU") == []


def test_a_price_below_0_is_not_the_lowest_of_all() -> None:
    """In the row of whole prices, too."""
    plans = [beside({"prices": {"base": price}}, BASE) for price in (-1, 2)]

    assert cheapest(*plans, row="Price") == []


@pytest.mark.parametrize(
    ("quotas", "places"),
    [
        ([{}, {}], [0]),
        ([{"base": 2}, {"base": 2}], [0]),
        ([{"base": 1}, {}], [0]),
        ([{"base": 2}, {}], []),
        ([{"base": 0}, {"base": 0}], []),
    ],
)
def test_fixed_prices_compare_where_they_cover_as_much(
    quotas: list[dict[str, int]], places: list[int]
) -> None:
    """No amount is an amount of 1, and of nothing all costs the same."""
    plans = [
        beside({"prices": {"base": price}, "quotas": each}, BASE)
        for each, price in zip(quotas, (1, 2), strict=True)
    ]

    assert cheapest(*plans, row="Base") == places


@pytest.mark.parametrize(
    ("plans", "places"),
    [
        (["1.4875", "1.632 10 1000"], []),
        (["1.4875", "1.632 5 1000"], [0]),
        (["1.4875 10 1000", "1.632 10 1000"], [0]),
        (["2", "1 10 50", "1"], [1]),
        (["1 10 50", "1 10 60"], [0]),
        (["1 10 50", "1 20 60"], []),
        (["1 10 50", "1 10 50"], []),
        (["2", "3 50 0"], [1]),
        (["2", "3 50 -"], [0]),
    ],
)
@pytest.mark.parametrize("component", [CPU, DISK])
def test_a_discount_that_makes_another_cheaper_leaves_no_lowest_price(
    component: dict[str, Any], plans: list[str], places: list[int]
) -> None:
    """A price is marked that is the lowest at every quantity."""

    def sided(price: str, rate: str = "0", threshold: str = "-") -> tuple[Offering, Plan]:
        from_ = {} if threshold == "-" else {"discount_threshold": int(threshold)}
        priced = {"type": component["type"], "price": price, "discount_rate": int(rate), **from_}
        return beside({"components": [priced]}, component)

    assert cheapest(*(sided(*each.split()) for each in plans), row=component["name"]) == places


@pytest.mark.parametrize(
    ("now", "then", "places"),
    [
        ([1, 2], [3, None], []),
        ([1, 2], [None, "0.5"], []),
        ([1, 2], [2, 3], [0]),
        ([1, 2], [None, 1], [0]),
        ([1, 1], [None, 2], [0]),
        ([1, 2], [0, None], [0]),
    ],
)
@pytest.mark.parametrize(("component", "row"), [(CPU, "CPU"), (BASE, "Base"), (BASE, "Price"),
                                                (SETUP, "Price")])  # fmt: skip
def test_a_change_that_makes_another_cheaper_leaves_no_lowest_price(
    component: dict[str, Any], row: str, now: list[int], then: list[Any], places: list[int]
) -> None:
    """A price is marked that is the lowest today and next month."""
    type_ = component["type"]
    plans = [
        beside({"prices": {type_: price}, "future_prices": {type_: later}}, component)
        for price, later in zip(now, then, strict=True)
    ]

    assert cheapest(*plans, row=row) == places


def test_the_headline_of_next_month_has_its_amounts() -> None:
    """A fixed part that the plan holds ten of rises by ten times its change."""
    plans = [
        beside(
            {"prices": {"base": price}, "quotas": {"base": 10}, "future_prices": {"base": later}},
            BASE,
        )
        for price, later in ((1, 3), (2, "2.5"))
    ]

    assert cheapest(*plans, row="Price") == []


# --- the lowest headline --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plans", "places"),
    [
        ([{"unit_price": "10"}, {"unit_price": "9"}], [1]),
        ([{"unit_price": "10"}, {"unit_price": "10.00"}], []),
        ([{"unit_price": "10"}, {"unit_price": "9", "unit": "day"}], []),
        ([{"unit_price": "10"}, {}], []),
        ([{"unit_price": "10"}, {"unit_price": "9", "prices": {"cpu": 1}}], []),
        ([{"unit_price": "10"}, {"init_price": "9"}], []),
        ([{"init_price": "10"}, {"init_price": "9"}], [1]),
        ([{"prices": {"cpu": 1}}, {"prices": {"cpu": 2}}], []),
        ([{"unit_price": "10", "unit": "quantity"}, {"unit_price": "9", "unit": "quantity"}], []),
        ([{"unit_price": "10"}], []),
    ],
)
def test_the_lowest_plan_is_marked_where_it_is_a_plain_price(
    plans: list[dict[str, Any]], places: list[int]
) -> None:
    """Of the same unit, with nothing on top of it."""
    assert cheapest(*(beside(each) for each in plans), row="Price") == places


def test_facts_have_no_lowest_value() -> None:
    """Only prices that are charged alike are ranked."""
    rows = compared(*(beside({"unit_price": price, "max_amount": 5}) for price in ("1", "2")))

    assert [label for label, row in rows.items() if row.cheapest] == ["Price"]


prices = st.none() | st.decimals(min_value=0, max_value=100, places=2).map(str)
types = st.sampled_from(["base", "cpu", "disk", "setup", "other"])
plans = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(["month", "day", "quantity", ""]),
        "prices": st.dictionaries(types, prices),
        "future_prices": st.dictionaries(types, prices),
        "unit_price": prices,
    }
)


@given(st.lists(plans, min_size=1, max_size=4))
def test_what_is_marked_is_the_lowest(several: list[dict[str, Any]]) -> None:
    """Of rows in which every plan has a price, never all of them, and none is lower or will be."""
    sides = [beside(plan, BASE, CPU, DISK, SETUP) for plan in several]
    rows = side_by_side(sides)
    lines = [
        {line.name: line for line in lines_of(plan, offering.components)}
        for offering, plan in sides
    ]

    assert len({row.label for row in rows}) == len(rows)
    for row in rows:
        assert len(row.cells) == len(several)
        assert len(row.cheapest) < len(several)
        if row.label in FACTS or not row.cheapest:
            continue
        found = [each[row.label] for each in lines]
        now = [each.price for each in found if each.price is not None]
        then = [each.price if each.future_price is None else each.future_price for each in found]
        assert len(now) == len(several)
        assert row.cheapest == {
            at
            for at, price in enumerate(now)
            if price == min(now) and then[at] == min(each for each in then if each is not None)
        }


def test_the_language_and_the_currency_are_those_asked_for() -> None:
    """In facts and components alike."""
    rows = side_by_side(
        [beside({"unit_price": "1234.5", "prices": {"cpu": Decimal("0.5")}}, CPU)], "EUR", "de"
    )
    cells = {row.label: row.cells for row in rows}

    assert cells["Unit price"] == ("1.234,50\u00a0€",)
    assert cells["CPU"] == ("0,50\u00a0€ / core-hours, by use",)
