"""Baskets: what each kind of component is charged, when, and what hinders a comparison."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.plans.basket import (
    Basket,
    Charge,
    Cost,
    Obstacle,
    Occasion,
    Share,
    Wanted,
    charges_of,
    cost_of,
    year_of,
)
from bookings.plans.billing import round_up, whole_month
from bookings.waldur.models import Offering, Plan

TICK = timedelta(microseconds=1)
CENT = Decimal("0.01")
# A busy machine may take long over one example.

COMPONENTS = (
    {"type": "base", "name": "Base", "billing_type": "fixed"},
    {"type": "cpu", "name": "CPU", "billing_type": "usage", "measured_unit": "core-hours"},
    {"type": "disk", "name": "Disk", "billing_type": "limit", "measured_unit": "TB"},
    {"type": "setup", "name": "Setup", "billing_type": "one"},
    {"type": "move", "name": "Move", "billing_type": "few"},
)


def at(text: str) -> datetime:
    """A moment of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def basket(
    start: str = "2027-04-01",
    last: str = "2027-04-30",
    occasion: Occasion = Occasion.ACTIVATION,
    **wanted: str,
) -> Basket:
    """So much of each component, from the start of one day to the end of another."""
    wants = tuple(Wanted(type_, Decimal(quantity)) for type_, quantity in wanted.items())
    return Basket(wants, at(start), at(last) + timedelta(days=1) - TICK, occasion)


def offering(*changed: dict[str, Any], types: set[str], **fields: Any) -> Offering:
    """An offering of some of the components; `changed` adds to those of their types."""
    more = {each["type"]: each for each in changed}
    components = [{**each, **more.pop(each["type"], {})} for each in COMPONENTS]
    kept = [each for each in (*components, *more.values()) if each["type"] in types]
    return Offering.model_validate({"uuid": "1" * 32, "components": kept, **fields})


def priced(
    plan: dict[str, Any],
    of: Basket,
    *changed: dict[str, Any],
    changes: str | None = None,
    **fields: Any,
) -> Cost:
    """The cost of a basket on a plan by the month, unless the plan says another unit.

    The offering has the components that the plan names.
    """
    read = Plan.model_validate({"unit": "month", **plan})
    types = {*read.prices, *(each.type for each in read.components)}
    asked = offering(*changed, types=types, **fields)
    return cost_of(asked, read, of, at(changes) if changes else None)


def spelled(charge: Charge) -> tuple[str, ...]:
    """What a charge is for and what it comes to."""
    return (
        charge.line.type,
        str(charge.share),
        charge.start.date().isoformat(),
        format(charge.quantity, "f"),
        format(charge.periods, "f"),
        charge.unit,
        format(charge.money, "f"),
    )


def limit_by(period: str | None) -> dict[str, Any]:
    """The disk, with its limit by this period."""
    return {"type": "disk", "limit_period": period}


# --- fixed ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quotas", "quantity", "money"),
    [
        ({}, "1", "10.00"),
        ({"base": None}, "1", "10.00"),
        ({"base": 0}, "0", "0.00"),
        ({"base": 2}, "2", "20.00"),
        ({"base": "0.5"}, "0.5", "5.00"),
    ],
)
def test_a_fixed_component_is_charged_in_the_amount_of_the_plan(
    quotas: dict[str, Any], quantity: str, money: str
) -> None:
    """An amount that is not recorded is 1; one of 0 costs nothing; what is wanted is no matter."""
    cost = priced({"prices": {"base": 10}, "quotas": quotas}, basket(base="7"))

    assert [spelled(each) for each in cost.charges] == [
        ("base", "recurring", "2027-04-01", quantity, "1", "month", money)
    ]


def test_a_plan_of_nothing_but_a_unit_price_is_charged_it() -> None:
    """As one fixed item, for each unit of the plan."""
    bare = Offering.model_validate({"uuid": "1" * 32})
    plan = Plan.model_validate({"unit": "day", "unit_price": "2.5"})
    cost = cost_of(bare, plan, basket(), None)

    assert [spelled(each) for each in cost.charges] == [
        ("", "recurring", "2027-04-01", "1", "30", "day", "75.00")
    ]
    assert (cost.obstacles, cost.remarks) == ((), ())


def test_a_plan_without_any_price_is_an_obstacle() -> None:
    """It is not free: nobody has said what it costs."""
    bare = Offering.model_validate({"uuid": "1" * 32})
    cost = cost_of(bare, Plan.model_validate({"unit": "day"}), basket(), None)

    assert cost.obstacles == ("no price is recorded",)
    assert (cost.total, cost.comparable) == (0, False)


# --- usage ----------------------------------------------------------------------------------


@pytest.mark.parametrize("unit", ["month", "half_month", "day", "hour"])
def test_usage_is_charged_each_month_whatever_the_unit(unit: str) -> None:
    """Also for a month that the period only touches: the quantity is that of a calendar month."""
    cost = priced(
        {"unit": unit, "prices": {"cpu": "0.012"}}, basket("2027-04-30", "2027-06-01", cpu="1000")
    )

    assert [spelled(each) for each in cost.charges] == [
        ("cpu", "usage", "2027-04-30", "1000", "1", "", "12.00"),
        ("cpu", "usage", "2027-05-01", "1000", "1", "", "12.00"),
        ("cpu", "usage", "2027-06-01", "1000", "1", "", "12.00"),
    ]


@pytest.mark.parametrize("type_", ["cpu", "disk"])
@pytest.mark.parametrize("wanted", [{}, {"cpu": "0", "disk": "0"}])
def test_what_is_not_wanted_is_not_charged(type_: str, wanted: dict[str, str]) -> None:
    """Neither a component that is not named nor a quantity of 0."""
    cost = priced({"prices": {type_: 5}}, basket(**wanted))

    assert (cost.charges, cost.obstacles, cost.remarks) == ((), (), ())


# --- limits ---------------------------------------------------------------------------------


