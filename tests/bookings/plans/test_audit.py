"""The audit of price lists, rule by rule."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.plans.audit import RULES, PlanFinding, audit_plans, rule_of
from bookings.waldur.models import Offering

# A busy machine may take long over one example.

COMPONENTS = [
    {"type": "base", "name": "Base", "billing_type": "fixed"},
    {"type": "cpu", "name": "CPU", "billing_type": "usage", "measured_unit": "core-hours"},
    {"type": "disk", "name": "Disk", "billing_type": "limit", "measured_unit": "TB"},
    {"type": "setup", "name": "Setup", "billing_type": "one"},
]
SOUND = {"name": "Standard", "unit": "month", "prices": {"base": 10, "cpu": 1}, "is_active": True}


def audited(*plans: dict[str, Any], most_percent: str = "50", **fields: Any) -> list[PlanFinding]:
    """The findings in an active offering with these plans, each sound but for what is given."""
    read = [{**SOUND, **plan} for plan in plans]
    types = {
        type_
        for plan in read
        for type_ in (*plan["prices"], *(each["type"] for each in plan.get("components", [])))
    }
    components = [each for each in COMPONENTS if each["type"] in types]
    item = {"uuid": "1" * 32, "state": "Active", "components": components, "plans": read, **fields}
    return audit_plans([Offering.model_validate(item)], Decimal(most_percent))


def told(findings: list[PlanFinding], id_: str) -> list[str]:
    """What one rule found."""
    return [each.message for each in findings if each.rule.id == id_]


def test_a_sound_plan_brings_no_finding() -> None:
    """An active plan with prices that stay."""
    assert audited({}) == []


def test_the_rules_have_distinct_names_and_known_severities() -> None:
    """Each can be looked up by its id, in the order in which they are shown."""
    assert [rule.id for rule in RULES] == [f"P{number:02}" for number in range(1, 10)]
    assert {rule.severity for rule in RULES} == {"error", "warning", "info"}
    for rule in RULES:
        assert rule_of(rule.id) is rule
        assert all((rule.title, rule.why, rule.fix))


def test_an_id_of_no_rule_is_a_key_error() -> None:
    """As with any other mapping."""
    with pytest.raises(KeyError):
        rule_of("P99")


# --- P01 ------------------------------------------------------------------------------------

ARCHIVED = {"archived": True, "is_active": False}


@pytest.mark.parametrize(
    ("plans", "message"),
    [
        ([], "it has no plan"),
        ([ARCHIVED], "it has only archived plans"),
        ([ARCHIVED, ARCHIVED], "it has only archived plans"),
        ([{"is_active": False}], "every plan is archived, switched off or used up"),
        ([ARCHIVED, {"is_active": False}], "every plan is archived, switched off or used up"),
    ],
)
def test_an_active_offering_without_an_open_plan_is_found(
    plans: list[dict[str, Any]], message: str
) -> None:
    """Once for the offering, whatever the number of its plans."""
    findings = audited(*plans)

    assert told(findings, "P01") == [message]
    assert [each.plan for each in findings if each.rule.id == "P01"] == [None]


@pytest.mark.parametrize(
    ("plans", "state"),
    [
        ([{}], "Active"),
        ([ARCHIVED, {}], "Active"),
        ([{"is_active": None}], "Active"),
        ([], "Paused"),
        ([ARCHIVED], "Draft"),
        ([], "Archived"),
        ([], ""),
    ],
)
def test_an_offering_that_can_be_booked_or_is_not_active_is_fine(
    plans: list[dict[str, Any]], state: str
) -> None:
    """One open plan is enough, and what is not active needs none."""
    assert told(audited(*plans, state=state), "P01") == []


# --- P02 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "messages"),
    [
        ({"prices": {"base": None}}, ["no price for Base"]),
        ({"prices": {"base": None, "cpu": None}}, ["no price for Base and CPU"]),
        ({"prices": {"base": None, "cpu": None, "disk": None}},
         ["no price for Base, CPU and Disk"]),
        ({"prices": {"base": 0, "cpu": None}}, ["no price for CPU"]),
        ({"prices": {}}, ["no price is recorded"]),
        ({"prices": {"base": 0}}, []),
        ({"prices": {"base": 0, "cpu": 0}}, []),
        ({"prices": {"base": 10, "cpu": None}}, ["no price for CPU"]),
        ({"prices": {"base": 10}}, []),
        ({"prices": {"base": None}, "is_active": False}, []),
        ({"prices": {"base": None}, "is_active": False, "resources_count": 3},
         ["no price for Base"]),
        ({"prices": {"base": None}, "archived": True, "resources_count": 3},
         ["no price for Base"]),
    ],
)  # fmt: skip
def test_a_plan_without_prices_is_found(plan: dict[str, Any], messages: list[str]) -> None:
    """Not one that is free on purpose, and not one that nobody uses or can take."""
    assert told(audited(plan), "P02") == messages


# --- P03 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prices", "futures", "messages"),
    [
        ({"base": 10, "cpu": 1}, {"base": 11}, ["Base will change, but nothing is set for CPU"]),
        (
            {"base": 10, "cpu": 1, "disk": 2, "setup": 3},
            {"base": 11, "disk": 3},
            ["Base and Disk will change, but nothing is set for CPU and Setup"],
        ),
        ({"base": 10, "cpu": 1}, {"base": 11, "cpu": 1}, []),
        ({"base": 10, "cpu": 1}, {"base": 10}, []),
        ({"base": 10, "cpu": 1}, {}, []),
        ({"base": 10, "cpu": 0}, {"base": 11}, []),
        ({"base": 10, "cpu": None}, {"base": 11}, []),
        ({"base": 10, "cpu": 1}, {"base": 0}, ["Base will change, but nothing is set for CPU"]),
    ],
)
def test_a_list_of_which_some_prices_change_is_found(
    prices: dict[str, Any], futures: dict[str, Any], messages: list[str]
) -> None:
    """A future price that is today's is meant to stay; a price of 0 is not forgotten."""
    assert told(audited({"prices": prices, "future_prices": futures}), "P03") == messages


