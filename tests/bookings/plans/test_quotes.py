"""Quotes: a basket on every plan, in order, and each charge as a sum to check by hand."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.plans.basket import Basket, Share, Wanted
from bookings.plans.quotes import Quote, arithmetic, as_item, plans_of, quotes, uncharged
from bookings.waldur.models import Offering

TICK = timedelta(microseconds=1)
# A busy machine may take long over one example.

COMPONENTS = [
    {"type": "base", "name": "Base", "billing_type": "fixed"},
    {"type": "cpu", "name": "CPU", "billing_type": "usage", "measured_unit": "core-hours"},
    {"type": "disk", "name": "Disk", "billing_type": "limit", "measured_unit": "TB"},
    {"type": "setup", "name": "Setup", "billing_type": "one"},
]


def at(text: str) -> datetime:
    """A moment of UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def basket(start: str = "2027-04-01", last: str = "2027-04-30", **wanted: str) -> Basket:
    """So much of each component, from the start of one day to the end of another."""
    wants = tuple(Wanted(type_, Decimal(quantity)) for type_, quantity in wanted.items())
    return Basket(wants, at(start), at(last) + timedelta(days=1) - TICK)


def offering(*plans: dict[str, Any], **fields: Any) -> Offering:
    """An offering with these plans, by the month, and the components that they price."""
    types = {
        type_
        for plan in plans
        for type_ in (*plan.get("prices", {}), *(c["type"] for c in plan.get("components", [])))
    }
    components = [each for each in COMPONENTS if each["type"] in types]
    read = [{"unit": "month", **plan} for plan in plans]
    return Offering.model_validate(
        {"uuid": "1" * 32, "components": components, "plans": read, **fields}
    )


def quoted(
    *plans: dict[str, Any], of: Basket | None = None, now: str = "2027-04-10", **fields: Any
) -> list[Quote]:
    """The quotes of an offering with these plans."""
    return quotes(plans_of([offering(*plans, **fields)]), of or basket(), at(now))


# --- order ----------------------------------------------------------------------------------


def test_every_plan_comes_with_its_offering() -> None:
    """Archived ones included, in the order of the offerings."""
    offerings = [
        offering({"name": "a"}, {"name": "b", "archived": True}, name="one"),
        offering(name="two"),
        offering({"name": "c"}, name="three"),
    ]

    assert [(each.name, plan.name) for each, plan in plans_of(offerings)] == [
        ("one", "a"),
        ("one", "b"),
        ("three", "c"),
    ]


def test_the_cheapest_is_the_first() -> None:
    """Then the dearer ones, whichever offering they are of; equal ones as they came."""
    offerings = [
        offering({"name": "dear", "prices": {"base": 30}}, {"name": "b", "prices": {"base": 20}}),
        offering({"name": "cheap", "prices": {"base": 10}}, {"name": "c", "prices": {"base": 20}}),
    ]
    found = quotes(plans_of(offerings), basket(), at("2027-04-10"))

    assert [each.plan.name for each in found] == ["cheap", "b", "c", "dear"]


def test_what_cannot_be_compared_comes_last() -> None:
    """First what is uneven only in this period, then what lacks something that is wanted."""
    found = quoted(
        {"name": "lacks", "prices": {"base": 1}},
        {"name": "uneven", "unit": "quarter", "prices": {"base": 1, "cpu": 1}},
        {"name": "dear", "prices": {"base": 500, "cpu": 1}},
        {"name": "unit", "unit": "quantity", "prices": {"cpu": "0.1"}},
        {"name": "cheap", "prices": {"base": 5, "cpu": 1}},
        of=basket("2027-02-01", "2027-02-28", cpu="10"),
    )
    names = [each.plan.name for each in found]

    assert names[:3] == ["cheap", "dear", "uneven"]
    assert set(names[3:]) == {"lacks", "unit"}
    assert [each.comparable for each in found] == [True, True, False, False, False]
    assert [each.complete for each in found] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("month", "totals"),
    [("04", (None, None, None)), ("06", ("25.00", None, "25.00"))],
)
def test_a_first_price_has_no_total_of_today(month: str, totals: tuple[str | None, ...]) -> None:
    """The plan is ranked from its month on, and today's prices leave out what has none."""
    plan = {"prices": {"base": 5, "cpu": None}, "future_prices": {"cpu": 2}}
    (found,) = quoted(plan, of=basket(f"2027-{month}-01", f"2027-{month}-30", cpu="10"))
    item = as_item(found)

    assert found.ranked is (month == "06")
    assert totals == tuple(
        item[key] for key in ("total", "total_at_todays_prices", "total_at_next_months_prices")
    )


