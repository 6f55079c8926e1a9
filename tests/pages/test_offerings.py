"""The lists of offerings: what can be ticked in them."""

from collections.abc import Callable

import pytest
from streamlit.proto.Dataframe_pb2 import Dataframe
from streamlit.testing.v1 import AppTest

from components import tables


@pytest.mark.parametrize(
    ("path", "several"), [("/offerings", False), ("/map", False), ("/calendars", True)]
)
def test_several_rows_are_ticked_only_where_that_has_a_use(
    app: Callable[..., AppTest], path: str, several: bool
) -> None:
    """Elsewhere a tick gives the link that opens one offering, and a second would give nothing."""
    modes = [list(each.proto.selection_mode) for each in app(path).dataframe]
    modes = [each for each in modes if each]

    assert modes
    assert all((Dataframe.SelectionMode.MULTI_ROW in each) == several for each in modes)


def test_the_longest_outcome_has_room() -> None:
    """Cut off, "Outcome unknown" would say nothing."""
    assert tables.WIDTHS["outcome"] == tables.WIDTHS["last_outcome"]
