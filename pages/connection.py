"""Which server, who am I, what may I see; sign in, sign out."""

import streamlit as st

from components import address, connection, session, sign_in

st.title("Connection", anchor=False)
who = session.current()
if who is None:
    sign_in.show_problem(st.query_params.get("problem", ""))
    sign_in.show_form()
    st.stop()
sign_in.show_sign_out()
# Before the rest, which may end the page. A problem of an earlier sign-in is over.
address.publish("connection", [])
connection.show(who)
