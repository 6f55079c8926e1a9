"""The offering's name, provider and state, how old what is shown is, and Refresh."""

from typing import Any

import streamlit as st

from bookings.plain_text import plain_text
from bookings.portfolio import Single
from bookings.sign_ins import SignIn
from bookings.waldur.errors import Gone, SignedOut, WaldurError
from bookings.waldur.models import Offering
from components import errors, loading, navigation, redraw
from components.literal import literal
from components.offering_map import COLOURS, OTHER
from components.offering_tabs import Opened, booked


def show(who: SignIn, uuid: str) -> Opened | None:
    """Reads the offering and draws its header; None where there is nothing to show.

    What the list already knows is drawn before the server is asked for the rest, and stays
    where that fails.
    """
    snapshot = who.portfolio.snapshot()
    listed = snapshot.find(uuid)
    place = st.empty()
    if listed is not None:
        _show_name(place, who, listed, None, read_only=uuid in snapshot.read_only)
    try:
        with st.spinner("Loading the offering …"):
            single = who.portfolio.single(uuid)
    except SignedOut:
        redraw.now()  # the gate asks for a new sign-in
    except WaldurError as error:
        return _explain(who, uuid, listed, error)
    names = _show_name(place, who, single.offering, single, read_only=single.read_only)
    return Opened(who, single.offering, single.read_only, single.broken_fields, names=names)


def _explain(who: SignIn, uuid: str, listed: Offering | None, error: WaldurError) -> Opened | None:
    if listed is None:
        st.title("Offering", anchor=False)
    if listed is None or isinstance(error, Gone):
        if isinstance(error, Gone):
            errors.show(
                error,
                what="The server knows no such offering that you may see.",
                next_step=f"{error.next_step} Check the link.",
            )
        else:
            errors.show(error)
        with st.container(horizontal=True, vertical_alignment="center"):
            if not isinstance(error, Gone):
                _refresh_button(who, uuid, "Try again")
            navigation.link("offerings", "Go to the offerings", icon=":material/list_alt:")
        return None
    errors.show(error, "Only what the list knows is shown.")
    _refresh_button(who, uuid, "Try again")
    return Opened(who, listed, uuid in who.portfolio.snapshot().read_only, complete=False)


def _show_name(
    place: Any, who: SignIn, offering: Offering, single: Single | None, *, read_only: bool
) -> bool:
    """Draws the header in its place; gives whether field names are wanted."""
    parts = [each for each in (offering.customer_name, offering.category_title) if each]
    names = False
    with place.container(gap="small"):
        st.title(literal(offering.name.strip() or "Unnamed offering"), anchor=False)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            colour = COLOURS.get(offering.state, OTHER)[0]
            st.badge(literal(offering.state or "state not recorded"), color=colour)
            if read_only:
                st.badge("read only", icon=":material/lock:", color="gray")
            st.text(" · ".join(parts) or "No organisation is recorded", width="stretch")
            if single is not None:
                st.caption(f"As of {loading.local_time(single.as_of)}", width="content")
                names = st.toggle(
                    "Field names",
                    key="offering.names",
                    persist_state="session",
                    help="Shows Waldur's own names of the fields beside their labels.",
                )
                _refresh_button(who, offering.uuid, "Refresh")
        if read_only:
            owned = offering.customer_name or "its organisation"
            st.caption(
                "Your role lets you read this offering. Only staff and people with the role "
                f"Owner of {literal(owned)} may act on its calendar."
            )
        reason = plain_text(offering.paused_reason)
        if reason and offering.state == "Paused":
            st.info(f"Paused because: {literal(reason)}", icon=":material/pause:")
    return names


def _refresh_button(who: SignIn, uuid: str, label: str) -> None:
    if st.button(
        label,
        key=f"offering.refresh.{label}",
        icon=":material/refresh:",
        help="Read this offering again from the server.",
    ):
        who.portfolio.forget(uuid)
        booked.forget()
        redraw.now()
