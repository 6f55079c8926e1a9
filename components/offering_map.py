"""Offerings on a map that needs no internet: land and points, nothing from another host."""

import json
import math
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pandas as pd
import pydeck as pdk
import streamlit as st

from bookings.places import Placement, sites
from components.literal import literal

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
SEVERAL = "Several states at one place"
MIXED = ("blue", (45, 110, 200))
HEIGHT = 520
DOT_FIELDS = ("site", "position", "title", "detail", "radius", "colour")
"""What the browser needs of a place; every changed map is sent whole."""
NAMES_IN_TOOLTIP = 6
LABEL_SIGNS = 60
SMALLEST, LARGEST = 5, 22
"""Radius of a point in pixels: one offering, and very many at one place."""
NARROWEST = 500
"""Pixels that the map is wide at least on the screens this is made for."""
CLOSEST = 11.0
LIGHT_LAND, DARK_LAND = (222, 228, 231), (44, 57, 69)
LIGHT_BORDER, DARK_BORDER = (255, 255, 255), (16, 22, 28)


class CompactDeck(pdk.Deck):
    """pydeck writes JSON with indents, which makes it five times as long on the wire."""

    def to_json(self) -> str:
        """The deck as JSON without a space too many."""
        return json.dumps(json.loads(super().to_json()), separators=(",", ":"))


def show(frame: pd.DataFrame, *, key: str, height: int = HEIGHT, choose: bool = True) -> list[str]:
    """Draws the offerings of a map frame; gives the uuids at the places a person has chosen.

    Offerings at the same place are one point, with their number on it.
    """
    points = _points(frame)
    view = st.session_state.setdefault(f"{key}.view", _around(frame, height))
    dark = st.context.theme.type == "dark"
    deck = CompactDeck(
        layers=[_land(dark), _dots(points), _counts(points)],
        initial_view_state=pdk.ViewState(**view),
        # Nothing is fetched: Streamlit's usual base map comes from another host.
        map_provider=None,
        # Only fields are put into this text, and deck.gl escapes them.
        tooltip={"html": "<b>{title}</b><br>{detail}", "style": {"fontSize": "13px"}},
    )
    _legend(frame, points)
    alt = f"Map with {len(frame)} offerings at {len(points)} places"
    if not choose:
        st.pydeck_chart(deck, height=height, key=key, alt=alt)
        return []
    event = st.pydeck_chart(
        deck, height=height, key=key, alt=alt, on_select="rerun", selection_mode="multi-object"
    )
    chosen = {each["site"] for each in event["selection"]["objects"].get("places", [])}
    uuids = {point["site"]: point["uuids"] for point in points}
    return [uuid for site in chosen for uuid in uuids.get(site, [])]


def show_fit(frame: pd.DataFrame, *, key: str, height: int = HEIGHT) -> None:
    """A button that moves the map to what is on it; the map never moves by itself."""
    if st.button("Fit to view", icon=":material/fit_screen:", key=f"{key}.fit"):
        st.session_state[f"{key}.view"] = _around(frame, height)


def _points(frame: pd.DataFrame) -> list[dict[str, Any]]:
    latitudes, longitudes = frame["latitude"].tolist(), frame["longitude"].tolist()
    names, states, uuids = (frame[column].tolist() for column in ("name", "state", "uuid"))
    points = []
    for site in sites(list(zip(latitudes, longitudes, strict=True))):
        here = [names[index] for index in site.indices]
        mixed = {states[index] for index in site.indices}
        state = mixed.pop() if len(mixed) == 1 else SEVERAL
        count = len(site.indices)
        points.append(
            {
                "site": f"{site.latitude},{site.longitude}",
                "position": [site.longitude, site.latitude],
                "title": _short(here[0]) if count == 1 else f"{count} offerings here",
                "detail": state if count == 1 else _some(here),
                "state": state,
                "count": count,
                "label": str(count) if count > 1 else "",
                "radius": min(SMALLEST + 4 * math.log2(count), LARGEST),
                "colour": list(_look(state)[1]),
                "uuids": [uuids[index] for index in site.indices],
            }
        )
    # Larger ones are drawn last, so that no single point hides a number.
    return sorted(points, key=lambda point: point["count"])


def _look(state: str) -> tuple[Any, tuple[int, int, int]]:
    return MIXED if state == SEVERAL else COLOURS.get(state, OTHER)


def _short(name: str) -> str:
    return name.strip()[:LABEL_SIGNS] or "Unnamed offering"


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
        get_line_color=[255, 255, 255],
        line_width_min_pixels=1,
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


def _around(frame: pd.DataFrame, height: int) -> dict[str, float]:
    """A view that holds the offerings at believable places; the world where there is none.

    In web Mercator the world is 512 pixels wide and high at zoom 0, twice that at zoom 1.
    """
    sure = frame[frame["placement"] == Placement.ON_MAP.value]
    if sure.empty:
        return {"latitude": 30.0, "longitude": 10.0, "zoom": 0.8}
    west, east = sure["longitude"].min(), sure["longitude"].max()
    south, north = sure["latitude"].min(), sure["latitude"].max()
    bottom, top = _mercator(south), _mercator(north)
    room = 0.8  # a margin, so that no point lies on the edge
    zoom = min(
        math.log2(room * NARROWEST / 512 * 360 / max(east - west, 0.01)),
        math.log2(room * height / 512 / max(top - bottom, 0.0001)),
    )
    middle = math.degrees(math.atan(math.sinh(math.pi * (bottom + top))))
    return {
        "latitude": middle,
        "longitude": float(west + east) / 2,
        "zoom": max(0.6, min(zoom, CLOSEST)),
    }


def _mercator(latitude: float) -> float:
    """Height above the equator as a share of the world's height."""
    radians = math.radians(max(-85.0, min(85.0, latitude)))
    return math.asinh(math.tan(radians)) / (2 * math.pi)


def _legend(frame: pd.DataFrame, points: Sequence[dict[str, Any]]) -> None:
    counts = Counter(frame["state"].tolist())
    with st.container(horizontal=True, gap="small"):
        for state, count in sorted(counts.items(), key=lambda pair: -pair[1]):
            st.badge(f"{literal(state or 'no state')} {count:,}", color=_look(state)[0])
        mixed = sum(1 for point in points if point["state"] == SEVERAL)
        if mixed:
            st.badge(f"{SEVERAL} {mixed:,}", color=MIXED[0])
