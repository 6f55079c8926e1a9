"""The address bar as part of the screen: it always names the view that is shown.

Streamlit's bound widgets and st.query_params add history entries, so that Back would walk
through half-typed searches, and st.switch_page adds two. Here the address is replaced while a
person filters, and opening a page adds one entry. Without JavaScript of ours all works, only
the address stays bare.
"""

import html
import secrets
from collections.abc import Iterable, Sequence
from urllib.parse import urlencode, urlsplit

import streamlit as st

_AT = "_page_shown_last"
_TAKEN = "_taken_from_address"
Pairs = Sequence[tuple[str, str]]


def follow(path: str) -> None:
    """Starts the script that keeps the address, and notes when a page is opened.

    Called by the shell before the page. `path` is the page's own, without slashes.
    """
    if st.session_state.get(_AT) != path:
        st.session_state[_AT] = path
        st.session_state[_TAKEN] = set()
    with st.sidebar:
        # A file of our own: the content security policy allows no script inside the page.
        st.components.v2.component(
            "desk_address", html='<script type="module" src="app/static/address.js"></script>'
        )(key="desk_address")


def query_on_arrival(keys: Iterable[str]) -> list[tuple[str, str]] | None:
    """The pairs of these keys in the address that the page was opened with, if it has any.

    Each key is given once: in later runs Streamlit still reports the address it knew first. A
    page that has to wait for its data before it asks gets them then.
    """
    taken: set[str] = st.session_state.get(_TAKEN, set())
    fresh = [key for key in keys if key not in taken]
    taken.update(fresh)
    pairs = [(key, each) for key in fresh for each in st.query_params.get_all(key)]
    return pairs or None


def publish(path: str, query: Pairs) -> None:
    """Makes the address say `/path?query`; the last line of a page."""
    search = "?" + urlencode(query) if query else ""
    st.html(
        f'<span hidden data-desk-path="/{html.escape(path)}" '
        f'data-desk-search="{html.escape(search)}"></span>'
    )


def open_page(path: str, query: Pairs) -> None:
    """Goes to another page with one history entry, so that one Back returns."""
    target = html.escape(f"{path}?{urlencode(query)}")
    st.html(
        f'<span hidden data-desk-open="{target}" data-desk-nonce="{secrets.token_hex(8)}"></span>'
    )


def link_to(path: str, query: Pairs) -> str:
    """The full address of a view, to be sent to a colleague."""
    parts = urlsplit(st.context.url or "")
    origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return f"{origin}/{path}" + ("?" + urlencode(query) if query else "")
