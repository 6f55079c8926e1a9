"""Prices: lines, headlines, amounts in words."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from babel.numbers import format_currency
from hypothesis import given
from hypothesis import strategies as st

from bookings.plans.prices import (
    PriceLine,
    billing_words,
    change,
    exact,
    headline,
    is_offered,
    lines_of,
    money,
    per_unit,
    period_words,
    spell_change,
    spell_discount,
    spell_next_change,
    spell_percent,
    unit_words,
)
from bookings.waldur.models import OfferingComponent, Plan

amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12,
    places=10)  # fmt: skip
wild = st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent),
    st.integers(-(10**22), 10**22),
    st.integers(-60, 38),
)

ALL_TYPES = ("fixed", "usage", "limit", "one", "few")
COMPONENTS = tuple(
    OfferingComponent(type=type_, name=type_.title(), billing_type=type_, measured_unit="h")
    for type_ in ALL_TYPES
)

# A busy machine may take long over one example.


def plan(**fields: Any) -> Plan:
    """A plan by the day with the given fields."""
    return Plan.model_validate({"unit": "day", **fields})


def line(**fields: Any) -> PriceLine:
    """A line of a plan; amounts as text."""
    blank = dict.fromkeys(PriceLine._fields) | {"type": "cpu", "name": "CPU", "measured_unit": ""}
    prices = ("price", "future_price", "amount")
    given_ = {key: Decimal(v) if key in prices and v else v for key, v in fields.items()}
    return PriceLine(**blank | {"billing_type": ""} | given_)


@pytest.mark.parametrize(
    ("fields", "kind", "amount", "text"),
    [
        ({"unit_price": "10.0000000000"}, "fixed", "10", "€10.00 per day"),
        ({"prices": {"fixed": 5}, "quotas": {"fixed": 3}}, "fixed", "15", "€15.00 per day"),
        ({"prices": {"fixed": 5}}, "fixed", "5", "€5.00 per day"),
        (
            {"prices": {"fixed": 5}, "quotas": {"fixed": 3}, "unit_price": 0},
            "fixed", "15", "€15.00 per day",
        ),
        (
            {"prices": {"fixed": 5}, "quotas": {"fixed": 3}, "unit_price": 20},
            "fixed", "20", "€20.00 per day",
        ),
        ({"unit_price": "-3"}, "fixed", "-3", "-€3.00 per day"),
        ({"unit_price": "3", "unit": ""}, "fixed", "3", "€3.00"),
        ({"unit_price": "3", "unit": "quantity"}, "fixed", "3", "€3.00 per unit"),
        (
            {"unit_price": "10", "prices": {"fixed": 10, "usage": 1}},
            "from", "10", "from €10.00 per day",
        ),
        ({"unit_price": "10", "prices": {"usage": 0}}, "fixed", "10", "€10.00 per day"),
        ({"unit_price": "10", "prices": {"one": 50}}, "fixed", "10", "€10.00 per day"),
        ({"prices": {"usage": "0.012"}}, "per use", "0.012", "€0.012 / h"),
        ({"unit_price": 0, "prices": {"limit": 2}}, "per use", "2", "€2.00 / h per day"),
        (
            {"prices": {"limit": 2, "usage": 1, "gpu": 7}},
            "per use", "1", "€1.00 / h and 2 more",
        ),
        ({"prices": {"one": 50, "few": 10}}, "fixed", "60", "€60.00 once"),
        ({"unit_price": 0, "init_price": 50}, "fixed", "50", "€50.00 once"),
        ({"unit_price": "0.0000000000"}, "not priced", None, "not priced"),
        (
            {"unit_price": 0, "prices": dict.fromkeys(ALL_TYPES, 0)},
            "free", "0", "free",
        ),
        (
            {"unit_price": 0, "prices": {"usage": 0, "limit": None}},
            "not priced", None, "not priced",
        ),
        ({"prices": {"usage": None}}, "not priced", None, "not priced"),
        ({}, "not priced", None, "not priced"),
        ({"unit_price": "1E-10"}, "fixed", "1E-10", "€0.0000000001 per day"),
    ],
)  # fmt: skip
def test_headline(fields: dict[str, Any], kind: str, amount: str | None, text: str) -> None:
    """A plan says in one phrase what it costs, and never that an unknown price is 0."""
    head = headline(plan(**fields), COMPONENTS, "EUR")

    assert (kind, text) == (head.kind, head.text)
    assert (None if amount is None else Decimal(amount)) == head.amount


def test_a_plan_of_an_offering_without_components_is_free_at_0() -> None:
    """With nothing to charge for, a recorded unit price of 0 is a price."""
    assert headline(plan(unit_price="0"), ()).kind == "free"
    assert headline(plan(), ()).kind == "not priced"


def test_lines_from_components_and_from_maps_are_the_same() -> None:
    """Newer servers send components, older ones maps by type; both give the same lines."""
    own = {"type": "usage", "name": "Usage", "measured_unit": "h", "amount": 2, "price": "1.5",
        "future_price": "2"}  # fmt: skip
    maps = {"prices": {"usage": 1.5}, "future_prices": {"usage": 2.0}, "quotas": {"usage": 2}}

    newer = lines_of(plan(components=[own]), COMPONENTS)
    older = lines_of(plan(**maps), COMPONENTS)

    assert newer == older
    assert [each.type for each in newer] == [each.type for each in COMPONENTS]


def test_a_component_wins_over_the_map() -> None:
    """The decimal text of a component is exact where the map's number need not be."""
    own = {"type": "cpu", "price": "0.1234567891"}

    (only,) = lines_of(plan(components=[own], prices={"cpu": 0.12}, quotas={"cpu": 3}), ())

    assert only.price == Decimal("0.1234567891")
    assert (only.amount, only.name, only.component) == (3, "cpu", None)


