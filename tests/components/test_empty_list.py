"""A list in which nothing stands: a server is called empty only where it is."""

from collections.abc import Callable
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bookings.portfolio import GroupState, Snapshot
from bookings.waldur.errors import Busy
from bookings.waldur.models import Offering, Person, Unreadable

EMPTY = "This server has no booking offering yet."
NOT_LISTED = "The server lists no booking offering for you."
ODD = Unreadable("f" * 32, "Odd", "Field name: no.")
Draw = Callable[..., str]


def _script() -> None:
    import streamlit as st

    from components import empty_list

    snapshot = st.session_state["snapshot"]
    if snapshot.offerings:
        empty_list.explain_none(snapshot, "plans", "plan", icon=":material/sell:")
    else:
        empty_list.explain(st.session_state["who"], snapshot)


@pytest.fixture
def draw() -> Draw:
    """What is said about these groups to a person."""

    def drawn(*rows: Offering, is_staff: bool = True, **groups: GroupState) -> str:
        at = AppTest.from_function(_script)
        at.session_state["snapshot"] = Snapshot(1, 1, rows, groups=MappingProxyType(groups))
        at.session_state["who"] = SimpleNamespace(person=Person(uuid="0" * 32, is_staff=is_staff))
        at.run()

        assert not at.exception, [each.value for each in at.exception]
        return "\n".join(each.value for each in at.info).replace("\\", "")

    return drawn


def loaded(**more: Any) -> GroupState:
    """A group that is there."""
    return GroupState("loaded", **more)


def test_a_list_that_is_whole_and_empty(draw: Draw) -> None:
    """To staff the server is empty; others are told of their role."""
    assert draw(light=loaded()) == EMPTY
    assert NOT_LISTED in draw(light=loaded(), is_staff=False)


@pytest.mark.parametrize(
    "light",
    [
        loaded(unreadable=(ODD,)),
        loaded(missing=70),
        loaded(ended=False),
        GroupState("failed", error=Busy()),
    ],
    ids=["unreadable", "missing", "no end", "failed"],
)
@pytest.mark.parametrize("is_staff", [True, False])
def test_a_list_of_which_nothing_could_be_read(
    draw: Draw, light: GroupState, is_staff: bool
) -> None:
    """Neither the server nor the role is called empty."""
    told = draw(light=light, is_staff=is_staff)

    assert EMPTY not in told
    assert NOT_LISTED not in told
    assert "Nothing can be shown here" in told


def test_offerings_without_a_thing(draw: Draw) -> None:
    """None of yours has it, or none of those that could be read; nothing while it comes."""
    row = Offering(uuid="0" * 32)

    assert draw(row, light=loaded(), plans=loaded()) == "None of your offerings has a plan."
    for states in (
        {"light": loaded(), "plans": loaded(unreadable=(ODD,))},
        {"light": loaded(missing=1), "plans": loaded()},
    ):
        assert draw(row, **states) == "None of the offerings that could be read has a plan."
    assert not draw(row, light=loaded(), plans=GroupState("loading"))
