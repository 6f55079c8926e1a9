"""A list that is narrowed: what its sentence, its empty state and its files may claim."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import MappingProxyType

import pytest
from streamlit.testing.v1 import AppTest

from bookings.portfolio import GroupState, Snapshot
from bookings.waldur.models import Offering

SECONDS = 30.0
AS_OF = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
ROWS = tuple(Offering(uuid=f"{number:032x}", name=f"Lab {number}") for number in range(3))
COMING = GroupState("loading", done=3, total=900)
THERE = GroupState("loaded", done=3, total=3, as_of=AS_OF)


def _script() -> None:
    import streamlit as st

    from bookings.filters import OFFERING_FILTERS
    from bookings.frames import OFFERING_COLUMNS, offerings_frame
    from components import filtered_list

    snapshot = st.session_state["snapshot"]
    view = filtered_list.View("offerings", "offerings", OFFERING_COLUMNS, OFFERING_FILTERS)
    narrowed = filtered_list.narrow(view, snapshot, offerings_frame(snapshot))
    st.session_state["note"] = narrowed.note


@pytest.fixture
def draw() -> Callable[..., AppTest]:
    """Draws the list of a portfolio at one moment, searched for a text."""

    def drawn(light: GroupState, search: str = "") -> AppTest:
        at = AppTest.from_function(_script, default_timeout=SECONDS)
        at.session_state["snapshot"] = Snapshot(
            1, 1, ROWS, groups=MappingProxyType({"light": light})
        )
        at.run()
        if search:
            at.text_input[0].set_value(search).run()

        assert not at.exception, [each.value for each in at.exception]
        return at

    return drawn


def test_a_list_that_is_there(draw: Callable[..., AppTest]) -> None:
    """It is counted, dated, and can be had as a file."""
    at = draw(THERE)

    assert at.text[0].value == "3 offerings"
    assert at.session_state["note"] == "3 offerings, as of 2026-03-01 08:30:00"
    assert [each.disabled for each in at.get("download_button")] == [False, False]


def test_a_list_that_still_comes_says_so(draw: Callable[..., AppTest]) -> None:
    """A part is not counted as all, has no age, and no file is made of it."""
    at = draw(COMING)

    assert at.text[0].value == "3 offerings (more are being read)"
    assert at.session_state["note"] == "3 offerings (more are being read)"
    assert [each.disabled for each in at.get("download_button")] == [True, True]


@pytest.mark.parametrize(
    ("light", "words"),
    [(THERE, "No offerings fit"), (COMING, "None of the offerings read so far fit")],
)
def test_nothing_is_left(draw: Callable[..., AppTest], light: GroupState, words: str) -> None:
    """Where more is to come, nobody says that there is none."""
    at = draw(light, "no such lab")

    assert [each.value for each in at.info] == [f"{words} these filters."]
