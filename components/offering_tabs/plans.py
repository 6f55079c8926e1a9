"""What it costs: the plans, the lines of one plan, and the components they price."""

import streamlit as st

from bookings.frames import PLAN_COLUMNS, plans_frame
from bookings.plans.prices import is_offered, name_of
from bookings.portfolio import Snapshot
from bookings.sheets import COLUMNS
from bookings.waldur.models import OfferingComponent, Plan, PlanComponent
from components import amounts, loading, navigation, plan_sheet, price_charts, tables
from components.literal import literal
from components.offering_tabs import sheet
from components.offering_tabs.sheet import Opened

_PLANS = (
    "plan", "headline", "unit", "next_change", "active", "archived", "places_left",
    "resources_count", "max_amount", "minimal_price", "init_price", "switch_price", "limited_to",
)  # fmt: skip


def show(opened: Opened) -> None:
    """Draws the tab of plans."""
    offering = opened.offering
    if not opened.has("plans"):
        return
    if not offering.plans:
        st.caption("No plan is recorded. Nobody can book it before it has one.")
        return
    frame = plans_frame(
        Snapshot(offerings=(offering,)), opened.who.facts.currency, loading.locale_name()
    )
    spell = amounts.spelling(amounts.OF_PLANS, opened.who.facts.currency, loading.locale_name())
    st.dataframe(
        tables.written(frame, spell),
        key=f"offering.plans.{offering.uuid}",
        width="stretch",
        height="content",
        hide_index=True,
        placeholder="",
        column_order=plan_sheet.used(frame, _PLANS),
        column_config={
            **tables.column_config(PLAN_COLUMNS),
            "headline": st.column_config.TextColumn("Price", width=240),
        },
    )
    navigation.link(
        "plans", "Compare with the plans of other offerings", {"q": offering.uuid},
        icon=":material/sell:",
    )  # fmt: skip
    _show_plan(opened, _chosen(offering.uuid, offering.plans))


def _chosen(uuid: str, plans: tuple[Plan, ...]) -> Plan:
    """The plan a person looks into; at first one that new bookings can take."""
    if len(plans) == 1:
        return plans[0]
    first = next((i for i, plan in enumerate(plans) if is_offered(plan)), 0)
    index = st.selectbox(
        "Prices of the plan",
        range(len(plans)),
        index=first,
        format_func=price_charts.distinct(map(name_of, plans)).__getitem__,
        key=f"offering.plan.{uuid}",
        persist_state="session",
        width=420,
    )
    return plans[index if index is not None and index < len(plans) else first]


def _show_plan(opened: Opened, plan: Plan) -> None:
    st.subheader(literal(name_of(plan)), anchor=False)
    about = [line for line in COLUMNS[Plan] if line.field == "description"]
    if plan.description:
        sheet.show_texts(opened, plan, about, headings=False)
    plan_sheet.show(opened.offering, plan, opened.who.facts.currency)
    with st.expander("Every field of this plan"):
        lines = [line for line in COLUMNS[Plan] if line.field != "components"]
        sheet.show_fields(opened, plan, lines)
        st.markdown("**Prices by component, as the server has them**")
        if "components" in plan.model_fields_set:
            sheet.show_records(opened, plan.components, COLUMNS[PlanComponent])
        else:
            st.caption("Not sent by this server, which gives prices by type only.")


def show_components(opened: Opened) -> None:
    """Draws the tab of components."""
    if not opened.has("components"):
        return
    st.caption("What the offering counts and may bill. Prices are in the plans.")
    components = opened.offering.components
    if not components:
        st.caption("None recorded.")
        return
    first, *lines = COLUMNS[OfferingComponent]
    used, empty = sheet.split_by_use(components, lines)
    sheet.show_side_by_side(
        opened,
        components,
        used,
        key="offering.components.table",
        corner=first.label,
        heads=[each.name or each.type for each in components],
    )
    if empty:
        names = ", ".join(line.label for line in empty)
        st.caption(f"Recorded for none of them: {names}.")