@pytest.mark.parametrize("period", [None, "", "month"])
@pytest.mark.parametrize(
    ("unit", "periods", "money"),
    [
        ("month", "0.54", "16.20"),
        ("half_month", "1.07", "32.10"),
        ("day", "16", "480.00"),
        ("hour", "384", "11520.00"),
    ],
)
def test_a_limit_is_charged_by_the_unit_of_the_plan(
    period: str | None, unit: str, periods: str, money: str
) -> None:
    """Price, limit and the units that the period is billed."""
    cost = priced(
        {"unit": unit, "prices": {"disk": 10}},
        basket("2027-04-15", "2027-04-30", disk="3"),
        limit_by(period),
    )

    assert [spelled(each) for each in cost.charges] == [
        ("disk", "recurring", "2027-04-15", "3", periods, unit, money)
    ]


@pytest.mark.parametrize(
    ("period", "unit", "begun"),
    [
        ("quarterly", "quarter", ["2027-02-15", "2027-04-01", "2027-07-01"]),
        ("annual", "year", ["2027-02-15"]),
    ],
)
@pytest.mark.parametrize("plan_unit", ["month", "half_month", "hour", "quantity"])
def test_a_limit_by_the_quarter_or_year_is_charged_in_one_sum(
    period: str, unit: str, begun: list[str], plan_unit: str
) -> None:
    """At the start, and for each quarter of the calendar or year of its own that begins."""
    cost = priced(
        {"unit": plan_unit, "prices": {"disk": 10}},
        basket("2027-02-15", "2027-07-01", disk="3"),
        limit_by(period),
    )

    assert [spelled(each) for each in cost.charges] == [
        ("disk", "recurring", day, "3", "1", unit, "30.00") for day in begun
    ]


@pytest.mark.parametrize(
    ("start", "last", "begun"),
    [
        ("2027-01-01", "2027-03-31", ["2027-01-01"]),
        ("2027-01-01", "2027-04-01", ["2027-01-01", "2027-04-01"]),
        ("2027-03-31", "2027-04-01", ["2027-03-31", "2027-04-01"]),
        ("2027-12-31", "2028-04-01", ["2027-12-31", "2028-01-01", "2028-04-01"]),
    ],
)
def test_quarters_begin_with_january_april_july_and_october(
    start: str, last: str, begun: list[str]
) -> None:
    """Whenever the first one was joined."""
    cost = priced({"prices": {"disk": 1}}, basket(start, last, disk="1"), limit_by("quarterly"))

    assert [each.start.date().isoformat() for each in cost.charges] == begun


@pytest.mark.parametrize(
    ("start", "last", "begun"),
    [
        ("2027-05-10", "2028-05-09", ["2027-05-10"]),
        ("2027-05-10", "2028-05-10", ["2027-05-10", "2028-05-10"]),
        ("2028-02-29", "2030-03-01", ["2028-02-29", "2029-02-28", "2030-02-28"]),
        (
            "2028-02-29",
            "2033-02-27",
            ["2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29"],
        ),
    ],
)
def test_years_begin_on_the_day_of_the_start(start: str, last: str, begun: list[str]) -> None:
    """On the last day of February where the year has no 29th."""
    cost = priced({"prices": {"disk": 1}}, basket(start, last, disk="1"), limit_by("annual"))

    assert [each.start.date().isoformat() for each in cost.charges] == begun


@pytest.mark.parametrize("period", ["quarterly", "annual"])
def test_a_plan_by_the_day_charges_each_day_whatever_the_period(period: str) -> None:
    """The sum of a quarter is then that of its days."""
    cost = priced(
        {"unit": "day", "prices": {"disk": 1}},
        basket("2027-04-29", "2027-05-02", disk="2"),
        limit_by(period),
    )

    assert [spelled(each)[2:] for each in cost.charges] == [
        ("2027-04-29", "2", "2", "day", "4.00"),
        ("2027-05-01", "2", "2", "day", "4.00"),
    ]


@pytest.mark.parametrize("unit", ["month", "day", "hour"])
@pytest.mark.parametrize(("occasion", "count"), [(Occasion.ACTIVATION, 1), (Occasion.SWITCH, 0)])
def test_a_limit_in_total_is_charged_once_at_activation(
    unit: str, occasion: Occasion, count: int
) -> None:
    """Not again at a change of plan, and not once a month."""
    cost = priced(
        {"unit": unit, "prices": {"disk": 10}},
        basket("2027-04-15", "2027-07-31", occasion, disk="3"),
        limit_by("total"),
    )

    assert [spelled(each) for each in cost.charges] == count * [
        ("disk", "one-time", "2027-04-15", "3", "1", "", "30.00")
    ]
    assert cost.obstacles == ()


# --- once -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("occasion", "types"),
    [(Occasion.ACTIVATION, ["setup", "move"]), (Occasion.SWITCH, ["move"])],
)
def test_what_a_beginning_costs_depends_on_the_occasion(
    occasion: Occasion, types: list[str]
) -> None:
    """`one` at activation alone, `few` at a change of plan too, and each once in any amount."""
    cost = priced(
        {"prices": {"setup": 50, "move": 7}, "quotas": {"setup": 4, "move": 4}},
        basket("2027-04-15", "2027-07-31", occasion, setup="9", move="9"),
    )

    assert [each.line.type for each in cost.charges] == types
    assert {spelled(each)[1:6] for each in cost.charges} == {
        ("one-time", "2027-04-15", "1", "1", "")
    }
    assert cost.of(Share.ONCE) == sum({"setup": 50, "move": 7}[type_] for type_ in types)


# --- discounts ------------------------------------------------------------------------------


def discounted(type_: str, threshold: int | None, rate: int | None) -> dict[str, Any]:
    """A plan of one component at 1, with a discount."""
    component = {"type": type_, "price": "1"}
    return {"components": [{**component, "discount_threshold": threshold, "discount_rate": rate}]}


