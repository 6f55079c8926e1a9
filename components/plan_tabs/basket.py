"""One basket, every plan: what it costs, and how each sum comes about."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

import pandas as pd
import streamlit as st

from bookings.filters import sentence
from bookings.frames import Column
from bookings.plan_tables import CHARGE_COLUMNS, MONEY, QUOTE_COLUMNS, charges_frame, quotes_frame
from bookings.plans.basket import Basket, Charge, Obstacle, Share, charges_of, year_of
from bookings.plans.billing import QUANTITY, first_of_next_month
from bookings.plans.curves import curve, quantities, thresholds
from bookings.plans.prices import (
    exact,
    money,
    name_of,
    quantity_words,
    spell_percent,
    with_unit,
)
from bookings.plans.quotes import Quote, quotes, uncharged
from components import amounts, export_buttons, loading, plan_sheet, price_charts, tables
from components.literal import literal
from components.plan_tabs import basket_form
from components.plan_tabs.opened import Opened, today

COMPARABLE, OTHERS, ALL = "Can be compared", "Cannot be compared", "All"
TOTAL, FIRST_MONTH, PER_YEAR = "Total", "First month", "Per year"
AT_TODAYS, AT_NEXT_MONTHS = "Total at today's prices", "Total at next month's prices"
SUM = "Sum"
MOST_DRAWN = 6
_IDENTITY = ("offering_uuid", "plan_uuid", "place")


def show(opened: Opened) -> None:
    """Draws the tab."""
    basket = basket_form.show(opened)
    if basket is None:
        return
    now = today()
    found, frame = opened.worked_out(
        "quotes", (basket, now.date()), lambda: _work_out(opened, basket, now)
    )
    _show_quotes(opened, basket, found, frame, now)


def _work_out(opened: Opened, basket: Basket, now: datetime) -> tuple[list[Quote], pd.DataFrame]:
    found = quotes(opened.plans(), basket, now)
    return found, quotes_frame(found, opened.currency)


def _show_quotes(
    opened: Opened, basket: Basket, found: list[Quote], frame: pd.DataFrame, now: datetime
) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        which = st.segmented_control(
            "Plans", [COMPARABLE, OTHERS, ALL], default=COMPARABLE, required=True,
            key="basket.show", label_visibility="collapsed", persist_state="session",
        )  # fmt: skip
        if which != ALL:
            compared = [quote.comparable == (which == COMPARABLE) for quote in found]
            frame = frame[compared].reset_index(drop=True)
        st.text(sentence(len(frame), len(found), "plans"), width="stretch")
        export_buttons.show(
            frame, QUOTE_COLUMNS, name="basket", note=_note(opened, basket), key="basket.file"
        )
    _say_prices(basket, now)
    if frame.empty:
        st.info(
            f"No plan can be compared; “{OTHERS}” says why."
            if which == COMPARABLE
            else "All plans can be compared.",
            icon=":material/shopping_basket:",
        )
        return
    order = [column.key for column in QUOTE_COLUMNS if column.shown]
    if which != ALL:
        # What none of them has would push what they have out of sight.
        order = plan_sheet.used(frame, order)
    chosen = tables.show_rows(
        frame,
        QUOTE_COLUMNS,
        order,
        key="basket.quotes",
        rows=tables.identities(frame, _IDENTITY),
        most_height=420,
        widths={"hindrances": 380, **dict.fromkeys(MONEY, amounts.WIDTH)},
        spell=_spelling(opened, QUOTE_COLUMNS),
    )
    ticked = [found[int(frame["place"].iloc[row])] for row in chosen.rows]
    if not ticked:
        st.caption("Tick a plan to see how its sums come about; tick several to draw them.")
        return
    _show_arithmetic(opened, basket, ticked, now)
    if basket.wanted:
        _show_curves(opened, basket, ticked, now)


def _say_prices(basket: Basket, now: datetime) -> None:
    begins = first_of_next_month(now)
    day = loading.day_words(begins)
    period = f"{basket.start:%Y-%m-%d} to {basket.end:%Y-%m-%d}"
    if basket.end < begins:
        st.caption(f"{period}, at today's prices; those of next month count from {day}.")
    elif basket.start >= begins:
        st.caption(f"{period}, at next month's prices, which count from {day}.")
    else:
        st.caption(f"{period}; the months from {day} on are billed at next month's prices.")
    if not basket.wanted:
        st.caption("Nothing is wanted yet: the sums are what each plan costs by itself.")


def _note(opened: Opened, basket: Basket) -> str:
    wanted = ", ".join(
        f"{exact(each.quantity)} {each.measured_unit or ''} {each.label}".replace("  ", " ")
        for each in basket.wanted
    )
    return (
        f"{wanted or 'nothing'} wanted, {basket.start:%Y-%m-%d} to {basket.end:%Y-%m-%d}, "
        f"{basket.occasion}; {opened.note}"
    )


def _spelling(opened: Opened, columns: Sequence[Column]) -> dict[str, Callable[[float], str]]:
    """How the amounts of money and the per cents of a table are written."""
    keys = [column.key for column in columns if column.key in MONEY]
    written = amounts.spelling(keys, opened.currency, opened.locale)
    return written | {"change_percent": lambda value: spell_percent(Decimal(repr(float(value))))}


def _show_arithmetic(opened: Opened, basket: Basket, ticked: list[Quote], now: datetime) -> None:
    st.subheader("How it is worked out", anchor=False)
    place = 0
    if len(ticked) > 1:
        names = price_charts.distinct(_name(each) for each in ticked)
        place = st.selectbox(
            "Plan", range(len(ticked)), format_func=names.__getitem__,
            key=f"basket.opened.{tables.fingerprint(names)}", width=520,
        )  # fmt: skip
    quote = ticked[place or 0]
    due = quote.due
    st.markdown(f"**{literal(_name(quote))}**")
    for each in due.obstacles:
        sums_say = f" {each.sums}" if isinstance(each, Obstacle) else ""
        st.warning(literal(f"Cannot be compared: {each}.{sums_say}"), icon=":material/balance:")
    if due.uneven:
        st.warning(
            literal(
                f"Cannot be compared over this period: {due.uneven}. What it costs per year can be."
            ),
            icon=":material/balance:",
        )
    sums = _sums(quote)
    with st.container(horizontal=True, gap="large"):
        for label, amount in sums.items():
            with st.container(width="content", gap=None):
                st.caption(label, width="content")
                said = money(amount, opened.currency, opened.locale)
                st.markdown(f"**{literal(said)}**", width="content")
    _show_lines(opened, basket, quote, first_of_next_month(now))
    if due.remarks:
        st.markdown("\n".join(f"- {literal(each, most=600)}" for each in due.remarks))


def _sums(quote: Quote) -> dict[str, Decimal]:
    due = quote.due
    sums = {
        "Recurring": due.of(Share.RECURRING),
        "Usage": due.of(Share.USAGE),
        "One-time": due.of(Share.ONCE),
        TOTAL: due.total,
        FIRST_MONTH: due.first_month,
    }
    if quote.plan.unit != QUANTITY:
        sums[PER_YEAR] = due.per_year
    if quote.today != quote.next_month:
        if not quote.lacks_todays_price:
            sums[AT_TODAYS] = quote.today
        sums[AT_NEXT_MONTHS] = quote.next_month
    return sums


def _show_lines(opened: Opened, basket: Basket, quote: Quote, changes: datetime) -> None:
    """The lines of the sum that is chosen. Only its are worked out, when it is looked at."""
    asked = quote.offering, quote.plan, basket
    work_out: dict[str, Callable[[], Sequence[Charge]]] = {
        TOTAL: lambda: quote.due.charges,
        FIRST_MONTH: lambda: quote.due.of_first_month,
        PER_YEAR: lambda: year_of(*asked, changes),
        AT_TODAYS: lambda: charges_of(*asked, None),
        AT_NEXT_MONTHS: lambda: charges_of(*asked, basket.start),
    }
    offered = [label for label in _sums(quote) if label in work_out]
    chosen = st.segmented_control(
        "Lines of", offered, default=TOTAL, required=True,
        key=f"basket.lines.{tables.fingerprint(offered)}", persist_state="session",
    )  # fmt: skip
    charges = work_out[chosen or TOTAL]()
    frame = charges_frame(
        (each for each in charges if each.money), opened.currency, opened.locale, named=SUM
    )
    if frame.empty:
        st.caption("Nothing is charged.")
    else:
        order = [column.key for column in CHARGE_COLUMNS if column.shown]
        tables.show_rows(
            frame, CHARGE_COLUMNS, order, key="basket.charges", most_height=420,
            spell=_spelling(opened, CHARGE_COLUMNS),
        )  # fmt: skip
        with st.container(horizontal=True, horizontal_alignment="right"):
            export_buttons.show(
                frame, CHARGE_COLUMNS, name="basket-charges",
                note=f"{chosen} of {_name(quote)}: {_note(opened, basket)}",
                key="basket.charges.file",
            )  # fmt: skip
        st.caption(
            "Each line is rounded up to two decimals, as the server does."
            + (
                " The year is twelve whole months without what is charged once."
                if chosen == PER_YEAR
                else ""
            )
        )
    for said in uncharged(charges):
        st.caption(literal(said, most=600))


def _name(quote: Quote) -> str:
    return f"{name_of(quote.plan)} · {quote.offering.name}"


def _show_curves(opened: Opened, basket: Basket, ticked: list[Quote], now: datetime) -> None:
    st.subheader("Price against quantity", anchor=False)
    drawn = [quote for quote in ticked if quote.complete]
    if len(drawn) < len(ticked):
        st.caption("Plans that lack something of the basket are not drawn.")
    if len(drawn) > 1 and not all(quote.comparable for quote in drawn):
        st.caption(
            "Plans that cannot be compared over this period are drawn with what they charge in it."
        )
    if len(drawn) > MOST_DRAWN:
        st.caption(f"The first {MOST_DRAWN} of {len(drawn)} plans.")
    drawn = drawn[:MOST_DRAWN]
    if not drawn:
        return
    place = 0
    if len(basket.wanted) > 1:
        labels = price_charts.distinct(
            with_unit(each.label, each.measured_unit) for each in basket.wanted
        )
        place = st.selectbox(
            "Component", range(len(basket.wanted)), format_func=labels.__getitem__,
            key=f"basket.curve.{tables.fingerprint(labels)}", width=320,
        )  # fmt: skip
    wanted = basket.wanted[place or 0]
    marks = thresholds([(each.offering, each.plan) for each in drawn], wanted)
    at = quantities(wanted.quantity, marks)
    changes = first_of_next_month(now)
    lines = [curve(each.offering, each.plan, basket, wanted, at, changes) for each in drawn]
    names = price_charts.distinct(_name(each) for each in drawn)
    price_charts.show_curves(
        [
            (name, float(point.quantity), float(point.total))
            for name, line in zip(names, lines, strict=True)
            for point in line
        ],
        [float(mark) for mark in marks],
        float(wanted.quantity),
        across=with_unit(wanted.label, wanted.measured_unit),
        up=f"Total of the period ({opened.currency})" if opened.currency else "Total of the period",
    )
    with st.expander("As a table", icon=":material/table:"):
        st.dataframe(
            {
                "Quantity": [quantity_words(each, opened.locale) for each in at],
                **{
                    name: [money(p.total, opened.currency, opened.locale) for p in line]
                    for name, line in zip(names, lines, strict=True)
                },
            },
            key="basket.curve.table",
            hide_index=True,
        )
