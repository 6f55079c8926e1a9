"""What a basket costs on a plan, item by item as a Waldur server would put it on invoices.

How a component is charged, after the server's billing (`marketplace/billing.py`, `billing_limit.py`
and `billing_usage.py` of its source, 2024 to 2026):

- fixed: price × amount × billing quantity of the plan's unit, each month.
- limit: price × limit × billing quantity, each month. A limit by the quarter or the year is
  charged once for each that begins, one in total once, at activation. Newer servers do not cut a
  limit of a month down to the days of it; here the price is what the price list says it is: per
  plan unit.
- usage: price × what was used, each month, whatever the plan's unit.
- one: price, once, at activation. few: price, at activation and at each change of plan.

A plan by the unit (`quantity`) is charged for no time: its fixed parts and limits count once here,
however long the period, but for limits that have a quarter or a year of their own.

Every item is rounded up to two decimals. A discount takes its per cent off an item of usage or
limit once the quantity reaches the threshold; a rate without threshold takes off nothing, which
is the server's rule too. A quantity is in the component's measured unit; the factors of a server
turn such quantities into those of its backend, and play no part in prices.
"""

from calendar import isleap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple, Self

from bookings.plans.billing import (
    MONTHS_OF_A_QUARTER,
    QUANTITY,
    UNITS,
    first_of_next_month,
    periods_of,
    round_up,
    whole_month,
)
from bookings.plans.prices import (
    ARITHMETIC,
    PriceLine,
    exact,
    is_offered,
    lines_of,
    lump_of,
    most_used,
    named_in,
    period_words,
    sum_of_parts,
)
from bookings.waldur.models import Offering, Plan

__all__ = [
    "Basket",
    "Charge",
    "Cost",
    "Obstacle",
    "Occasion",
    "Share",
    "Wanted",
    "charges_of",
    "cost_of",
    "lacks_todays_price",
    "sum_of",
    "total_of",
    "year_of",
]

MONTHS_OF_A_YEAR = 12
NOTHING, ONE, HUNDRED = Decimal("0.00"), Decimal(1), Decimal(100)


class Occasion(StrEnum):
    """Why a plan begins to be charged."""

    ACTIVATION = "first activation"
    SWITCH = "change of plan"


