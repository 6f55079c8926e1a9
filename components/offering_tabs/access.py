"""Who may use it and where; what an order asks for; what its plugin allows."""

from typing import Any

import streamlit as st

from bookings.sheets import COLUMNS, TABS, Form, plugin_lines, recorded, say_data
from bookings.waldur.models import Endpoint, OrganizationGroup, Role
from bookings.waldur.options import OptionField, read_options, read_plugin_options
from components.offering_tabs import sheet
from components.offering_tabs.sheet import Opened

_RECORDS = {
    "organization_groups": OrganizationGroup,
    "endpoints": Endpoint,
    "roles": Role,
}
_NONE_MEANS = {"organization_groups": "None recorded: it is not limited to groups."}


def show(opened: Opened) -> None:
    """Draws the tab."""
    sheet.show_fields(opened, opened.offering, sheet.of_section("Access", "Who may use it"))
    for line in TABS["Access"]:
        if line.form is not Form.TABLE:
            continue
        st.subheader(line.label, anchor=False)
        if not opened.has(line.field):
            continue
        value = getattr(opened.offering, line.field)
        if line.field in _RECORDS:
            if not value and line.field in _NONE_MEANS:
                st.caption(_NONE_MEANS[line.field])
            else:
                sheet.show_records(opened, value, COLUMNS[_RECORDS[line.field]])
        elif line.field == "plugin_options":
            _show_plugin_options(opened, value)
        else:
            _show_form(opened, value)


def _show_form(opened: Opened, value: Any) -> None:
    """The questions of a form in its own order; what does not fit is shown as it came."""
    options = read_options(value)
    if options is None:
        _show_as_it_came(value)
        return
    names = [name for name in options.order if name in options.options]
    names += [name for name in options.options if name not in names]
    if not names:
        st.caption("None recorded.")
        return
    fields: list[OptionField] = [options.options[name] for name in names]
    sheet.show_records(opened, fields, COLUMNS[OptionField], names=names)
    lost = [name for name in options.order if name not in options.options]
    if lost:
        st.text(f"The order also names questions that are not there: {', '.join(lost)}.")


def _show_plugin_options(opened: Opened, value: Any) -> None:
    options = read_plugin_options(value)
    if options is None:
        _show_as_it_came(value)
        return
    said, _, _ = recorded(options, list(plugin_lines()), opened.manner)
    rows = [(line.field, text) for line, text in said]
    rows += [(name, say_data(each)) for name, each in (options.model_extra or {}).items()]
    if rows:
        sheet.show_pairs(rows, ("Option", "Value"))
    else:
        st.caption("None recorded.")


def _show_as_it_came(value: Any) -> None:
    if value is None:
        st.caption("None recorded.")
        return
    st.caption("It does not have the published shape; this is what the server sent.")
    st.code(say_data(value), language="json", wrap_lines=True)
