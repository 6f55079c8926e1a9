"""How far the data is: nothing blank, nothing frozen, nothing untrue."""

from collections.abc import Callable
from datetime import UTC, datetime
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bookings.portfolio import GroupState, Snapshot
from bookings.waldur.errors import Busy, Gone, TooSlow
from bookings.waldur.models import Offering, Person, Unreadable

EARLY = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
LATE = datetime(2026, 3, 1, 9, 45, tzinfo=UTC)
ROWS = tuple(Offering(uuid=f"{number:032x}", name=f"Offering {number}") for number in range(3))
Draw = Callable[..., AppTest]


def _script() -> None:
    import streamlit as st

    from components import loading

    snapshot = loading.show(st.session_state["who"], *st.session_state["groups"])
    st.text(f"{len(snapshot.offerings)} rows")


class Fake:
    """A portfolio that stays as it is."""

    signed_out = False

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.wanted: list[tuple[str, ...]] = []
        self.refreshed = 0

    def want(self, *groups: str) -> None:
        """Noted."""
        self.wanted.append(groups)

    def refresh(self) -> None:
        """Noted."""
        self.refreshed += 1

    def snapshot(self) -> Snapshot:
        """What there is."""
        return self._snapshot

    def wait(self, until: Callable[[Snapshot], bool], seconds: float) -> Snapshot:
        """What there is, at once."""
        assert seconds <= 1
        return self._snapshot


def snapshot(
    *rows: Offering, read_only: frozenset[str] = frozenset(), **groups: GroupState
) -> Snapshot:
    """A portfolio at one moment."""
    return Snapshot(1, 1, rows, read_only, MappingProxyType(groups))


def loaded(as_of: datetime = LATE, **more: Any) -> GroupState:
    """A group that is there."""
    return GroupState("loaded", done=3, total=3, as_of=as_of, **more)


@pytest.fixture
def draw() -> Draw:
    """Draws the status of a portfolio and the page below it."""

    def drawn(what: Snapshot, *groups: str, person: Person | None = None) -> AppTest:
        at = AppTest.from_function(_script)
        at.session_state["who"] = SimpleNamespace(
            portfolio=Fake(what), person=person or Person(uuid="0" * 32, is_staff=True)
        )
        at.session_state["groups"] = groups
        at.run()

        assert not at.exception, [each.value for each in at.exception]
        return at

    return drawn


def page(at: AppTest) -> list[str]:
    """What the page below shows."""
    return [each.value for each in at.main.text if each.value.endswith("rows")]


def plain(text: str) -> str:
    """What a reader sees of an escaped text."""
    return text.replace("\\", "").replace("\u200b", "")


def test_before_anything_has_come(draw: Draw) -> None:
    """A bar that says what is coming, and no page that says there is nothing."""
    at = draw(snapshot(light=GroupState("loading", done=300, total=1200)), "plans")

    assert page(at) == []
    (bar,) = at.get("progress")
    assert bar.proto.text.startswith("Loading offerings 300 of 1,200")
    assert at.session_state["who"].portfolio.wanted == [("plans",)]


def test_the_page_is_there_while_a_group_still_comes(draw: Draw) -> None:
    """With how much of it has come; it cannot be refreshed meanwhile."""
    plans = GroupState("loading", done=1, total=3)
    at = draw(snapshot(*ROWS, light=loaded(), plans=plans), "plans")

    assert page(at) == ["3 rows"]
    (bar,) = at.get("progress")
    assert bar.proto.text == "Loading plans and prices 1 of 3 …"
    assert bar.proto.value == 66
    assert at.button[0].disabled


def test_a_part_of_a_list_is_called_one(draw: Draw) -> None:
    """Nobody takes the first rows for all of them, nor the rows of a Refresh for a part."""
    part = "What stands below is of the first ones."
    first = draw(snapshot(*ROWS, light=GroupState("loading", done=3, total=9)))
    again = draw(snapshot(*ROWS, light=GroupState("loading", done=0, total=9, as_of=LATE)))

    assert [part in each.proto.text for each in first.get("progress")] == [True]
    assert [part in each.proto.text for each in again.get("progress")] == [False]


def test_a_length_that_nobody_knows(draw: Draw) -> None:
    """No figure is made up."""
    at = draw(snapshot(*ROWS, light=loaded(), plans=GroupState("loading", done=7)), "plans")

    assert at.get("progress")[0].proto.text == "Loading plans and prices …"


