"""Build the map's land shapes and the country boxes from the npm package world-atlas.

    python docs/basemap.py                          # fetches the package with `npm pack`
    python docs/basemap.py world-atlas-2.0.2.tgz    # uses a package that is already here

Writes three files, which are committed, so that neither the dashboard nor its tests need this
command, npm or the network:

    components/static/world.geojson           177 countries, 1:110m, drawn behind the points
    components/static/world-atlas.LICENSE     the licence text of the package, unchanged
    bookings/country_boxes.json               boxes of each country, 1:50m, read by bookings.places

Needs, at build time only: antimeridian, shapely, pycountry (PyPI) and, without a given package,
npm. The same package and the same versions of these give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeAlias

import antimeridian
import pycountry
from shapely import clip_by_rect, make_valid, segmentize
from shapely.geometry import mapping, shape

PACKAGE = "world-atlas@2.0.2"
ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "components" / "static"
BOXES = ROOT / "bookings" / "country_boxes.json"

# 0.01 degree is about 1 km, finer than 1:110m shapes are true to. The file has 173 KB; with a
# third decimal it would have 194 KB.
DECIMALS = 2

# Web Mercator puts the poles at infinity and is cut here, where the world becomes a square.
MERCATOR_LATITUDE = 85.05
# The cut through Antarctica is one edge around the whole world. Shorter ones (in degrees) leave
# no edge that could be read as crossing the antimeridian.
LONGEST_EDGE = 90

# world-atlas knows countries by ISO 3166-1 number and leaves the number out where ISO has none.
# XK is the code the European Union and CLDR use for Kosovo.
CODES_BY_NAME = {"Kosovo": "XK"}

# Land that has no code of its own (or is drawn with the country that controls it) belongs, for
# ISO 3166, to another country. A service there may be declared under that code, and its place
# must not be called doubtful for it. The shapes drawn stay as Natural Earth has them.
BOXES_BY_NAME = {"Somaliland": "SO", "N. Cyprus": "CY"}
EXTRA_BOXES = {"UA": [(32.48, 44.38, 36.66, 46.23)]}  # Crimea

Position: TypeAlias = tuple[float, float]
Box: TypeAlias = tuple[float, float, float, float]
"""West, south, east, north, in decimal degrees."""


def read_package(tarball: Path, member: str) -> bytes:
    """Return one file of an npm package."""
    with tarfile.open(tarball) as archive:
        file = archive.extractfile(f"package/{member}")
        if file is None:
            raise FileNotFoundError(f"{member} is not in {tarball}")
        return file.read()


def decode_arcs(topology: dict[str, Any]) -> list[list[Position]]:
    """Turn the shared, delta-coded integer lines of a TopoJSON file into degrees."""
    scale_x, scale_y = topology["transform"]["scale"]
    offset_x, offset_y = topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        x = y = 0
        arc = []
        for dx, dy in deltas:
            x, y = x + dx, y + dy
            arc.append((x * scale_x + offset_x, y * scale_y + offset_y))
        arcs.append(arc)
    return arcs


def decode_ring(indices: Iterable[int], arcs: list[list[Position]]) -> list[Position]:
    """Join arcs to one ring. A negative index (-1 - i) means arc i, walked backwards.

    world-atlas winds rings as d3 wants them, which is the opposite of GeoJSON, so the ring is
    turned round. The direction matters: only it tells land around the South Pole from the rest
    of the world.
    """
    ring: list[Position] = []
    for index in indices:
        arc = arcs[index] if index >= 0 else arcs[~index][::-1]
        # Each arc begins where the one before it ended.
        ring.extend(arc[1:] if ring else arc)
    return ring[::-1]


def decode(topology: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the countries of a TopoJSON file as GeoJSON features, cut at the antimeridian.

    world-atlas keeps Russia, Fiji and Antarctica whole, so their rings jump from 180 to -180. A
    flat map draws each jump as a stripe across the world, and a box around it spans every
    longitude.
    """
    arcs = decode_arcs(topology)
    for country in topology["objects"]["countries"]["geometries"]:
        polygons = [country["arcs"]] if country["type"] == "Polygon" else country["arcs"]
        rings = [[decode_ring(indices, arcs) for indices in polygon] for polygon in polygons]
        # One sliver of North Korea is a line there and back; it has no area to draw.
        rings = [polygon for polygon in rings if len(set(polygon[0])) >= 3]
        name = country["properties"]["name"]
        feature = {
            "type": "Feature",
            "properties": {"iso": alpha2(country.get("id"), name), "name": name},
            "geometry": {"type": "MultiPolygon", "coordinates": rings},
        }
        # A planar test of the direction takes Antarctica, which goes round the pole, for wound
        # the wrong way.
        yield antimeridian.fix_geojson(feature, fix_winding=False)


def alpha2(number: str | None, name: str) -> str | None:
    """Return the two-letter code of a country, or None where there is none."""
    if number is None:
        return CODES_BY_NAME.get(name)
    country = pycountry.countries.get(numeric=number)
    return country.alpha_2 if country else None


def polygons_of(geometry: dict[str, Any]) -> list[list[list[Position]]]:
    """Return the polygons of a Polygon or MultiPolygon, each a list of rings."""
    if geometry["type"] == "Polygon":
        return [geometry["coordinates"]]
    return list(geometry["coordinates"])