class Share(StrEnum):
    """What kind of cost a charge is."""

    RECURRING = "recurring"
    USAGE = "usage"
    ONCE = "one-time"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How much of a component is wanted.

    For usage it is what is used in each calendar month, for a limit the limit. `measured_unit`
    None fits whatever a plan counts it in; `name` is for people.
    """

    type: str
    quantity: Decimal
    measured_unit: str | None = None
    name: str = ""

    @property
    def label(self) -> str:
        """The name, or the type where there is none."""
        return self.name or self.type


@dataclass(frozen=True, slots=True)
class Basket:
    """What is wanted, from when until when (both ends included), and on which occasion.

    Two wants of one component in different units are alternatives: each plan takes the one it
    counts in.
    """

    wanted: tuple[Wanted, ...]
    start: datetime
    end: datetime
    occasion: Occasion = Occasion.ACTIVATION

    def fitting(self, line: PriceLine) -> Wanted | None:
        """What is wanted of the component of a line, in the unit that it is counted in."""
        return _fit([each for each in self.wanted if each.type == line.type], line)


class Charge(NamedTuple):
    """One item of an invoice: price × quantity × periods, less the discount, rounded up."""

    line: PriceLine
    share: Share
    start: datetime
    """Of the time it is for; its invoice is that of this month."""
    price: Decimal
    quantity: Decimal
    periods: Decimal
    """How many plan units; 1 where the price is not for a time."""
    unit: str
    """What the periods are: a plan unit, "quarter" or "year"; "" where the price is for no time."""
    rate: int
    """Per cent of discount that the quantity has reached."""
    money: Decimal
    future: bool
    """Whether the price is one of the next month."""


class Obstacle(str):
    """Why a plan cannot be compared, and what its sums make of that, as a sentence."""

    __slots__ = ("sums",)
    sums: str

    def __new__(cls, why: str, sums: str) -> Self:
        made = super().__new__(cls, why)
        made.sums = sums
        return made


@dataclass(frozen=True, slots=True)
class Cost:
    """What a basket costs on a plan. Without `obstacles` its sums hold all that is wanted."""

    charges: tuple[Charge, ...]
    per_year: Decimal
    """Recurring and usage of the twelve whole months from that of the start."""
    obstacles: tuple[str, ...]
    """Why the plan cannot be compared with others for this basket; an `Obstacle` says more."""
    uneven: str
    """Why its sums of this period alone cannot be compared, while those of a year can; else "".

    What is charged by the quarter or year is for more than a period that holds part of one.
    """
    remarks: tuple[str, ...]
    """What else a buyer should know: bounds, discounts, and whether it can be taken at all."""

    def of(self, share: Share) -> Decimal:
        """The sum of one kind."""
        return sum_of(each for each in self.charges if each.share is share)

    @property
    def total(self) -> Decimal:
        """All of the period."""
        return sum_of(self.charges)

    @property
    def first_month(self) -> Decimal:
        """All that stands on the invoice of the first calendar month."""
        return sum_of(self.of_first_month)

    @property
    def of_first_month(self) -> tuple[Charge, ...]:
        """The items of the invoice of the first calendar month."""
        first = min((_month(each.start) for each in self.charges), default=None)
        return tuple(each for each in self.charges if _month(each.start) == first)

    @property
    def comparable(self) -> bool:
        """Whether the total of the period may stand beside those of other plans."""
        return not self.obstacles and not self.uneven


def cost_of(
    offering: Offering, plan: Plan, basket: Basket, new_prices_from: datetime | None
) -> Cost:
    """Prices a basket. Months from `new_prices_from` on have the future prices; None: no month."""
    lines = lines_of(plan, offering.components)
    charged = lines or _price_alone(plan)
    return Cost(
        tuple(_charges(plan, charged, basket, new_prices_from)),
        sum_of(_of_a_year(plan, charged, basket, new_prices_from)),
        tuple(_obstacles(plan, charged, basket, new_prices_from)),
        _uneven(plan, charged, basket),
        tuple(_remarks(offering, plan, lines, basket, new_prices_from)),
    )


def charges_of(
    offering: Offering, plan: Plan, basket: Basket, new_prices_from: datetime | None
) -> tuple[Charge, ...]:
    """The items of the period alone, as in `cost_of`."""
    lines = lines_of(plan, offering.components) or _price_alone(plan)
    return tuple(_charges(plan, lines, basket, new_prices_from))


def year_of(
    offering: Offering, plan: Plan, basket: Basket, new_prices_from: datetime | None
) -> tuple[Charge, ...]:
    """The items that make up `Cost.per_year`. Kept for no plan: it is asked for one at a time."""
    lines = lines_of(plan, offering.components) or _price_alone(plan)
    return tuple(_of_a_year(plan, lines, basket, new_prices_from))


def total_of(
    offering: Offering, plan: Plan, basket: Basket, new_prices_from: datetime | None
) -> Decimal:
    """The total of the period alone, as in `cost_of`."""
    lines = lines_of(plan, offering.components) or _price_alone(plan)
    return sum_of(_charges(plan, lines, basket, new_prices_from))


def lacks_todays_price(offering: Offering, plan: Plan, basket: Basket) -> bool:
    """Whether some of what is wanted gets its first price next month: today's total lacks it."""
    return any(_first_priced(plan, lines_of(plan, offering.components), basket))


def _price_alone(plan: Plan) -> list[PriceLine]:
    """A plan of nothing but a unit price, as servers can send it, as one fixed line."""
    if plan.unit_price is None:
        return []
    return [
        PriceLine("", "Unit price", "", "fixed", ONE, plan.unit_price, None, None, None, None)
    ]  # fmt: skip


# --- charges --------------------------------------------------------------------------------


def _charges(
    plan: Plan, lines: Sequence[PriceLine], basket: Basket, changes: datetime | None
) -> Iterator[Charge]:
    for line in lines:
        yield from _regular(plan, line, basket, changes)
        yield from _once(plan, line, basket, changes)


def _of_a_year(
    plan: Plan, lines: Iterable[PriceLine], basket: Basket, changes: datetime | None
) -> Iterator[Charge]:
    start = whole_month(basket.start).start
    year = replace(basket, start=start, end=_after_months(start, MONTHS_OF_A_YEAR))
    for line in lines:
        yield from _regular(plan, line, year, changes, whole_quarters=True)


def _regular(
    plan: Plan,
    line: PriceLine,
    basket: Basket,
    changes: datetime | None,
    *,
    whole_quarters: bool = False,
) -> Iterator[Charge]:
    """What a line is charged again and again in the time of the basket.

    With `whole_quarters` the one that has begun before is not charged: a year has four.
    """
    quantity = _quantity(line, basket)
    if quantity is None or not line.is_priced or line.billing_type not in _REGULAR:
        return
    if line.billing_type == "usage":
        share, unit = Share.USAGE, ""
        times = tuple((start, ONE) for start, _ in periods_of("month", basket.start, basket.end))
    else:
        share, unit = Share.RECURRING, plan.unit
        often = lump_of(line, plan.unit)
        if often == "total":
            return
        if often:
            unit = often
            times = tuple((each, ONE) for each in _begun(often, basket, whole_quarters))
        else:
            times = _times(plan.unit, basket)
    rate = line.rate_at(quantity)
    for start, periods in times:
        yield from _charge(line, share, start, quantity, periods, unit, rate, changes)