# --- P04 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("price", "future", "messages"),
    [
        (10, 15, []),
        (10, "15.1", ["Base by +51 %"]),
        (10, 5, []),
        (10, "4.9", ["Base by -51 %"]),
        (10, 100, ["Base by +900 %"]),
        (10, 0, ["Base by -100 %"]),
        (0, 5, ["Base from 0 to 5"]),
        (0, "0.50", ["Base from 0 to 0.5"]),
        (0, 0, []),
        (None, 5, []),
        (10, None, []),
        (10, "10.00", []),
        ("1E-10", "2E-10", ["Base by +100 %"]),
    ],
)
def test_a_price_that_changes_by_too_much_is_found(
    price: Any, future: Any, messages: list[str]
) -> None:
    """By more than the most that is given, up or down, and from nothing to something."""
    plan = {"prices": {"base": price}, "future_prices": {"base": future}}

    assert told(audited(plan), "P04") == messages


@pytest.mark.parametrize(
    ("most", "found"), [("0", True), ("19.9", True), ("20", False), ("1000", False)]
)
def test_how_much_is_too_much_is_given(most: str, found: bool) -> None:
    """Exactly the most is still usual."""
    plan = {"prices": {"base": 10}, "future_prices": {"base": 12}}

    assert bool(told(audited(plan, most_percent=most), "P04")) is found


def test_all_prices_that_change_by_too_much_are_named() -> None:
    """In one message for the plan."""
    plan = {
        "prices": {"base": 10, "cpu": 0, "disk": 1},
        "future_prices": {"base": 100, "cpu": 2, "disk": "1.1"},
    }

    assert told(audited(plan), "P04") == ["Base by +900 %, CPU from 0 to 2"]


