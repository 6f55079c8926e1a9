"""Which server, who am I, what may I see; sign in, sign out."""

import streamlit as st

from components import connection, session, sign_in

st.title("Connection", anchor=False)
sign_in.show_problem(st.query_params.get("problem", ""))
who = session.current()
if who is None:
    sign_in.show_form()
    st.stop()
sign_in.show_sign_out()
connection.show(who)
