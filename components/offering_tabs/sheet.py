"""How the tabs of an offering say what is recorded, and what is not."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pandas as pd
import streamlit as st

from bookings.plain_text import plain_text
from bookings.sheets import TABS, Form, Line, Manner, is_recorded, recorded
from bookings.sign_ins import SignIn
from bookings.waldur.models import Offering, Record
from components import loading
from components.literal import ZERO_WIDTH_SPACE, literal, web_address

MOST_IN_A_CELL = 600
MOST_TEXT_WIDTH = 760
"""Pixels; longer lines are hard to read."""
_SAFE_IN_LINKS = ":/?#[]@!&'()*+,;=%~-._"


@dataclass(frozen=True, slots=True)
class Opened:
    """The offering on the page and who looks at it."""

    who: SignIn
    offering: Offering
    read_only: bool = False
    broken_fields: tuple[str, ...] = ()
    complete: bool = True
    """False while only the list's row is there, because the rest could not be read."""

    names: bool = False
    """Whether Waldur's names of the fields stand beside their labels."""

    @property
    def manner(self) -> Manner:
        """How values are said to this person."""
        return Manner(self.who.facts.currency, lambda each: loading.local_time(each, date=True))

    def has(self, field: str) -> bool:
        """Whether the server sent the field; if not, says so in its place."""
        if field in self.offering.model_fields_set:
            return True
        st.caption(f"{self.absent}: `{field}`")
        return False

    @property
    def absent(self) -> str:
        """What a field that did not come is called."""
        return "Not sent by this server" if self.complete else "Not read"


def of_section(tab: str, section: str, *forms: Form) -> list[Line]:
    """The lines of one section of a tab, of these forms only if any are given."""
    return [
        line for line in TABS[tab] if line.section == section and (not forms or line.form in forms)
    ]


def show_fields(opened: Opened, record: Record, lines: Sequence[Line]) -> None:
    """Label and value of each recorded field; then which have no value."""
    said, empty, absent = recorded(record, lines, opened.manner)
    if said:
        rows = [
            (f":gray[{_label(opened, line)}]", _cell(opened, line, text)) for line, text in said
        ]
        st.table(
            pd.DataFrame(rows, columns=["Field", "Value"]),
            hide_index=True,
            hide_header=True,
            border="horizontal",
        )
    _show_missing("Not recorded", empty)
    _show_missing(opened.absent, absent)


def show_records(
    opened: Opened,
    records: Sequence[Record],
    lines: Sequence[Line],
    *,
    names: Sequence[str] = (),
) -> None:
    """A row a record; columns in which nothing is recorded are named below.

    `names` go before the rows, where records are known by a name that is not part of them.
    """
    if not records:
        st.caption("None recorded.")
        return
    used, empty = split_by_use(records, lines)
    cells = {"Key": [literal(name) for name in names]} if names else {}
    for line in used:
        cells[_label(opened, line)] = [_said(opened, line, each) for each in records]
    st.table(pd.DataFrame(cells), hide_index=True, border="horizontal")
    _show_missing("Recorded for none of them", empty)


def show_side_by_side(
    opened: Opened,
    records: Sequence[Record],
    lines: Sequence[Line],
    *,
    key: str,
    corner: str,
    heads: Sequence[str],
    help: str = "",
    labels: Callable[[Line], str] = lambda line: line.label,
    exact: bool = False,
) -> None:
    """A column a record and a row a field, for comparing; `heads` name the columns.

    With `exact` numbers are the server's own, not said in words.
    """
    cells = {
        str(index): [_plain_cell(opened, line, each, exact=exact) for line in lines]
        for index, each in enumerate(records)
    }
    names = {"name": [line.field for line in lines]} if opened.names else {}
    st.dataframe(
        pd.DataFrame({"label": [labels(line) for line in lines], **names, **cells}, dtype="str"),
        key=key,
        width="stretch",
        height="content",
        hide_index=True,
        column_config={
            "label": st.column_config.TextColumn(corner, width=230, pinned=True, help=help or None),
            "name": st.column_config.TextColumn("Name in Waldur"),
            **{
                str(index): st.column_config.TextColumn(head.strip() or f"{corner} {index + 1}")
                for index, head in enumerate(heads)
            },
        },
    )


def split_by_use(records: Sequence[Record], lines: Iterable[Line]) -> tuple[list[Line], list[Line]]:
    """The lines that at least one record has a value for, and the others."""
    used: list[Line] = []
    empty: list[Line] = []
    for line in lines:
        some = any(is_recorded(getattr(each, line.field)) for each in records)
        (used if some else empty).append(line)
    return used, empty


def show_pairs(rows: Sequence[tuple[str, str]], names: tuple[str, str]) -> None:
    """Names and values of the server as a table of two columns."""
    cells = [(literal(name), literal(value, MOST_IN_A_CELL)) for name, value in rows]
    st.table(pd.DataFrame(cells, columns=list(names)), hide_index=True, border="horizontal")


def show_texts(
    opened: Opened, record: Record, lines: Sequence[Line], *, headings: bool = True
) -> None:
    """Each recorded text without its markup; the originals are one click away."""
    said, empty, absent = recorded(record, lines, opened.manner)
    sources = []
    for line, _ in said:
        source = getattr(record, line.field)
        text = plain_text(source)
        if headings:
            st.markdown(f"**{_label(opened, line)}**")
        if text:
            st.text(text, width=MOST_TEXT_WIDTH)
        else:
            st.caption("Nothing but markup.")
        if text != source.strip():
            sources.append((line, source))
    if sources:
        with st.expander("Show source"):
            for line, source in sources:
                st.caption(line.label)
                st.code(source, language=None, wrap_lines=True)
    _show_missing("Not recorded", empty)
    _show_missing(opened.absent, absent)


def _link(opened: Opened, address: str) -> str:
    """Markdown of a link, if the address may become one; any other is text.

    An address of the server itself is written without the server's name.
    """
    safe = web_address(address)
    if safe is None:
        return literal(address, MOST_IN_A_CELL)
    shown = literal(safe.removeprefix(opened.who.server), MOST_IN_A_CELL)
    return f"[{shown.replace('/', '/' + ZERO_WIDTH_SPACE)}](<{quote(safe, safe=_SAFE_IN_LINKS)}>)"


def _label(opened: Opened, line: Line) -> str:
    return literal(line.label) + (f" :small[`{line.field}`]" if opened.names else "")


def _cell(opened: Opened, line: Line, text: str) -> str:
    if not text.strip():
        return ":gray[nothing that can be read]"
    return _link(opened, text) if line.form is Form.ADDRESS else literal(text, MOST_IN_A_CELL)


def _said(opened: Opened, line: Line, record: Record) -> str:
    value = getattr(record, line.field)
    if not is_recorded(value):
        return f":gray[{_no_value(record, line)}]"
    return _cell(opened, line, line.say(value, opened.manner))


def _plain_cell(opened: Opened, line: Line, record: Record, *, exact: bool) -> str:
    value = getattr(record, line.field)
    if not is_recorded(value):
        return _no_value(record, line)
    as_number = exact and isinstance(value, int) and not isinstance(value, bool)
    return str(value) if as_number else line.say(value, opened.manner)


def _no_value(record: Record, line: Line) -> str:
    return "not recorded" if line.field in record.model_fields_set else "not sent"


def _show_missing(what: str, lines: Sequence[Line]) -> None:
    if lines:
        names = ", ".join(literal(line.label) for line in lines)
        st.caption(f"{what}: {names}.")