# --- P05 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "messages"),
    [
        ({"unit_price": "12.50"}, ["unit price 12.5, fixed parts 10"]),
        ({"unit_price": "0"}, ["unit price 0, fixed parts 10"]),
        ({"unit_price": "30", "quotas": {"base": 3}}, []),
        ({"unit_price": "10", "quotas": {"base": 3}}, ["unit price 10, fixed parts 30"]),
        ({"unit_price": "10.0000000000"}, []),
        ({"unit_price": None}, []),
        ({}, []),
        ({"unit_price": "5", "prices": {"cpu": 1}}, ["unit price 5, fixed parts 0"]),
        ({"unit_price": "5", "prices": {"base": None}}, ["unit price 5, fixed parts 0"]),
        ({"unit_price": "0", "prices": {"cpu": 1}}, []),
        ({"unit_price": "5", "prices": {}}, []),
    ],
)
def test_a_unit_price_that_is_not_its_sum_is_found(
    plan: dict[str, Any], messages: list[str]
) -> None:
    """Prices by use are no part of it, and a plan of nothing but a unit price is charged that."""
    assert told(audited(plan), "P05") == messages


def test_a_unit_price_of_parts_that_nobody_describes_is_not_judged() -> None:
    """Where the offering does not say how a component is charged, it may be a part of it."""
    plan = {"unit_price": "5", "prices": {"node": 5}}

    assert told(audited(plan), "P05") == []


# --- P06 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type_", "threshold", "rate", "messages"),
    [
        ("cpu", None, 10, ["CPU: 10 % from no quantity"]),
        ("cpu", 100, None, ["CPU: nothing off from 100"]),
        ("cpu", 100, 0, ["CPU: nothing off from 100"]),
        ("cpu", 0, None, ["CPU: nothing off from 0"]),
        ("base", 100, 10, ["Base: 10 % off what has no quantity"]),
        ("setup", 100, 10, ["Setup: 10 % off what has no quantity"]),
        ("cpu", 100, 10, []),
        ("disk", 0, 10, []),
        ("cpu", None, None, []),
        ("cpu", None, 0, []),
        ("unknown", 100, 10, []),
        ("cpu", 100, 100, []),
        ("cpu", 100, 101, ["CPU: 101 % is no discount"]),
        ("cpu", 100, -5, ["CPU: -5 % is no discount"]),
        ("cpu", None, 150, ["CPU: 150 % is no discount"]),
    ],
)
def test_a_discount_that_never_applies_is_found(
    type_: str, threshold: int | None, rate: int | None, messages: list[str]
) -> None:
    """One that lacks a half, or that is of what is not charged by quantity."""
    own = {"type": type_, "price": "1", "discount_threshold": threshold, "discount_rate": rate}

    assert told(audited({"components": [own]}), "P06") == messages


def test_all_odd_discounts_are_named() -> None:
    """In one message for the plan."""
    own = [
        {"type": "cpu", "price": "1", "discount_rate": 10},
        {"type": "disk", "price": "1", "discount_threshold": 5},
    ]

    assert told(audited({"components": own}), "P06") == [
        "CPU: 10 % from no quantity, Disk: nothing off from 5"
    ]


# --- P07 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "messages"),
    [
        ({"max_amount": 5, "resources_count": 5}, ["5 of 5 places are taken"]),
        ({"max_amount": 5, "resources_count": 6}, ["6 of 5 places are taken"]),
        ({"max_amount": 0, "resources_count": 0}, ["0 of 0 places are taken"]),
        ({"max_amount": 1000, "resources_count": 1000}, ["1,000 of 1,000 places are taken"]),
        ({"max_amount": 5, "resources_count": 4}, []),
        ({"max_amount": 5}, []),
        ({"max_amount": None, "resources_count": 5}, []),
        ({"max_amount": 5, "resources_count": 5, "archived": True}, []),
    ],
)
def test_a_plan_of_which_all_places_are_taken_is_found(
    plan: dict[str, Any], messages: list[str]
) -> None:
    """Where both numbers are known, and it could be taken otherwise."""
    assert told(audited({}, plan), "P07") == messages


# --- P08 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("futures", "messages"),
    [
        ({"base": 11}, ["Base +10 % next month"]),
        ({"base": 11, "cpu": "1.1"}, ["2 prices +10 % next month"]),
        ({"base": 11, "cpu": 2}, ["2 prices change next month"]),
        ({"base": 10, "cpu": "1.00"}, []),
        ({}, []),
        ({"base": None}, []),
    ],
)
def test_prices_that_change_next_month_are_told(
    futures: dict[str, Any], messages: list[str]
) -> None:
    """By how much where it is the same for all."""
    assert told(audited({"future_prices": futures}), "P08") == messages


