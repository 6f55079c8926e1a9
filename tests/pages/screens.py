"""What stands on a page, and pressing and ticking what is there."""

import pandas as pd
from streamlit.testing.v1 import AppTest


def table(at: AppTest, number: int = 0) -> pd.DataFrame:
    """A table on the page."""
    frame: pd.DataFrame = at.dataframe[number].value
    return frame


def words(at: AppTest) -> str:
    """All that is said on the page, without the signs that keep it literal."""
    parts = [*at.markdown, *at.caption, *at.info, *at.warning, *at.success, *at.text, *at.error]
    return plain("\n".join(each.value for each in parts))


def plain(text: str) -> str:
    """Without the signs that keep it literal."""
    return text.replace("\\", "").replace("\u200b", "")


def press(at: AppTest, label: str) -> AppTest:
    """Presses a button and runs the page."""
    next(each for each in at.button if each.label == label).click().run()

    assert not at.exception
    return at


def mark(at: AppTest, key: str, *rows: int) -> AppTest:
    """Ticks rows of the table whose key begins so, for the next run only."""
    name = next(each.key for each in at.dataframe if str(each.key).startswith(key))
    at.session_state[str(name)] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return at


def tick(at: AppTest, key: str, *rows: int) -> AppTest:
    """Ticks rows of the table whose key begins so."""
    mark(at, key, *rows).run()

    assert not at.exception
    return at
