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
_ARRIVED = "_arrived_with"
Pairs = Sequence[tuple[str, str]]


def follow(path: str) -> None:
    """Starts the script that keeps the address, and notes what a page is opened with.

    Called by the shell before the page. `path` is the page's own, without slashes.
    """
    if st.session_state.get(_AT) != path:
        query = {key: st.query_params.get_all(key) for key in st.query_params}
        if query:
            st.session_state[_ARRIVED] = st.session_state.get(_ARRIVED, {}) | {path: query}
        st.session_state[_AT] = path
    with st.sidebar:
        # A file of our own: the content security policy allows no script inside the page.
        st.components.v2.component(
            "desk_address", html='<script type="module" src="app/static/address.js"></script>'
        )(key="desk_address")


def query_on_arrival(keys: Iterable[str]) -> list[tuple[str, str]] | None:
    """The pairs of these keys in the address that the page was opened with, if it has any.

    Each key is given once: in later runs Streamlit still reports the address it knew first. A
    page that has to wait for its data before it asks gets them then, even if it was left in the
    meantime and is opened again without them.
    """
    path = st.session_state.get(_AT)
    waiting: dict[str, list[str]] = st.session_state.get(_ARRIVED, {}).get(path, {})
    pairs = [(key, each) for key in keys for each in waiting.pop(key, [])]
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