@pytest.mark.parametrize("type_", ["cpu", "disk"])
@pytest.mark.parametrize(
    ("threshold", "rate", "quantity", "reached", "money"),
    [
        (100, 10, "99.99", 0, "99.99"),
        (100, 10, "100", 10, "90.00"),
        (100, 10, "101", 10, "90.90"),
        (100, 100, "101", 100, "0.00"),
        (100, 0, "101", 0, "101.00"),
        (100, None, "101", 0, "101.00"),
        (None, 10, "101", 0, "101.00"),
        (0, 10, "0.05", 10, "0.05"),
    ],
)
def test_a_discount_is_taken_off_once_the_quantity_reaches_it(
    type_: str, threshold: int | None, rate: int | None, quantity: str, reached: int, money: str
) -> None:
    """Off the whole item, rounded up after it; a rate without a threshold takes off nothing."""
    cost = priced(discounted(type_, threshold, rate), basket(**{type_: quantity}))
    (charge,) = cost.charges

    assert (charge.rate, format(charge.money, "f")) == (reached, money)


@pytest.mark.parametrize("type_", ["base", "setup", "move"])
def test_nothing_is_taken_off_what_has_no_quantity(type_: str) -> None:
    """A discount of a fixed or a one-time component never applies."""
    cost = priced(discounted(type_, 0, 50), basket(**{type_: "1000"}))

    assert [(each.rate, each.money) for each in cost.charges] == [(0, 1)]
    assert not any("% off" in remark for remark in cost.remarks)


def test_a_limit_in_total_earns_its_discount_too() -> None:
    """The quantity that counts is the limit."""
    cost = priced(discounted("disk", 10, 25), basket(disk="10"), limit_by("total"))

    assert [(each.rate, each.money) for each in cost.charges] == [(25, Decimal("7.50"))]


@pytest.mark.parametrize(
    ("quantity", "remarks"),
    [
        ("80", ("CPU: 20 core-hours more bring 10 % off",)),
        ("99.5", ("CPU: 0.5 core-hours more bring 10 % off",)),
        ("100", ("CPU: 10 % off, reached at 100",)),
        ("0", ()),
    ],
)
def test_what_a_discount_asks_for_is_told(quantity: str, remarks: tuple[str, ...]) -> None:
    """How much more brings it, or that it is reached."""
    assert priced(discounted("cpu", 100, 10), basket(cpu=quantity)).remarks == remarks


@pytest.mark.parametrize(
    ("rate", "quantity", "obstacles"),
    [
        (150, "10", ("the discount of CPU is 150 %",)),
        (-5, "10", ("the discount of CPU is -5 %",)),
        (100, "10", ()),
        (150, "9", ()),
    ],
)
def test_a_discount_that_is_none_has_no_rank(
    rate: int, quantity: str, obstacles: tuple[str, ...]
) -> None:
    """Where it would be taken off; it is nothing to buy more for."""
    cost = priced(discounted("cpu", 10, rate), basket(cpu=quantity))

    assert cost.obstacles == obstacles
    assert cost.remarks == (("CPU: 100 % off, reached at 10",) if rate == 100 else ())


@pytest.mark.parametrize(
    ("type_", "wanted", "hindered"),
    [
        ("base", {}, True),
        ("cpu", {"cpu": "1"}, True),
        ("cpu", {}, False),
        ("disk", {"disk": "1"}, True),
        ("setup", {}, True),
        ("move", {}, True),
    ],
)
@pytest.mark.parametrize("prices", [(-1, None), (1, -1)])
def test_a_price_below_0_has_no_rank(
    type_: str, wanted: dict[str, str], hindered: bool, prices: tuple[int, int | None]
) -> None:
    """Today's or the next month's of anything that is charged."""
    plan = {"components": [{"type": type_, "price": prices[0], "future_price": prices[1]}]}
    name = type_.upper() if type_ == "cpu" else type_.title()

    obstacles = priced(plan, basket(**wanted), changes="2027-04-01").obstacles
    assert obstacles == ((f"the price of {name} is below 0",) if hindered else ())


def test_a_price_below_0_after_the_period_is_no_hindrance() -> None:
    """January is what it is, whatever February will cost."""
    plan = {"components": [{"type": "cpu", "price": 1, "future_price": -1}]}
    of = basket("2027-01-01", "2027-01-31", cpu="1")

    assert priced(plan, of, changes="2027-02-01").obstacles == ()
    assert priced(plan, of, changes="2027-01-01").obstacles != ()


@pytest.mark.parametrize(("threshold", "rate"), [(None, 10), (100, None), (100, 0)])
def test_a_discount_that_is_none_is_not_told(threshold: int | None, rate: int | None) -> None:
    """More of it would bring nothing."""
    assert priced(discounted("cpu", threshold, rate), basket(cpu="5")).remarks == ()


# --- prices of the next month ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "prices"),
    [
        (None, [10, 10, 10]),
        ("2027-03-01", [12, 12, 12]),
        ("2027-04-01", [12, 12, 12]),
        ("2027-05-01", [10, 12, 12]),
        ("2027-06-01", [10, 10, 12]),
        ("2027-07-01", [10, 10, 10]),
    ],
)
@pytest.mark.parametrize("type_", ["base", "cpu", "disk"])
def test_months_have_the_price_that_counts_in_them(
    type_: str, changes: str | None, prices: list[int]
) -> None:
    """A future price from the month on that is named, today's before it."""
    cost = priced(
        {"prices": {type_: 10}, "future_prices": {type_: 12}},
        basket("2027-04-01", "2027-06-30", **{type_: "1"}),
        changes=changes,
    )

    assert [each.price for each in cost.charges] == prices
    assert [each.future for each in cost.charges] == [price == 12 for price in prices]