def test_more_than_was_counted_is_no_error(draw: Draw) -> None:
    """Rows can be added while a list is read."""
    plans = GroupState("loading", done=9, total=3)
    at = draw(snapshot(*ROWS, light=loaded(), plans=plans), "plans")

    assert at.get("progress")[0].proto.value == 100


def test_the_age_is_that_of_the_oldest(draw: Draw) -> None:
    """A page is as old as the oldest thing on it; what it does not show does not count."""
    what = snapshot(*ROWS, light=loaded(LATE), plans=loaded(EARLY))

    assert draw(what, "plans").caption[0].value == "Offerings as of 08:30"
    assert draw(what).caption[0].value == "Offerings as of 09:45"


def test_refresh(draw: Draw) -> None:
    """Once for each press."""
    at = draw(snapshot(*ROWS, light=loaded()))

    assert not at.button[0].disabled
    at.button[0].click().run()
    assert at.session_state["who"].portfolio.refreshed == 1
    assert page(at) == ["3 rows"]


def test_a_group_that_failed_says_so_and_leaves_the_page(draw: Draw) -> None:
    """What is missing, why, and what to do."""
    at = draw(snapshot(*ROWS, light=loaded(), plans=GroupState("failed", error=Busy())), "plans")

    assert page(at) == ["3 rows"]
    assert [plain(each.value) for each in at.error] == [
        f"The plans and prices could not be loaded. {Busy.what} {Busy.next_step}"
    ]
    assert not at.get("progress")


def test_a_list_that_is_nowhere_is_no_lost_offering(draw: Draw) -> None:
    """404 of the list is about the server, not about one offering."""
    failed = GroupState("failed", error=Gone(status=404))
    (told,) = draw(snapshot(light=failed)).error

    assert "no such offering" not in told.value
    assert "whether bookings are switched on" in told.value


def test_old_rows_are_called_old(draw: Draw) -> None:
    """After a refresh that failed."""
    at = draw(snapshot(*ROWS, light=GroupState("failed", as_of=EARLY, error=TooSlow())))

    assert page(at) == ["3 rows"]
    assert "What is shown is older." in plain(at.error[0].value)
    assert at.caption[0].value == "Offerings as of 08:30"


def test_a_list_that_failed_is_no_empty_list(draw: Draw) -> None:
    """The page that would say so is not drawn; one sentence tells, not one for each group."""
    failed = GroupState("failed", error=TooSlow())
    at = draw(snapshot(light=failed, plans=failed), "plans")

    assert page(at) == []
    assert len(at.error) == 1
    assert not at.button[0].disabled


def test_an_empty_list_is_drawn(draw: Draw) -> None:
    """Nothing to see is an answer; the page explains it."""
    assert page(draw(snapshot(light=loaded()))) == ["0 rows"]


def test_what_the_server_keeps_back_is_told(draw: Draw) -> None:
    """It counts more than it lists."""
    at = draw(snapshot(*ROWS, light=loaded(missing=1234)))

    assert "1,234 more offerings" in at.warning[0].value


def test_a_list_without_an_end_is_told(draw: Draw) -> None:
    """Nobody knows how many there are."""
    (told,) = draw(snapshot(*ROWS, light=loaded(ended=False))).warning

    assert "there may be more" in told.value


@pytest.mark.parametrize(("count", "label"), [(1, "1 offering could"), (150, "150 offerings")])
def test_what_cannot_be_read_is_named(draw: Draw, count: int, label: str) -> None:
    """By name or else by uuid, with the reason, as text; very many are counted only."""
    bad = tuple(
        Unreadable("f" * 32, "**loud** :red[x]", "Field <b>x</b>: no.") for _ in range(count)
    )
    at = draw(snapshot(*ROWS, light=loaded(unreadable=bad)))
    (box,) = at.expander

    assert box.label.startswith(label)
    assert len(box.markdown) == min(count, 100)
    assert box.markdown[0].value == (
        "- \\*\\*loud\\*\\* :\u200bred\\[x\\]: Field \\<b\\>x\\</b\\>:\u200b no\\."
    )


def test_rows_that_may_only_be_read_are_explained(draw: Draw) -> None:
    """Which role shows them, and which would allow more."""
    at = draw(
        snapshot(*ROWS, light=loaded(), read_only=frozenset(each.uuid for each in ROWS)),
        person=Person(uuid="0" * 32),
    )

    assert "may read 3 booking offerings" in at.caption[1].value