_REGULAR = frozenset({"fixed", "usage", "limit"})
_TIMED = frozenset({"fixed", "limit"})


def _times(unit: str, basket: Basket) -> tuple[tuple[datetime, Decimal], ...]:
    if unit == QUANTITY:
        # It is charged for no time; `_once` does it.
        return ()
    try:
        return periods_of(unit, basket.start, basket.end)
    except ValueError:
        # A unit that is not known has no length; `_obstacles` says so.
        return ()


def _once(
    plan: Plan, line: PriceLine, basket: Basket, changes: datetime | None
) -> Iterator[Charge]:
    """What a line is charged once, because a plan begins or its price is for no time."""
    activated = basket.occasion is Occasion.ACTIVATION
    quantity: Decimal | None = None
    if line.billing_type == "few" or (line.billing_type == "one" and activated):
        # The server counts it once, whatever amount the plan records.
        quantity = ONE
    elif line.billing_type == "limit" and line.limit_period == "total":
        quantity = _quantity(line, basket) if activated else None
    elif plan.unit == QUANTITY and line.billing_type in _TIMED and not lump_of(line, plan.unit):
        quantity = _quantity(line, basket)
    if quantity is not None:
        rate = line.rate_at(quantity)
        yield from _charge(line, Share.ONCE, basket.start, quantity, ONE, "", rate, changes)


def _charge(
    line: PriceLine,
    share: Share,
    start: datetime,
    quantity: Decimal,
    periods: Decimal,
    unit: str,
    rate: int,
    changes: datetime | None,
) -> Iterator[Charge]:
    """The charge at the price that counts in its month; nothing where there is none yet."""
    future = line.changes and changes is not None and start >= changes
    price = line.future_price if future else line.price
    if price is not None:
        money = _money(price, quantity, periods, rate)
        yield Charge(line, share, start, price, quantity, periods, unit, rate, money, future)


@lru_cache(maxsize=100_000)
def _money(price: Decimal, quantity: Decimal, periods: Decimal, rate: int) -> Decimal:
    amount = ARITHMETIC.multiply(ARITHMETIC.multiply(price, quantity), periods)
    if rate:
        amount = ARITHMETIC.divide(ARITHMETIC.multiply(amount, HUNDRED - rate), HUNDRED)
    return round_up(amount)


def _quantity(line: PriceLine, basket: Basket) -> Decimal | None:
    """How much of a line is charged; None for nothing."""
    if line.billing_type == "fixed":
        return line.covered
    wanted = basket.fitting(line)
    return wanted.quantity if wanted and wanted.quantity > 0 else None


def _begun(often: str, basket: Basket, whole_quarters: bool) -> Iterator[datetime]:
    """The starts of the quarters (of the calendar) or years (from the start) that are begun."""
    after = basket.start
    into_quarter = (after.month - 1) % MONTHS_OF_A_QUARTER
    if often == "year" or not whole_quarters or not into_quarter:
        yield after
    while (after := _next(often, after, basket.start)) <= basket.end:
        yield after


def _next(often: str, moment: datetime, start: datetime) -> datetime:
    """When the quarter of a moment, or the year that it begins, is over."""
    if often == "year":
        return _years_on(start, moment.year - start.year + 1)
    return _next_quarter(moment)


def _next_quarter(moment: datetime) -> datetime:
    for _ in range(MONTHS_OF_A_QUARTER - (moment.month - 1) % MONTHS_OF_A_QUARTER):
        moment = first_of_next_month(moment)
    return moment


def _years_on(start: datetime, count: int) -> datetime:
    """The same day so many years later; of a leap day the last of February."""
    year = start.year + count
    lost = (start.month, start.day) == (2, 29) and not isleap(year)
    return start.replace(year=year, day=28 if lost else start.day)


def _after_months(moment: datetime, count: int) -> datetime:
    """The last moment of so many whole months."""
    for _ in range(count):
        moment = first_of_next_month(moment)
    return moment - timedelta(microseconds=1)


def _month(moment: datetime) -> tuple[int, int]:
    return moment.year, moment.month


def sum_of(charges: Iterable[Charge]) -> Decimal:
    """What these items come to."""
    total = NOTHING
    for each in charges:
        total = ARITHMETIC.add(total, each.money)
    return total