@pytest.mark.parametrize("future", [None, "10", "10.00"])
def test_a_price_that_does_not_change_is_never_a_future_one(future: str | None) -> None:
    """Without a future price today's stays; one that is the same is no change."""
    cost = priced(
        {"prices": {"cpu": 10}, "future_prices": {"cpu": future}},
        basket(cpu="1"),
        changes="2027-04-01",
    )

    assert [(each.price, each.future) for each in cost.charges] == [(10, False)]


@pytest.mark.parametrize(("changes", "price"), [("2027-04-01", 60), ("2027-05-01", 50)])
def test_a_beginning_has_the_price_of_its_day(changes: str, price: int) -> None:
    """What is charged once has the price of the month in which it begins."""
    cost = priced(
        {"prices": {"setup": 50}, "future_prices": {"setup": 60}},
        basket("2027-04-10", "2027-06-30"),
        changes=changes,
    )

    assert [each.price for each in cost.charges] == [price]


def test_a_future_price_of_0_is_a_price() -> None:
    """The component becomes free, and its charge says so."""
    cost = priced(
        {"prices": {"cpu": 10}, "future_prices": {"cpu": 0}},
        basket("2027-04-01", "2027-05-31", cpu="1"),
        changes="2027-05-01",
    )

    assert [each.money for each in cost.charges] == [10, 0]


FIRST_PRICED = {"cpu": 10, "disk": 12, "setup": 5, "base": 3}


@pytest.mark.parametrize("type_", [*FIRST_PRICED])
@pytest.mark.parametrize(
    ("start", "changes", "charged", "obstacles", "remarks"),
    [
        ("2027-05-01", "2027-05-01", True, "", "has no price before 2027-05-01"),
        ("2027-05-01", "2027-06-01", False, "has no price before 2027-06-01", ""),
        ("2027-05-01", None, False, "has no price", ""),
    ],
)
def test_a_first_price_counts_from_its_month_on(
    type_: str, start: str, changes: str | None, charged: bool, obstacles: str, remarks: str
) -> None:
    """What has none today is charged then, and hinders a comparison of the time before."""
    of = basket(start, "2027-05-31", **{type_: "1"})
    cost = priced(
        {"prices": {type_: None}, "future_prices": {type_: FIRST_PRICED[type_]}},
        of,
        changes=changes,
    )
    name = type_.upper() if type_ == "cpu" else type_.title()

    assert cost.total == (FIRST_PRICED[type_] if charged else 0)
    assert [each for each in cost.obstacles if "price" in each] == [
        f"{name} {obstacles}" for _ in range(1) if obstacles
    ]
    assert cost.remarks == tuple(f"{name} {remarks}" for _ in range(1) if remarks)


def test_a_first_price_within_the_period_is_charged_from_its_month_on() -> None:
    """And it is said from when on."""
    cost = priced(
        {"prices": {"cpu": None}, "future_prices": {"cpu": 10}},
        basket("2027-04-15", "2027-06-30", cpu="2"),
        changes="2027-05-01",
    )

    assert [(each.start.month, each.money) for each in cost.charges] == [(5, 20), (6, 20)]
    assert cost.obstacles == ("CPU has no price before 2027-05-01",)
    assert cost.per_year == 11 * 20


def test_nothing_is_lacking_before_a_first_price_if_nothing_is_charged_before_it() -> None:
    """A plan by the quarter is charged where a quarter begins."""
    cost = priced(
        {"unit": "quarter", "prices": {"base": None}, "future_prices": {"base": 10}},
        basket("2027-02-10", "2027-06-30"),
        changes="2027-03-01",
    )

    assert (cost.total, cost.obstacles) == (10, ())


def test_a_first_price_of_what_nothing_says_how_to_charge_is_an_obstacle() -> None:
    """As any other price of it."""
    cost = priced(
        {"prices": {"gpu": None}, "future_prices": {"gpu": 1}},
        basket(gpu="1"),
        changes="2027-04-01",
    )

    assert cost.obstacles == ("nothing says how gpu is charged",)


# --- sums -----------------------------------------------------------------------------------

EVERY_KIND = {"prices": {"base": 10, "cpu": "0.5", "disk": 2, "setup": 100, "move": 7}}


def test_the_sums_of_several_months() -> None:
    """By kind, in all, of the first month, and of a year of regular charges."""
    cost = priced(EVERY_KIND, basket("2027-04-16", "2027-05-31", cpu="10", disk="3"))

    assert cost.of(Share.RECURRING) == Decimal("24.00")
    assert cost.of(Share.USAGE) == Decimal("10.00")
    assert cost.of(Share.ONCE) == Decimal("107.00")
    assert cost.total == Decimal("141.00")
    assert cost.first_month == Decimal("120.00")
    assert cost.per_year == Decimal("252.00")


def test_the_sums_of_nothing_are_0() -> None:
    """With two decimals in every sum that is written as money."""
    cost = priced({"prices": {"cpu": 1}}, basket())

    assert format(cost.total, "f") == "0.00"
    assert (cost.first_month, cost.per_year, cost.comparable) == (0, 0, True)


@pytest.mark.parametrize(
    ("unit", "start", "per_year"),
    [
        ("month", "2027-04-20", "12"),
        ("half_month", "2027-04-20", "24"),
        ("day", "2027-01-01", "365"),
        ("day", "2027-02-28", "365"),
        ("day", "2027-03-01", "366"),
        ("day", "2028-01-15", "366"),
        ("hour", "2028-01-15", "8784"),
        ("quarter", "2027-02-15", "4"),
    ],
)
def test_a_year_is_twelve_whole_months(unit: str, start: str, per_year: str) -> None:
    """From the first of the month of the start, leap days included, however short the period."""
    cost = priced({"unit": unit, "prices": {"base": 1}}, basket(start, start))

    assert cost.per_year == Decimal(per_year)


def test_a_year_has_no_charges_that_come_once() -> None:
    """Neither activation, nor change, nor a limit in total."""
    cost = priced(
        {"prices": {"setup": 50, "move": 7, "disk": 10}}, basket(disk="3"), limit_by("total")
    )

    assert (cost.total, cost.per_year) == (87, 0)


