"""What the server and the person's roles are, in words."""

import streamlit as st

from bookings.roles import explain, roles_of
from bookings.sign_ins import SignIn
from components import empty_list, loading
from components.literal import literal


def show(who: SignIn) -> None:
    """The server, the person, their roles, and what these let them see."""
    server, person = st.columns(2)
    with server.container(border=True, height="stretch"):
        st.subheader("Server", anchor=False)
        st.markdown(f"**{literal(who.facts.site_name or 'Waldur')}**")
        st.text(who.server)
        st.caption(
            "Prices are in " + literal(who.facts.currency)
            if who.facts.currency
            else "The server does not say in which currency its prices are."
        )
    with person.container(border=True, height="stretch"):
        st.subheader("You", anchor=False)
        st.markdown(f"**{literal(who.person.shown_name)}**")
        st.text("\n".join(filter(None, (who.person.username, who.person.email))))
        for role in roles_of(who.person):
            st.markdown(f"- {literal(role)}")
    st.subheader("What you may see", anchor=False)
    snapshot = loading.show(who)
    if not snapshot.offerings:
        empty_list.explain(who, snapshot)
    elif not snapshot.read_only:  # else it is said already
        st.text(explain(who.person, own=len(snapshot.offerings), read_only=0))
