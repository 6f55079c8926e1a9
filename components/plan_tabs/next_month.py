"""What the next month changes in the prices, as a picture and as a table."""

import streamlit as st

from bookings.filters import sentence
from bookings.plan_tables import PRICE_CHANGE_COLUMNS, price_changes_frame
from bookings.plans.billing import first_of_next_month
from components import export_buttons, loading, price_charts, tables
from components.plan_tabs.opened import Opened, today


def show(opened: Opened) -> None:
    """Draws the tab."""
    now = today()
    day = loading.day_words(first_of_next_month(now))
    frame = opened.worked_out(
        "price changes",
        now.date(),
        lambda: price_changes_frame(opened.plans(), now, opened.currency, opened.locale),
    )
    if frame.empty:
        st.info(f"No price of these plans changes on {day}.", icon=":material/event:")
        return
    up = int((frame["change_percent"] > 0).sum())
    down = int((frame["change_percent"] < 0).sum())
    plans = frame["number"].nunique()
    st.text(
        f"{sentence(len(frame), len(frame), 'prices')} of {plans:,} "
        f"{'plan' if plans == 1 else 'plans'} on {day}: {up:,} up, {down:,} down."
    )
    price_charts.show_changes(frame)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption("Archived plans are left out unless bookings still use them.", width="stretch")
        export_buttons.show(
            frame, PRICE_CHANGE_COLUMNS, name="price-changes", note=opened.note, key="plans.changes"
        )
    st.space(tables.ABOVE)
    tables.show_rows(
        frame,
        PRICE_CHANGE_COLUMNS,
        [column.key for column in PRICE_CHANGE_COLUMNS if column.shown],
        key="plans.changes.table",
    )