def test_a_year_has_the_prices_of_its_months() -> None:
    """A price that changes counts from its month on in the year, too."""
    cost = priced(
        {"prices": {"base": 10}, "future_prices": {"base": 20}}, basket(), changes="2027-06-01"
    )

    assert cost.per_year == 2 * 10 + 10 * 20


@pytest.mark.parametrize("occasion", Occasion)
def test_a_plan_by_the_unit_is_charged_once(occasion: Occasion) -> None:
    """Its price is for no time: neither months nor a year make it more; use is charged as ever."""
    cost = priced(
        {"unit": "quantity", "prices": {"base": 10, "disk": 2, "cpu": "0.5"}},
        basket("2027-04-16", "2027-06-30", occasion, disk="3", cpu="4"),
    )

    assert [spelled(each) for each in cost.charges if each.share is Share.ONCE] == [
        ("base", "one-time", "2027-04-16", "1", "1", "", "10.00"),
        ("disk", "one-time", "2027-04-16", "3", "1", "", "6.00"),
    ]
    assert (cost.of(Share.RECURRING), cost.of(Share.USAGE), cost.per_year) == (0, 6, 24)


def test_a_discount_counts_in_a_plan_by_the_unit() -> None:
    """As in any other."""
    disk = {"type": "disk", "price": 2, "discount_threshold": 3, "discount_rate": 50}
    cost = priced({"unit": "quantity", "components": [disk]}, basket(disk="3"))

    assert cost.total == 3


def test_every_sum_can_be_opened() -> None:
    """Its items are worked out when they are asked for, and add up to it."""
    types = {"base", "cpu", "disk", "setup", "move"}
    plan = Plan.model_validate({"unit": "month", **EVERY_KIND, "future_prices": {"base": 20}})
    of = basket("2027-04-16", "2027-05-31", cpu="10", disk="3")
    asked = (offering(types=types), plan, of, at("2027-05-01"))
    cost = cost_of(*asked)

    assert charges_of(*asked) == cost.charges
    assert sum(each.money for each in cost.of_first_month) == cost.first_month
    assert {each.start.month for each in cost.of_first_month} == {4}
    assert sum(each.money for each in year_of(*asked)) == cost.per_year
    assert len({each.start.month for each in year_of(*asked)}) == 12


# --- what hinders a comparison --------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "wanted", "obstacle"),
    [
        ({"unit": "quantity", "prices": {"cpu": 1}}, {"cpu": "1"},
         "it is charged by the unit, without a period"),
        ({"unit": "fortnight", "prices": {"cpu": 1}}, {"cpu": "1"},
         "its unit fortnight has no known length"),
        ({"prices": {"cpu": 1}}, {"gpu": "1"}, "it has no gpu"),
        ({"prices": {"cpu": None}}, {"cpu": "1"}, "CPU has no price"),
        ({"prices": {"disk": None}}, {"disk": "1"}, "Disk has no price"),
        ({"prices": {"gpu": 1}}, {"gpu": "1"}, "nothing says how gpu is charged"),
    ],
)  # fmt: skip
def test_what_cannot_be_priced_is_an_obstacle(
    plan: dict[str, Any], wanted: dict[str, str], obstacle: str
) -> None:
    """The reason is given, and the sums do not stand beside others."""
    cost = priced(plan, basket(**wanted))

    assert cost.obstacles == (obstacle,)
    assert not cost.comparable


@pytest.mark.parametrize(
    ("prices", "wanted", "obstacles"),
    [
        ({"base": None}, {}, ("Base has no price",)),
        ({"base": 1}, {}, ()),
        ({"base": 1, "cpu": None}, {}, ()),
        ({"base": 1, "cpu": None}, {"cpu": "0"}, ()),
        ({"base": 1}, {"gpu": "0"}, ()),
        ({"base": 1, "cpu": 0}, {"cpu": "5"}, ()),
    ],
)
def test_only_what_is_charged_needs_a_price(
    prices: dict[str, Any], wanted: dict[str, str], obstacles: tuple[str, ...]
) -> None:
    """The fixed parts always; others where some is wanted; and 0 is a price."""
    cost = priced({"prices": prices}, basket(**wanted))

    assert cost.obstacles == obstacles


def test_an_amount_of_0_needs_no_price() -> None:
    """A fixed part that the plan holds none of costs nothing at any price."""
    assert priced({"prices": {"base": None}, "quotas": {"base": 0}}, basket()).obstacles == ()


@pytest.mark.parametrize(
    ("units", "charged", "obstacles"),
    [
        (["core-hours"], [5], ()),
        ([None], [5], ()),
        (["node-hours"], [], ("it counts cpu in core-hours",)),
        (["node-hours", "core-hours"], [6], ()),
        (["core-hours", "node-hours"], [5], ()),
        (["node-hours", "days"], [], ("it counts cpu in core-hours",)),
        ([""], [], ("it counts cpu in core-hours",)),
    ],
)
def test_a_want_fits_only_its_own_unit(
    units: list[str | None], charged: list[int], obstacles: tuple[str, ...]
) -> None:
    """Of wants in several units the plan takes the one it counts in."""
    wants = tuple(Wanted("cpu", Decimal(5 + i), unit) for i, unit in enumerate(units))
    both_ends = basket()
    cost = priced({"prices": {"base": 0, "cpu": 1}}, Basket(wants, both_ends.start, both_ends.end))

    assert [each.quantity for each in cost.charges if each.line.type == "cpu"] == charged
    assert cost.obstacles == obstacles


def test_a_component_without_a_unit_is_said_to_have_none() -> None:
    """The name is that of the want, where it has one."""
    wants = (Wanted("gpu", Decimal(1), "gpu-hours", "GPU"),)
    whole = basket()
    gpu = {"type": "gpu", "name": "GPU", "billing_type": "usage"}
    cost = priced({"prices": {"base": 0, "gpu": 1}}, Basket(wants, whole.start, whole.end), gpu)

    assert cost.obstacles == ("it counts GPU in no unit",)


