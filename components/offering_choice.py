"""Which offering the page shows, and the way back to the list and to its neighbours."""

import streamlit as st

from bookings.waldur.protocol import normal_uuid
from components import address, navigation, offering_link, offering_tabs

_UUID = "offering.uuid"
_TAKEN = "offering.address.taken"
_KNOWN = "offering.address.known"
_KEYS = ("uuid", "tab", "at")


def of_address() -> str | None:
    """The offering that the address names, in the server's spelling.

    Says what is wrong, and gives None, where the address names none.
    """
    arrived = address.query_on_arrival(_KEYS) is not None
    seen = tuple(st.query_params.get(key, "") for key in _KEYS)
    # Between links Streamlit reports the address that the page was opened with; see offering_link.
    if arrived or seen not in (st.session_state.get(_TAKEN), st.session_state.get(_KNOWN)):
        st.session_state[_TAKEN] = seen
        st.session_state[_UUID] = seen[0]
        offering_link.renew()
        if arrived:
            st.session_state[_KNOWN] = seen
        if arrived or seen[1]:
            offering_tabs.choose(seen[1])
    asked = st.session_state.get(_UUID, "")
    uuid = normal_uuid(asked)
    if uuid is None:
        _explain(asked)
    return uuid


def _explain(asked: str) -> None:
    st.title("Offering", anchor=False)
    if asked:
        st.error(
            "The address does not name an offering: what stands behind uuid= is no uuid. It may "
            "have been cut off when it was copied. Choose the offering from the list.",
            icon=":material/link_off:",
        )
        with st.expander("Details for support"):
            st.text(asked[:200])
    else:
        st.info("Choose an offering from the list.", icon=":material/list_alt:")
    navigation.link("offerings", "Go to the offerings", icon=":material/list_alt:")


def show_ways(uuid: str) -> None:
    """Links to the filtered list, and to the offerings before and after this one in it."""
    query: dict[str, list[str]] = {}
    for name, value in st.session_state.get("offerings.query") or []:
        query.setdefault(name, []).append(value)
    with st.container(horizontal=True, vertical_alignment="center"):
        navigation.link("offerings", "Offerings", query or None, icon=":material/arrow_back:")
        shown = st.session_state.get("offerings.shown") or []
        if uuid not in shown:
            return
        place = shown.index(uuid)
        tab = offering_tabs.chosen()
        before = shown[place - 1] if place else None
        offering_link.show("Previous", before, tab, icon=":material/chevron_left:")
        after = shown[place + 1] if place + 1 < len(shown) else None
        offering_link.show("Next", after, tab, icon=":material/chevron_right:")
        st.caption(f"{place + 1:,} of {len(shown):,} in the list", width="content")
