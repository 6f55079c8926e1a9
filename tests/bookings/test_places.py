"""Coordinates rules, and the two data files that were built for them."""

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from bookings import places
from bookings.places import Place, Placement, Site, country_name, judge, sites

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "components" / "static"
BOXES: dict[str, list[list[float]]] = json.loads(
    (ROOT / "bookings" / "country_boxes.json").read_text(encoding="utf-8")
)

# The first call of a process reads the boxes and a locale, which a busy machine may do slowly.

latitudes = st.floats(-90, 90)
longitudes = st.floats(-180, 180)
any_value = st.none() | st.floats() | st.integers(-1000, 1000)
any_country = st.sampled_from(sorted(BOXES)) | st.sampled_from(["", "ZZ", "UK"]) | st.text()


@st.composite
def points_in_a_country(draw: st.DrawFn) -> tuple[float, float, str]:
    """Draw a point inside one of a country's boxes."""
    country = draw(st.sampled_from(sorted(BOXES)))
    west, south, east, north = draw(st.sampled_from(BOXES[country]))
    return draw(st.floats(south, north)), draw(st.floats(west, east)), country


@pytest.mark.parametrize(
    ("latitude", "longitude", "country"),
    [
        (58.38, 26.72, "EE"),
        (60.17, 24.94, "FI"),
        (78.22, 15.65, "NO"),  # Longyearbyen, in another box than Oslo
        (-21.1, 55.5, "FR"),  # Réunion
        (64.73, 177.51, "RU"),  # Anadyr
        (66.0, -171.0, "RU"),  # the same country, on the other side of the antimeridian
        (-16.8, 179.99, "FJ"),
        (-16.8, -179.99, "FJ"),
        (21.3, -157.86, "US"),
        (-77.85, 166.67, "AQ"),
        (-90.0, 0.0, "AQ"),
        (1.35, 103.82, "SG"),
        (43.73, 7.42, "MC"),
        (42.66, 21.17, "XK"),
        (9.56, 44.06, "SO"),  # Hargeisa, drawn as Somaliland
        (35.34, 33.32, "CY"),  # Kyrenia, drawn as N. Cyprus
        (44.95, 34.1, "UA"),  # Simferopol
        (58.38, 26.72, "ee"),
        (58.38, 26.72, " EE "),
        (58, 27, "EE"),
    ],
)
def test_place_in_its_country_is_on_the_map(
    latitude: float, longitude: float, country: str
) -> None:
    """A place in any part of its declared country is on the map, and nothing is said."""
    place = judge(latitude, longitude, country)
    assert place == Place(latitude, longitude, country, Placement.ON_MAP, "")
    assert place.usable
    assert not place.doubtful


@pytest.mark.parametrize("country", ["", " ", "ZZ", "UK", "EU", "Estonia", "<b>EE</b>"])
@pytest.mark.parametrize(("latitude", "longitude"), [(58.38, 26.72), (-45.0, 170.0), (0.0, 9.0)])
def test_unknown_country_contradicts_nothing(
    latitude: float, longitude: float, country: str
) -> None:
    """Without a country that has boxes, valid coordinates are believed."""
    assert judge(latitude, longitude, country).placement is Placement.ON_MAP


@pytest.mark.parametrize("country", ["", "EE", "ZZ"])
def test_missing_coordinates(country: str) -> None:
    """Two nulls are missing coordinates, whatever the country."""
    place = judge(None, None, country)
    assert place.placement is Placement.MISSING
    assert place.reason == "No coordinates are recorded."
    assert not place.usable


@pytest.mark.parametrize(
    ("latitude", "longitude", "recorded"),
    [
        (58.38, None, "Latitude 58.38"),
        (None, 26.72, "Longitude 26.72"),
        (0.0, None, "Latitude 0.0"),
        (None, 0.0, "Longitude 0.0"),
        (math.nan, None, "Latitude nan"),
    ],
)
def test_one_of_two_coordinates(
    latitude: float | None, longitude: float | None, recorded: str
) -> None:
    """A single coordinate is no place, and the sentence names the one there is."""
    place = judge(latitude, longitude, "EE")
    assert place.placement is Placement.HALF
    assert place.reason.startswith(recorded)
    assert not place.usable


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        (90.0001, 0.0),
        (-91.0, 26.0),
        (58.0, 180.0001),
        (58.0, -181.0),
        (583806.0, 267250.0),
        (math.nan, 26.72),
        (58.38, math.nan),
        (math.inf, 0.0),
        (0.0, -math.inf),
        (math.nan, math.nan),
    ],
)
def test_out_of_range(latitude: float, longitude: float) -> None:
    """What is beyond the limits, or not a number, is not drawn."""
    place = judge(latitude, longitude, "EE")
    assert place.placement is Placement.OUT_OF_RANGE
    assert str(latitude) in place.reason
    assert str(longitude) in place.reason
    assert "exchanged" not in place.reason
    assert not place.usable