def test_every_obstacle_is_told() -> None:
    """One reason does not hide the others."""
    cost = priced(
        {"unit": "quantity", "prices": {"base": None, "cpu": None}}, basket(cpu="1", gpu="1")
    )

    assert set(cost.obstacles) == {
        "it is charged by the unit, without a period",
        "it has no gpu",
        "Base has no price",
        "CPU has no price",
    }


PART = "it charges a whole quarter, of which the period covers"


@pytest.mark.parametrize(
    ("start", "last", "money", "uneven"),
    [
        ("2027-02-10", "2027-03-31", "0.00", "no quarter begins in the period"),
        ("2027-02-10", "2027-06-30", "30.00",
         "it charges nothing for the quarter in which the period begins"),
        ("2027-01-01", "2027-01-31", "30.00", f"{PART} 31 of 90 days"),
        ("2027-01-01", "2027-03-30", "30.00", f"{PART} 89 of 90 days"),
        ("2027-01-01", "2027-04-01", "60.00", f"{PART} 1 of 91 days"),
        ("2027-01-01", "2027-03-31", "30.00", ""),
        ("2027-10-01", "2028-03-31", "60.00", ""),
    ],
)  # fmt: skip
def test_a_plan_by_the_quarter_is_compared_over_whole_quarters(
    start: str, last: str, money: str, uneven: str
) -> None:
    """Over anything else it is charged more or less than the period; a year may be compared."""
    cost = priced({"unit": "quarter", "prices": {"base": 30}}, basket(start, last))

    assert (format(cost.total, "f"), cost.uneven) == (money, uneven)
    assert (cost.comparable, cost.obstacles) == (not uneven, ())
    assert cost.per_year == 120


@pytest.mark.parametrize(
    ("by", "start", "last", "uneven"),
    [
        ("quarterly", "2027-01-01", "2027-01-31", "quarter of Disk, {} 31 of 90 days"),
        ("quarterly", "2027-02-01", "2027-03-31", "quarter of Disk, {} 59 of 90 days"),
        ("quarterly", "2027-01-01", "2027-06-30", ""),
        ("annual", "2027-02-10", "2027-03-09", "year of Disk, {} 28 of 365 days"),
        ("annual", "2027-02-10", "2028-02-10", "year of Disk, {} 1 of 366 days"),
        ("annual", "2027-02-10", "2028-02-09", ""),
        ("annual", "2028-02-29", "2032-02-28", ""),
        ("annual", "2028-02-29", "2032-02-27", "year of Disk, {} 365 of 366 days"),
        ("total", "2027-02-10", "2027-03-09", ""),
        ("month", "2027-02-10", "2027-03-09", ""),
    ],
)
def test_a_limit_in_one_sum_is_compared_over_what_it_is_for(
    by: str, start: str, last: str, uneven: str
) -> None:
    """The sum of a quarter or year does not stand beside months of another plan."""
    of = basket(start, last, disk="3")
    cost = priced({"prices": {"disk": 10}}, of, limit_by(by))

    said = uneven and f"it charges a whole {uneven.format('of which the period covers')}"
    assert cost.uneven == said


@pytest.mark.parametrize(
    ("plan", "wanted"),
    [
        ({"prices": {"cpu": 1}}, {"cpu": "5"}),
        ({"prices": {"base": 0}}, {}),
        ({"prices": {"base": 5}, "quotas": {"base": 0}}, {}),
        ({"prices": {"disk": 5}}, {}),
        ({"prices": {"setup": 5}}, {}),
    ],
)
def test_a_plan_by_the_quarter_that_charges_nothing_by_it_is_even(
    plan: dict[str, Any], wanted: dict[str, str]
) -> None:
    """Use is charged each month, and what costs nothing is not charged for too long."""
    cost = priced({"unit": "quarter", **plan}, basket("2027-02-01", "2027-02-28", **wanted))

    assert cost.uneven == ""


def test_a_plan_without_a_unit_cannot_be_compared() -> None:
    """Nothing says what its prices are for."""
    cost = priced({"unit": "", "prices": {"base": 30}}, basket("2027-04-16", "2027-04-30"))

    assert (cost.total, cost.obstacles) == (0, ("no unit is recorded",))


def test_a_unit_price_that_is_for_nothing_cannot_be_compared() -> None:
    """No component of the plan is charged by it."""
    cost = priced({"unit_price": "50", "prices": {"cpu": None}}, basket())

    assert "nothing says what its unit price is for" in cost.obstacles


@pytest.mark.parametrize("billing_type", ["one", "few"])
def test_what_is_charged_once_is_not_what_was_wanted(billing_type: str) -> None:
    """A thousand of it cost as much as one, which no other plan is measured by."""
    once = {"type": "cpu", "name": "CPU", "billing_type": billing_type}
    cost = priced({"prices": {"cpu": 5}}, basket(cpu="1000"), once)

    assert cost.obstacles == ("it charges cpu once, whatever the quantity",)


@pytest.mark.parametrize(
    ("plan", "wanted", "sums"),
    [
        ({"unit": "quantity", "prices": {"base": 1}}, {}, "count once what is charged by the unit"),
        ({"unit": "", "prices": {"base": 1}}, {}, "leave out what is charged by time"),
        ({"unit": "week", "prices": {"base": 1}}, {}, "leave out what is charged by time"),
        ({"prices": {"base": 1}}, {"gpu": "1"}, "leave it out"),
        ({"prices": {"cpu": None}}, {"cpu": "1"}, "leave it out"),
        ({"prices": {"base": 1}}, {"base": "2"}, "hold what the plan charges"),
        ({"prices": {"setup": 1}}, {"setup": "2"}, "hold what the plan charges"),
        ({"prices": {"gpu": 1}}, {}, "leave it out"),
        ({"unit_price": "50", "prices": {"cpu": 1}}, {}, "leave it out"),
    ],
)
def test_an_obstacle_says_what_the_sums_make_of_it(
    plan: dict[str, Any], wanted: dict[str, str], sums: str
) -> None:
    """They leave out only what they do not hold."""
    (obstacle,) = priced(plan, basket(**wanted)).obstacles

    assert isinstance(obstacle, Obstacle)
    assert obstacle.sums == f"The sums below {sums}."


