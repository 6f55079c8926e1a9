"""Points as marks on a map: which share one, so that none covers another, and where to look.

Latitude and longitude are decimal degrees. The map is in web Mercator, whose world is a square of
512 pixels at zoom 0 and of twice as many at each zoom more.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bookings.places import sites

__all__ = ["Mark", "View", "around", "marks"]

WORLD = 512
"""Pixels."""
NORTHERNMOST = 85.0
"""The square of web Mercator ends there; the poles are at no end of it."""
ROOM = 0.8
"""The share of a map that its points may take, so that no mark lies on the edge."""
FARTHEST, CLOSEST = 0.6, 11.0
"""Zooms."""


@dataclass(frozen=True, slots=True)
class View:
    """The middle of a map and its zoom."""

    latitude: float
    longitude: float
    zoom: float


EVERYWHERE = View(30.0, 10.0, 0.8)


@dataclass(frozen=True, slots=True)
class Mark:
    """Points that are drawn as one."""

    latitude: float
    """The mean of its points on the map."""

    longitude: float

    indices: tuple[int, ...]
    """Positions in the sequence the points came from, ascending."""


def around(points: Sequence[tuple[float, float]], width: float, height: float) -> View:
    """The closest view of a map that holds all points (latitude, longitude).

    Width and height are pixels. The whole world where there is no point.
    """
    if not points:
        return EVERYWHERE
    across = [_across(longitude) for _, longitude in points]
    down = [_down(latitude) for latitude, _ in points]
    west, east, top, bottom = min(across), max(across), min(down), max(down)
    # One point takes no room, and a logarithm of nothing is none.
    share = max((east - west) / width, (bottom - top) / height, 1e-9)
    zoom = math.log2(ROOM / WORLD / share)
    return View(
        _latitude((top + bottom) / 2),
        _longitude((west + east) / 2),
        max(FARTHEST, min(zoom, CLOSEST)),
    )


def marks(
    points: Sequence[tuple[float, float]], zoom: float, radius: Callable[[int], float]
) -> list[Mark]:
    """Joins points (latitude, longitude) until no mark covers another at a zoom.

    `radius` gives the pixels from the middle of a mark to its edge, by how many points it has.
    Marks are in the order of their first point.
    """
    pixels = WORLD * 2.0**zoom
    discs = [
        _Disc(_across(site.longitude) * pixels, _down(site.latitude) * pixels, site.indices)
        for site in sites(points)
    ]
    while len(joined := _joined(discs, radius)) < len(discs):
        discs = joined
    return [
        Mark(_latitude(disc.down / pixels), _longitude(disc.across / pixels), disc.indices)
        for disc in sorted(discs, key=lambda disc: disc.indices)
    ]


@dataclass(frozen=True, slots=True)
class _Disc:
    across: float
    """Pixels east of 180 degrees west."""
    down: float
    """Pixels south of the northern end of the map."""
    indices: tuple[int, ...]

    def distance(self, other: "_Disc") -> float:
        return math.hypot(self.across - other.across, self.down - other.down)


def _joined(discs: Sequence[_Disc], radius: Callable[[int], float]) -> list[_Disc]:
    """Joins each disc to the nearest larger one that it covers a part of.

    What is joined moves and grows, so that it can cover another then.
    """
    reach = 2 * max((radius(len(disc.indices)) for disc in discs), default=0)
    # Only what lies in the squares around a disc can be touched by it.
    squares: dict[tuple[int, int], list[list[_Disc]]] = {}
    groups: list[list[_Disc]] = []
    for disc in sorted(discs, key=lambda disc: (-len(disc.indices), disc.indices)):
        column, row = int(disc.across // reach), int(disc.down // reach)
        touched = [
            group
            for x in (column - 1, column, column + 1)
            for y in (row - 1, row, row + 1)
            for group in squares.get((x, y), ())
            if disc.distance(group[0]) < radius(len(disc.indices)) + radius(len(group[0].indices))
        ]
        if touched:
            min(touched, key=lambda group: disc.distance(group[0])).append(disc)
        else:
            groups.append([disc])
            squares.setdefault((column, row), []).append(groups[-1])
    return [_together(group) for group in groups]


def _together(group: Sequence[_Disc]) -> _Disc:
    if len(group) == 1:
        return group[0]
    indices = tuple(sorted(index for disc in group for index in disc.indices))
    return _Disc(
        sum(disc.across * len(disc.indices) for disc in group) / len(indices),
        sum(disc.down * len(disc.indices) for disc in group) / len(indices),
        indices,
    )


def _across(longitude: float) -> float:
    """As a share of the world's width, from the west."""
    return longitude / 360 + 0.5


def _longitude(across: float) -> float:
    return (across - 0.5) * 360


def _down(latitude: float) -> float:
    """As a share of the world's height, from the north."""
    radians = math.radians(max(-NORTHERNMOST, min(NORTHERNMOST, latitude)))
    return 0.5 - math.asinh(math.tan(radians)) / (2 * math.pi)


def _latitude(down: float) -> float:
    return math.degrees(math.atan(math.sinh(2 * math.pi * (0.5 - down))))
