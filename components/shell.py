"""The script that runs for every page: page config, sign-in gate, navigation."""

from pathlib import Path

import streamlit as st

from components import account, address, navigation, session, sign_in

STATIC = Path(__file__).parent / "static"

st.set_page_config(
    page_title="Waldur Booking Desk", page_icon=str(STATIC / "favicon.png"), layout="wide"
)
dark = st.context.theme.type == "dark"
st.logo(
    str(STATIC / ("logo-dark.svg" if dark else "logo.svg")),
    icon_image=str(STATIC / "icon.svg"),
    size="large",
)
who = session.current()
page = navigation.menu(signed_in=who is not None)
address.follow(page.url_path)
if who is None and page.url_path != "connection":
    sign_in.show_gate()
else:
    if who is not None:
        account.show(who)
    page.run()