@pytest.mark.parametrize(
    ("type_", "sums"), [("base", "hold what the plan charges"), ("cpu", "leave it out")]
)
def test_the_sums_hold_a_fixed_part_in_whatever_unit(type_: str, sums: str) -> None:
    """What is charged by quantity has none in another unit."""
    of = Basket((Wanted(type_, Decimal(1), "kg"),), *whole_month(at("2027-04-01")))
    (obstacle,) = priced({"prices": {type_: 1}}, of).obstacles

    assert isinstance(obstacle, Obstacle)
    assert obstacle.sums == f"The sums below {sums}."


# --- remarks --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounds", "quantity", "remarks"),
    [
        ({"min_value": 5}, "4.9", ("Disk: below its least value, 5 TB",)),
        ({"min_value": 5}, "5", ()),
        ({"max_value": 5}, "5", ()),
        ({"max_value": 5}, "5.1", ("Disk: over its greatest value, 5 TB",)),
        ({"max_available_limit": 5}, "5", ()),
        ({"max_available_limit": 5}, "6", ("Disk: over what is available in all, 5 TB",)),
        ({"max_value": 5}, "0", ()),
        ({"min_value": 5}, "0", ()),
        ({"limit_amount": 5}, "6", ()),
        (
            {"max_value": 5, "max_available_limit": 5},
            "6",
            (
                "Disk: over its greatest value, 5 TB",
                "Disk: over what is available in all, 5 TB",
            ),
        ),
    ],
)
def test_a_limit_out_of_bounds_is_remarked(
    bounds: dict[str, int], quantity: str, remarks: tuple[str, ...]
) -> None:
    """It is priced all the same: the bounds are those of an order."""
    cost = priced({"prices": {"disk": 1}}, basket(disk=quantity), {"type": "disk", **bounds})

    assert (cost.remarks, cost.comparable) == (remarks, True)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        ("month", "over the most per month, 5 core-hours"),
        ("annual", "over the most per year, 5 core-hours"),
        ("total", "over the most once in total, 5 core-hours"),
        (None, "over the most, 5 core-hours"),
    ],
)
def test_usage_over_the_most_is_remarked(period: str | None, words: str) -> None:
    """With the time that the most is for; what is just reached is not over it."""
    cpu = {"type": "cpu", "limit_amount": 5, "limit_period": period}

    assert priced({"prices": {"cpu": 1}}, basket(cpu="6"), cpu).remarks == (f"CPU: {words}",)
    assert priced({"prices": {"cpu": 1}}, basket(cpu="5"), cpu).remarks == ()


@pytest.mark.parametrize(
    ("period", "months", "over"),
    [
        ("month", 12, False),
        ("quarterly", 2, False),
        ("quarterly", 3, True),
        ("annual", 2, False),
        ("annual", 24, True),
        ("total", 3, True),
        (None, 12, False),
    ],
)
def test_the_use_of_all_months_of_a_limit_counts(
    period: str | None, months: int, over: bool
) -> None:
    """Use is that of one month, and the most may be that of a quarter, a year or all time."""
    cpu = {"type": "cpu", "limit_amount": 10, "limit_period": period}
    last = f"{2027 + (months - 1) // 12}-{(months - 1) % 12 + 1:02}-28"

    remarks = priced({"prices": {"cpu": 1}}, basket("2027-01-01", last, cpu="5"), cpu).remarks
    assert bool(remarks) is over


@pytest.mark.parametrize(
    ("quotas", "wanted", "remarks", "obstacles"),
    [
        ({"base": 2}, "3", (), ("it holds 2 of base",)),
        ({"base": 2}, "2", (), ()),
        ({}, "3", (), ("it holds 1 of base",)),
        ({"base": 2}, "1", ("Base: the plan holds 2",), ()),
        ({"base": 2}, "0", (), ()),
    ],
)
def test_another_amount_than_the_plan_holds_is_told(
    quotas: dict[str, int], wanted: str, remarks: tuple[str, ...], obstacles: tuple[str, ...]
) -> None:
    """Less than what is wanted cannot be compared; more is a remark."""
    cost = priced({"prices": {"base": 1}, "quotas": quotas}, basket(base=wanted))

    assert (cost.remarks, cost.obstacles) == (remarks, obstacles)


@pytest.mark.parametrize(
    ("plan", "fields", "remarks"),
    [
        ({"archived": True}, {}, ("new bookings cannot take it",)),
        ({"is_active": False}, {}, ("new bookings cannot take it",)),
        ({"is_active": True}, {"billable": True}, ()),
        ({}, {"billable": False}, ("the offering is not billable: its use is on no invoice",)),
        ({"unit_price": "10"}, {}, ()),
        ({"unit_price": "12.50"}, {}, ("its unit price is 12.5, its fixed parts cost 10",)),
    ],
)
def test_what_else_a_buyer_should_know(
    plan: dict[str, Any], fields: dict[str, Any], remarks: tuple[str, ...]
) -> None:
    """None of it keeps the plan from being compared."""
    cost = priced({"prices": {"base": 10}, **plan}, basket(), **fields)

    assert (cost.remarks, cost.comparable, cost.total) == (remarks, True, 10)


# --- what always holds ----------------------------------------------------------------------

