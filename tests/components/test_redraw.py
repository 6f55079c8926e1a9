"""A page that is drawn anew gives way to one that a person asks for."""

import ast
from pathlib import Path

from streamlit.runtime.scriptrunner_utils.script_requests import RerunData
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parents[2]


def _script() -> None:
    import streamlit as st

    from components import redraw

    runs = st.session_state["runs"] = st.session_state.get("runs", 0) + 1
    if runs == 1:
        redraw.now()
    st.text(f"run {runs}")


def _script_of_a_click() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx

    from components import redraw

    context = get_script_run_ctx()
    first = st.session_state.setdefault("first", context.query_string) == context.query_string
    if "clicked" not in st.session_state:
        st.session_state["clicked"] = True
        # What the browser sends for a click on a link, while this run is on its way.
        context.script_requests.request_rerun(st.session_state["click"])
        redraw.now()
    st.text("here" if first else "there")


def test_the_page_runs_again() -> None:
    """From its beginning; what stands below is drawn by the second run only."""
    at = AppTest.from_function(_script).run()

    assert [each.value for each in at.text] == ["run 2"]


def test_a_click_that_waits_comes_first() -> None:
    """The page that was asked for is the one that runs, not the old one again."""
    at = AppTest.from_function(_script_of_a_click)
    at.session_state["click"] = RerunData(query_string="page=other")
    at.run()

    assert [each.value for each in at.text] == ["there"]


def test_nothing_is_drawn_anew_in_another_way() -> None:
    """One place knows what has to come before it."""
    calls = [
        path.relative_to(ROOT).as_posix()
        for folder in ("components", "pages")
        for path in (ROOT / folder).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr == "rerun"
    ]

    assert calls == ["components/redraw.py"]
