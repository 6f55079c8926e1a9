"""What is wanted, for how long and on which occasion: typed, pasted, or in a link."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation

import streamlit as st

from bookings.plans.basket import Basket, Occasion
from bookings.plans.billing import Period, first_of_next_month, period_between, whole_month
from bookings.plans.prices import exact, quantity_text
from bookings.plans.quantities import (
    Measure,
    Pasted,
    measures_of,
    read_pasted,
    read_quantity,
)
from components import address, loading
from components.literal import label, literal
from components.plan_tabs.opened import Opened, today

THIS_MONTH, NEXT_MONTH, DATES = "This month", "Next month", "Other dates"
_CHOSEN, _PERIOD, _OCCASION = "basket.chosen", "basket.period", "basket.occasion"
_FROM, _TO = "basket.from", "basket.to"
_PASTED, _SAID = "basket.pasted", "basket.said"
_PART = "|"
"""Between type, unit, quantity and name in the address."""
_ESCAPED: Mapping[str, str] = {"%": "%25", _PART: "%7C"}
MOST_IN_LINK = 100
MOST_SAID = 10
"""Lines of a pasted text that are told to be unreadable."""


# --- the address ----------------------------------------------------------------------------


def arrive() -> None:
    """Fills the basket from the address, when the page was opened with one."""
    pairs = address.query_on_arrival(["buy", "period", "from", "to", "switch"])
    if pairs is None:
        return
    given = dict(pairs)
    bought: dict[tuple[str, str], tuple[Measure, Decimal]] = {}
    for key, value in pairs[:MOST_IN_LINK]:
        read = _from_address(value) if key == "buy" else None
        if read is not None:
            bought[read[0][:2]] = read
    st.session_state[_CHOSEN] = [measure for measure, _ in bought.values()]
    for measure, quantity in bought.values():
        st.session_state[_key(measure)] = quantity_text(quantity, loading.locale_name())
    days = [_day(given.get(key, "")) for key in ("from", "to")]
    if days[0] is not None and days[1] is not None:
        st.session_state[_PERIOD] = DATES
        st.session_state[_FROM], st.session_state[_TO] = days
    else:
        st.session_state[_PERIOD] = NEXT_MONTH if given.get("period") == "next" else THIS_MONTH
    occasion = Occasion.SWITCH if given.get("switch") == "yes" else Occasion.ACTIVATION
    st.session_state[_OCCASION] = occasion.value


def query() -> list[tuple[str, str]]:
    """What is in the basket, as pairs for the address; quantities mean the same to all readers."""
    pairs = []
    for each in _held():
        text = st.session_state.get(_key(each)) or ""
        try:
            quantity = read_quantity(text, loading.locale_name())
        except ValueError:
            continue
        parts = (each.type, each.measured_unit, exact(quantity), each.name)
        pairs.append(("buy", _joined(*parts)))
    if st.session_state.get(_PERIOD) == DATES:
        days = [(key, st.session_state.get(name)) for key, name in (("from", _FROM), ("to", _TO))]
        pairs += [(key, day.isoformat()) for key, day in days if isinstance(day, date)]
    elif st.session_state.get(_PERIOD) == NEXT_MONTH:
        pairs.append(("period", "next"))
    if st.session_state.get(_OCCASION) == Occasion.SWITCH.value:
        pairs.append(("switch", "yes"))
    return pairs


def _joined(*parts: str) -> str:
    for sign, escaped in _ESCAPED.items():
        parts = tuple(part.replace(sign, escaped) for part in parts)
    return _PART.join(parts)


def _from_address(text: str) -> tuple[Measure, Decimal] | None:
    parts = text.split(_PART)
    if len(parts) != 4 or not parts[0] or not parts[2]:
        return None
    for sign, escaped in reversed(_ESCAPED.items()):
        parts = [part.replace(escaped, sign) for part in parts]
    try:
        quantity = read_quantity(parts[2])
    except (ValueError, InvalidOperation):
        return None
    return Measure(parts[0], parts[1], parts[3] or parts[0]), quantity


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _key(measure: Measure) -> str:
    return f"basket.quantity.{_joined(measure.type, measure.measured_unit)}"


def _held() -> list[Measure]:
    return list(st.session_state.get(_CHOSEN) or [])


def _held_and(more: Iterable[Measure]) -> list[Measure]:
    """What is chosen, and what else there is; a component that two plans name differently once."""
    held = _held()
    mine = {each[:2] for each in held}
    return [*held, *(each for each in more if each[:2] not in mine)]


# --- the form -------------------------------------------------------------------------------


def show(opened: Opened) -> Basket | None:
    """Draws the inputs and gives the basket; None, with a word why, while they make none."""
    wrong: list[str] = []
    known = opened.worked_out("measures", None, lambda: measures_of(opened.plans()))
    chosen = _choose(known)
    wanted = []
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for measure in chosen:
            with st.container(width=190):
                text = st.text_input(
                    label(measure.label), key=_key(measure), placeholder="how much",
                    persist_state="session",
                )  # fmt: skip
            if text.strip():
                try:
                    quantity = read_quantity(text, opened.locale)
                except ValueError as error:
                    wrong.append(f"{measure.label}: {error}.")
                    continue
                if quantity:
                    wanted.append(measure.wanted(quantity))
        _show_paste(known, opened.locale)
    _show_unread()
    period = _ask_period(wrong)
    if wrong or period is None:
        st.warning(literal(" ".join(wrong), most=1000), icon=":material/edit:")
        return None
    return Basket(tuple(wanted), *period, Occasion(st.session_state[_OCCASION]))


def _choose(known: list[Measure]) -> list[Measure]:
    offered = _held_and(known)
    offered.sort(key=lambda each: (each.name.casefold(), each[:2]))
    names = Counter(each.label for each in offered)
    return st.multiselect(
        "What is wanted",
        offered,
        key=_CHOSEN,
        # The browser knows a choice by its label, so no two may be the same.
        format_func=lambda each: (
            f"{each.label}, {each.type}" if names[each.label] > 1 else each.label
        ),
        placeholder="Choose components that the plans in view charge by use or by limit",
        persist_state="session",
        help="Use is per calendar month; a limit is what is ordered. Fixed parts of a plan are "
        "in its price whatever is chosen here.",
    )


def _show_paste(known: list[Measure], locale: str) -> None:
    with st.popover("Paste quantities", icon=":material/content_paste:", width="content"):
        st.text_area(
            "Component and quantity, a line each", key=_PASTED, height=120,
            placeholder="CPU\t1000\nProject storage\tTB\t5", persist_state="session",
            help="Columns as a spreadsheet copies them: name or type, perhaps the unit, and how "
            "much. Numbers as your language writes them, or as 1234.5.",
        )  # fmt: skip
        st.button(
            "Fill in", icon=":material/input:", key="basket.fill", on_click=_fill_in,
            args=(known, locale),
        )  # fmt: skip


def _show_unread() -> None:
    """The lines that the last paste left out: the popover closes over them as it fills in."""
    said = st.session_state.get(_SAID)
    if not said:
        return
    with st.container(horizontal=True, vertical_alignment="top", gap="small"):
        st.warning(said, icon=":material/content_paste_off:", width="stretch")
        st.button("Dismiss", icon=":material/close:", key="basket.dismiss", on_click=_dismiss)


def _dismiss() -> None:
    st.session_state.pop(_SAID, None)


def _fill_in(known: list[Measure], locale: str) -> None:
    # The text comes with the same click that leaves it, after the button was drawn.
    read = read_pasted(st.session_state[_PASTED], known, locale)
    st.session_state[_CHOSEN] = _held_and(read.quantities)
    for measure, quantity in read.quantities.items():
        st.session_state[_key(measure)] = quantity_text(quantity, locale)
    st.session_state[_SAID] = _unread_words(read) if read.unread else ""


def _unread_words(read: Pasted) -> str:
    unread = len(read.unread)
    more = unread - MOST_SAID
    told = [
        f"{len(read.quantities):,} read, {unread:,} not:",
        *(f"Line {each.line}: {each.reason} ({each.text})" for each in read.unread[:MOST_SAID]),
        *([f"and {more:,} more lines that cannot be read"] if more > 0 else []),
    ]
    return "\n- ".join(literal(each, most=600) for each in told)


def _ask_period(wrong: list[str]) -> Period | None:
    """From when until when, as asked for; None for days that are no period."""
    month = whole_month(today())
    # The address can set them too, and a widget may have one source of its first value only.
    for key, usual in (
        (_PERIOD, THIS_MONTH),
        (_FROM, month.start.date()),
        (_TO, month.end.date()),
        (_OCCASION, Occasion.ACTIVATION.value),
    ):
        st.session_state.setdefault(key, usual)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        which = st.segmented_control(
            "Period", [THIS_MONTH, NEXT_MONTH, DATES], required=True, key=_PERIOD,
            persist_state="session",
        )  # fmt: skip
        if which == DATES:
            with st.container(width=150):
                first = st.date_input("From", key=_FROM, persist_state="session")
            with st.container(width=150):
                last = st.date_input("To, included", key=_TO, persist_state="session")
        st.segmented_control(
            "Occasion", [each.value for each in Occasion],
            format_func=lambda each: each.capitalize(), required=True, key=_OCCASION,
            persist_state="session",
            help="What is charged once depends on it: some prices at the first activation only, "
            "some at every change of plan too.",
        )  # fmt: skip
    if which == NEXT_MONTH:
        return whole_month(first_of_next_month(month.start))
    if which != DATES:
        return month
    if not isinstance(first, date) or not isinstance(last, date):
        wrong.append("Choose both days of the period.")
        return None
    try:
        return period_between(first, last)
    except ValueError as error:
        wrong.append(f"{str(error).capitalize()}.")
        return None
