"""Tables of server text: how declared columns become Streamlit columns, and rows that open."""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from bookings.frames import Column
from components import address, loading, navigation

OPEN = "Open"
ROW_HEIGHT = 35
MOST_HEIGHT = 640
ABOVE = 16
"""Pixels to leave over a table below buttons: its tools stand there while it is pointed at."""
MOST_SPELLED = 2000
"""Rows up to which numbers are written in the person's language, which takes pandas its time."""
WIDTHS = {
    "name": 260, "offering": 240, "plan": 160, "partition_name": 130, "provider": 180,
    "category": 170, "state": 90, "status": 150, "calendar": 100, "country_name": 100,
    "partitions": 80, "plans": 65, "price": 150, "headline": 150, "access": 80, "reason": 380,
    "description": 300, "sentence": 460, "last_action": 130, "last_outcome": 130, "last_time": 135,
    "outcome": 130,
    "calendar_link": 95, "credentials": 110, "next_booking": 125,
    "verdict": 120, "next_step": 260, "remark": 320, "words": 200,
}  # fmt: skip
"""Pixels. Streamlit measures only some rows; a name of 150 signs would push all else away."""


def column_config(
    columns: Sequence[Column], widths: Mapping[str, int] | None = None
) -> dict[str, Any]:
    """Streamlit's settings for declared columns; text cells are shown literally.

    `widths` are pixels by column key, in place of the usual ones.
    """
    wide = {**WIDTHS, **(widths or {})}
    return {column.key: _setting(column, wide.get(column.key)) for column in columns}


def _setting(column: Column, width: int | None) -> Any:
    common = {
        "help": column.help or None,
        "pinned": column.pinned or None,
        "width": width,
    }
    if column.key.endswith("_link"):
        return st.column_config.LinkColumn(column.label, display_text="open", **common)
    match column.dtype:
        case "Int64":
            return st.column_config.NumberColumn(column.label, format="localized", **common)
        case "Float64":
            return st.column_config.NumberColumn(column.label, **common)
        case "boolean":
            return st.column_config.CheckboxColumn(column.label, **common)
        case "object":
            return st.column_config.ListColumn(column.label, **common)
        case dtype if dtype.startswith("datetime64"):
            return st.column_config.DatetimeColumn(
                column.label, format="YYYY-MM-DD HH:mm", timezone=loading.zone_name(), **common
            )
    return st.column_config.TextColumn(column.label, **common)


def fingerprint(uuids: Sequence[str]) -> str:
    """A short name for exactly these rows in this order.

    It belongs in the key of a table with a selection: Streamlit keeps the positions that were
    chosen, and under the same key they would point at other rows after filtering.
    """
    return hashlib.sha256("".join(uuids).encode()).hexdigest()[:12]


def identities(frame: pd.DataFrame, columns: str | Sequence[str]) -> list[str]:
    """What tells the rows of a table from others: the cells of these columns."""
    named = [columns] if isinstance(columns, str) else list(columns)
    cells = (frame[column].astype(str) for column in named)
    return ["\0".join(row) for row in zip(*cells, strict=True)]


@dataclass(frozen=True, slots=True)
class Chosen:
    """What is chosen in a table: the places of the rows ticked, and the cell clicked."""

    rows: list[int]
    cell: tuple[int, str] | None = None
    """Row and column key."""


