"""What plans cost as a quantity grows."""

from datetime import UTC, datetime
from decimal import Decimal

from bookings.plans.basket import Basket, Wanted
from bookings.plans.billing import whole_month
from bookings.plans.curves import curve, quantities, thresholds
from bookings.waldur.models import Offering, Plan

OFFERING = Offering.model_validate(
    {
        "uuid": "a" * 32,
        "components": [{"type": "cpu", "billing_type": "usage", "measured_unit": "h"}],
        "plans": [
            {
                "unit": "month",
                "components": [
                    {
                        "type": "cpu", "measured_unit": "h", "price": "2",
                        "discount_threshold": 100, "discount_rate": 50,
                    }
                ],
            }
        ],
    }
)  # fmt: skip
PLAN: Plan = OFFERING.plans[0]
CPU = Wanted("cpu", Decimal(30), "h", "CPU")
BASKET = Basket((CPU,), *whole_month(datetime(2027, 2, 3, tzinfo=UTC)))


def test_thresholds_are_those_of_the_component() -> None:
    """Only where it is counted in the unit that is wanted."""
    assert thresholds([(OFFERING, PLAN)], CPU) == [Decimal(100)]
    assert thresholds([(OFFERING, PLAN)], Wanted("cpu", Decimal(1), "min")) == []
    assert thresholds([(OFFERING, PLAN)], Wanted("gpu", Decimal(1))) == []


def test_quantities_hold_what_is_wanted_and_both_sides_of_a_threshold() -> None:
    """From 0 to beyond them, in order and each once."""
    found = quantities(Decimal(30), [Decimal(100)])

    assert found[0] == 0
    assert found[-1] == 125
    assert {Decimal(30), Decimal(100), Decimal("99.999999")} <= set(found)
    assert found == sorted(set(found))


def test_a_curve_falls_at_the_threshold_only() -> None:
    """Half the price from there on."""
    at = [Decimal(0), Decimal(50), Decimal("99.999999"), Decimal(100), Decimal(200)]
    totals = [point.total for point in curve(OFFERING, PLAN, BASKET, CPU, at, None)]

    assert totals == [0, 100, 200, 100, 200]


def test_alternatives_in_other_units_stay_in_the_basket() -> None:
    """A plan that counts in the other unit costs the same along the whole curve."""
    basket = Basket((Wanted("cpu", Decimal(1), "days"), CPU), BASKET.start, BASKET.end)
    at = [Decimal(0), Decimal(40)]

    days = Wanted("cpu", Decimal(1), "days")
    assert [p.total for p in curve(OFFERING, PLAN, basket, days, at, None)] == [60, 60]
