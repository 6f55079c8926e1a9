"""The first page: its figures add up, and each line leads to those it counts."""

from collections.abc import Callable
from urllib.parse import parse_qs

from streamlit.testing.v1 import AppTest

from tests.pages.conftest import OFFERINGS
from tests.pages.screens import table, words


def test_the_counts_by_provider_add_up(app: Callable[..., AppTest]) -> None:
    """Offerings without an organisation are a line of their own, and it opens them."""
    at = app("/")
    links = [each.proto for each in at.main.get("page_link")]
    labels = [link.label.replace("\\", "") for link in links if "provider=" in link.query_string]
    figures = [int(each.value) for each in at.main.text if each.value.isdecimal()]
    count = dict(zip(labels, figures, strict=False))["(not recorded)"]

    assert sum(figures[: len(labels)]) == OFFERINGS
    link = next(each for each in links if each.label.replace("\\", "") == "(not recorded)")
    query = parse_qs(link.query_string, keep_blank_values=True)
    assert query == {"provider": [""]}
    assert len(table(app("/offerings", query=query))) == count


def test_what_is_not_on_the_map_is_in_sight(app: Callable[..., AppTest]) -> None:
    """The line leads to the map narrowed to those, with the reasons open below it."""
    links = [each.proto for each in app("/").main.get("page_link")]
    link = next(each for each in links if each.label == "Not on the map")
    at = app("/map", query=parse_qs(link.query_string))
    (reasons,) = [each for each in at.expander if "not on the map" in each.label]

    assert reasons.proto.expanded
    assert "0 of" in words(at)
    assert len(table(at, 0)) == len(table(at, 1)) == int(reasons.label.split()[0])
