"""Cities of ten countries, and coordinates near them."""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class City(NamedTuple):
    """A real city, so that a point on the map is where its country is."""

    name: str
    country: str
    latitude: float
    longitude: float


CITIES = (
    City("Tartu", "EE", 58.3780, 26.7290),
    City("Tallinn", "EE", 59.4370, 24.7536),
    City("Pärnu", "EE", 58.3859, 24.4971),
    City("Helsinki", "FI", 60.1699, 24.9384),
    City("Tampere", "FI", 61.4978, 23.7610),
    City("Oulu", "FI", 65.0121, 25.4651),
    City("Kajaani", "FI", 64.2270, 27.7285),
    City("Stockholm", "SE", 59.3293, 18.0686),
    City("Uppsala", "SE", 59.8586, 17.6389),
    City("Lund", "SE", 55.7047, 13.1910),
    City("Oslo", "NO", 59.9139, 10.7522),
    City("Bergen", "NO", 60.3913, 5.3221),
    City("Trondheim", "NO", 63.4305, 10.3951),
    City("Copenhagen", "DK", 55.6761, 12.5683),
    City("Aarhus", "DK", 56.1629, 10.2039),
    City("Riga", "LV", 56.9496, 24.1052),
    City("Daugavpils", "LV", 55.8714, 26.5161),
    City("Vilnius", "LT", 54.6872, 25.2797),
    City("Kaunas", "LT", 54.8985, 23.9036),
    City("Berlin", "DE", 52.5200, 13.4050),
    City("Jena", "DE", 50.9271, 11.5892),
    City("Kiel", "DE", 54.3233, 10.1228),
    City("Utrecht", "NL", 52.0907, 5.1214),
    City("Delft", "NL", 52.0116, 4.3571),
    City("Groningen", "NL", 53.2194, 6.5665),
    City("Lisbon", "PT", 38.7223, -9.1393),
    City("Porto", "PT", 41.1579, -8.6291),
    City("Coimbra", "PT", 40.2033, -8.4103),
)
COUNTRIES = tuple(sorted({city.country for city in CITIES}))
CAMPUS_SHARE = 0.25
"""Part of the services that stand in one building, and so at one point of the map."""


def cities_of(countries: tuple[str, ...]) -> tuple[City, ...]:
    """The cities of these countries."""
    return tuple(city for city in CITIES if city.country in countries)


def point_near(rng: Random, city: City) -> tuple[float, float]:
    """A point within a few kilometres of the city, or exactly its campus."""
    if rng.random() < CAMPUS_SHARE:
        return city.latitude, city.longitude
    latitude = round(city.latitude + rng.uniform(-0.035, 0.035), 5)
    return latitude, round(city.longitude + rng.uniform(-0.05, 0.05), 5)