def test_a_month_does_not_stand_beside_a_quarter() -> None:
    """The plan that is dearer by the month is ranked; over a quarter both are."""
    plans = (
        {"name": "quarter", "unit": "quarter", "prices": {"base": 100}},
        {"name": "month", "prices": {"base": 40}},
    )
    month, quarter = (
        quoted(*plans, of=basket("2027-04-01", last)) for last in ("2027-04-30", "2027-06-30")
    )

    assert [(each.plan.name, each.ranked) for each in month] == [
        ("month", True),
        ("quarter", False),
    ]
    assert month[1].hindrances == (
        "it charges a whole quarter, of which the period covers 30 of 91 days",
    )
    assert [(each.plan.name, each.ranked) for each in quarter] == [
        ("quarter", True),
        ("month", True),
    ]


def test_why_a_plan_cannot_be_compared_is_told() -> None:
    """What it lacks, and that no unit of it begins."""
    (found,) = quoted(
        {"unit": "quarter", "prices": {"base": None, "cpu": 1}},
        of=basket("2027-02-01", "2027-02-28", cpu="10", gpu="1"),
    )

    assert set(found.hindrances) == {
        "Base has no price",
        "it has no gpu",
        "no quarter begins in the period",
    }


def test_what_can_be_compared_has_no_hindrance() -> None:
    """Neither for what it lacks nor for the period."""
    (found,) = quoted({"prices": {"base": 1}})

    assert found.hindrances == ()


# --- today and the next month ---------------------------------------------------------------

RISING = {"prices": {"base": 10}, "future_prices": {"base": 12}}


@pytest.mark.parametrize(
    ("now", "start", "last", "due"),
    [
        ("2027-04-10", "2027-04-01", "2027-06-30", 34),
        ("2027-04-10", "2027-04-01", "2027-04-30", 10),
        ("2027-04-10", "2027-05-01", "2027-06-30", 24),
        ("2027-03-31", "2027-04-01", "2027-06-30", 36),
        ("2027-06-30", "2027-04-01", "2027-06-30", 30),
        ("2027-12-31", "2027-12-01", "2028-01-31", 22),
    ],
)
def test_what_is_due_has_the_price_of_each_month(now: str, start: str, last: str, due: int) -> None:
    """Today's up to the end of the current month, the future one after it."""
    (found,) = quoted(RISING, of=basket(start, last), now=now)
    count = len(found.due.charges)

    assert found.due.total == due
    assert found.today == 10 * count
    assert found.next_month == 12 * count


def test_a_period_from_the_middle_of_a_month_has_all_prices_of_the_next() -> None:
    """The first month is then at the future price as well."""
    (found,) = quoted(RISING, of=basket("2027-04-16", "2027-05-31"))

    assert (found.today, found.due.total, found.next_month) == (15, 17, 18)


def test_without_a_change_all_three_are_one() -> None:
    """A plan whose prices stay costs the same whenever it is asked for."""
    (found,) = quoted({"prices": {"base": 10}, "future_prices": {"base": "10.0"}})

    assert found.due.total == found.today == found.next_month == 10


def test_the_order_is_that_of_what_is_due() -> None:
    """A plan that becomes cheaper next month is not yet the cheapest."""
    plans = (
        {"name": "falls", "prices": {"base": 10}, "future_prices": {"base": 1}},
        {"name": "stays", "prices": {"base": 9}},
    )

    assert [each.plan.name for each in quoted(*plans)] == ["stays", "falls"]
    later = quoted(*plans, of=basket("2027-05-01", "2027-05-31"))
    assert [each.plan.name for each in later] == ["falls", "stays"]


# --- as data --------------------------------------------------------------------------------


def test_a_quote_as_data_has_all_amounts_as_text() -> None:
    """With the members in the order in which they are promised."""
    (found,) = quoted(
        {
            "uuid": "2" * 32,
            "name": "Standard",
            "prices": {"base": 10, "cpu": "0.0125", "setup": 50},
            "future_prices": {"base": 12},
        },
        of=basket("2027-04-16", "2027-05-31", cpu="1000"),
        name="Kratt",
        customer_name="Centre",
    )

    assert as_item(found, "EUR") == {
        "offering_uuid": "1" * 32,
        "offering": "Kratt",
        "provider": "Centre",
        "plan_uuid": "2" * 32,
        "plan": "Standard",
        "unit": "month",
        "active": True,
        "currency": "EUR",
        "comparable": True,
        "recurring": "17.00",
        "usage": "25.00",
        "one_time": "50.00",
        "total": "92.00",
        "first_month": "67.50",
        "per_year": "292.00",
        "total_at_todays_prices": "90.00",
        "total_at_next_months_prices": "93.00",
        "obstacles": [],
        "remarks": [],
        "charges": as_item(found)["charges"],
    }
    assert list(as_item(found))[-1] == "charges"