@pytest.mark.parametrize(
    ("latitude", "longitude"), [(90.0, 180.0), (-90.0, -180.0), (90.0, -180.0), (-90.0, 180.0)]
)
def test_the_limits_belong_to_the_range(latitude: float, longitude: float) -> None:
    """The poles and the antimeridian are places on Earth."""
    assert judge(latitude, longitude, "").placement is Placement.ON_MAP


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "name"),
    [(116.4, 39.9, "CN", "China"), (151.2, -33.87, "AU", "Australia")],
)
def test_out_of_range_tells_when_exchanging_helps(
    latitude: float, longitude: float, country: str, name: str
) -> None:
    """An exchanged pair that is off the Earth is not drawn, but the mistake is named."""
    place = judge(latitude, longitude, country)
    assert place.placement is Placement.OUT_OF_RANGE
    assert place.reason.endswith(f"exchanged, they would be in or near {name}.")


@pytest.mark.parametrize(("latitude", "longitude"), [(0.0, 0.0), (-0.0, 0.0), (0, 0)])
@pytest.mark.parametrize("country", ["", "EE", "GA"])
def test_null_island(latitude: float, longitude: float, country: str) -> None:
    """Exactly 0, 0 is taken for not filled in, and not drawn."""
    place = judge(latitude, longitude, country)
    assert place.placement is Placement.NULL_ISLAND
    assert not place.usable


def test_near_null_island_is_a_place() -> None:
    """Only exactly 0, 0 is special; a buoy next to it may be meant."""
    assert judge(0.0001, 0.0, "").placement is Placement.ON_MAP


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "name"),
    [
        (26.72, 58.38, "EE", "Estonia"),
        (24.94, 60.17, "FI", "Finland"),
        (6.14, 46.2, "CH", "Switzerland"),
        (-74.0, 40.7, "US", "United States"),
        (18.42, -33.92, "ZA", "South Africa"),
    ],
)
def test_swapped(latitude: float, longitude: float, country: str, name: str) -> None:
    """A pair that fits its country only when exchanged is drawn as recorded, and reported."""
    place = judge(latitude, longitude, country)
    assert place.placement is Placement.SWAPPED
    assert (place.latitude, place.longitude) == (latitude, longitude)
    assert name in place.reason
    assert str(latitude) in place.reason
    assert str(longitude) in place.reason
    assert place.usable
    assert place.doubtful


@pytest.mark.parametrize("country", ["TD", "EG", "NG"])
def test_exchange_that_changes_nothing_is_not_reported(country: str) -> None:
    """Where a country holds the point both ways, there is nothing to doubt."""
    west, south, east, north = BOXES[country][0]
    middle = (max(west, south) + min(east, north)) / 2
    assert judge(middle, middle, country).placement is Placement.ON_MAP


@pytest.mark.parametrize(
    ("latitude", "longitude", "country", "name"),
    [
        (48.14, 11.58, "EE", "Estonia"),
        (58.38, -26.72, "EE", "Estonia"),  # a lost sign
        (-58.38, 26.72, "EE", "Estonia"),
        (5.838, 2.672, "EE", "Estonia"),  # a misplaced point
        (35.68, 139.69, "KR", "South Korea"),
        (50.06, 19.94, "RU", "Russia"),  # between two of the country's boxes, in neither
    ],
)
def test_outside_the_country(latitude: float, longitude: float, country: str, name: str) -> None:
    """A place far from its country is drawn as recorded, and reported."""
    place = judge(latitude, longitude, country)
    assert place.placement is Placement.OUTSIDE_COUNTRY
    assert place.reason == (
        f"Latitude {latitude}, longitude {longitude} is far from {name}, the declared country."
    )
    assert place.usable
    assert place.doubtful


@pytest.mark.parametrize(
    ("past", "placement"), [(0.49, Placement.ON_MAP), (0.51, Placement.OUTSIDE_COUNTRY)]
)
@pytest.mark.parametrize("side", ["north", "south", "west", "east"])
def test_margin_on_every_side(side: str, past: float, placement: Placement) -> None:
    """Half a degree around the land is still near it, and no more."""
    (west, south, east, north) = BOXES["IS"][0]
    middle = ((south + north) / 2, (west + east) / 2)
    latitude, longitude = {
        "north": (north + past, middle[1]),
        "south": (south - past, middle[1]),
        "west": (middle[0], west - past),
        "east": (middle[0], east + past),
    }[side]
    assert judge(latitude, longitude, "IS").placement is placement


