"""Points of a map: how many offerings each stands for, and which of them are chosen."""

import json
from collections.abc import Sequence
from typing import Any

from streamlit.testing.v1 import AppTest

from components import offering_map

COPENHAGEN, LUND, LISBON = (55.6761, 12.5683), (55.7047, 13.191), (38.7223, -9.1393)
FIELDS = ("towards_middle", "title", "detail")
Row = tuple[str, str, tuple[float, float]]
FOUR: tuple[Row, ...] = (
    ("a", "Active", COPENHAGEN),
    ("b", "Paused", LUND),
    ("c", "Active", LISBON),
    ("d", "Active", COPENHAGEN),
)


def screen() -> None:
    """The map, and what is chosen on it."""
    import pandas as pd
    import streamlit as st

    from components import offering_map

    rows = st.session_state["rows"]
    frame = pd.DataFrame(
        {
            "uuid": [uuid for uuid, _, _ in rows],
            "name": [f"Offering {uuid}" for uuid, _, _ in rows],
            "state": [state for _, state, _ in rows],
            "latitude": [latitude for _, _, (latitude, _) in rows],
            "longitude": [longitude for _, _, (_, longitude) in rows],
            "placement": [st.session_state.get("placement", "on_map")] * len(rows),
        }
    )
    offering_map.show_fit(frame[frame["latitude"] > 50], key="map")
    st.text(", ".join(sorted(offering_map.show(frame, key="map"))))


def opened(rows: Sequence[Row] = FOUR) -> AppTest:
    """The screen with these offerings."""
    app = AppTest.from_function(screen)
    app.session_state["rows"] = rows
    return app.run()


def places(app: AppTest) -> list[dict[str, Any]]:
    """The points as they go to the browser."""
    deck = json.loads(app.get("deck_gl_json_chart")[0].proto.json)
    (layer,) = (each for each in deck["layers"] if each["id"] == "places")
    found: list[dict[str, Any]] = layer["data"]
    return found


def tooltip(app: AppTest) -> dict[str, Any]:
    """The text into which the browser puts the fields of a point, and its style."""
    found: dict[str, Any] = json.loads(app.get("deck_gl_json_chart")[0].proto.tooltip)
    return found


def choose(app: AppTest, number: int) -> AppTest:
    """What a click on a point sends."""
    app.session_state["map.0"] = {
        "selection": {"indices": {"places": [number]}, "objects": {"places": [places(app)[number]]}}
    }
    return app.run()


def test_neighbours_are_one_point_that_says_what_it_is() -> None:
    """With the number of its offerings, by their state."""
    near, alone = places(opened())

    assert near["title"] == "3 offerings here"
    assert near["detail"] == "2 Active, 1 Paused: Offering a, Offering b, Offering d"
    assert (alone["title"], alone["detail"]) == ("Offering c", "Active")


def test_the_legend_counts_offerings_only() -> None:
    """Its numbers add up to what is on the map."""
    app = opened()
    badges = " ".join(each.value for each in app.markdown)

    assert "Active 3" in badges
    assert "Paused 1" in badges
    assert offering_map.SEVERAL in [each.value for each in app.caption]


def test_a_point_has_the_colour_of_most_and_a_ring_of_the_next() -> None:
    """Where a draft or a paused one stands among others is seen on the map."""
    near, alone = places(opened())

    assert near["colour"] == alone["colour"] == list(offering_map.COLOURS["Active"][1])
    assert (near["ring"], alone["ring"]) == (
        list(offering_map.COLOURS["Paused"][1]),
        list(offering_map.NO_RING),
    )


def test_the_tooltip_opens_towards_the_middle_of_the_map() -> None:
    """The map's edge would cut it off."""
    near, alone = places(opened())

    assert near["towards_middle"] == "right:12px;top:12px"
    assert alone["towards_middle"] == "left:12px;bottom:12px"
    assert all(f"{{{field}}}" in tooltip(opened())["html"] for field in FIELDS)


def test_a_name_with_braces_takes_no_field_in() -> None:
    """Streamlit puts the fields in one after the other, and looks into the ones before."""
    for other in (LISBON, COPENHAGEN):
        rows = [("{detail}", "Active", COPENHAGEN), ("b", "Active", other)]
        point = places(opened(rows))[0]
        html = tooltip(opened())["html"]
        for field in FIELDS:
            html = html.replace(f"{{{field}}}", str(point[field]), 1)

        assert "Offering {\u200bdetail}" in html
        assert html.endswith("</div>")
        assert "{detail}" not in html


def test_choosing_a_point_chooses_all_its_offerings() -> None:
    """Those that share it."""
    assert choose(opened(), 0).text[-1].value == "a, b, d"


def test_a_point_chosen_is_let_go_of_when_the_points_are_others() -> None:
    """The browser would keep its position, at which another point is now."""
    app = choose(opened(), 1)
    assert app.text[-1].value == "c"
    app.session_state["rows"] = FOUR[1:]
    app.run()

    assert app.text[-1].value == ""
    assert app.session_state["map.drawn"][0] == 1


def test_doubtful_places_alone_are_shown_and_leave_no_view_behind() -> None:
    """The map shows where they are said to be; the view of the others is still to be found."""
    app = AppTest.from_function(screen)
    app.session_state["rows"] = FOUR[:2]
    app.session_state["placement"] = "swapped"
    app.run()
    assert len(places(app)) == 2
    assert "map.view" not in app.session_state

    app.session_state["rows"] = FOUR
    app.session_state["placement"] = "on_map"
    app.run()
    assert len(places(app)) == len(places(opened()))


def test_fitting_takes_points_apart() -> None:
    """Closer by, neighbours have room for a point each; nothing is chosen any more."""
    app = choose(opened(), 0)
    app.button(key="map.Fit to view").click().run()

    assert [each["title"] for each in places(app)] == [
        "2 offerings here",
        "Offering b",
        "Offering c",
    ]
    assert app.text[-1].value == ""
