"""A basket priced on every plan, today's prices beside those of the next month."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from bookings.plans.basket import Basket, Charge, Cost, Share, cost_of, lacks_todays_price, total_of
from bookings.plans.billing import first_of_next_month
from bookings.plans.prices import exact, is_offered, lines_of, money, quantity_words, unit_words
from bookings.waldur.models import Offering, Plan

__all__ = ["Quote", "arithmetic", "as_item", "plans_of", "quotes", "uncharged"]


WHOLE_DISCOUNT = 100


@dataclass(frozen=True, slots=True)
class Quote:
    """What a basket costs on one plan."""

    offering: Offering
    plan: Plan
    due: Cost
    """Each month at the price that counts in it."""
    today: Decimal
    """The total if no price changed."""
    next_month: Decimal
    """The total if the prices of the next month counted already."""
    lacks_todays_price: bool = False
    """Whether `today` leaves out what gets its first price next month."""

    @property
    def comparable(self) -> bool:
        """Whether its sums of the period may stand beside those of other plans."""
        return self.due.comparable

    @property
    def ranked(self) -> bool:
        """Whether it takes a place among the others: comparable, and open to new bookings."""
        return self.comparable and is_offered(self.plan)

    @property
    def complete(self) -> bool:
        """Whether its sums hold all that is wanted."""
        return not self.due.obstacles

    @property
    def hindrances(self) -> tuple[str, ...]:
        """Why it cannot be compared, if it cannot."""
        return (*self.due.obstacles, *([self.due.uneven] if self.due.uneven else []))


def plans_of(offerings: Iterable[Offering]) -> Iterator[tuple[Offering, Plan]]:
    """Every plan of the offerings, archived ones included, each with its offering."""
    for offering in offerings:
        for plan in offering.plans:
            yield offering, plan


def quotes(plans: Iterable[tuple[Offering, Plan]], basket: Basket, now: datetime) -> list[Quote]:
    """Every plan priced: the cheapest first that can be taken, those that do not compare last.

    `now` says which month is the current one; it needs a time zone where the basket has one.
    """
    made = [_quote(offering, plan, basket, now) for offering, plan in plans]
    return sorted(
        made,
        key=lambda each: (not each.complete, not each.comparable, not each.ranked, each.due.total),
    )


def _quote(offering: Offering, plan: Plan, basket: Basket, now: datetime) -> Quote:
    due = cost_of(offering, plan, basket, first_of_next_month(now))
    if not any(line.changes for line in lines_of(plan, offering.components)):
        return Quote(offering, plan, due, due.total, due.total)
    return Quote(
        offering,
        plan,
        due,
        total_of(offering, plan, basket, None),
        total_of(offering, plan, basket, basket.start),
        lacks_todays_price(offering, plan, basket),
    )


def arithmetic(charge: Charge, currency: str = "", locale: str = "en") -> str:
    """A charge as a sum that can be checked by hand: "€3.50 × 10 TB × 0.45 month"."""
    parts = [money(charge.price, currency, locale)]
    line = charge.line
    once = line.billing_type in ("one", "few")
    if charge.quantity != 1 or line.by_quantity or (line.measured_unit and not once):
        said = quantity_words(charge.quantity, locale)
        parts.append(f"{said} {line.measured_unit}".strip())
    if charge.unit:
        parts.append(f"{quantity_words(charge.periods, locale)} {unit_words(charge.unit)}")
    if charge.rate:
        parts.append(f"{100 - charge.rate} %")
    return " × ".join(parts)


def uncharged(charges: Iterable[Charge]) -> list[str]:
    """Which charges come to nothing, and why, a sentence for each reason."""
    reasons: dict[str, dict[str, None]] = {}
    for each in charges:
        if not each.money:
            if not each.periods:
                reason = f"no {unit_words(each.unit)} begins in a month"
            elif each.rate == WHOLE_DISCOUNT:
                reason = "the discount is 100 %"
            else:
                reason = "the price or the quantity is 0"
            reasons.setdefault(reason, {})[each.line.name] = None
    return [
        f"Lines of 0.00 are left out where {reason}: {', '.join(names)}."
        for reason, names in reasons.items()
    ]


def as_item(quote: Quote, currency: str = "") -> Mapping[str, Any]:
    """A quote as plain data; amounts are texts of decimals, null where not all is priced."""

    def amount(value: Decimal) -> str | None:
        return format(value, "f") if quote.complete else None

    due = quote.due
    return {
        "offering_uuid": quote.offering.uuid,
        "offering": quote.offering.name,
        "provider": quote.offering.customer_name or "",
        "plan_uuid": quote.plan.uuid or "",
        "plan": quote.plan.name,
        "unit": quote.plan.unit,
        "active": is_offered(quote.plan),
        "currency": currency,
        "comparable": quote.comparable,
        "recurring": amount(due.of(Share.RECURRING)),
        "usage": amount(due.of(Share.USAGE)),
        "one_time": amount(due.of(Share.ONCE)),
        "total": amount(due.total),
        "first_month": amount(due.first_month),
        "per_year": amount(due.per_year),
        "total_at_todays_prices": None if quote.lacks_todays_price else amount(quote.today),
        "total_at_next_months_prices": amount(quote.next_month),
        "obstacles": list(quote.hindrances),
        "remarks": list(due.remarks),
        "charges": [_charge_item(each) for each in due.charges],
    }


def _charge_item(charge: Charge) -> Mapping[str, Any]:
    return {
        "type": charge.line.type,
        "component": charge.line.name,
        "billing_type": charge.line.billing_type,
        "share": str(charge.share),
        "from": charge.start.date().isoformat(),
        "price": exact(charge.price),
        "quantity": exact(charge.quantity),
        "periods": exact(charge.periods),
        "period_unit": charge.unit,
        "discount_rate": charge.rate,
        "money": format(charge.money, "f"),
        "next_months_price": charge.future,
    }
