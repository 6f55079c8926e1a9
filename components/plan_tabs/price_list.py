"""All plans in a table; one opens below it, up to six stand side by side."""

import pandas as pd
import streamlit as st

from bookings.frames import PLAN_COLUMNS, Column
from bookings.plans.compare import Row, side_by_side
from bookings.plans.prices import name_of
from bookings.waldur.models import Offering, Plan
from components import amounts, export_buttons, plan_sheet, tables
from components.literal import literal
from components.plan_tabs.opened import Opened

MOST_COMPARED = 6
CHEAPEST = "✓ "
_LOWEST = "background-color: rgba(34, 197, 94, 0.22)"
_DIFFERENT = "background-color: rgba(245, 158, 11, 0.14)"


def show(opened: Opened) -> None:
    """Draws the tab."""
    st.caption("Tick a plan to read its prices; tick 2 to 6 to compare them side by side.")
    chosen = tables.show_offerings(
        opened.frame,
        PLAN_COLUMNS,
        opened.order,
        key="plans",
        row=("offering_uuid", "plan_uuid", "place"),
        uuid="offering_uuid",
        name="offering",
        extra=[("tab", "Plans")],
        spell=amounts.spelling(amounts.OF_PLANS, opened.currency, opened.locale),
        widths={**dict.fromkeys(amounts.OF_PLANS, amounts.WIDTH), "headline": 210, "offering": 200},
    )
    places = opened.frame["place"].iloc[chosen.rows].tolist()
    ticked = [opened.listed.plans[place] for place in places]
    if len(ticked) == 1:
        offering, plan = ticked[0]
        st.subheader(f"{literal(name_of(plan))} · {literal(offering.name)}", anchor=False)
        plan_sheet.show(offering, plan, opened.currency)
    elif 2 <= len(ticked) <= MOST_COMPARED:
        _compare(opened, ticked)
    elif ticked:
        st.info(
            f"{len(ticked)} plans are ticked; up to {MOST_COMPARED} can stand side by side.",
            icon=":material/view_column:",
        )


def _compare(opened: Opened, ticked: list[tuple[Offering, Plan]]) -> None:
    st.subheader("Side by side", anchor=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            f"{CHEAPEST.strip()} marks what is cheapest at any quantity, today and next month, "
            "where all plans charge alike.",
            width="stretch",
        )
        differing = st.toggle(
            "Only what differs", key="plans.compare.differing", persist_state="session"
        )
        files = st.container(width="content")
    rows = side_by_side(ticked, opened.currency, opened.locale)
    if differing:
        rows = [row for row in rows if row.differs]
    if not rows:
        st.info("The plans are the same in everything.", icon=":material/equal:")
        return
    frame = pd.DataFrame(
        {
            "label": [row.label for row in rows],
            **{str(i): [_cell(row, i) for row in rows] for i in range(len(ticked))},
        }
    )
    heads = [f"{name_of(plan)} · {offering.name}" for offering, plan in ticked]
    with files:
        export_buttons.show(
            frame,
            [Column("label", "Compared"), *(Column(str(i), head) for i, head in enumerate(heads))],
            name="plans-side-by-side",
            note=f"{', '.join(heads)}; {CHEAPEST.strip()} marks what is cheapest",
            key="plans.compare.file",
        )
    st.space(tables.ABOVE)
    st.dataframe(
        frame.style.apply(lambda _: _colours(rows, len(ticked)), axis=None),
        key="plans.compare",
        width="stretch",
        height="content",
        hide_index=True,
        column_config={
            "label": st.column_config.TextColumn("", width=240, pinned=True),
            **{str(i): st.column_config.TextColumn(head) for i, head in enumerate(heads)},
        },
    )


def _cell(row: Row, place: int) -> str:
    return (CHEAPEST if place in row.cheapest else "") + row.cells[place]


def _colours(rows: list[Row], plans: int) -> pd.DataFrame:
    """The cheapest in green; the label of what differs in a tint."""
    return pd.DataFrame(
        {
            "label": [_DIFFERENT if row.differs else "" for row in rows],
            **{
                str(i): [_LOWEST if i in row.cheapest else "" for row in rows] for i in range(plans)
            },
        }
    )