@pytest.mark.parametrize(
    ("fields", "offered"),
    [
        ({}, True),
        ({"is_active": True, "archived": False}, True),
        ({"is_active": False}, False),
        ({"is_active": True, "archived": True}, False),
    ],
)
def test_is_offered(fields: dict[str, Any], offered: bool) -> None:
    """An archived or inactive plan takes no new bookings."""
    assert offered is is_offered(plan(**fields))


@pytest.mark.parametrize(
    ("amount", "currency", "locale", "text"),
    [
        ("10", "EUR", "en", "€10.00"),
        ("10.0000000000", "EUR", "en", "€10.00"),
        ("0.1234567890", "EUR", "en", "€0.123456789"),
        ("1234567.5", "EUR", "en", "€1,234,567.50"),
        ("-1234.5", "EUR", "de", "-1.234,50\u00a0€"),
        ("1234.5", "EUR", "de-DE", "1.234,50\u00a0€"),
        ("1234.5", "EUR", "no such place", "€1,234.50"),
        ("1234567", "INR", "hi", "₹12,34,567.00"),
        ("10", "CHF", "en", "CHF\u00a010.00"),
        ("10", "eur", "en", "€10.00"),
        ("10", "", "en", "10.00"),
        ("10", "", "de", "10,00"),
        ("10", "EURO", "en", "10.00 EURO"),
        ("10", " a\nb ", "en", "10.00 a b"),
        ("1E-10", "EUR", "en", "€0.0000000001"),
        ("1E-12", "EUR", "en", "0.000000000001 EUR"),
        ("0.00000000001", "", "en", "0.00000000001"),
        ("-0", "EUR", "en", "€0.00"),
        ("1E+20", "EUR", "en", "100000000000000000000 EUR"),
        ("1E+40", "EUR", "en", "1E+40 EUR"),
        ("1E-40", "EUR", "en", "1E-40 EUR"),
    ],
)
def test_money(amount: str, currency: str, locale: str, text: str) -> None:
    """Amounts follow the language, with two to ten decimals and no currency that is not known."""
    assert text == money(Decimal(amount), currency, locale)


@given(amounts, st.sampled_from(["en", "de", "et", "fr_CH", "hi", "sv", "ja", "ar", "lt", "pt"]))
def test_money_agrees_with_babel(amount: Decimal, locale: str) -> None:
    """Where Babel's own formatting shows the same decimals, the text is the same."""
    cents = amount.quantize(Decimal("0.01"))
    if amount and not cents:
        cents = Decimal("0.01")

    expected = format_currency(cents, "EUR", locale=locale)

    assert expected.replace("-", "") == _without_minus(money(cents, "EUR", locale))


def _without_minus(text: str) -> str:
    # Babel 2.18 writes "-" also in languages whose own minus sign is another.
    for sign in ("\u200e-", "\u2212", "-"):
        text = text.replace(sign, "")
    return text


