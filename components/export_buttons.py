"""What is shown, as a file. Cells that a spreadsheet could run are made harmless."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from bookings.exports import to_csv, to_excel
from bookings.frames import Column

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def show(
    frame: pd.DataFrame,
    columns: Sequence[Column],
    *,
    name: str,
    note: str,
    key: str,
    partial: bool = False,
) -> None:
    """Two download buttons; `note` says in the Excel file what was filtered and when.

    The files are made when a button is pressed, not with each run of the page. While rows are
    still to come (`partial`) there is no file of them.
    """
    why = "Not all rows are here yet." if partial else None
    stamp = datetime.now(UTC).strftime("%Y-%m-%d")
    # Two that belong together go to the next line together.
    with st.container(horizontal=True, width="content", gap="xsmall", wrap=False):
        st.download_button(
            "CSV",
            lambda: to_csv(frame, columns),
            file_name=f"{name}-{stamp}.csv",
            mime="text/csv",
            icon=":material/download:",
            key=f"{key}.csv",
            on_click="ignore",
            disabled=frame.empty or partial,
            help=why,
        )
        st.download_button(
            "Excel",
            lambda: to_excel(frame, columns, sheet=name.capitalize(), note=note),
            file_name=f"{name}-{stamp}.xlsx",
            mime=EXCEL,
            icon=":material/table_view:",
            key=f"{key}.excel",
            on_click="ignore",
            disabled=frame.empty or partial,
            help=why,
        )