# --- words ----------------------------------------------------------------------------------


_AS_IT_IS = "The sums below hold what the plan charges."
_WITHOUT_TIME = "The sums below leave out what is charged by time."


def _left_out(why: str) -> Obstacle:
    return Obstacle(why, "The sums below leave it out.")


def _obstacles(
    plan: Plan, lines: Sequence[PriceLine], basket: Basket, changes: datetime | None
) -> Iterator[str]:
    if not lines:
        yield "no price is recorded"
    if plan.unit == QUANTITY:
        yield Obstacle(
            "it is charged by the unit, without a period",
            "The sums below count once what is charged by the unit.",
        )
    elif not plan.unit:
        yield Obstacle("no unit is recorded", _WITHOUT_TIME)
    elif plan.unit not in UNITS:
        yield Obstacle(f"its unit {plan.unit} has no known length", _WITHOUT_TIME)
    if lines and plan.unit_price and sum_of_parts(lines) is None:
        yield _left_out("nothing says what its unit price is for")
    yield from _missing(lines, basket)
    # A plan that prices some components leaves the others out; they are not in it.
    named = named_in(plan)
    for line in lines:
        left_out = line.billing_type == "fixed" and named and line.type not in named
        if line.is_priced and line.billing_type not in _REGULAR | {"one", "few"}:
            if line.price or line.future_price:
                yield _left_out(f"nothing says how {line.name} is charged")
        elif line.price is None and _quantity(line, basket) and not left_out:
            yield from _not_priced(plan, line, basket, changes)
        yield from _paying(line, basket, changes)


def _paying(line: PriceLine, basket: Basket, changes: datetime | None) -> Iterator[str]:
    """That a line would pay the customer, or take off what no discount can."""
    quantity = ONE if line.billing_type in ("one", "few") else _quantity(line, basket)
    if not quantity:
        return
    prices = [line.price]
    if changes is not None and changes <= basket.end:
        prices.append(line.future_price)
    if any(price is not None and price < 0 for price in prices):
        yield Obstacle(f"the price of {line.name} is below 0", _AS_IT_IS)
    if line.rate_at(quantity) and line.has_odd_rate:
        why = f"the discount of {line.name} is {line.discount_rate} %"
        yield Obstacle(why, _AS_IT_IS)


def _not_priced(
    plan: Plan, line: PriceLine, basket: Basket, changes: datetime | None
) -> Iterator[str]:
    """That what is wanted of a line has no price, or none in the first months of the period."""
    if line.future_price is None or changes is None:
        yield _left_out(f"{line.name} has no price")
        return
    dated = _charges(plan, [line._replace(price=line.future_price)], basket, None)
    if any(each.periods and each.start < changes for each in dated):
        why = _no_price_before(line, changes)
        yield Obstacle(why, "The sums below leave it out until then.")


def _no_price_before(line: PriceLine, changes: datetime) -> str:
    return f"{line.name} has no price before {changes.date()}"


def _first_priced(plan: Plan, lines: Iterable[PriceLine], basket: Basket) -> Iterator[PriceLine]:
    """The lines that are charged for the basket at the prices of the next month alone."""
    for line in lines:
        if line.price is None and any(_charges(plan, [line], basket, basket.start)):
            yield line


def _uneven(plan: Plan, lines: Iterable[PriceLine], basket: Basket) -> str:
    """The first quarter or year whose charge is for more or less than the period holds of it."""
    for line in lines:
        free = line.price == 0 and not line.future_price
        if line.billing_type not in _TIMED or free:
            continue
        often = lump_of(line, plan.unit)
        if not _quantity(line, basket) or often == "total":
            continue
        if often:
            charged = f"it charges a whole {often} of {line.name}"
            begun = list(_begun(often, basket, whole_quarters=False))
        elif plan.unit == "quarter":
            charged = "it charges a whole quarter"
            begun = [start for start, periods in _times(plan.unit, basket) if periods]
            if not begun:
                return "no quarter begins in the period"
            if begun[0] > basket.start:
                return "it charges nothing for the quarter in which the period begins"
        else:
            continue
        for start in begun:
            first, after = _span(often or plan.unit, start, basket.start)
            whole = (after - first).days
            covered = min(after, basket.end.date() + timedelta(days=1)) - start.date()
            if covered.days < whole:
                return f"{charged}, of which the period covers {covered.days} of {whole} days"
    return ""