def round_ring(ring: Iterable[Position]) -> list[list[float]]:
    """Round a ring and drop the positions that became equal to the one before."""
    # Adding 0.0 turns -0.0 into 0.0.
    rounded = [[round(x, DECIMALS) + 0.0, round(y, DECIMALS) + 0.0] for x, y in ring]
    return rounded[:1] + [after for before, after in pairwise(rounded) if after != before]


def round_geometry(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return the geometry with rounded coordinates and without rings that lost their area."""
    polygons = []
    for polygon in polygons_of(geometry):
        rings = [ring for ring in map(round_ring, polygon) if len(ring) >= 4]
        if rings:
            polygons.append(rings)
    if len(polygons) == 1:
        return {"type": "Polygon", "coordinates": polygons[0]}
    return {"type": "MultiPolygon", "coordinates": polygons}


def untangle(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return the same area without crossing rings, as the source has one in Sudan."""
    valid = make_valid(shape(geometry), method="structure", keep_collapsed=False)
    untangled: dict[str, Any] = mapping(valid)
    return untangled


def cut_for_mercator(geometry: dict[str, Any]) -> dict[str, Any]:
    """Return the part of the geometry that a Web Mercator map shows."""
    drawn = clip_by_rect(shape(geometry), -180, -MERCATOR_LATITUDE, 180, MERCATOR_LATITUDE)
    cut: dict[str, Any] = mapping(segmentize(drawn, LONGEST_EDGE))
    return cut


def world(topology: dict[str, Any]) -> dict[str, Any]:
    """Return the land shapes for the map."""
    features = []
    for feature in decode(topology):
        geometry = round_geometry(feature["geometry"])
        if shape(geometry).bounds[1] < -MERCATOR_LATITUDE:
            geometry = round_geometry(cut_for_mercator(geometry))
        if not shape(geometry).is_valid:
            geometry = round_geometry(untangle(geometry))
        if not shape(geometry).is_valid:
            raise ValueError(f"{feature['properties']['name']} crosses itself")
        features.append(
            {"type": "Feature", "properties": feature["properties"], "geometry": geometry}
        )
    return {"type": "FeatureCollection", "features": features}


def overlap(one: Box, other: Box) -> bool:
    """Say whether two boxes share an area or an edge."""
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def merge(boxes: Iterable[Box]) -> list[Box]:
    """Replace boxes that overlap by the box around them, until none do, west to east."""
    merged: list[Box] = []
    for box in boxes:
        current = box
        while touching := [other for other in merged if overlap(current, other)]:
            merged = [other for other in merged if other not in touching]
            wests, souths, easts, norths = zip(current, *touching, strict=True)
            current = (min(wests), min(souths), max(easts), max(norths))
        merged.append(current)
    return sorted(merged)


def boxes_by_country(topology: dict[str, Any]) -> dict[str, list[Box]]:
    """Return the boxes around each country's polygons, by alpha-2 code."""
    found: dict[str, list[Box]] = {code: list(extra) for code, extra in EXTRA_BOXES.items()}
    for feature in decode(topology):
        properties = feature["properties"]
        code = properties["iso"] or BOXES_BY_NAME.get(properties["name"])
        if code is None:
            continue
        for exterior, *_ in polygons_of(feature["geometry"]):
            xs, ys = zip(*(position[:2] for position in exterior), strict=True)
            west, south, east, north = (
                round(bound, DECIMALS) + 0.0 for bound in (min(xs), min(ys), max(xs), max(ys))
            )
            found.setdefault(code, []).append((west, south, east, north))
    return {code: merge(found[code]) for code in sorted(found)}


def dump(value: Any) -> str:
    """Write JSON without blanks and with names as they are."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def build(tarball: Path) -> None:
    """Write the three files from one package."""
    STATIC.mkdir(parents=True, exist_ok=True)
    land = world(json.loads(read_package(tarball, "countries-110m.json")))
    boxes = boxes_by_country(json.loads(read_package(tarball, "countries-50m.json")))
    lines = ",\n".join(f"{dump(code)}:{dump(value)}" for code, value in boxes.items())
    for path, content in (
        (STATIC / "world.geojson", dump(land) + "\n"),
        (STATIC / "world-atlas.LICENSE", read_package(tarball, "LICENSE").decode()),
        # One country a line, so that a change can be read in a diff.
        (BOXES, "{\n" + lines + "\n}\n"),
    ):
        path.write_text(content, encoding="utf-8", newline="\n")
        report(f"{path.relative_to(ROOT)}: {path.stat().st_size:,} bytes")
    report(f"{len(land['features'])} countries drawn, {len(boxes)} countries with boxes")


def report(line: str) -> None:
    """Tell the person at the terminal."""
    sys.stdout.write(line + "\n")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Build the land shapes and the country boxes.")
    parser.add_argument("tarball", nargs="?", type=Path, help=f"{PACKAGE} as npm packs it")
    given = parser.parse_args().tarball
    if given is not None:
        build(given)
        return
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", "--silent", PACKAGE]
        packed = subprocess.run(  # noqa: S603 - the command is a constant
            command, cwd=folder, check=True, capture_output=True, text=True
        )
        build(Path(folder, packed.stdout.split()[-1]))


if __name__ == "__main__":
    main()
