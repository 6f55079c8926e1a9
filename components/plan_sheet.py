"""One plan to be read: what it costs, component by component, and what changes."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from bookings.frames import PLAN_COMPONENT_COLUMNS, plan_components_frame
from bookings.plans.billing import first_of_next_month
from bookings.plans.prices import (
    PriceLine,
    drifted_sum,
    exact,
    headline_of,
    lines_of,
    money,
    per_unit,
    spell_next_change,
    sum_of_parts,
)
from bookings.waldur.models import Offering, Plan
from components import loading, tables
from components.literal import literal

_PRICES = (
    "name", "price_text", "billing", "amount", "limit_period", "default_limit", "min_value",
    "max_value", "discount", "future_price_text", "change", "article_code", "quota",
    "measured_unit", "price", "future_price", "type",
)  # fmt: skip


def show(offering: Offering, plan: Plan, currency: str) -> None:
    """Draws the plan of an offering."""
    locale = loading.locale_name()
    lines = lines_of(plan, offering.components)
    st.text(headline_of(plan, lines, currency, locale).text)
    frame = plan_components_frame(plan, offering.components, currency, locale)
    if frame.empty:
        st.caption("No component is recorded.")
    else:
        st.dataframe(
            frame,
            key=f"plan.prices.{offering.uuid}.{plan.uuid}",
            width="stretch",
            height="content",
            hide_index=True,
            placeholder="",
            column_order=used(frame, _PRICES),
            column_config={
                **tables.column_config(PLAN_COMPONENT_COLUMNS),
                "name": st.column_config.TextColumn("Component", pinned=True),
                "measured_unit": st.column_config.TextColumn("Unit", width=110),
                "discount": st.column_config.TextColumn("Discount", width=130),
                "price_text": st.column_config.TextColumn("Price", width=200),
                "limit_period": st.column_config.TextColumn("Limit period", width=100),
            },
        )
    for each in _notes(plan, lines, currency, locale):
        st.caption(literal(each, most=1000))


def _notes(plan: Plan, lines: Sequence[PriceLine], currency: str, locale: str) -> list[str]:
    notes = ["An empty cell means that nothing is recorded or fixed, a 0 that 0 is."]
    day = loading.day_words(first_of_next_month(loading.now()))
    change = spell_next_change(lines)
    notes.append(f"{change}, from {day}." if change else f"No price changes on {day}.")
    other = drifted_sum(plan, lines)
    recorded = f"{money(plan.unit_price or Decimal(0), currency, locale)} {per_unit(plan.unit)}"
    if other is not None:
        notes.append(
            f"The unit price, {recorded.strip()}, is not the sum of its fixed parts, "
            f"{money(other, currency, locale)}: the server shows and estimates with the "
            f"first and makes invoices of the second (exactly {exact(plan.unit_price)} and "
            f"{exact(other)})."
        )
    elif plan.unit_price is not None and sum_of_parts(lines) is not None:
        notes.append(f"The unit price, {recorded.strip()}, is the sum of its fixed parts.")
    groups = [group.name for group in plan.organization_groups]
    notes.append(
        f"Only for organisations of {', '.join(groups)}."
        if groups
        else "Every organisation that may book the offering can take it."
    )
    return notes


def used(frame: pd.DataFrame, columns: Sequence[str]) -> list[str]:
    """The columns in which anything stands."""
    return [each for each in columns if any(map(_stands, frame[each]))]


def _stands(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value)
    return not pd.isna(value) and value != ""