def test_a_charge_as_data_shows_what_it_was_made_of() -> None:
    """Every factor as text, and whether the price is one of the next month."""
    plan = {
        "components": [
            {
                "type": "cpu",
                "price": "0.0125000000",
                "future_price": "1E-10",
                "discount_threshold": 100,
                "discount_rate": 10,
            }
        ]
    }
    (found,) = quoted(plan, of=basket("2027-04-16", "2027-05-31", cpu="1E+3"))
    first, second = as_item(found)["charges"]

    assert first == {
        "type": "cpu",
        "component": "CPU",
        "billing_type": "usage",
        "share": "usage",
        "from": "2027-04-16",
        "price": "0.0125",
        "quantity": "1000",
        "periods": "1",
        "period_unit": "",
        "discount_rate": 10,
        "money": "11.25",
        "next_months_price": False,
    }
    assert second == {
        **first,
        "from": "2027-05-01",
        "price": "0.0000000001",
        "money": "0.01",
        "next_months_price": True,
    }


AMOUNTS = (
    "recurring", "usage", "one_time", "total", "first_month", "per_year",
    "total_at_todays_prices", "total_at_next_months_prices",
)  # fmt: skip


def test_amounts_of_what_lacks_something_are_null() -> None:
    """A sum that leaves out what is wanted is no price of it; the reason is there instead."""
    (found,) = quoted({"prices": {"base": 10}}, of=basket(cpu="1"))
    item = as_item(found)

    assert {item[key] for key in AMOUNTS} == {None}
    assert (item["comparable"], item["obstacles"]) == (False, ["it has no cpu"])


def test_amounts_of_what_is_uneven_are_given() -> None:
    """They are right for the period, and only not to be compared."""
    (found,) = quoted(
        {"unit": "quarter", "prices": {"base": 30}}, of=basket("2027-02-01", "2027-02-28")
    )
    item = as_item(found)

    assert (item["total"], item["per_year"], item["comparable"]) == ("0.00", "120.00", False)
    assert item["obstacles"] == ["no quarter begins in the period"]


@pytest.mark.parametrize(
    ("plan", "active"),
    [({}, True), ({"archived": True}, False), ({"is_active": False}, False)],
)
def test_a_plan_that_cannot_be_taken_says_so(plan: dict[str, Any], active: bool) -> None:
    """What the server leaves out is empty text, never null."""
    (found,) = quoted({"prices": {"base": 10}, **plan})
    item = as_item(found)

    assert item["active"] is active
    assert ("new bookings cannot take it" in item["remarks"]) is not active
    assert (item["provider"], item["plan_uuid"], item["currency"]) == ("", "", "")


@given(
    st.decimals(min_value=0, max_value=10**6, places=10),
    st.decimals(min_value=0, max_value=10**9, places=4),
    st.sampled_from(["month", "day", "hour", "half_month", "quarter"]),
)
def test_data_can_be_written_as_json_and_adds_up(
    price: Decimal, quantity: Decimal, unit: str
) -> None:
    """The texts are plain decimals, without exponents."""
    (found,) = quoted(
        {"unit": unit, "prices": {"disk": price}}, of=basket(disk=format(quantity, "f"))
    )
    item = json.loads(json.dumps(as_item(found)))

    assert sum(Decimal(each["money"]) for each in item["charges"]) == Decimal(item["total"])
    assert not any("E" in item[key] for key in AMOUNTS)
    assert Decimal(item["recurring"]) == found.due.of(Share.RECURRING)


