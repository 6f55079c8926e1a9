"""The sign-in form: plain HTML that posts to a route, so that no script ever holds a token."""

from collections.abc import Sequence
from html import escape

import streamlit as st

from bookings.front_door import SIGN_IN_PATH, SIGN_OUT_PATH
from bookings.waldur.errors import Forbidden, Gone, NotWaldur, Refused, by_code
from components import session
from components.literal import literal

_PROBLEMS = {
    "wrong-token": (
        "The Waldur server does not accept this API token.",
        "Copy it again from your user profile in Waldur; it may have expired.",
    ),
    "nothing-typed": ("Nothing was typed.", "Give an API token, or a username and a password."),
    Forbidden.code: (
        "The Waldur server did not let this sign-in through.",
        "Ask its administrator whether this account may use the server from here.",
    ),
    Refused.code: (
        "The Waldur server refused this sign-in.",
        "Try again; if it stays so, tell its administrator the time of this try.",
    ),
    Gone.code: (NotWaldur.what, NotWaldur.next_step),
    "wrong-server": ("This server is not one of the configured ones.", "Choose one of the list."),
}


def show_gate() -> None:
    """The form in place of a page; signing in leads back to it and to its filters."""
    st.title("Sign in", anchor=False)
    if session.was_signed_in():
        st.warning(
            "Your sign-in has ended: signed out elsewhere, too long unused, or the server no "
            "longer accepts the token. Sign in again; you return to where you were.",
            icon=":material/lock_clock:",
        )
    show_form()


def show_problem(code: str) -> None:
    """Explains why a sign-in did not happen or has ended; unknown codes say nothing."""
    if code == "goodbye":
        st.success("You are signed out, in every tab.", icon=":material/check_circle:")
        return
    error = by_code(code)
    what, next_step = _PROBLEMS.get(code) or ((error.what, error.next_step) if error else ("", ""))
    if what:
        st.error(f"{what} {next_step}", icon=":material/error:")


def show_form() -> None:
    """Both ways to sign in. The form leads back to the page that it stands on."""
    servers = session.desk().servers
    choice = ""
    number = None
    if len(servers) > 1:
        number = _number_before(servers)
        choice = _choice(servers, number)
    else:
        st.caption("Server: " + literal(servers[0] if servers else "none"))
    with_token, with_password = st.columns(2)
    with with_token.container(border=True, height="stretch"):
        st.subheader("With an API token", anchor=False)
        _form(f"token_{number}", choice + _field("API token", "token", "password", "off"))
        st.caption("In Waldur you find it in your user profile.")
    with with_password.container(border=True, height="stretch"):
        st.subheader("With username and password", anchor=False)
        fields = _field("Username", "username", "text", "username") + _field(
            "Password", "password", "password", "current-password"
        )
        _form(f"password_{number}", choice + fields)
    if session.desk().settings.demo:
        st.info(
            "This is the demo. Its people are `staff`, `owner`, `manager` and `nobody`; the "
            "password of each is `demo`.",
            icon=":material/school:",
        )


def show_sign_out() -> None:
    """The button that ends the sign-in in every tab."""
    _form("sign_out", "", action=SIGN_OUT_PATH, button="Sign out")


def _number_before(servers: Sequence[str]) -> int | None:
    """The place in the list of the server that was tried last, else of the one signed in to."""
    tried = st.query_params.get("server")
    for number in range(len(servers)):
        if tried == str(number):
            return number
    before = session.server_before()
    return servers.index(before) if before in servers else None


def _choice(servers: Sequence[str], chosen: int | None) -> str:
    """The list of servers. Where none is known before, one must be chosen: a token sent to the
    first of the list by oversight could not be taken back.
    """
    options = "".join(
        f'<option value="{number}"{" selected" * (number == chosen)}>{escape(server)}</option>'
        for number, server in enumerate(servers)
    )
    if chosen is None:
        options = f'<option value="">Choose a server</option>{options}'
    return f'<label>Server<select name="server" required>{options}</select></label>'


def _field(label: str, name: str, kind: str, autocomplete: str) -> str:
    return (
        f'<label for="sign-in-{name}">{label}</label>'
        f'<input id="sign-in-{name}" name="{name}" type="{kind}" autocomplete="{autocomplete}" '
        'autocapitalize="none" spellcheck="false" required>'
    )


def _form(key: str, fields: str, action: str = SIGN_IN_PATH, button: str = "Sign in") -> None:
    """A plain form. Only text of ours and the operator's addresses, escaped, stand in it.

    All people share the component of a name, so that what differs needs another `key`.
    Not st.html: Streamlit's theme variables exist only inside a component of its own.
    """
    show = st.components.v2.component(
        f"desk_form_{key}",
        html=f'<form class="desk-form" action="{action}" method="post">{fields}'
        f'<button type="submit">{button}</button></form>',
        css=_CSS,
        isolate_styles=False,
    )
    show(key=f"form_{key}")


_CSS = """
.desk-form { display: flex; flex-direction: column; gap: .25rem; padding: 2px;
  font-family: var(--st-font); color: var(--st-text-color); }
.desk-form label { font-size: .875rem; margin-top: .5rem; }
.desk-form input, .desk-form select { box-sizing: border-box; width: 100%; height: 2.5rem;
  padding: 0 .75rem; font: inherit; font-size: 1rem; color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color);
  border-radius: var(--st-base-radius); outline: none; }
.desk-form input:focus-visible, .desk-form select:focus-visible {
  border-color: var(--st-primary-color); box-shadow: 0 0 0 1px var(--st-primary-color); }
.desk-form button { align-self: flex-start; margin-top: .75rem; height: 2.5rem; padding: 0 1rem;
  font: inherit; font-size: .875rem; cursor: pointer; color: #ffffff;
  background: var(--st-primary-color); border: 1px solid var(--st-primary-color);
  border-radius: var(--st-button-radius); }
.desk-form button:hover { filter: brightness(.92); }
.desk-form button:focus-visible { outline: 3px solid var(--st-text-color); outline-offset: 2px; }
"""
