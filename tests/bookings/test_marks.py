"""Marks on a map: each point in one, none over another, and all of them in view."""

import math
from collections.abc import Sequence
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.marks import CLOSEST, Mark, View, around, marks

latitudes = st.floats(-85, 85)
longitudes = st.floats(-180, 180)
near_each_other = st.tuples(st.floats(54, 60), st.floats(8, 16))
some_points = st.lists(st.tuples(latitudes, longitudes) | near_each_other, max_size=40)
zooms = st.floats(0, CLOSEST)

COPENHAGEN, LUND, LISBON = (55.6761, 12.5683), (55.7047, 13.191), (38.7223, -9.1393)


def radius(count: int) -> float:
    """Pixels; what is more is larger, up to a size."""
    return min(5 + 4 * math.log2(count), 22)


def pixel(place: View | Mark, zoom: float) -> tuple[float, float]:
    """Where a place is on a map of the whole world: pixels from the equator and Greenwich."""
    world = 512 * 2**zoom
    return (
        place.longitude / 360 * world,
        math.asinh(math.tan(math.radians(place.latitude))) / (2 * math.pi) * world,
    )


def grouped(points: Sequence[tuple[float, float]], zoom: float) -> list[tuple[int, ...]]:
    """Which points are drawn as one."""
    return [mark.indices for mark in marks(points, zoom, radius)]


@given(some_points, zooms)
def test_each_point_is_in_exactly_one_mark(points: list[tuple[float, float]], zoom: float) -> None:
    """The numbers on a map add up to what is on it."""
    indices = [index for group in grouped(points, zoom) for index in group]

    assert sorted(indices) == list(range(len(points)))


@given(some_points, zooms)
def test_no_mark_covers_another(points: list[tuple[float, float]], zoom: float) -> None:
    """At the zoom they are made for."""
    found = marks(points, zoom, radius)
    for one, other in combinations(found, 2):
        apart = math.dist(pixel(one, zoom), pixel(other, zoom))

        assert apart >= radius(len(one.indices)) + radius(len(other.indices)) - 0.001


def test_what_is_close_by_parts_at_a_closer_zoom() -> None:
    """Neighbouring cities are one mark on a map of Europe and two on one of the region."""
    points = [COPENHAGEN, LUND, LISBON, COPENHAGEN]

    assert grouped(points, 3) == [(0, 1, 3), (2,)]
    assert grouped(points, 8) == [(0, 3), (1,), (2,)]


def test_a_mark_stands_at_the_mean_of_its_points() -> None:
    """One point, or several at one place, stand exactly there."""
    alone, middle = marks([LISBON, LISBON, (56.0, 12.0), (56.0, 12.2), (56.0, 12.4)], 3, radius)

    assert (alone.latitude, alone.longitude) == pytest.approx(LISBON)
    assert (middle.latitude, middle.longitude) == pytest.approx((56.0, 12.2))


def test_marks_keep_the_order() -> None:
    """Marks come in the order of their first point, and the same points give the same marks."""
    points = [LUND, LISBON, COPENHAGEN]

    assert grouped(points, 3) == [(0, 2), (1,)] == grouped(points, 3)


def test_no_points_no_marks() -> None:
    """Nothing is drawn for nothing."""
    assert marks([], 3, radius) == []


@given(st.lists(near_each_other, min_size=1, max_size=20), st.sampled_from([300, 440, 900]))
def test_a_view_holds_all_points(points: list[tuple[float, float]], width: int) -> None:
    """With room for half a mark at each edge."""
    height = 300
    view = around(points, width, height)
    middle = pixel(view, view.zoom)
    for latitude, longitude in points:
        x, y = pixel(Mark(latitude, longitude, ()), view.zoom)

        assert abs(x - middle[0]) <= 0.4 * width + 0.001
        assert abs(y - middle[1]) <= 0.4 * height + 0.001


def test_a_view_of_one_place_is_not_endlessly_close() -> None:
    """A building is seen with its town."""
    view = around([LISBON, LISBON], 440, 300)

    assert (view.latitude, view.longitude) == pytest.approx(LISBON)
    assert view.zoom == CLOSEST


def test_a_view_of_nothing_is_the_world() -> None:
    """An empty map is a map."""
    assert around([], 440, 300).zoom < 1
