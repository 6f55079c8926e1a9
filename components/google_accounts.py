"""Which providers have a Google account behind their calendars, and how to connect one."""

from collections.abc import Mapping

import streamlit as st

from bookings.calendar_tables import PROVIDER_COLUMNS, Credentials, providers_frame
from bookings.calendars.preflight import connected_by_customer
from bookings.portfolio import Snapshot
from bookings.roles import roles_of
from bookings.sign_ins import SignIn
from bookings.waldur.errors import Forbidden, Gone, SignedOut, WaldurError
from bookings.waldur.models import GoogleCredentials
from components import background, errors, redraw, tables
from components.literal import literal, web_address
from components.price_charts import distinct

MOST_HEIGHT = 320
_KEPT = "google.accounts"
_ADDRESS = "google.authorize"
Answer = list[GoogleCredentials] | WaldurError
"""An error is an answer: it is kept until Refresh as well."""


def connected(who: SignIn) -> dict[str, bool]:
    """Organisation (32 hex digits) -> whether a Google account is connected; absent: unknown.

    The server is asked once between two times of Refresh.
    """
    return _by_customer(_answer(who))


def known(who: SignIn) -> dict[str, bool] | None:
    """The same without asking the server; None where it was not asked yet or has not answered."""
    future = background.kept(who, _KEPT)
    return _by_customer(future.result()) if future is not None and future.done() else None


def show(who: SignIn, snapshot: Snapshot) -> None:
    """Draws the providers of the offerings in the list, folded up under a line that counts."""
    answer = _answer(who)
    background.wait_for(who, _KEPT, "Asking which Google accounts are connected …")
    if isinstance(answer, WaldurError) and not isinstance(answer, (Forbidden, Gone)):
        st.caption(f"Which Google accounts are connected is not known. {literal(answer.what)}")
    by_customer = _by_customer(answer)
    frame = providers_frame(snapshot.offerings, by_customer)
    counts = frame["credentials"].value_counts()
    said = ", ".join(f"{counts[word]:,} {word}" for word in Credentials if word in counts) or "none"
    folded = st.expander(
        f"Google accounts: {said}", icon=":material/key:", key="google.open", on_change="rerun"
    )
    if not folded.open:
        return
    with folded:
        order = [column.key for column in PROVIDER_COLUMNS if column.shown]
        tables.show_rows(
            frame, PROVIDER_COLUMNS, order, key="google.providers", most_height=MOST_HEIGHT
        )
        if Credentials.UNKNOWN in counts:
            st.caption(
                "Unknown: the server tells this to staff and to owners and service managers of "
                "the organisation that provides the offering. You are here as: "
                f"{literal(', '.join(roles_of(who.person)), most=1000)}."
            )
        alone = sum(1 for offering in snapshot.offerings if not offering.customer_uuid)
        if alone:
            st.caption(
                f"Offerings without a provider, and so without an account to connect: {alone:,}."
            )
        _show_way(who, [] if isinstance(answer, WaldurError) else answer, by_customer, snapshot)


def _answer(who: SignIn) -> Answer:
    """Nothing is known while the answer is on its way."""
    answer = background.answer(who, _KEPT, lambda: _ask(who))
    if isinstance(answer, SignedOut):
        who.portfolio.signed_out = True
        redraw.now()  # the gate asks for a new sign-in
    return [] if answer is None else answer


def _ask(who: SignIn) -> Answer:
    try:
        return who.client.google_credentials()
    except WaldurError as error:
        return error


def _by_customer(answer: Answer) -> dict[str, bool]:
    return {} if isinstance(answer, WaldurError) else connected_by_customer(answer)


def _show_way(
    who: SignIn, rows: list[GoogleCredentials], connected: Mapping[str, bool], snapshot: Snapshot
) -> None:
    """The way to connect an account, for providers of the list that have none."""
    listed = {offering.customer_uuid for offering in snapshot.offerings}
    names = {
        each.uuid: each.customer_name or "Unnamed"
        for each in rows
        if each.customer_uuid in listed and connected.get(each.customer_uuid or "") is False
    }
    if not names:
        return
    names = dict(zip(names, distinct(names.values()), strict=True))
    st.markdown("**Connect a Google account**")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Provider without an account", list(names), format_func=names.__getitem__,
            key="google.provider", width=420,
        )  # fmt: skip
        if st.button("Get the address at Google", icon=":material/key:", key="google.get"):
            st.session_state[_ADDRESS] = (_mark(who, chosen), _ask_address(who, chosen))
    kept = st.session_state.get(_ADDRESS)
    if kept is None or kept[0] != _mark(who, chosen):
        return
    if isinstance(kept[1], WaldurError):
        errors.show(kept[1], "The server did not give the address.")
    elif web_address(kept[1]):
        st.link_button("Connect at Google", kept[1], icon=":material/open_in_new:", type="primary")
        st.caption(
            "Opens Google; sign in with the account that shall hold the calendars of "
            f"{literal(names[chosen])}, then come back and press Refresh. Or copy the address "
            "for whoever has that account:"
        )
        st.code(kept[1], language=None, wrap_lines=True)


def _mark(who: SignIn, uuid: str) -> tuple[str, int, str]:
    return who.id, who.portfolio.round, uuid


def _ask_address(who: SignIn, uuid: str) -> str | WaldurError:
    try:
        with st.spinner("Asking the server …"):
            return who.client.authorize_address(uuid)
    except SignedOut:
        who.portfolio.signed_out = True
        redraw.now()
    except WaldurError as error:
        return error
