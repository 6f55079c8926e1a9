"""The sign-in form: plain HTML, nothing dynamic in it, and a sentence for each way to fail."""

from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from bookings.desk import Desk
from bookings.front_door import SIGN_IN_PATH, SIGN_OUT_PATH
from bookings.settings import Settings
from bookings.waldur.errors import (
    Forbidden,
    Gone,
    LockedOut,
    NotWaldur,
    Refused,
    SignedOut,
    Unreachable,
    WrongPassword,
)
from components import session

ONE = ("https://waldur.example/",)
TWO = (*ONE, 'https://other.example/"><script>alert(1)</script>/')
Draw = Callable[..., AppTest]


def _script() -> None:
    import streamlit as st

    from components import sign_in

    match st.session_state["part"]:
        case "form":
            sign_in.show_form()
        case "gate":
            sign_in.show_gate()
        case "sign out":
            sign_in.show_sign_out()
        case code:
            sign_in.show_problem(code)


class Forms(HTMLParser):
    """The forms of a page as tags: what is in them and nothing else."""

    def __init__(self, at: AppTest) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.html = [each.proto.html_content for each in at.get("bidi_component")]
        for each in self.html:
            self.feed(each)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Noted."""
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """The attributes of each tag of this kind."""
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture
def draw(tmp_path: Path) -> Iterator[Draw]:
    """Draws a part for a desk with these servers; nobody is signed in."""
    desks: list[Desk] = []

    def drawn(
        part: str,
        servers: tuple[str, ...] = ONE,
        *,
        before: bool = False,
        at_server: str = "",
        tried: str = "",
    ) -> AppTest:
        database = f"sqlite:///{tmp_path / 'desk.sqlite'}"
        desk = Desk(Settings(waldur_api_url=servers, database_url=database, _env_file=None))
        desks.append(desk)
        session.install(desk, identify=lambda: None)
        at = AppTest.from_function(_script)
        at.session_state["part"] = part
        if before:
            at.session_state["_sign_in_of_this_tab"] = "an earlier one"
        if at_server:
            at.session_state["_server_of_this_tab"] = at_server
        if tried:
            at.query_params["server"] = tried
        at.run()

        assert not at.exception, [each.value for each in at.exception]
        return at

    yield drawn
    session.install(None)
    for desk in desks:
        desk.close()


def test_both_ways_post_to_the_front_door(draw: Draw) -> None:
    """One form with a token, one with a password; neither gets anything by GET."""
    forms = Forms(draw("form"))

    assert [(each["action"], each["method"]) for each in forms.all("form")] == [
        (SIGN_IN_PATH, "post"),
        (SIGN_IN_PATH, "post"),
    ]
    assert [each["name"] for each in forms.all("input")] == ["token", "username", "password"]


def test_secrets_are_typed_unseen(draw: Draw) -> None:
    """The browser shows dots, offers to remember a password, and never a token."""
    kinds = {
        each["name"]: (each["type"], each["autocomplete"])
        for each in Forms(draw("form")).all("input")
    }

    assert kinds == {
        "token": ("password", "off"),
        "username": ("text", "username"),
        "password": ("password", "current-password"),
    }


def test_each_field_has_its_label(draw: Draw) -> None:
    """A screen reader and a click on the label find the field."""
    forms = Forms(draw("form"))
    ids = [each["id"] for each in forms.all("input")]

    assert len(set(ids)) == len(ids)
    assert [each["for"] for each in forms.all("label")] == ids
    assert all("required" in each for each in forms.all("input"))


def test_no_script_and_no_style_of_its_own(draw: Draw) -> None:
    """The content security policy would block them, and the theme has the colours."""
    at = draw("form", TWO)
    forms = Forms(at)

    assert {tag for tag, _ in forms.tags} <= {
        "form", "label", "input", "select", "option", "button",
    }  # fmt: skip
    assert not [name for _, each in forms.tags for name in each if name.startswith("on")]
    assert not [each for each in at.get("bidi_component") if each.proto.js_content]


def test_one_server_is_named_and_not_asked_for(draw: Draw) -> None:
    """There is nothing to choose."""
    at = draw("form")

    assert not Forms(at).all("select")
    assert "waldur" in at.caption[0].value


def test_of_several_servers_one_is_chosen_by_number(draw: Draw) -> None:
    """In both forms; an address is shown as text and never sent."""
    forms = Forms(draw("form", TWO))

    assert len(forms.all("select")) == 2
    assert [each["value"] for each in forms.all("option")] == ["", "0", "1"] * 2
    assert all("<script" not in each for each in forms.html)
    assert "&lt;script&gt;" in forms.html[0]


def chosen(forms: Forms) -> list[str | None]:
    """The values of the options that are chosen when the forms are drawn."""
    return [each["value"] for each in forms.all("option") if "selected" in each]


@pytest.mark.parametrize("tried", ["", "2", "-1", "x", TWO[1]])
def test_no_server_is_chosen_for_a_person(draw: Draw, tried: str) -> None:
    """The form cannot be sent before one is, and no address puts another one into the list."""
    forms = Forms(draw("form", TWO, tried=tried))

    assert not chosen(forms)
    assert all("required" in each for each in forms.all("select"))
    assert len(forms.all("option")) == 6


@pytest.mark.parametrize("number", ["0", "1"])
def test_the_server_that_was_tried_stays_chosen(draw: Draw, number: str) -> None:
    """What is typed next is meant for it, wherever the tab was signed in before."""
    forms = Forms(draw("form", TWO, tried=number, at_server=TWO[1 - int(number)]))

    assert chosen(forms) == [number] * 2
    assert [each["value"] for each in forms.all("option")] == ["0", "1"] * 2


def test_the_gate_has_the_server_chosen_at_which_the_sign_in_ended(draw: Draw) -> None:
    """Its page is that of this server; one that is configured no more is not chosen."""
    assert chosen(Forms(draw("gate", TWO, before=True, at_server=TWO[1]))) == ["1"] * 2
    assert not chosen(Forms(draw("gate", TWO, before=True, at_server="https://gone.example/")))


@pytest.mark.parametrize("servers", [ONE, ()])
def test_the_demo_names_its_people(draw: Draw, servers: tuple[str, ...]) -> None:
    """And only the demo does."""
    told = [each.value for each in draw("form", servers).info]

    assert bool(told) == (not servers)


def test_the_gate_says_why_a_sign_in_is_over(draw: Draw) -> None:
    """To somebody who was signed in; others just see the form."""
    ended, first = draw("gate", before=True), draw("gate")

    assert "has ended" in ended.warning[0].value
    assert not first.warning
    assert ended.title[0].value == first.title[0].value == "Sign in"
    assert len(Forms(ended).all("form")) == len(Forms(first).all("form")) == 2


def test_signing_out_is_a_form_too(draw: Draw) -> None:
    """A link could be followed by a browser that only looks ahead."""
    forms = Forms(draw("sign out"))

    assert [(each["action"], each["method"]) for each in forms.all("form")] == [
        (SIGN_OUT_PATH, "post")
    ]
    assert not forms.all("input")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("wrong-token", ("does not accept this API token", "Copy it again")),
        ("nothing-typed", ("Nothing was typed", "Give an API token")),
        (Forbidden.code, ("did not let this sign-in through", "this account")),
        (Refused.code, ("refused this sign-in", "Try again")),
        (Gone.code, (NotWaldur.what, NotWaldur.next_step)),
        ("wrong-server", ("not one of the configured", "Choose")),
        *(
            (each.code, (each.what, each.next_step))
            for each in (WrongPassword, LockedOut, Unreachable, NotWaldur, SignedOut)
        ),
    ],
)
def test_a_problem_is_one_sentence_and_a_next_step(
    draw: Draw, code: str, words: tuple[str, ...]
) -> None:
    """For each code that the front door gives."""
    (told,) = draw(code).error

    for each in words:
        assert each in told.value


def test_good_bye(draw: Draw) -> None:
    """Signing out is no problem."""
    at = draw("goodbye")

    assert not at.error
    assert "signed out" in at.success[0].value


@pytest.mark.parametrize("code", ["", "unknown", "<b>x</b>", "**x**", "__class__", "x" * 9000])
def test_an_unknown_code_says_nothing(draw: Draw, code: str) -> None:
    """Nobody can put words into this page by a link."""
    at = draw(code)

    assert not [*at.error, *at.success, *at.markdown, *at.info]