@given(wild)
def test_exact_text_keeps_every_digit(amount: Decimal) -> None:
    """The exact text reads as the same number, and money never raises."""
    assert Decimal(exact(amount)) == amount
    assert money(amount, "EUR")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (None, ""),
        (Decimal("10.0000000000"), "10"),
        (Decimal("1E-10"), "0.0000000001"),
        (Decimal("1E+3"), "1000"),
        (Decimal("-0.00"), "0"),
        (Decimal("-2.50"), "-2.5"),
        (Decimal("1E+50"), "1E+50"),
    ],
)
def test_exact(amount: Decimal | None, text: str) -> None:
    """No exponent and no zeros at the end, as long as the number is one people can read."""
    assert text == exact(amount)


@pytest.mark.parametrize(
    ("old", "new", "difference", "percent"),
    [
        ("10", "12", "2", "20"),
        ("10", "9", "-1", "-10"),
        ("-10", "-5", "5", "50"),
        ("0", "5", "5", None),
        ("5", "0", "-5", "-100"),
        ("5", "5", "0", "0"),
    ],
)
def test_change(old: str, new: str, difference: str, percent: str | None) -> None:
    """A change from 0 has a difference and no percentage."""
    expected = (Decimal(difference), None if percent is None else Decimal(percent))

    assert expected == change(Decimal(old), Decimal(new))


@given(wild, wild)
def test_any_change_can_be_spelled(old: Decimal, new: Decimal) -> None:
    """Huge, tiny and negative prices change without an error, and never by "0 %"."""
    difference, percent = change(old, new)

    exact = Fraction(new) - Fraction(old)
    assert abs(Fraction(difference) - exact) <= abs(exact) / 10**20
    if percent is not None and percent != 0:
        assert spell_percent(percent) != "0 %"


@pytest.mark.parametrize(
    ("percent", "text"),
    [
        ("20", "+20 %"),
        ("-2.54", "-2.5 %"),
        ("0", "0 %"),
        ("0.01", "below +0.1 %"),
        ("-0.01", "below -0.1 %"),
        ("12345", "+12345 %"),
        ("1E+12", "+1.0E+12 %"),
        ("NaN", ""),
    ],
)
def test_spell_percent(percent: str, text: str) -> None:
    """One decimal at most, with a sign."""
    assert text == spell_percent(Decimal(percent))


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"price": "10"}, ""),
        ({"price": "10", "future_price": "10.00"}, ""),
        ({"price": "10", "future_price": "12"}, "+€2.00 (+20 %)"),
        ({"price": "10", "future_price": "9.5"}, "-€0.50 (-5 %)"),
        ({"price": "0.0", "future_price": "5"}, "+€5.00"),
        ({"future_price": "5"}, "priced from next month"),
    ],
)
def test_spell_change(fields: dict[str, str], text: str) -> None:
    """A line says how its price changes, and nothing where it does not."""
    assert text == spell_change(line(**fields), "EUR")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ([], ""),
        ([("10", None), ("10", "10")], ""),
        ([("10", "12")], "CPU +20 % next month"),
        ([("10", "12"), ("5", "6"), ("1", None)], "2 prices +20 % next month"),
        ([("10", "12"), ("5", "5.5")], "2 prices change next month"),
        ([(None, "12")], "CPU changes next month"),
        ([(None, "12"), (None, "3")], "2 prices change next month"),
    ],
)
def test_spell_next_change(changes: list[tuple[str | None, str | None]], text: str) -> None:
    """A plan gives a percentage only where it holds for every price that changes."""
    lines = [line(price=price, future_price=future) for price, future in changes]

    assert text == spell_next_change(lines)


@pytest.mark.parametrize(
    ("rate", "threshold", "text"),
    [
        (10, 100, "10 % from 100"),
        (10, None, "10 %, no threshold: never applies"),
        (0, 100, ""),
        (None, 100, ""),
    ],
)
def test_spell_discount(rate: int | None, threshold: int | None, text: str) -> None:
    """A discount names its rate and where it begins."""
    assert text == spell_discount(line(discount_rate=rate, discount_threshold=threshold))


@pytest.mark.parametrize(
    ("unit", "text"),
    [("hour", "per hour"), ("half_month", "per half month"), ("quantity", "per unit"), ("", ""),
     ("light_year", "per light year")],
)  # fmt: skip
def test_per_unit(unit: str, text: str) -> None:
    """Units are spelled in words, the unknown ones included."""
    assert text == per_unit(unit)


def test_words_for_unknown_values_are_the_values() -> None:
    """A value that a newer server invents is shown as it came."""
    assert billing_words("usage") == "by use"
    assert billing_words("barter") == "barter"
    assert period_words("total") == "once in total"
    assert period_words("decade") == "decade"
    assert period_words(None) == ""
    assert unit_words("day") == "day"