def _span(often: str, moment: datetime, start: datetime) -> tuple[date, date]:
    """The first day of the quarter or year that is charged at a moment, and the day after it."""
    after = _next(often, moment, start).date()
    if often == "year":
        return moment.date(), after
    into_quarter = (moment.month - 1) % MONTHS_OF_A_QUARTER
    return date(moment.year, moment.month - into_quarter, 1), after


def _missing(lines: Sequence[PriceLine], basket: Basket) -> Iterator[str]:
    counted = {line.type: line for line in lines}
    wants: dict[str, list[Wanted]] = {}
    for each in basket.wanted:
        if each.quantity > 0:
            wants.setdefault(each.type, []).append(each)
    for type_, alternatives in wants.items():
        line = counted.get(type_)
        name = alternatives[0].label
        if line is None:
            yield _left_out(f"it has no {name}")
        elif all(each.measured_unit not in (None, line.measured_unit) for each in alternatives):
            why = f"it counts {name} in {line.measured_unit or 'no unit'}"
            yield _left_out(why) if line.by_quantity else Obstacle(why, _AS_IT_IS)
        elif line.billing_type == "fixed" and (wanted := _fit(alternatives, line)):
            if line.covered < wanted.quantity:
                yield Obstacle(f"it holds {_count(line.covered, line)} of {name}", _AS_IT_IS)
        elif line.billing_type in ("one", "few"):
            yield Obstacle(f"it charges {name} once, whatever the quantity", _AS_IT_IS)


def _fit(alternatives: Sequence[Wanted], line: PriceLine) -> Wanted | None:
    """The one of several wants that is in the unit of a line."""
    fits = (each for each in alternatives if each.measured_unit in (None, line.measured_unit))
    return next(fits, None)


def _remarks(
    offering: Offering,
    plan: Plan,
    lines: Sequence[PriceLine],
    basket: Basket,
    changes: datetime | None,
) -> Iterator[str]:
    if not is_offered(plan):
        yield "new bookings cannot take it"
    if offering.billable is False:
        yield "the offering is not billable: its use is on no invoice"
    parts = sum_of_parts(lines)
    if lines and plan.unit_price is not None and parts is not None and plan.unit_price != parts:
        yield f"its unit price is {exact(plan.unit_price)}, its fixed parts cost {exact(parts)}"
    if changes is not None and changes <= basket.start:
        for line in _first_priced(plan, lines, basket):
            yield _no_price_before(line, changes)
    for line in lines:
        wanted = basket.fitting(line)
        if wanted is not None and wanted.quantity > 0:
            yield from _bounds(line, wanted.quantity, basket)
            yield from _discount(line, wanted.quantity)


def _bounds(line: PriceLine, quantity: Decimal, basket: Basket) -> Iterator[str]:
    component = line.component
    if line.billing_type == "fixed":
        if line.covered > quantity:
            yield f"{line.name}: the plan holds {_count(line.covered, line)}"
        return
    if component is None:
        return
    least, most = component.min_value, component.max_value
    if least is not None and quantity < least:
        yield f"{line.name}: below its least value, {_count(Decimal(least), line)}"
    if most is not None and quantity > most:
        yield f"{line.name}: over its greatest value, {_count(Decimal(most), line)}"
    available = component.max_available_limit
    if line.billing_type == "limit" and available is not None and quantity > available:
        yield f"{line.name}: over what is available in all, {_count(Decimal(available), line)}"
    allowed = most_used(line)
    if allowed is not None and ARITHMETIC.multiply(quantity, _months(line, basket)) > allowed:
        words = " ".join(("the most", period_words(component.limit_period))).strip()
        yield f"{line.name}: over {words}, {_count(Decimal(allowed), line)}"


def _months(line: PriceLine, basket: Basket) -> int:
    """Months of use that one period of a limit holds of the basket's."""
    months = len(periods_of("month", basket.start, basket.end))
    if line.limit_period == "total":
        return months
    return min(months, _MONTHS_OF_A_LIMIT.get(line.limit_period, 1))


_MONTHS_OF_A_LIMIT = {"quarterly": MONTHS_OF_A_QUARTER, "annual": MONTHS_OF_A_YEAR}


def _discount(line: PriceLine, quantity: Decimal) -> Iterator[str]:
    rate, threshold = line.discount_rate, line.discount_threshold
    if threshold is None or not line.earns_discount or line.has_odd_rate:
        return
    if quantity >= threshold:
        yield f"{line.name}: {rate} % off, reached at {threshold}"
    else:
        short = ARITHMETIC.subtract(Decimal(threshold), quantity)
        yield f"{line.name}: {_count(short, line)} more bring {rate} % off"


def _count(quantity: Decimal, line: PriceLine) -> str:
    return f"{exact(quantity)} {line.measured_unit}".strip()
