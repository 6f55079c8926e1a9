"""A list in which nothing stands, explained."""

import streamlit as st

from bookings import roles
from bookings.portfolio import Snapshot
from bookings.sign_ins import SignIn
from components.literal import literal


def explain(who: SignIn, snapshot: Snapshot) -> None:
    """Says why there is nothing: an empty server, a role that sees nothing, or all unreadable."""
    if not snapshot.whole():
        st.info(
            "Nothing can be shown here: what the server has did not arrive in a form that can be "
            "read. What is known of it stands above.",
            icon=":material/report:",
        )
    elif who.person.is_staff:
        st.info("This server has no booking offering yet.", icon=":material/inbox:")
    else:
        st.info(
            literal(roles.explain(who.person, own=0, read_only=0), most=1000),
            icon=":material/lock:",
        )


def explain_none(snapshot: Snapshot, group: str, noun: str, *, icon: str) -> None:
    """Says that no offering has a thing of this group; nothing until the group is loaded."""
    if snapshot.state(group).status == "loaded":
        whose = "your offerings" if snapshot.whole(group) else "the offerings that could be read"
        st.info(f"None of {whose} has a {noun}.", icon=icon)
