"""The pages, their addresses, and links between them."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from components.navigation import ENTRIES, PATHS

SCRIPT = """
import streamlit as st
from components import navigation

page = navigation.menu(signed_in=st.session_state["signed_in"])
st.title(page.title)
st.text(page.url_path)
navigation.link("offerings", "**All** of :red[them]", {"q": "a b&c=d"})
navigation.link("offering", "<b>$x$</b>", {"uuid": "0" * 32})
"""


@pytest.fixture
def run(tmp_path: Path, root: Path) -> Callable[..., AppTest]:
    """Runs a shell of its own over the real pages: `run("plans")`."""
    script = tmp_path / "components" / "script.py"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    (tmp_path / "pages").symlink_to(root / "pages")

    def ran(key: str = "", *, signed_in: bool = True) -> AppTest:
        at = AppTest.from_file(script, default_timeout=20)
        at.session_state["signed_in"] = signed_in
        if key:
            at.switch_page(f"../pages/{key}.py")
        at.run()

        assert not at.exception, [each.value for each in at.exception]
        return at

    return ran


def test_each_page_has_its_own_address() -> None:
    """One of them is the first page, and each address is one that a form may lead back to."""
    assert len({entry.key for entry in ENTRIES}) == len({entry.path for entry in ENTRIES})
    assert [entry.key for entry in ENTRIES if not entry.path] == ["overview"]
    assert all(re.fullmatch(r"/[a-z]*", path) for path in PATHS)
    assert all(entry.icon.startswith(":material/") for entry in ENTRIES)


@pytest.mark.parametrize("entry", [entry for entry in ENTRIES if entry.path], ids=lambda e: e.key)
def test_an_address_opens_its_page(run: Callable[..., AppTest], entry: object) -> None:
    """Signed in or not: the gate needs the address to lead back to."""
    for signed_in in (True, False):
        at = run(entry.key, signed_in=signed_in)  # type: ignore[attr-defined]

        assert at.title[0].value == entry.title  # type: ignore[attr-defined]
        assert at.text[0].value == entry.path  # type: ignore[attr-defined]


def test_the_first_page_is_the_overview(run: Callable[..., AppTest]) -> None:
    """Without a path."""
    at = run()

    assert (at.title[0].value, at.text[0].value) == ("Overview", "")


def test_links_say_what_they_lead_to_and_nothing_else(run: Callable[..., AppTest]) -> None:
    """Names are text, and filters stay in one piece."""
    links = [each.proto for each in run().get("page_link")]

    assert [each.label for each in links] == [
        "\\*\\*All\\*\\* of :\u200bred\\[them\\]",
        "\\<b\\>\\$x\\$\\</b\\>",
    ]
    assert [each.page for each in links] == ["offerings", "offering"]
    assert [each.query_string for each in links] == ["q=a+b%26c%3Dd", f"uuid={'0' * 32}"]
