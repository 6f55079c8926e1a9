"""Offerings on a map that needs no internet: land and points, nothing from another host."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import pandas as pd
import pydeck as pdk
import streamlit as st

from bookings.marks import Mark, View, around, marks
from bookings.places import Placement
from components.literal import literal
from components.tables import fingerprint

LAND = "/app/static/world.geojson"
COLOURS: dict[str, tuple[Any, tuple[int, int, int]]] = {
    "Active": ("green", (22, 150, 94)),
    "Draft": ("gray", (128, 138, 148)),
    "Paused": ("orange", (224, 133, 20)),
    "Archived": ("violet", (125, 91, 196)),
    "Unavailable": ("red", (205, 60, 60)),
}
OTHER = ("yellow", (196, 164, 20))
"""For a state this product does not know."""
SEVERAL = "Ring: the second most frequent state there"
NO_RING = (255, 255, 255)
HEIGHT = 520
DOT_FIELDS = (
    "site", "position", "title", "detail", "towards_middle", "radius", "colour", "ring", "edge",
)  # fmt: skip
"""What the browser needs of a point; every changed map is sent whole."""
# The map's element cuts off what leaves it, and deck.gl puts the element of a tooltip right and
# down of the mouse. Streamlit escapes the fields that it puts into this text, each in turn.
TOOLTIP = {
    "html": '<div style="position:absolute;{towards_middle};box-sizing:border-box;width:200px;'
    "padding:8px 10px;border-radius:4px;font-size:13px;line-height:1.35;overflow-wrap:anywhere;"
    'color:#f4f6f8;background:#29323c"><b>{title}</b><br>{detail}</div>',
    "style": {"padding": 0, "width": "1px", "height": "1px", "background": "none"},
}
NAMES_IN_TOOLTIP = 4
LABEL_SIGNS = 60
SMALLEST, LARGEST, GROWTH = 5, 18, 2.5
"""Pixels of a radius: of one offering, of very many together, and added by twice as many; a
number of four digits has room in the largest."""
NARROWEST = 440
"""Pixels that the map is wide at least; what does not fit beside it then goes below it."""
LIGHT_LAND, DARK_LAND = (222, 228, 231), (44, 57, 69)
LIGHT_BORDER, DARK_BORDER = (255, 255, 255), (16, 22, 28)


class CompactDeck(pdk.Deck):
    """pydeck writes JSON with indents, which makes it five times as long on the wire."""

    def to_json(self) -> str:
        """The deck as JSON without a space too many."""
        return json.dumps(json.loads(super().to_json()), separators=(",", ":"))


def show(frame: pd.DataFrame, *, key: str, height: int = HEIGHT, choose: bool = True) -> list[str]:
    """Draws the offerings of a map frame; gives the uuids at the points a person has chosen.

    Offerings that would cover each other are one point, with their number on it. That is judged
    at the zoom the map was fitted to: what a person does with the mouse is not known here.
    """
    view: View = st.session_state.get(f"{key}.view") or _around(frame, height)
    if not _sure(frame).empty:  # a view of nothing else is none to stay with
        st.session_state[f"{key}.view"] = view
    points = _points(frame, view)
    dark = st.context.theme.type == "dark"
    deck = CompactDeck(
        layers=[_land(dark), _dots(points), _counts(points)],
        initial_view_state=pdk.ViewState(**asdict(view)),
        # Nothing is fetched: Streamlit's usual base map comes from another host.
        map_provider=None,
        tooltip=TOOLTIP,
    )
    _legend(points)
    chart = _chart(key, points)
    alt = f"Map with {len(frame)} offerings at {len(points)} points"
    if not choose:
        st.pydeck_chart(deck, height=height, key=chart, alt=alt)
        return []
    event = st.pydeck_chart(
        deck, height=height, key=chart, alt=alt, on_select="rerun", selection_mode="multi-object"
    )
    chosen = {each["site"] for each in event["selection"]["objects"].get("places", [])}
    uuids = {point["site"]: point["uuids"] for point in points}
    return [uuid for site in chosen for uuid in uuids.get(site, [])]


def show_fit(
    frame: pd.DataFrame, *, key: str, label: str = "Fit to view", height: int = HEIGHT
) -> None:
    """A button that moves the map to these offerings, with nothing chosen any more."""
    st.button(
        label,
        icon=":material/fit_screen:",
        key=f"{key}.{label}",
        on_click=_move,
        args=(key, _around(frame, height)),
    )


def _move(key: str, view: View) -> None:
    st.session_state[f"{key}.view"] = view
    number, _ = st.session_state.get(f"{key}.drawn", (0, ""))
    # The browser ignores a view that it was given before, though the mouse has moved it since.
    st.session_state[f"{key}.drawn"] = number + 1, ""


def _chart(key: str, points: Sequence[dict[str, Any]]) -> str:
    """The key of the chart: another one when points were chosen that are others now.

    Streamlit keeps the positions of what was chosen, as in a table. While nothing is chosen the
    key stays, because a chart of another key forgets where a person has moved it.
    """
    number, before = st.session_state.get(f"{key}.drawn", (0, ""))
    now = fingerprint([uuid for point in points for uuid in (point["site"], *point["uuids"])])
    state = st.session_state.get(f"{key}.{number}", {})
    if now != before and state.get("selection", {}).get("indices"):
        number += 1
    st.session_state[f"{key}.drawn"] = number, now
    return f"{key}.{number}"


def _points(frame: pd.DataFrame, view: View) -> list[dict[str, Any]]:
    names, states, uuids = (frame[column].tolist() for column in ("name", "state", "uuid"))
    points = []
    for mark in marks(_places(frame), view.zoom, _radius):
        here = [names[index] for index in mark.indices]
        # Of equally frequent states the one that stands first in COLOURS counts as more.
        by_state = Counter(sorted((states[index] for index in mark.indices), key=_rank))
        most, *others = (state for state, _ in by_state.most_common())
        count = len(mark.indices)
        points.append(
            {
                "site": f"{mark.latitude:.4f},{mark.longitude:.4f}",
                "position": [mark.longitude, mark.latitude],
                "title": _short(here[0]) if count == 1 else f"{count} offerings here",
                "detail": _said(by_state) if count == 1 else f"{_said(by_state)}: {_some(here)}",
                "towards_middle": _towards_middle(mark, view),
                "states": by_state,
                "count": count,
                "label": str(count) if count > 1 else "",
                "radius": _radius(count),
                "colour": list(_look(most)[1]),
                "ring": list(_look(others[0])[1] if others else NO_RING),
                "edge": 4 if others else 1,
                "uuids": [uuids[index] for index in mark.indices],
            }
        )
    return points


def _towards_middle(mark: Mark, view: View) -> str:
    """Which way the tooltip of a mark opens: where half of the map is left for it."""
    aside = "right" if mark.longitude > view.longitude else "left"
    upright = "bottom" if mark.latitude < view.latitude else "top"
    return f"{aside}:12px;{upright}:12px"


def _places(frame: pd.DataFrame) -> list[tuple[float, float]]:
    return list(zip(frame["latitude"].tolist(), frame["longitude"].tolist(), strict=True))


def _radius(count: int) -> float:
    return min(SMALLEST + GROWTH * math.log2(count), LARGEST)


def _rank(state: str) -> tuple[int, str]:
    names = list(COLOURS)
    return (names.index(state) if state in names else len(names), state)


def _said(by_state: Counter[str]) -> str:
    if len(by_state) == 1:
        return next(iter(by_state))
    return ", ".join(f"{count} {state}" for state, count in by_state.most_common())


def _look(state: str) -> tuple[Any, tuple[int, int, int]]:
    return COLOURS.get(state, OTHER)


def _short(name: str) -> str:
    # Else a name that holds "{detail}" would get the detail put into it.
    return name.strip()[:LABEL_SIGNS].replace("{", "{\u200b") or "Unnamed offering"


def _some(names: Sequence[str]) -> str:
    listed = ", ".join(_short(name) for name in names[:NAMES_IN_TOOLTIP])
    more = len(names) - NAMES_IN_TOOLTIP
    return f"{listed} and {more} more" if more > 0 else listed


def _land(dark: bool) -> pdk.Layer:
    return pdk.Layer(
        "GeoJsonLayer",
        LAND,
        id="land",
        stroked=True,
        filled=True,
        get_fill_color=list(DARK_LAND if dark else LIGHT_LAND),
        get_line_color=list(DARK_BORDER if dark else LIGHT_BORDER),
        line_width_min_pixels=0.6,
    )


def _dots(points: Sequence[dict[str, Any]]) -> pdk.Layer:
    return pdk.Layer(
        "ScatterplotLayer",
        [{name: point[name] for name in DOT_FIELDS} for point in points],
        id="places",
        pickable=True,
        auto_highlight=True,
        stroked=True,
        get_position="position",
        get_fill_color="colour",
        get_line_color="ring",
        get_line_width="edge",
        line_width_units="'pixels'",
        get_radius="radius",
        radius_units="'pixels'",
        opacity=0.85,
    )


def _counts(points: Sequence[dict[str, Any]]) -> pdk.Layer:
    return pdk.Layer(
        "TextLayer",
        [{k: point[k] for k in ("position", "label")} for point in points if point["label"]],
        id="counts",
        get_position="position",
        get_text="label",
        get_size=12,
        get_color=[255, 255, 255],
        font_weight="'bold'",
    )


def _around(frame: pd.DataFrame, height: int) -> View:
    """A view of the offerings at believable places; the others can be half a world away.

    Of all of them where none is at a believable place.
    """
    sure = _sure(frame)
    return around(_places(frame if sure.empty else sure), NARROWEST, height)


def _sure(frame: pd.DataFrame) -> pd.DataFrame:
    return frame[frame["placement"] == Placement.ON_MAP.value]


def _legend(points: Sequence[dict[str, Any]]) -> None:
    counts = sum((point["states"] for point in points), Counter[str]())
    with st.container(horizontal=True, gap="small"):
        for state, count in counts.most_common():
            st.badge(f"{literal(state or 'no state')} {count:,}", color=_look(state)[0])
        if any(len(point["states"]) > 1 for point in points):
            st.caption(SEVERAL)
