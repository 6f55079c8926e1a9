"""What plans cost as the quantity of one component grows, so that thresholds can be seen."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from bookings.plans.basket import Basket, Wanted, total_of
from bookings.plans.prices import lines_of
from bookings.waldur.models import Offering, Plan

__all__ = ["Point", "curve", "quantities", "thresholds"]

STEPS = 40
LEAST_TOP = Decimal(10)
BEYOND = Decimal("1.25")
"""How far past what is interesting a curve goes."""
JUST_BELOW = Decimal("0.000001")
"""Of a threshold: the last quantity that is still charged in full."""


class Point(NamedTuple):
    """The total of the period at a quantity."""

    quantity: Decimal
    total: Decimal


def thresholds(plans: Iterable[tuple[Offering, Plan]], wanted: Wanted) -> list[Decimal]:
    """The quantities at which some plan begins to give a discount, in order."""
    found = {
        Decimal(line.discount_threshold)
        for offering, plan in plans
        for line in lines_of(plan, offering.components)
        if line.type == wanted.type
        and wanted.measured_unit in (None, line.measured_unit)
        and line.discount_threshold is not None
        and line.earns_discount
    }
    return sorted(found)


def quantities(wanted: Decimal, marks: Sequence[Decimal]) -> list[Decimal]:
    """Where to look: evenly from 0 to beyond what is wanted and every threshold, and at these."""
    top = max([LEAST_TOP, wanted * 2, *(mark * BEYOND for mark in marks)])
    even = [top * step / STEPS for step in range(STEPS + 1)]
    edges = [each for mark in marks for each in (mark - JUST_BELOW, mark) if each > 0]
    return sorted({*even, *edges, wanted})


def curve(
    offering: Offering,
    plan: Plan,
    basket: Basket,
    wanted: Wanted,
    at: Iterable[Decimal],
    new_prices_from: datetime | None,
) -> list[Point]:
    """The total of the basket on a plan, with other quantities of one component."""
    others = tuple(
        each
        for each in basket.wanted
        if (each.type, each.measured_unit) != (wanted.type, wanted.measured_unit)
    )
    return [
        Point(
            quantity,
            total_of(
                offering,
                plan,
                replace(basket, wanted=(*others, replace(wanted, quantity=quantity))),
                new_prices_from,
            ),
        )
        for quantity in at
    ]
