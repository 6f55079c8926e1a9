"""Coordinates: whether an offering can be put on the map, and whether its place is believable.

A Waldur server checks neither that coordinates exist nor that they fit the declared country.
This module does, with values only: latitude and longitude in decimal degrees (WGS84, north and
east positive), and the country as an ISO 3166-1 alpha-2 code.

The country is judged by boxes around its land, in country_boxes.json beside this file (Natural
Earth, 1:50m; built by docs/basemap.py). A box is wider than the country in it, so a place just
over a border is not noticed; what is noticed are the mistakes people make when typing
coordinates, which land on another continent.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import TypeAlias

from babel import Locale, UnknownLocaleError

__all__ = ["Place", "Placement", "Site", "country_name", "judge", "sites"]

# Degrees, about 55 km from north to south. Coordinates rounded to whole degrees are up to half a
# degree off, and the coastline of the boxes leaves out small islands and harbours.
MARGIN = 0.5

# Four decimals are about 11 m: one building.
SITE_DECIMALS = 4

Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north, in decimal degrees. No box crosses the antimeridian."""


class Placement(StrEnum):
    """Why an offering is on the map, or is not."""

    ON_MAP = "on_map"
    """Coordinates are valid and do not contradict the declared country."""

    MISSING = "missing"
    """Neither latitude nor longitude is recorded."""

    HALF = "half"
    """Only one of the two is recorded."""

    OUT_OF_RANGE = "out_of_range"
    """Not on Earth: beyond 90 degrees of latitude or 180 of longitude, or not a number."""

    NULL_ISLAND = "null_island"
    """Exactly 0, 0, which forms record when nobody filled them in."""

    SWAPPED = "swapped"
    """Far from the declared country, but in it when latitude and longitude are exchanged."""

    OUTSIDE_COUNTRY = "outside_country"
    """Far from the declared country."""


DOUBTFUL = frozenset({Placement.SWAPPED, Placement.OUTSIDE_COUNTRY})


@dataclass(frozen=True, slots=True)
class Place:
    """The recorded coordinates of one offering and what they are worth."""

    latitude: float | None
    """Decimal degrees, as recorded."""

    longitude: float | None
    """Decimal degrees, as recorded."""

    country: str
    """The declared country, as recorded: an alpha-2 code, or "" for none."""

    placement: Placement

    reason: str
    """One sentence for people, with the values; "" when there is nothing to say."""

    @property
    def usable(self) -> bool:
        """Whether the place is drawn. A doubtful one is, at the coordinates recorded."""
        return self.placement is Placement.ON_MAP or self.doubtful

    @property
    def doubtful(self) -> bool:
        """Whether the coordinates contradict the declared country."""
        return self.placement in DOUBTFUL


@dataclass(frozen=True, slots=True)
class Site:
    """Points that are at the same place, so that one mark stands for all of them."""

    latitude: float
    """Decimal degrees, rounded."""

    longitude: float
    """Decimal degrees, rounded."""

    indices: tuple[int, ...]
    """Positions in the sequence the points came from, ascending."""


def judge(latitude: float | None, longitude: float | None, country: str) -> Place:
    """Say what the coordinates of an offering are worth.

    A country that is "" or has no known boxes contradicts nothing.
    """
    placement, reason = _verdict(latitude, longitude, country.strip().upper())
    return Place(latitude, longitude, country, placement, reason)


def country_name(alpha2: str, locale: str = "en") -> str:
    """Return the name of a country in a language, from the CLDR data in Babel.

    A code that CLDR does not know comes back unchanged, and a locale that Babel does not know
    counts as English.
    """
    code = alpha2.strip().upper()
    # CLDR also lists regions by number, and ZZ for "unknown region"; neither is a country.
    if len(code) != 2 or code == "ZZ":
        return alpha2
    name = _locale(locale).territories.get(code)
    return alpha2 if name is None else str(name)


def sites(points: Sequence[tuple[float, float]]) -> list[Site]:
    """Group points (latitude, longitude) that are at the same place.

    Sites are in the order of their first point. Pass usable points: NaN equals nothing.
    """
    groups: dict[tuple[float, float], list[int]] = {}
    for index, (latitude, longitude) in enumerate(points):
        # Adding 0.0 turns -0.0 into 0.0, which would be shown differently.
        key = round(latitude, SITE_DECIMALS) + 0.0, round(longitude, SITE_DECIMALS) + 0.0
        groups.setdefault(key, []).append(index)
    return [Site(*key, indices=tuple(indices)) for key, indices in groups.items()]


def _verdict(
    latitude: float | None, longitude: float | None, country: str
) -> tuple[Placement, str]:
    """Return the first rule that applies, and its sentence."""
    if latitude is None and longitude is None:
        return Placement.MISSING, "No coordinates are recorded."
    if latitude is None:
        return Placement.HALF, f"Longitude {longitude} is recorded, but latitude is not."
    if longitude is None:
        return Placement.HALF, f"Latitude {latitude} is recorded, but longitude is not."

    values = f"Latitude {latitude}, longitude {longitude}"
    in_country_when_exchanged = _near(longitude, latitude, country)
    name = country_name(country)
    if not _on_earth(latitude, longitude):
        hint = f"; exchanged, they would be in or near {name}" if in_country_when_exchanged else ""
        limits = "latitude goes from -90 to 90, longitude from -180 to 180"
        return Placement.OUT_OF_RANGE, f"{values} is not a place on Earth: {limits}{hint}."
    if latitude == 0 and longitude == 0:
        return (
            Placement.NULL_ISLAND,
            f"{values} is a point in the Atlantic that usually means nothing was filled in.",
        )
    if country not in _boxes() or _near(latitude, longitude, country):
        return Placement.ON_MAP, ""
    if in_country_when_exchanged:
        return (
            Placement.SWAPPED,
            f"{values} is far from {name}, the declared country, but in or near it when the two "
            "are exchanged.",
        )
    return Placement.OUTSIDE_COUNTRY, f"{values} is far from {name}, the declared country."


def _on_earth(latitude: float, longitude: float) -> bool:
    """Say whether both are in range. NaN compares false with everything, so it is not."""
    return -90 <= latitude <= 90 and -180 <= longitude <= 180


def _near(latitude: float, longitude: float, country: str) -> bool:
    """Say whether a point is on Earth and in, or within the margin of, a box of the country."""
    if not _on_earth(latitude, longitude):
        return False
    # A box that ends at the antimeridian reaches, by its margin, beyond it.
    longitudes = (longitude, longitude - 360, longitude + 360)
    return any(
        south - MARGIN <= latitude <= north + MARGIN
        and any(west - MARGIN <= each <= east + MARGIN for each in longitudes)
        for west, south, east, north in _boxes().get(country, ())
    )


@cache
def _boxes() -> dict[str, list[Box]]:
    """Read the boxes once, when the first place is judged."""
    path = Path(__file__).with_name("country_boxes.json")
    content: dict[str, list[list[float]]] = json.loads(path.read_text(encoding="utf-8"))
    return {
        code: [(west, south, east, north) for west, south, east, north in boxes]
        for code, boxes in content.items()
    }


@cache
def _locale(name: str) -> Locale:
    """Return a locale by its name, written with a hyphen or an underscore."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")