@pytest.mark.parametrize("longitude", [179.9, -179.9, 180.0, -180.0])
def test_margin_crosses_the_antimeridian(longitude: float) -> None:
    """A box that ends at 180 degrees reaches beyond it, as the Earth does."""
    assert judge(-18.95, longitude, "FJ").placement is Placement.ON_MAP


@given(any_value, any_value, any_country)
def test_judge_always_answers(
    latitude: float | None, longitude: float | None, country: str
) -> None:
    """Any values give a verdict, with a sentence exactly when there is something to say."""
    place = judge(latitude, longitude, country)
    assert place.country == country
    assert (place.reason == "") is (place.placement is Placement.ON_MAP)
    assert place.reason == "" or place.reason.endswith(".")
    assert "\n" not in place.reason
    assert place.usable or not place.doubtful


@given(any_value, any_value, any_country)
def test_usable_means_two_finite_numbers_in_range(
    latitude: float | None, longitude: float | None, country: str
) -> None:
    """Whoever draws a usable place needs no check of their own."""
    place = judge(latitude, longitude, country)
    if place.usable:
        assert place.latitude is not None
        assert place.longitude is not None
        assert abs(place.latitude) <= 90
        assert abs(place.longitude) <= 180


@given(points_in_a_country())
def test_every_point_of_a_box_is_in_its_country(point: tuple[float, float, str]) -> None:
    """No part of a country is doubtful for that country."""
    assert not judge(*point).doubtful


@given(points_in_a_country())
def test_exchanged_point_is_never_merely_outside(point: tuple[float, float, str]) -> None:
    """Exchanging a good pair is recognised as an exchange wherever it is not harmless."""
    latitude, longitude, country = point
    assert judge(longitude, latitude, country).placement is not Placement.OUTSIDE_COUNTRY


@given(latitudes, longitudes, st.text(min_size=3))
def test_text_of_the_server_is_not_repeated(
    latitude: float, longitude: float, country: str
) -> None:
    """A country that is no code is not judged, so none of its text is in a sentence."""
    place = judge(latitude, longitude, f"<{country}>")
    assert place.reason == "" or place.placement is Placement.NULL_ISLAND


@pytest.mark.parametrize(
    ("alpha2", "locale", "name"),
    [
        ("EE", "en", "Estonia"),
        ("EE", "et", "Eesti"),
        ("EE", "de", "Estland"),
        ("EE", "de-AT", "Estland"),
        ("EE", "de_AT", "Estland"),
        ("ee", "en", "Estonia"),
        ("XK", "en", "Kosovo"),
        ("CI", "et", "Elevandiluurannik"),
        ("EE", "xx", "Estonia"),
        ("EE", "", "Estonia"),
        ("EE", "not a locale", "Estonia"),
        ("", "en", ""),
        ("UK", "en", "UK"),
        ("ZZ", "en", "ZZ"),
        ("001", "en", "001"),
        ("<b>", "en", "<b>"),
    ],
)
def test_country_name(alpha2: str, locale: str, name: str) -> None:
    """Known codes get a name in the language asked for, and others come back as they came."""
    assert country_name(alpha2, locale) == name


@given(st.text(), st.text())
def test_country_name_always_answers(alpha2: str, locale: str) -> None:
    """Neither an unknown code nor an unknown locale is an error."""
    assert country_name(alpha2, locale) or not alpha2


def test_no_points_no_sites() -> None:
    """Nothing is at no place."""
    assert sites([]) == []


def test_sites_group_points_at_one_place() -> None:
    """Points that agree to four decimals share a site, in the order of the first of each."""
    points = [(59.4, 24.7), (58.3806, 26.7251), (59.40001, 24.69999), (58.3806, 26.7252)]
    assert sites(points) == [
        Site(59.4, 24.7, (0, 2)),
        Site(58.3806, 26.7251, (1,)),
        Site(58.3806, 26.7252, (3,)),
    ]


def test_sites_know_one_zero() -> None:
    """A site on the equator is at 0.0, never at -0.0."""
    (site,) = sites([(-0.0, 9.0), (0.00001, 9.0), (-0.00001, 9.0)])
    assert site.indices == (0, 1, 2)
    assert math.copysign(1, site.latitude) == 1


@given(st.lists(st.tuples(latitudes, longitudes), max_size=30))
def test_each_point_is_in_exactly_one_site(points: list[tuple[float, float]]) -> None:
    """Nothing is lost or counted twice."""
    indices = [index for site in sites(points) for index in site.indices]
    assert sorted(indices) == list(range(len(points)))


@given(st.lists(st.tuples(latitudes, longitudes), max_size=30))
def test_sites_are_near_their_points(points: list[tuple[float, float]]) -> None:
    """A site is at most the rounding away from each of its points."""
    for site in sites(points):
        for index in site.indices:
            assert points[index] == pytest.approx((site.latitude, site.longitude), abs=5.1e-5)