def show_offerings(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    order: Sequence[str],
    *,
    key: str,
    row: str | Sequence[str] = "uuid",
    spell: Mapping[str, Callable[[Any], str]] | None = None,
    uuid: str = "uuid",
    name: str = "name",
    extra: Sequence[tuple[str, str]] = (),
    placeholder: str = "",
    cells: bool = False,
    several: bool = True,
    widths: Mapping[str, int] | None = None,
) -> Chosen:
    """A table whose rows open an offering, with numbers as `spell` says: see `written`.

    The column or columns `row` identify a row, `uuid` and `name` its offering; `order` are the
    columns in view. A row opens with its button or, for the keyboard, with the
    link that stands below the table while exactly one row is ticked. `extra` goes into the
    address of the page that opens. With `cells` a cell can be clicked as well. Without `several`
    one row can be ticked, where several have no use. `placeholder` stands where a cell is
    missing. `widths` are those of column_config.
    """
    uuids = frame[uuid].tolist()
    table = f"{key}.{fingerprint(identities(frame, row))}"
    act = f"{table}.open"

    def opened() -> None:
        st.session_state[f"{key}.opened"] = uuids[st.session_state[act].row]

    mode: Any = "multi-row" if several else "single-row"
    event = st.dataframe(
        # Only what is in view goes to the browser; ten thousand rows of everything take seconds.
        written(frame[list(order)].assign(_open=OPEN), spell),
        key=table,
        width="stretch",
        height=height_of(len(frame)),
        hide_index=True,
        placeholder=placeholder,
        column_order=["_open", *order],
        column_config={
            **column_config(columns, widths),
            "_open": st.column_config.ButtonColumn(
                "", width=70, key=act, on_click=opened, pinned=True
            ),
        },
        on_select="rerun",
        selection_mode=[mode, "single-cell"] if cells else mode,
    )
    chosen = _chosen(event, len(uuids))
    if len(chosen.rows) == 1:
        # Above the table it would move the rows, and the next tick would land on another one.
        title = str(frame[name].iloc[chosen.rows[0]])
        navigation.link(
            "offering",
            f"Open {title.strip() or 'the unnamed offering'}",
            {"uuid": uuids[chosen.rows[0]], **dict(extra)},
            icon=":material/open_in_new:",
        )
    going = st.session_state.pop(f"{key}.opened", None)
    if going:
        address.open_page("offering", [("uuid", going), *extra])
    return chosen


def show_rows(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    order: Sequence[str],
    *,
    key: str,
    rows: Sequence[object] | None = None,
    most_height: int = MOST_HEIGHT,
    several: bool = True,
    placeholder: str = "",
    widths: Mapping[str, int] | None = None,
    spell: Mapping[str, Callable[[Any], str]] | None = None,
) -> Chosen:
    """A table of rows that can be ticked; `rows` identify them. Without `rows` none can be.

    `spell` is that of `written`; `placeholder` and `widths` are as in show_offerings.
    """
    common: dict[str, Any] = {
        "width": "stretch",
        "height": height_of(len(frame), most_height),
        "hide_index": True,
        "placeholder": placeholder,
        "column_order": list(order),
        "column_config": column_config(columns, widths),
    }
    shown = written(frame[list(order)], spell)
    if rows is None:
        st.dataframe(shown, key=key, **common)
        return Chosen([])
    event = st.dataframe(
        shown,
        key=f"{key}.{fingerprint([str(each) for each in rows])}",
        on_select="rerun",
        selection_mode="multi-row" if several else "single-row",
        **common,
    )
    return _chosen(event, len(frame))


def written(frame: pd.DataFrame, spell: Mapping[str, Callable[[Any], str]] | None) -> Any:
    """The frame for a table, its numbers written as `spell` says for their columns.

    They are sorted as numbers all the same. Long tables show them as they are.
    """
    said = {column: say for column, say in (spell or {}).items() if column in frame.columns}
    return frame.style.format(said, na_rep="") if said and len(frame) <= MOST_SPELLED else frame


def with_gaps(frame: pd.DataFrame, keys: Iterable[str]) -> pd.DataFrame:
    """The frame with missing cells in place of empty texts, so that a placeholder stands there."""
    return frame.assign(**{key: frame[key].mask(frame[key] == "") for key in keys})


def height_of(rows: int, most: int = MOST_HEIGHT) -> int:
    """Pixels of a table that shows all of its rows, up to a height at which it scrolls."""
    return min(most, ROW_HEIGHT * (rows + 1) + 3)


def _chosen(event: Any, count: int) -> Chosen:
    rows = [row for row in event.selection.rows if row < count]
    cells = [(row, str(column)) for row, column in event.selection.cells if row < count]
    return Chosen(rows, cells[0] if cells else None)
