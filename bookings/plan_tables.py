"""What is known of plans as tables: quotes, charges, changes of prices and findings.

The rules of bookings.frames hold: columns and dtypes are declared once, and a table of nothing
has the same columns as any other. `place` is the number of a row among all. Amounts of money are
numbers here, so that they can be sorted; how a language writes them is for the screen.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import pandas as pd

from bookings.frames import (
    FRACTION,
    TEXT,
    WHOLE,
    Column,
    frame_of,
)
from bookings.plans.audit import PlanFinding
from bookings.plans.basket import Charge, Share, sum_of
from bookings.plans.billing import first_of_next_month
from bookings.plans.compare import price_words
from bookings.plans.prices import (
    billing_words,
    change,
    exact,
    is_idle,
    lines_of,
    name_of,
    signed_money,
    unit_words,
)
from bookings.plans.quotes import Quote, arithmetic
from bookings.waldur.models import Offering, Plan

__all__ = [
    "CHARGE_COLUMNS",
    "MONEY",
    "PLAN_FINDING_COLUMNS",
    "PRICE_CHANGE_COLUMNS",
    "QUOTE_COLUMNS",
    "charges_frame",
    "most_changed",
    "plan_findings_frame",
    "price_changes_frame",
    "quotes_frame",
]

MONEY = frozenset(
    {
        "total", "today", "next_month", "difference", "recurring", "usage", "one_time",
        "first_month", "per_year", "money",
    }
)  # fmt: skip
"""The columns of quotes and charges that hold an amount of money with two decimals."""

_CURRENCY = Column(
    "currency", "Currency", TEXT, "plans", help="Of the amounts; empty where none is known."
)

QUOTE_COLUMNS: tuple[Column, ...] = (
    Column(
        "rank", "Rank", WHOLE, "plans", shown=True, pinned=True,
        help="By the total of the period, among the plans that can be compared and taken.",
    ),
    Column(
        "total", "Total", FRACTION, "plans", shown=True, pinned=True,
        help="All of the period, each month at the price that counts in it.",
    ),
    Column("plan", "Plan", TEXT, "plans", shown=True),
    Column("offering", "Offering", shown=True),
    Column(
        "hindrances", "Cannot compare", TEXT, "plans", shown=True,
        help="Why the plan has no rank.",
    ),
    Column("provider", "Provider"),
    Column("unit", "Unit", TEXT, "plans", shown=True, help="What the plan is charged by."),
    Column(
        "today", "At today's prices", FRACTION, "plans", shown=True,
        help="The total if no price changed.",
    ),
    Column(
        "next_month", "At next month's prices", FRACTION, "plans", shown=True,
        help="The total if the prices of the next month counted already.",
    ),
    Column(
        "difference", "Difference", FRACTION, "plans",
        help="Next month's prices less today's.",
    ),
    Column("change_percent", "Change (%)", FRACTION, "plans", shown=True),
    Column(
        "remarks", "Remarks", TEXT, "plans", shown=True,
        help="Bounds, discounts, and whether it can be taken.",
    ),
    Column("recurring", "Recurring", FRACTION, "plans", shown=True, help="Fixed parts and limits."),
    Column("usage", "Usage", FRACTION, "plans", shown=True, help="What is charged by use."),
    Column(
        "one_time", "One-time", FRACTION, "plans", shown=True,
        help="At the activation or the change of plan.",
    ),
    Column(
        "first_month", "First month", FRACTION, "plans", shown=True,
        help="What the invoice of the first calendar month says.",
    ),
    Column(
        "per_year", "Per year", FRACTION, "plans", shown=True,
        help="Recurring and usage of twelve whole months, without what is charged once.",
    ),
    _CURRENCY,
    Column("plan_uuid", "Plan UUID", TEXT, "plans"),
    Column("offering_uuid", "Offering UUID"),
    Column("place", "Place", WHOLE),
)  # fmt: skip

CHARGE_COLUMNS: tuple[Column, ...] = (
    Column("month", "From", TEXT, "plans", shown=True, help="Of the time it is for."),
    Column("component", "Component", TEXT, "plans", shown=True),
    Column("billing", "Charged", TEXT, "plans", shown=True),
    Column("share", "Kind", TEXT, "plans", shown=True),
    Column(
        "arithmetic", "How it is worked out", TEXT, "plans", shown=True,
        help="Price × quantity × periods × what a discount leaves, rounded up to two decimals.",
    ),
    Column("money", "Amount", FRACTION, "plans", shown=True),
    _CURRENCY,
    Column(
        "price_of", "Price of", TEXT, "plans", shown=True,
        help="Today or the next month; unchanged where both have the same.",
    ),
    Column("price", "Exact price", TEXT, "plans", help="Every digit."),
    Column("quantity", "Quantity", TEXT, "plans", help="Every digit."),
    Column("periods", "Periods", TEXT, "plans"),
    Column("rate", "Discount (%)", WHOLE, "plans"),
    Column("type", "Type", TEXT, "plans", help="Its key on the server."),
)  # fmt: skip

PRICE_CHANGE_COLUMNS: tuple[Column, ...] = (
    Column("plan", "Plan", TEXT, "plans", shown=True, pinned=True),
    Column("offering", "Offering", shown=True),
    Column("provider", "Provider"),
    Column("component", "Component", TEXT, "plans", shown=True),
    Column("billing", "Charged", TEXT, "plans", shown=True),
    Column("price_text", "Price today", TEXT, "plans", shown=True),
    Column("future_price_text", "Price then", TEXT, "plans", shown=True),
    Column("difference_text", "Difference", TEXT, "plans", shown=True),
    Column(
        "change_percent", "Change (%)", FRACTION, "plans", shown=True,
        help="Empty where today's price is 0 or not recorded.",
    ),
    Column("from", "From", TEXT, "plans", shown=True, help="The first day of the next month."),
    Column("resources_count", "In use", WHOLE, "plans", shown=True, help="Bookings it concerns."),
    Column("price", "Exact price today", TEXT, "plans", help="Every digit."),
    Column("future_price", "Exact price then", TEXT, "plans", help="Every digit."),
    Column("type", "Type", TEXT, "plans", help="Its key on the server."),
    Column("plan_uuid", "Plan UUID", TEXT, "plans"),
    Column("offering_uuid", "Offering UUID"),
    Column("number", "Number", WHOLE, help="Of the plan in this list."),
    Column("place", "Place", WHOLE),
)  # fmt: skip

PLAN_FINDING_COLUMNS: tuple[Column, ...] = (
    Column("severity", "Severity", TEXT, "plans", shown=True),
    Column("rule", "Rule", TEXT, "plans", shown=True),
    Column("title", "Finding", TEXT, "plans", shown=True),
    Column("plan", "Plan", TEXT, "plans", shown=True),
    Column("offering", "Offering", shown=True),
    Column("provider", "Provider"),
    Column("message", "What was found", TEXT, "plans", shown=True),
    Column("fix", "What to do", TEXT, "plans", shown=True),
    Column("plan_uuid", "Plan UUID", TEXT, "plans"),
    Column("offering_uuid", "Offering UUID"),
    Column("place", "Place", WHOLE),
)  # fmt: skip


def quotes_frame(quotes: Sequence[Quote], currency: str = "") -> pd.DataFrame:
    """One row a plan, in the order of the quotes; no sums where not all is priced."""
    rows: list[dict[str, Any]] = []
    rank, before = 0, None
    for place, quote in enumerate(quotes):
        # They come in order; equal totals share the place of their first.
        if quote.ranked and quote.due.total != before:
            rank, before = place + 1, quote.due.total
        more = {"rank": rank if quote.ranked else None, "currency": currency, "place": place}
        rows.append({**_sums(quote), **more})
    return frame_of(QUOTE_COLUMNS, rows)


def _sums(quote: Quote) -> Mapping[str, Any]:
    due, today, later = quote.due, quote.today, quote.next_month
    difference, percent = change(today, later)
    sums: dict[str, Decimal | None] = {
        "total": due.total,
        "recurring": due.of(Share.RECURRING),
        "usage": due.of(Share.USAGE),
        "one_time": due.of(Share.ONCE),
        "first_month": due.first_month,
        "per_year": due.per_year,
        "today": today,
        "next_month": later,
        "difference": difference,
        "change_percent": percent if difference else None,
    }
    if quote.lacks_todays_price:
        sums |= dict.fromkeys(("today", "difference", "change_percent"))
    return {
        **{key: _number(value) if quote.complete else None for key, value in sums.items()},
        "plan": name_of(quote.plan),
        "offering": quote.offering.name,
        "provider": quote.offering.customer_name or "",
        "unit": unit_words(quote.plan.unit),
        "hindrances": "; ".join(quote.hindrances),
        "remarks": "; ".join(quote.due.remarks),
        "plan_uuid": quote.plan.uuid or "",
        "offering_uuid": quote.offering.uuid,
    }


def charges_frame(
    charges: Iterable[Charge], currency: str = "", locale: str = "en", *, named: str = ""
) -> pd.DataFrame:
    """One row an item of an invoice, in the order of time and kind.

    With a name for it their sum is the last row, if there is anything to sum up.
    """
    kinds = list(Share)
    ordered = sorted(charges, key=lambda each: (each.start, kinds.index(each.share)))
    rows = [
        {
            "month": each.start.strftime("%Y-%m-%d"),
            "component": each.line.name,
            "billing": billing_words(each.line.billing_type),
            "share": str(each.share),
            "arithmetic": arithmetic(each, currency, locale),
            "money": _number(each.money),
            "currency": currency,
            "price_of": _price_of(each),
            "price": exact(each.price),
            "quantity": exact(each.quantity),
            "periods": exact(each.periods),
            "rate": each.rate or None,
            "type": each.line.type,
        }
        for each in ordered
    ]
    if named and rows:
        nothing = {column.key: "" if column.dtype == TEXT else None for column in CHARGE_COLUMNS}
        total = _number(sum_of(ordered))
        rows.append({**nothing, "component": named, "money": total, "currency": currency})
    return frame_of(CHARGE_COLUMNS, rows)


def _price_of(charge: Charge) -> str:
    if not charge.line.changes:
        return "unchanged"
    return "next month" if charge.future else "today"


def price_changes_frame(
    plans: Iterable[tuple[Offering, Plan]],
    now: datetime,
    currency: str = "",
    locale: str = "en",
) -> pd.DataFrame:
    """One row a price that changes at the start of the next month, archived plans left out."""
    begins = first_of_next_month(now).strftime("%Y-%m-%d")
    rows: list[dict[str, Any]] = []
    for number, (offering, plan) in enumerate(plans):
        if is_idle(plan):
            continue
        for line in lines_of(plan, offering.components):
            if not line.changes or line.future_price is None:
                continue
            difference, percent = change(line.price or Decimal(0), line.future_price)
            then = line._replace(price=line.future_price)
            rows.append(
                {
                    "plan": name_of(plan),
                    "offering": offering.name,
                    "provider": offering.customer_name or "",
                    "component": line.name,
                    "billing": billing_words(line.billing_type),
                    "price_text": price_words(line, plan.unit, currency, locale),
                    "future_price_text": price_words(then, plan.unit, currency, locale),
                    "difference_text": signed_money(difference, currency, locale),
                    "change_percent": None if line.price is None else _number(percent),
                    "from": begins,
                    "resources_count": plan.resources_count,
                    "price": exact(line.price),
                    "future_price": exact(line.future_price),
                    "type": line.type,
                    "plan_uuid": plan.uuid or "",
                    "offering_uuid": offering.uuid,
                    "number": number,
                    "place": len(rows),
                }
            )
    return frame_of(PRICE_CHANGE_COLUMNS, rows)


def most_changed(changes: pd.DataFrame, most: int) -> tuple[list[int], int, int]:
    """The plans whose prices change most, by `number`, of how many, and the ties left out.

    By the per cent of the largest change of a plan, up or down, as it is shown: with one decimal.
    Among equal ones the larger amount of money comes first, then the name. The last figure is
    how many of the plans left out change by as many per cent as the last one taken. Changes
    without a per cent are not looked at.
    """
    known = changes[changes["change_percent"].notna()]
    amounts = [
        abs(float(Decimal(future) - Decimal(price)))
        for price, future in zip(known["price"], known["future_price"], strict=True)
    ]
    largest = (
        known.assign(percent=known["change_percent"].abs().round(1), amount=amounts)
        .sort_values(
            ["percent", "amount", "plan", "offering"],
            ascending=[False, False, True, True],
            kind="stable",
        )
        .drop_duplicates("number")
    )
    taken, left = largest.iloc[:most], largest.iloc[most:]
    ties = int((left["percent"] == taken["percent"].iloc[-1]).sum()) if len(left) else 0
    return taken["number"].tolist(), len(largest), ties


def plan_findings_frame(found: Sequence[PlanFinding]) -> pd.DataFrame:
    """One row a finding, errors first."""
    severities = ("error", "warning", "info")
    ordered = sorted(
        enumerate(found), key=lambda each: (severities.index(each[1].rule.severity), each[0])
    )
    rows = [
        {
            "severity": each.rule.severity,
            "rule": each.rule.id,
            "title": each.rule.title,
            "plan": "" if each.plan is None else name_of(each.plan),
            "offering": each.offering.name,
            "provider": each.offering.customer_name or "",
            "message": each.message,
            "fix": each.rule.fix,
            "plan_uuid": (each.plan.uuid or "") if each.plan else "",
            "offering_uuid": each.offering.uuid,
            "place": place,
        }
        for place, each in ordered
    ]
    return frame_of(PLAN_FINDING_COLUMNS, rows)


def _number(amount: Decimal | None) -> float | None:
    return None if amount is None or not amount.is_finite() else float(amount)