@given(st.lists(st.sampled_from([(1.0, 2.0), (3.0, 4.0), (5.0, 6.0)]), max_size=30))
def test_sites_keep_the_order(points: list[tuple[float, float]]) -> None:
    """Sites come in the order of their first point, and indices ascend."""
    found = sites(points)
    assert [site.indices[0] for site in found] == sorted(site.indices[0] for site in found)
    assert all(list(site.indices) == sorted(site.indices) for site in found)
    assert [(site.latitude, site.longitude) for site in found] == list(dict.fromkeys(points))


def test_boxes_are_read_once() -> None:
    """Judging thousands of places reads the file a single time."""
    judge(58.38, 26.72, "EE")
    misses = places._boxes.cache_info().misses
    judge(60.17, 24.94, "FI")
    assert places._boxes.cache_info().misses == misses


def test_boxes_are_boxes() -> None:
    """Every box is on Earth, has its west in the west, and shares no land with the next."""
    for code, boxes in BOXES.items():
        assert boxes, code
        for west, south, east, north in boxes:
            assert -180 <= west <= east <= 180, code
            assert -90 <= south <= north <= 90, code
        for index, (west, south, east, north) in enumerate(boxes):
            for other in boxes[index + 1 :]:
                apart = east < other[0] or other[2] < west or north < other[1] or other[3] < south
                assert apart, code


def test_boxes_are_split_at_the_antimeridian() -> None:
    """Only Antarctica spans every longitude; a box around Fiji or Russia must not."""
    widest = {code: max(box[2] - box[0] for box in boxes) for code, boxes in BOXES.items()}
    assert {code for code, width in widest.items() if width > 180} == {"AQ"}


def test_boxes_have_names() -> None:
    """Every country that can be contradicted has a name to say it with."""
    territories = Locale("en").territories
    assert [code for code in BOXES if code not in territories] == []
    assert len(BOXES) > 230


@pytest.fixture(scope="module")
def world() -> Any:
    """Return the land shapes."""
    return json.loads((STATIC / "world.geojson").read_text(encoding="utf-8"))


def rings(world: Any) -> list[tuple[str, list[list[float]]]]:
    """Return every ring with the name of its country."""
    found = []
    for feature in world["features"]:
        geometry = feature["geometry"]
        polygons = geometry["coordinates"]
        if geometry["type"] == "Polygon":
            polygons = [polygons]
        found += [(feature["properties"]["name"], ring) for polygon in polygons for ring in polygon]
    return found


def test_world_is_small() -> None:
    """A browser gets the land in one short request."""
    assert (STATIC / "world.geojson").stat().st_size < 250_000


def test_world_has_its_licence_beside_it() -> None:
    """Whoever copies the folder has the terms and the origin too."""
    assert "Permission to use" in (STATIC / "world-atlas.LICENSE").read_text(encoding="utf-8")
    assert "Natural Earth" in (STATIC / "README.md").read_text(encoding="utf-8")


def test_world_has_every_country(world: Any) -> None:
    """There are 177 shapes, each with a name and, where ISO has one, a code with boxes."""
    assert world["type"] == "FeatureCollection"
    properties = [feature["properties"] for feature in world["features"]]
    assert len(properties) == 177
    assert all(set(each) == {"iso", "name"} and each["name"] for each in properties)
    assert {each["name"] for each in properties if each["iso"] is None} == {
        "N. Cyprus",
        "Somaliland",
    }
    codes = [each["iso"] for each in properties if each["iso"]]
    assert len(codes) == len(set(codes))
    # Seen at 1:110m and under the same code at 1:50m, or the two files were built apart.
    assert set(codes) <= set(BOXES)


def test_world_has_valid_rings(world: Any) -> None:
    """Every ring is closed, has an area to fill, and repeats no position."""
    for name, ring in rings(world):
        assert len(ring) >= 4, name
        assert ring[0] == ring[-1], name
        assert all(before != after for before, after in pairwise(ring)), name


def test_world_has_no_stripes(world: Any) -> None:
    """No edge spans the antimeridian, which a flat map draws across the whole world."""
    for name, ring in rings(world):
        longest = max(abs(after[0] - before[0]) for before, after in pairwise(ring))
        assert longest < 180, name


def test_world_fits_a_web_mercator_map(world: Any) -> None:
    """Every position can be projected; the poles cannot."""
    for name, ring in rings(world):
        assert all(abs(x) <= 180 and abs(y) <= 85.06 for x, y in ring), name


def test_world_surrounds_the_south_pole(world: Any) -> None:
    """Antarctica reaches from one side of the map to the other, down to its lower edge."""
    positions = [each for name, ring in rings(world) if name == "Antarctica" for each in ring]
    assert [-180.0, -85.05] in positions
    assert [180.0, -85.05] in positions
