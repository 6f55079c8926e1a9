"""What components.literal writes, as a browser shows it: the text, and nothing made of it."""

import contextlib
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import ROOT, wait_until

TEXTS = (
    "a -> b <- c <-> d -- e >= f <= g ~= h",
    "WWW.evil.example www.evil.example/x",
    "http://evil.example ftp://evil.example",
    "mailto:x@evil.example x@evil.example",
    "    four blanks, as before code",
    "trailing blanks  ",
    "**bold** *em* __x__ ~~gone~~ ==mark==",
    "`code` ```more```",
    "$E=mc^2$ $$x$$",
    ":material/delete: :red[x] :red-background[x] :smile: :streamlit:",
    "![](http://evil.example/i.png)",
    "[x](javascript:alert(1))",
    "<img src=x onerror=alert(1)>",
    "<script>alert(1)</script>",
    "&lt;b&gt; &#x41;",
    "1. one",
    "# head",
    "---",
    "| a | b |",
    "> quote",
    "[^1]: foot",
    "ends with \\",
    "it's \"quoted\" 'twice' ... (c) (tm)",
    "^above^ ~below~",
    "two\nlines",
)
PLACES = ("name", "item", "button", "error")
SCRIPT = f"""
import sys
import streamlit as st
sys.path.insert(0, {str(ROOT)!r})
from components.literal import literal
for at, text in enumerate({TEXTS!r}):
    with st.container(key=f"name{{at}}"):
        st.markdown(f"**{{literal(text)}}**")
    with st.container(key=f"item{{at}}"):
        st.markdown(f"- {{literal(text)}}")
    with st.container(key=f"button{{at}}"):
        st.button(literal(text), key=f"pressed{{at}}")
    with st.container(key=f"error{{at}}"):
        st.error(literal(text))
"""
MADE = ("a", "code", "img", "del", "mark", "em", "h1", "ol", "blockquote", "table", "sup", "sub",
        ".katex", "p [data-testid=stIconMaterial]")  # fmt: skip
"""What Markdown can make of a text."""


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    """A page that shows each text in each place."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ("--server.headless=true", "--browser.gatherUsageStats=false")
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}", *options],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
            return True
        return False

    try:
        wait_until(answers, "the page is served", 60)
        yield url
    finally:
        process.terminate()
        process.wait(30)


def test_every_text_is_shown_as_it_is(address: str, page: Page) -> None:
    """In bold, in a list, on a button and in an error; nothing is loaded, linked or drawn."""
    page.goto(address)
    # The code that draws some places is loaded after the others are drawn.
    page.wait_for_function(
        """([places, count]) => places.every(place => [...Array(count).keys()].every(at =>
            document.querySelector(`.st-key-${place}${at}`)?.innerText.trim()))""",
        arg=[list(PLACES), len(TEXTS)],
    )
    shown = page.evaluate(
        """([places, count, made]) => Object.fromEntries(places.flatMap(place =>
            [...Array(count).keys()].map(at => {
                const box = document.querySelector(`.st-key-${place}${at}`);
                const found = box.querySelectorAll(made);
                return [`${place}${at}`, [box.innerText, [...found].map(each => each.outerHTML)]];
            })))""",
        [list(PLACES), len(TEXTS), ", ".join(MADE)],
    )

    assert len(shown) == len(PLACES) * len(TEXTS)
    for name, (text, found) in shown.items():
        assert not found, name
        meant = TEXTS[int(name.lstrip("abcdefghijklmnopqrstuvwxyz"))]
        assert text.replace("\u200b", "").strip() == " ".join(meant.split()), name