# --- as a sum -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "wanted", "text"),
    [
        ({"prices": {"base": 10}}, {}, "€10.00 × 0.5 month"),
        ({"prices": {"base": 10}, "quotas": {"base": 3}}, {}, "€10.00 × 3 × 0.5 month"),
        ({"prices": {"base": 10}, "quotas": {"base": 0}}, {}, "€10.00 × 0 × 0.5 month"),
        ({"prices": {"cpu": "0.012"}}, {"cpu": "1000"}, "€0.012 × 1,000 core-hours"),
        ({"prices": {"cpu": "0.012"}}, {"cpu": "1"}, "€0.012 × 1 core-hours"),
        ({"prices": {"disk": "3.5"}}, {"disk": "2.5"}, "€3.50 × 2.5 TB × 0.5 month"),
        ({"unit": "day", "prices": {"disk": 1}}, {"disk": "2"}, "€1.00 × 2 TB × 15 day"),
        ({"unit": "half_month", "prices": {"disk": 1}}, {"disk": "2"},
         "€1.00 × 2 TB × 1 half month"),
        ({"unit": "hour", "prices": {"disk": "1E-10"}}, {"disk": "12345"},
         "€0.0000000001 × 12,345 TB × 360 hour"),
        ({"prices": {"setup": 50}}, {}, "€50.00"),
        ({"unit_price": "7.5"}, {}, "€7.50 × 0.5 month"),
        ({"components": [{"type": "cpu", "price": "1", "discount_threshold": 100,
                          "discount_rate": 15}]},
         {"cpu": "200"}, "€1.00 × 200 core-hours × 85 %"),
        ({"components": [{"type": "disk", "price": "1", "discount_threshold": 2,
                          "discount_rate": 15}]},
         {"disk": "2"}, "€1.00 × 2 TB × 0.5 month × 85 %"),
    ],
)  # fmt: skip
def test_a_charge_is_spelled_as_a_product(
    plan: dict[str, Any], wanted: dict[str, str], text: str
) -> None:
    """Price, quantity, units of the plan and what is left after the discount."""
    (found,) = quoted(plan, of=basket("2027-04-16", "2027-04-30", **wanted))
    (charge,) = found.due.charges

    assert arithmetic(charge, "EUR") == text


@pytest.mark.parametrize(
    ("period", "text"),
    [("quarterly", "2.00 × 3 TB × 1 quarter"), ("annual", "2.00 × 3 TB × 1 year")],
)
def test_a_limit_in_one_sum_is_spelled_with_its_period(period: str, text: str) -> None:
    """And without a currency where none is known."""
    disk = {"type": "disk", "billing_type": "limit", "measured_unit": "TB", "limit_period": period}
    (found,) = quoted({"prices": {"disk": 2}}, of=basket(disk="3"), components=[disk])

    assert [arithmetic(each) for each in found.due.charges] == [text]


def test_a_product_is_spelled_as_a_language_does() -> None:
    """The amount and the quantities alike."""
    (found,) = quoted({"prices": {"disk": "1234.5"}}, of=basket("2027-04-16", disk="1000.5"))
    (charge,) = found.due.charges

    assert arithmetic(charge, "EUR", "de") == "1.234,50\u00a0€ × 1.000,5 TB × 0,5 month"


# --- what comes to nothing ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        (
            {"unit": "quarter", "prices": {"base": 30, "disk": 2, "cpu": 1}},
            ["Lines of 0.00 are left out where no quarter begins in a month: Base, Disk."],
        ),
        (
            {"prices": {"base": 30, "disk": 0, "cpu": 1}, "quotas": {"base": 0}},
            ["Lines of 0.00 are left out where the price or the quantity is 0: Base, Disk."],
        ),
        (
            {"unit": "quarter", "prices": {"base": 30, "cpu": 0}},
            [
                "Lines of 0.00 are left out where no quarter begins in a month: Base.",
                "Lines of 0.00 are left out where the price or the quantity is 0: CPU.",
            ],
        ),
        ({"prices": {"base": 30, "disk": 2, "cpu": 1}}, []),
    ],
)
def test_lines_of_nothing_are_told_in_a_sentence(plan: dict[str, Any], said: list[str]) -> None:
    """Each component once, however many months there are; the rest adds up to the total."""
    (found,) = quoted(plan, of=basket("2027-01-01", "2027-06-30", cpu="5", disk="3"))

    assert uncharged(found.due.charges) == said
    assert sum(each.money for each in found.due.charges if each.money) == found.due.total


def test_a_whole_discount_is_named_as_such() -> None:
    """Neither the price nor the quantity is 0 then."""
    cpu = {"type": "cpu", "price": 1, "discount_threshold": 10, "discount_rate": 100}
    (found,) = quoted({"components": [cpu]}, of=basket(cpu="20"))

    assert uncharged(found.due.charges) == [
        "Lines of 0.00 are left out where the discount is 100 %: CPU."
    ]