prices = st.decimals(min_value=0, max_value=1000, places=10)
small = st.decimals(min_value=0, max_value=5000, places=3)
units = st.sampled_from(["month", "half_month", "day", "hour", "quarter", "quantity", ""])
periods = st.tuples(st.integers(0, 1200), st.integers(0, 500)).map(
    lambda days: (
        at("2026-01-15") + timedelta(days=days[0]),
        at("2026-01-15") + timedelta(days=days[0] + days[1] + 1) - TICK,
    )
)
every_limit = st.sampled_from([None, "", "month", "quarterly", "annual", "total"])


@st.composite
def plans(draw: st.DrawFn) -> dict[str, Any]:
    """Plans with every kind of component, and perhaps discounts and future prices."""
    components = []
    for each in COMPONENTS:
        component: dict[str, Any] = {"type": each["type"], "price": draw(prices)}
        component["future_price"] = draw(st.none() | prices)
        component["discount_threshold"] = draw(st.none() | st.integers(0, 3000))
        component["discount_rate"] = draw(st.none() | st.integers(0, 100))
        component["amount"] = draw(st.none() | st.integers(0, 5))
        components.append(component)
    return {"unit": draw(units), "components": components}


def wanting(period: tuple[datetime, datetime], **quantities: Decimal) -> Basket:
    """A basket for a period."""
    return Basket(tuple(Wanted(*each) for each in quantities.items()), *period)


@given(plans(), periods, small, small, every_limit)
def test_sums_are_made_of_charges_that_can_be_checked(
    plan: dict[str, Any],
    period: tuple[datetime, datetime],
    cpu: Decimal,
    disk: Decimal,
    by: str | None,
) -> None:
    """The total is all charges, each of them the product of what it shows, rounded up."""
    cost = priced(plan, wanting(period, cpu=cpu, disk=disk), limit_by(by), changes="2027-02-01")

    for each in cost.charges:
        product = each.price * each.quantity * each.periods * (100 - each.rate) / 100
        assert each.money == round_up(product)
        assert period[0] <= each.start <= period[1]
    assert cost.total == sum(each.money for each in cost.charges)
    assert cost.total == sum(cost.of(share) for share in Share)
    assert 0 <= cost.first_month <= cost.total


@given(plans(), periods, st.lists(small, min_size=2, max_size=2), every_limit)
def test_more_never_costs_less_on_one_side_of_a_discount(
    plan: dict[str, Any],
    period: tuple[datetime, datetime],
    two: list[Decimal],
    by: str | None,
) -> None:
    """Only a threshold that is passed between two quantities can make the greater one cheaper."""
    less, more = sorted(two)
    for each in plan["components"]:
        threshold = each["discount_threshold"]
        if threshold is not None and less < threshold <= more:
            each["discount_threshold"] = None

    small_one, great_one = (
        priced(plan, wanting(period, cpu=many, disk=many), limit_by(by)) for many in (less, more)
    )

    assert small_one.total <= great_one.total
    assert small_one.per_year <= great_one.per_year


@given(prices, units, periods, small, small, every_limit)
def test_two_halves_of_a_basket_cost_what_the_whole_does(
    price: Decimal,
    unit: str,
    period: tuple[datetime, datetime],
    one: Decimal,
    other: Decimal,
    by: str | None,
) -> None:
    """The recurring sum of two limits is that of both together, but for a cent per charge."""
    plan = {"unit": unit, "prices": {"disk": price}}
    first, second, whole = (
        priced(plan, wanting(period, disk=many), limit_by(by)) for many in (one, other, one + other)
    )

    apart = first.of(Share.RECURRING) + second.of(Share.RECURRING)
    together = whole.of(Share.RECURRING)
    assert 0 <= apart - together <= CENT * len(whole.charges)


@given(prices, st.sampled_from(["day", "hour"]), periods, small, st.integers(1, 400))
def test_a_period_in_two_parts_costs_what_the_whole_does(
    price: Decimal, unit: str, period: tuple[datetime, datetime], disk: Decimal, days: int
) -> None:
    """By the day and the hour it does not matter that a period is cut, but for a cent a charge."""
    start, end = period
    cut = min(start + timedelta(days=days), end + TICK)
    plan = {"unit": unit, "prices": {"disk": price}}
    before, after, whole = (
        priced(plan, wanting(each, disk=disk))
        for each in ((start, cut - TICK), (cut, end), (start, end))
    )

    assert 0 <= before.total + after.total - whole.total <= CENT


@pytest.mark.parametrize("month", range(1, 13))
def test_a_year_has_four_quarters_whenever_it_begins(month: int) -> None:
    """One that has begun before the year is not counted in it."""
    offering = Offering.model_validate(
        {
            "uuid": "a" * 32,
            "components": [
                {"type": "berths", "billing_type": "limit", "limit_period": "quarterly"}
            ],
            "plans": [{"unit": "month", "prices": {"berths": "10"}}],
        }
    )
    basket = Basket(
        (Wanted("berths", Decimal(1)),), *whole_month(datetime(2027, month, 1, tzinfo=UTC))
    )

    assert cost_of(offering, offering.plans[0], basket, None).per_year == 40


def test_a_fixed_component_that_a_plan_leaves_out_hinders_nothing() -> None:
    """Only one that the plan names without a price does."""
    components = [
        {"type": "base", "name": "Base", "billing_type": "fixed"},
        {"type": "cpu", "name": "CPU", "billing_type": "usage"},
    ]
    plans = [
        {"unit": "month", "prices": {"cpu": "1"}},
        {"unit": "month", "prices": {"cpu": "1", "base": None}},
    ]
    offering = Offering.model_validate({"uuid": "a" * 32, "components": components, "plans": plans})
    basket = Basket((Wanted("cpu", Decimal(1)),), *whole_month(datetime(2027, 2, 1, tzinfo=UTC)))
    without, unpriced = (cost_of(offering, plan, basket, None) for plan in offering.plans)

    assert without.obstacles == ()
    assert unpriced.obstacles == ("Base has no price",)