# --- P09 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prices", "futures", "messages"),
    [
        ({"cpu": "-0.50"}, {}, ["CPU: -0.5"]),
        ({"cpu": 1}, {"cpu": -1}, ["CPU: -1 from next month"]),
        ({"base": -1, "cpu": -2}, {}, ["Base: -1, CPU: -2"]),
        ({"cpu": 0}, {"cpu": None}, []),
    ],
)
def test_a_price_below_0_is_found(
    prices: dict[str, Any], futures: dict[str, Any], messages: list[str]
) -> None:
    """Today's and that of the next month."""
    assert told(audited({"prices": prices, "future_prices": futures}), "P09") == messages


# --- what is judged -------------------------------------------------------------------------

WRONG = {
    "prices": {"base": 10, "cpu": 1, "disk": 0},
    "future_prices": {"base": 100},
    "unit_price": "7",
    "max_amount": 5,
    "components": [{"type": "cpu", "discount_rate": 10}],
}


def test_all_that_is_wrong_with_a_plan_is_found() -> None:
    """In the order of the rules, each with the plan and its offering."""
    findings = audited({**WRONG, "resources_count": 5})

    assert [each.rule.id for each in findings] == ["P03", "P04", "P05", "P06", "P07", "P08"]
    assert {each.plan.name for each in findings if each.plan} == {"Standard"}
    assert {each.offering.uuid for each in findings} == {"1" * 32}


@pytest.mark.parametrize("count", [None, 0])
def test_an_archived_plan_without_bookings_is_left_alone(count: int | None) -> None:
    """Nothing is charged by it."""
    assert audited({}, {**WRONG, "archived": True, "resources_count": count}) == []


def test_an_archived_plan_with_bookings_is_judged() -> None:
    """Its bookings are charged by it, and its places are no matter."""
    findings = audited({}, {**WRONG, "archived": True, "resources_count": 5})

    assert [each.rule.id for each in findings] == ["P03", "P04", "P05", "P06", "P08"]


def test_an_offering_without_loaded_plans_is_not_judged() -> None:
    """Not to know its plans is not to know that it has none."""
    unknown = Offering.model_validate({"uuid": "1" * 32, "state": "Active"})
    without = Offering.model_validate({"uuid": "2" * 32, "state": "Active", "plans": None})
    findings = audit_plans([unknown, without], Decimal(50))

    assert [(each.offering.uuid, each.message) for each in findings] == [
        ("2" * 32, "it has no plan")
    ]


def test_findings_follow_the_order_of_offerings_and_plans() -> None:
    """First what concerns the offering, then plan by plan."""
    plans = [{**SOUND, "name": name, "prices": {}, "is_active": True} for name in "ab"]
    offerings = [
        Offering.model_validate({"uuid": digit * 32, "state": "Active", "plans": each})
        for digit, each in (("1", []), ("2", plans), ("3", plans[:1]))
    ]
    findings = audit_plans(offerings, Decimal(50))

    assert [
        (each.offering.uuid[0], each.plan.name if each.plan else "", each.rule.id)
        for each in findings
    ] == [("1", "", "P01"), ("2", "a", "P02"), ("2", "b", "P02"), ("3", "a", "P02")]


prices = st.none() | st.decimals(min_value=-100, max_value=100, places=2).map(str)
by_type = st.dictionaries(st.sampled_from(["base", "cpu", "disk", "setup"]), prices)
counts = st.none() | st.integers(0, 10)


@given(by_type, by_type, prices, counts, counts, st.none() | st.booleans())
def test_any_plan_can_be_judged(
    today: dict[str, Any],
    future: dict[str, Any],
    unit_price: str | None,
    most: int | None,
    taken: int | None,
    archived: bool | None,
) -> None:
    """Each rule finds at most one thing in a plan, and says it in one line."""
    findings = audited(
        {
            "prices": today,
            "future_prices": future,
            "unit_price": unit_price,
            "max_amount": most,
            "resources_count": taken,
            "archived": archived,
        }
    )
    ids = [each.rule.id for each in findings]

    assert ids == sorted(set(ids))
    assert all(each.message and "\n" not in each.message for each in findings)
