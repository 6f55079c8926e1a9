"""Plans side by side: a row for each fact and each component, aligned by component type."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from typing import NamedTuple

from bookings.plans.billing import QUANTITY
from bookings.plans.prices import (
    ARITHMETIC,
    Headline,
    PriceLine,
    billing_words,
    exact,
    headline_of,
    is_offered,
    lines_of,
    money,
    per_unit,
    period_words,
    places_left,
    spell_change,
    spell_discount,
    unit_words,
)
from bookings.waldur.models import Offering, Plan

__all__ = ["Row", "price_words", "side_by_side"]

NONE = "–"
"""What stands where a plan does not have a component, or no value for a fact."""


class Row(NamedTuple):
    """One fact of every plan; `cheapest` are the places of the lowest prices, if any can be told.

    Prices can be compared where all plans charge for the same thing in the same way.
    """

    label: str
    cells: tuple[str, ...]
    cheapest: frozenset[int] = frozenset()

    @property
    def differs(self) -> bool:
        """Whether the plans are not all the same in it."""
        return len(set(self.cells)) > 1


def side_by_side(
    plans: Sequence[tuple[Offering, Plan]], currency: str = "", locale: str = "en"
) -> list[Row]:
    """The rows of a comparison, facts of the plans first."""
    lines = [lines_of(plan, offering.components) for offering, plan in plans]
    heads = [
        headline_of(plan, of_plan, currency, locale)
        for (_, plan), of_plan in zip(plans, lines, strict=True)
    ]
    rows = [Row("Price", tuple(each.text for each in heads), _cheapest_head(heads, lines, plans))]
    for label, say in _facts(currency, locale).items():
        rows.append(Row(label, tuple(say(plan) or NONE for _, plan in plans)))
    by_type = [{line.type: line for line in of_plan} for of_plan in lines]
    for type_ in dict.fromkeys(line.type for of_plan in lines for line in of_plan):
        rows.append(_component([each.get(type_) for each in by_type], plans, currency, locale))
    return rows


def _facts(currency: str, locale: str) -> dict[str, Callable[[Plan], str]]:
    def amount(value: Decimal | None) -> str:
        return "" if value is None else money(value, currency, locale)

    return {
        "Unit": lambda plan: unit_words(plan.unit),
        "Unit price": lambda plan: amount(plan.unit_price),
        "Price at the start": lambda plan: amount(plan.init_price),
        "Price of a change": lambda plan: amount(plan.switch_price),
        "Least price": lambda plan: amount(plan.minimal_price),
        "Open to bookings": lambda plan: "yes" if is_offered(plan) else "no",
        "Places left": lambda plan: "" if (left := places_left(plan)) is None else str(left),
        "Limited to": lambda plan: ", ".join(group.name for group in plan.organization_groups),
        "Article code": lambda plan: plan.article_code,
    }


def _component(
    lines: Sequence[PriceLine | None],
    plans: Sequence[tuple[Offering, Plan]],
    currency: str,
    locale: str,
) -> Row:
    first = next(line for line in lines if line is not None)
    cells = tuple(
        NONE if line is None else _cell(line, plan, currency, locale)
        for line, (_, plan) in zip(lines, plans, strict=True)
    )
    return Row(first.name, cells, _cheapest_line(lines, plans))


def _cell(line: PriceLine, plan: Plan, currency: str, locale: str) -> str:
    if line.price is None:
        return "not priced"
    parts = [price_words(line, plan.unit, currency, locale), billing_words(line.billing_type)]
    if line.billing_type == "fixed" and line.covered != 1:
        parts.append(f"× {exact(line.covered)}")
    parts.append(spell_discount(line))
    parts.extend(_bounds(line))
    change = spell_change(line, currency, locale)
    parts.append(f"next month {change}" if change else "")
    return ", ".join(part for part in parts if part)


def _bounds(line: PriceLine) -> Iterator[str]:
    """What may be ordered of a component, as its offering sets it."""
    component = line.component
    if component is None:
        return
    named = {
        "from": component.min_value,
        "up to": component.max_value,
        "usually": component.default_limit,
    }
    said = " ".join(f"{word} {value}" for word, value in named.items() if value is not None)
    if said:
        yield said
    if component.limit_amount is not None:
        yield f"at most {component.limit_amount} {period_words(line.limit_period)}".strip()
    elif line.limit_period:
        yield period_words(line.limit_period)


def price_words(line: PriceLine, unit: str, currency: str = "", locale: str = "en") -> str:
    """A price and what it is per: "€0.012 / core-hours", "€3.50 / TB per month"; "" without one.

    `unit` is that of the plan, which counts for what is charged by time.
    """
    if line.price is None:
        return ""
    text = money(line.price, currency, locale)
    if line.billing_type in ("one", "few"):
        return text
    if line.measured_unit:
        text = f"{text} / {line.measured_unit}"
    timed = line.billing_type in ("fixed", "limit") and not (
        line.measured_unit and unit == QUANTITY
    )
    return f"{text} {per_unit(unit)}".strip() if timed else text


def _cheapest_head(
    heads: Sequence[Headline],
    lines: Sequence[Sequence[PriceLine]],
    plans: Sequence[tuple[Offering, Plan]],
) -> frozenset[int]:
    """Where all plans are fixed prices for the same time and the same things."""
    same = {(head.kind, head.unit) for head in heads}
    held = {
        frozenset((line.type, line.measured_unit, line.covered) for line in each if line.price)
        for each in lines
    }
    if len(same) != 1 or len(held) != 1 or heads[0].kind != "fixed":
        return frozenset()
    if plans[0][1].unit == QUANTITY:
        return frozenset()
    return _lowest([head.amount for head in heads])


def _cheapest_line(
    lines: Sequence[PriceLine | None], plans: Sequence[tuple[Offering, Plan]]
) -> frozenset[int]:
    """Where the same is charged in the same way; by price, and for fixed ones × amount."""
    ways = set()
    prices: list[Decimal | None] = []
    for line, (_, plan) in zip(lines, plans, strict=True):
        if line is None or line.price is None:
            return frozenset()
        timed = line.billing_type in ("fixed", "limit")
        if timed and plan.unit == QUANTITY:
            return frozenset()
        fixed = line.billing_type == "fixed"
        ways.add(
            (
                line.billing_type,
                line.measured_unit,
                plan.unit if timed else "",
                line.limit_period if line.billing_type == "limit" else "",
                line.covered if fixed else "",
            )
        )
        prices.append(ARITHMETIC.multiply(line.price, line.covered) if fixed else line.price)
    return _lowest(prices) if len(ways) == 1 else frozenset()


def _lowest(prices: Sequence[Decimal | None]) -> frozenset[int]:
    """The places of the lowest price; none where all cost the same, or one has none."""
    known = [price for price in prices if price is not None]
    if len(known) < 2 or len(known) < len(prices) or len(set(known)) == 1:
        return frozenset()
    least = min(known)
    return frozenset(place for place, price in enumerate(prices) if price == least)
