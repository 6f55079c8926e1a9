"""Who asks, what they may keep, and that nobody finds what another person left."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bookings.desk import Desk
from bookings.settings import Settings
from bookings.sign_ins import SignIn
from bookings.waldur.client import ServerFacts, WaldurClient
from bookings.waldur.models import Person
from components import session

SERVER = "https://waldur.example/"


def _script() -> None:
    import streamlit as st

    from components import session

    who = session.require()
    st.text(f"{who.person.username} was left: {st.session_state.get('left', 'nothing')}")


class Empty:
    """A portfolio in which nothing happens."""

    signed_out = False

    def stop(self) -> None:
        """Nothing to stop."""


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """A desk in place of the process's own, at which nobody is signed in."""
    database = f"sqlite:///{tmp_path / 'desk.sqlite'}"
    desk = Desk(Settings(waldur_api_url=SERVER, database_url=database, _env_file=None))
    session.install(desk, identify=lambda: None)
    yield desk
    session.install(None)
    desk.close()


@pytest.fixture
def sign_in(desk: Desk) -> Callable[[str], SignIn]:
    """Signs somebody in; from then on it is they who ask."""

    def begin(username: str) -> SignIn:
        portfolio: Any = Empty()
        person = Person(uuid="0" * 32, username=username)
        client = WaldurClient(SERVER, "0123456789abcdef")
        who = desk.sign_ins.begin(client, person, ServerFacts("", ""), portfolio)
        session.install(desk, identify=lambda: who.id)
        return who

    return begin


def said(at: AppTest) -> list[str]:
    """What the page shows."""
    assert not at.exception

    return [each.value for each in at.text]


def test_a_page_ends_where_nobody_is_signed_in(desk: Desk) -> None:
    """The second lock: even a page that runs without the shell shows nothing."""
    at = AppTest.from_function(_script).run()

    assert said(at) == []
    assert "Sign in" in at.info[0].value


def test_what_a_person_left_in_a_tab_is_theirs(sign_in: Callable[[str], SignIn]) -> None:
    """It is there at their next click, and gone before the first sight of another person."""
    sign_in("first")
    at = AppTest.from_function(_script).run()
    at.session_state["left"] = "a search"

    assert said(at.run()) == ["first was left: a search"]
    sign_in("second")
    assert said(at.run()) == ["second was left: nothing"]


def test_who_signs_in_again_finds_nothing_old_either(
    sign_in: Callable[[str], SignIn], desk: Desk
) -> None:
    """In between the tab shows nothing, and knows that somebody was there."""
    first = sign_in("first")
    at = AppTest.from_function(_script).run()
    at.session_state["left"] = "a search"
    desk.sign_ins.end(first.id)

    assert said(at.run()) == []
    sign_in("first")
    assert said(at.run()) == ["first was left: nothing"]


def test_a_tab_knows_its_server_when_the_sign_in_is_over(
    sign_in: Callable[[str], SignIn], desk: Desk
) -> None:
    """The form in place of its page is about no other server."""

    def script() -> None:
        import streamlit as st

        from components import session

        session.current()
        st.text(str(session.server_before()))

    at = AppTest.from_function(script)
    assert said(at.run()) == ["None"]
    first = sign_in("first")
    assert said(at.run()) == [first.server]
    desk.sign_ins.end(first.id)

    assert said(at.run()) == [first.server]


def test_what_was_worked_out_is_kept_until_it_changes(sign_in: Callable[[str], SignIn]) -> None:
    """Once for each version and name, and by nobody else's sign-in."""
    first, second = sign_in("first"), sign_in("second")
    made: list[str] = []

    def work_out(what: str) -> Callable[[], str]:
        return lambda: made.append(what) or what

    assert session.worked_out(first, "rows", 1, work_out("a")) == "a"
    assert session.worked_out(first, "rows", 1, work_out("b")) == "a"
    assert session.worked_out(second, "rows", 1, work_out("c")) == "c"
    assert session.worked_out(first, "plans", 1, work_out("d")) == "d"
    assert session.worked_out(first, "rows", 2, work_out("e")) == "e"
    assert made == ["a", "c", "d", "e"]


def test_there_is_one_desk(desk: Desk) -> None:
    """The one that was put in place."""
    assert session.desk() is session.desk() is desk
