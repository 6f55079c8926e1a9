"""How much of its time each offering is booked: a picture by day, and the figures."""

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from bookings.booking_tables import UTILISATION_COLUMNS, utilisation_frame
from bookings.filters import sentence
from bookings.schedule.days import monday_of
from bookings.schedule.utilisation import Use, days_between, utilisation
from components import address, booking_desk, export_buttons, loading, price_charts, tables
from components.booking_tabs.opened import Opened

MOST_DAYS = 92
MOST_OFFERINGS = 30
"""In the picture; the table has all."""
WEEKS = 4
ROW = 22
"""Pixels of one offering."""
FILL = "#0d9488"
_FROM, _TO = "bookings.use.from", "bookings.use.to"


def arrive() -> None:
    """Takes the range of days from the address, when the page was opened with one."""
    pairs = address.query_on_arrival(["from", "to"])
    if pairs is None:
        return
    given = dict(pairs)
    days = [_day(given.get(key, "")) for key in ("from", "to")]
    if days[0] is not None and days[1] is not None:
        st.session_state[_FROM], st.session_state[_TO] = sorted(filter(None, days))


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2100 else None


def query() -> list[tuple[str, str]]:
    """The range of days as pairs for the address, where it was chosen."""
    days = [(key, st.session_state.get(name)) for key, name in (("from", _FROM), ("to", _TO))]
    chosen = [(key, day.isoformat()) for key, day in days if isinstance(day, date)]
    standard = [("from", _standard()[0].isoformat()), ("to", _standard()[1].isoformat())]
    return [] if chosen == standard else chosen


def _standard() -> tuple[date, date]:
    """From this week's Monday on."""
    today = loading.now().date()
    monday = monday_of(today)
    return monday, monday + timedelta(days=7 * WEEKS - 1)


def show(opened: Opened) -> None:
    """Draws the tab."""
    first, last = _choose()
    zone = loading.zone_name()
    if last < first:
        st.info("The range ends before it begins.", icon=":material/date_range:")
        return
    if (last - first).days >= MOST_DAYS:
        last = first + timedelta(days=MOST_DAYS - 1)
        st.caption(
            f"At most {MOST_DAYS} days are worked out: until {loading.day_words(last)} here."
        )
    uses = opened.worked_out(
        "utilisation", (first, last, zone), lambda: _work_out(opened, first, last, zone)
    )
    quiet = len(opened.offerings()) - len({use.offering_uuid for use in uses})
    if not uses:
        st.info("None of these bookings takes time in this range.", icon=":material/event:")
        return
    frame = opened.worked_out(
        "utilisation table", (first, last, zone), lambda: utilisation_frame(uses)
    )
    busiest = frame.head(MOST_OFFERINGS)
    said = sentence(len(busiest), len(frame), "offerings")
    words = f"The busiest {said}." if len(busiest) < len(frame) else f"{said[0].upper()}{said[1:]}."
    if quiet > 0:
        words += f" {quiet:,} more {'has' if quiet == 1 else 'have'} no booking in this range."
    st.text(words)
    _show_map(busiest, uses)
    st.caption(_what_is_counted(zone))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader("In figures", anchor=False, width="stretch")
        export_buttons.show(
            frame,
            UTILISATION_COLUMNS,
            name="utilisation",
            note=f"{opened.note}; {first} to {last}",
            key="bookings.use",
        )
    tables.show_offerings(
        frame,
        UTILISATION_COLUMNS,
        [column.key for column in UTILISATION_COLUMNS if column.shown],
        key="bookings.use",
        row="offering_uuid",
        uuid="offering_uuid",
        name="offering",
        extra=[("tab", "Bookings")],
    )


def _choose() -> tuple[date, date]:
    first, last = _standard()
    st.session_state.setdefault(_FROM, first)
    st.session_state.setdefault(_TO, last)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for label, name in (("From", _FROM), ("To", _TO)):
            with st.container(width=150):
                st.date_input(label, key=name, format="YYYY-MM-DD", persist_state="session")
    chosen = [st.session_state.get(name) for name in (_FROM, _TO)]
    return (
        chosen[0] if isinstance(chosen[0], date) else first,
        chosen[1] if isinstance(chosen[1], date) else last,
    )


def _work_out(opened: Opened, first: date, last: date, zone: str) -> list[Use]:
    days = days_between(first, last, ZoneInfo(zone))
    return utilisation(opened.times(), days, opened.listed.windows, opened.listed.read_at)


def _what_is_counted(zone: str) -> str:
    hours = (
        "Of offerings whose availability is known its hours are available from tomorrow on, of "
        "others and before that the whole day."
        if st.session_state.get(booking_desk.SINGLE)
        else "The whole day is available; switch on Google's busy times and availability to "
        "measure by the hours recorded."
    )
    return (
        f"Days are those of {zone}. Bookings shown that are accepted, wait for an answer or are "
        f"being changed count, those at the same time once. {hours}"
    )


def _show_map(busiest: pd.DataFrame, uses: list[Use]) -> None:
    """A square an offering and day; the table below has the figures."""
    uuids = busiest["offering_uuid"].tolist()
    labels = dict(zip(uuids, price_charts.distinct(busiest["offering"].tolist()), strict=True))
    data: list[dict[str, Any]] = [
        {
            "offering": labels[use.offering_uuid],
            "day": use.day.isoformat(),
            "label": f"{use.day.day} {use.day:%b}",
            "words": f"{use.day:%A} {loading.day_words(use.day)}",
            "share": use.share,
            "hours": f"{use.booked:g} of {use.available:g} h",
        }
        for use in uses
        if use.offering_uuid in labels
    ]
    days = sorted({each["day"] for each in data})
    every = max(1, len(days) // 14)
    st.vega_lite_chart(
        {
            "height": {"step": ROW},
            "data": {"values": data},
            "mark": {"type": "rect", "stroke": "#88888855", "strokeWidth": 1},
            "encoding": {
                "x": {
                    "field": "day", "type": "ordinal", "title": None,
                    "axis": {
                        "values": days[::every], "labelAngle": 0, "labelOverlap": True,
                        "labelExpr": "timeFormat(toDate(datum.value + 'T12:00'), '%-d %b')",
                        "orient": "top",
                    },
                },
                "y": {
                    "field": "offering", "type": "nominal", "title": None,
                    "sort": list(labels.values()),
                    "axis": {"labelLimit": 260, "labelOverlap": False, "labelFlush": False},
                },
                # Nothing booked is the page itself, in light and in dark.
                "color": {
                    "field": "share", "type": "quantitative",
                    "scale": {"domain": [0, 1], "range": [f"{FILL}00", FILL]},
                    "legend": {"title": "Booked", "format": ".0%", "orient": "bottom"},
                },
                "tooltip": [
                    {"field": "offering", "type": "nominal", "title": "Offering"},
                    {"field": "words", "type": "nominal", "title": "Day"},
                    {"field": "share", "type": "quantitative", "title": "Booked", "format": ".0%"},
                    {"field": "hours", "type": "nominal", "title": "Hours"},
                ],
            },
        },
        width="stretch",
        key="bookings.use.chart",
    )  # fmt: skip
