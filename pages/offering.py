"""All of one offering."""

import streamlit as st

from components import address, offering_choice, offering_header, offering_tabs, session

who = session.require()
uuid = offering_choice.of_address()
if uuid is None:
    st.stop()
offering_choice.show_ways(uuid)
opened = offering_header.show(who, uuid)
if opened is None:
    address.publish("offering", [("uuid", uuid)])
    st.stop()
offering_tabs.show(opened)
address.publish("offering", [("uuid", uuid), ("tab", offering_tabs.chosen())])
