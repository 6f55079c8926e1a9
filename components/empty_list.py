"""A list without a single offering, explained."""

import streamlit as st

from bookings import roles
from bookings.sign_ins import SignIn
from components.literal import literal


def explain(who: SignIn) -> None:
    """Says why there is nothing: an empty server, or a role that sees nothing."""
    if who.person.is_staff:
        st.info("This server has no booking offering yet.", icon=":material/inbox:")
        return
    st.info(
        literal(roles.explain(who.person, own=0, read_only=0), most=1000), icon=":material/lock:"
    )
