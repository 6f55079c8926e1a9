"""The data: stable, every field filled somewhere and empty somewhere, mistakes where planned."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from demo.calendars import SETTLED_STATES
from demo.data import World
from demo.offerings import OFFERING_FIELDS, Offering
from demo.partitions import MISTAKES
from demo.places import CITIES, COUNTRIES
from demo.providers import PROVIDERS
from demo.specials import HOSTILE_NAMES, SPECIALS, TIED_NAME

MISSING = object()
ALWAYS_FILLED = {
    "url", "uuid", "created", "name", "slug", "category", "category_uuid", "category_title",
    "state", "type", "shared", "billable", "is_accessible", "user_has_consent", "attributes",
    "has_compliance_requirements", "billing_type_classification", "citation_count", "order_count",
}  # fmt: skip


@pytest.fixture(scope="module")
def world() -> World:
    """The default world."""
    return World()


def notable(world: World, role: str) -> Offering:
    return world.offerings[world.notable[role]]


def values(world: World, name: str) -> list[Any]:
    if name == "googlecalendar":
        return [row.calendar for row in world.offerings.values()]
    return [row.columns.get(name, row.heavy.get(name)) for row in world.offerings.values()]


def plans(world: World) -> Iterator[dict[str, Any]]:
    for offering in world.offerings.values():
        yield from offering.heavy["plans"]


def partitions(world: World) -> Iterator[dict[str, Any]]:
    for offering in world.offerings.values():
        yield from offering.heavy["partitions"]


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


@pytest.mark.parametrize("name", OFFERING_FIELDS)
def test_fields(world, name):
    """Every field of an offering is filled somewhere, and empty somewhere if it can be."""
    found = values(world, name)

    assert not all(is_empty(value) for value in found)
    assert name in ALWAYS_FILLED or any(is_empty(value) for value in found)


@pytest.mark.parametrize("collection", ["partitions", "plans", "components"])
def test_members(world, collection):
    """Every nullable member of the nested lists is filled somewhere and null somewhere."""
    items = [item for row in world.offerings.values() for item in row.heavy[collection]]
    for name in items[0]:
        found = [item.get(name) for item in items]
        assert not all(is_empty(value) for value in found), name
        if None in found:
            assert any(value is not None for value in found), name

    nullable = {
        "partitions": {"cpu_bind", "def_cpu_per_gpu", "max_cpus_per_socket", "grace_time",
                       "min_nodes", "max_nodes", "max_time", "default_time", "priority_tier"},
        "plans": {"max_amount"},
        "components": {"limit_period", "limit_amount", "default_limit", "factor", "max_value",
                       "overage_component", "min_prepaid_duration", "max_available_limit"},
    }  # fmt: skip
    for name in nullable[collection]:
        found = [item[name] for item in items]
        assert None in found, name
        assert any(value is not None for value in found), name


def test_same_in_every_run(world):
    """The same seed gives the same identifiers and data; another seed gives others."""
    again, other = World(), World(seed=7)

    assert list(world.offerings) == list(again.offerings)
    assert notable(world, "rich").heavy == notable(again, "rich").heavy
    assert [r.item for r in world.reservations.values()] == [
        r.item for r in again.reservations.values()
    ]
    assert not set(world.offerings) & set(other.offerings)


def test_size_keeps_the_special_ones(world):
    """A smaller or larger world begins with the same offerings."""
    assert list(World(offerings=0).offerings) == []
    assert list(world.offerings)[:1] == list(World(offerings=1).offerings)
    large = list(World(offerings=400).offerings)

    assert list(world.offerings) == large[:300]


def test_large_world():
    """Ten thousand offerings, each under its own uuid."""
    world = World(offerings=10_000)

    assert len(world.offerings) == 10_000
    assert {row.columns["uuid"] for row in world.offerings.values()} == set(world.offerings)


def test_looks_like_a_portfolio(world):
    """300 offerings of six providers in ten countries, calendars for about half of them."""
    rows = world.offerings.values()
    calendars = [row.calendar for row in rows if row.calendar]
    located = {row.columns["country"] for row in rows}

    assert len(rows) == 300
    assert 6 == len({row.provider for row in rows if row.provider}) == len(PROVIDERS)
    assert len(COUNTRIES) == 10
    assert set(COUNTRIES) <= located
    assert 110 <= len(calendars) <= 190
    assert 30 <= sum(calendar.public for calendar in calendars) <= 90
    assert any(calendar.backend_id is None for calendar in calendars)
    assert any(calendar.state not in SETTLED_STATES for calendar in calendars)
    assert 40 <= sum(bool(row.heavy["partitions"]) for row in rows) <= 80


def test_states(world):
    """All known states occur, and one that no client knows."""
    states = Counter(row.state for row in world.offerings.values())

    assert {"Active", "Paused", "Draft", "Archived", "Unavailable", "Retired"} == set(states)
    assert states["Active"] > 200
    assert states["Retired"] == 1


def test_names(world):
    """Names fit the schema; some tie, and the hostile ones are few."""
    names = [row.name for row in world.offerings.values()]

    assert all(0 < len(name) <= 150 for name in names)
    assert names.count(TIED_NAME) == 24
    assert max(len(name) for name in names) == 150
    assert set(HOSTILE_NAMES) <= set(names)
    assert len(HOSTILE_NAMES) <= 20
    providers = {r.provider for r in world.offerings.values() if r.name == TIED_NAME}
    assert len(providers) == 6


def test_identifiers(world):
    """Identifiers are 32 hex digits, each used once."""
    found = [item["uuid"] for item in (*plans(world), *partitions(world))]
    found += list(world.offerings) + list(world.reservations)

    assert all(len(uuid) == 32 and int(uuid, 16) for uuid in found)
    assert len(found) == len(set(found))


def test_roles_of_special_offerings_are_unique():
    """No two special offerings share a role."""
    roles = [special.role for special in SPECIALS]

    assert len(roles) == len(set(roles))


@pytest.mark.parametrize("rule", sorted(MISTAKES))
def test_partition_mistakes(world, rule):
    """Each planned mistake is in a partition of its name."""
    name, limits = MISTAKES[rule]

    assert [item for item in partitions(world) if item["partition_name"] == name and all(
        item[field] == value for field, value in limits.items()
    )]  # fmt: skip


def test_sound_partitions_are_sound(world):
    """Outside the planned mistakes, times and node counts do not contradict each other."""
    wrong = {world.notable[f"wrong_{what}"] for what in ("times", "nodes", "memory", "names")}
    checked = 0
    for uuid, offering in world.offerings.items():
        for item in () if uuid in wrong else offering.heavy["partitions"]:
            checked += 1
            assert 0 < item["default_time"] <= item["max_time"]
            assert item["max_nodes"] is None or (item["min_nodes"] or 0) <= item["max_nodes"]
            assert any(item[f"def_mem_per_{unit}"] for unit in ("cpu", "gpu", "node"))
            assert item["def_mem_per_cpu"] is None or item["def_mem_per_node"] is None
            assert item["priority_tier"] <= 32_767

    assert checked > 150


def test_duplicate_partition_names(world):
    """One offering has a partition twice, and two offerings disagree about one."""
    names = [p["partition_name"] for p in notable(world, "wrong_names").heavy["partitions"]]
    assert len(names) > len(set(names))

    one, other = (notable(world, role) for role in ("same_partitions", "other_limits"))
    limits = [offering.heavy["partitions"][0] for offering in (one, other)]
    assert limits[0]["partition_name"] == limits[1]["partition_name"]
    assert limits[0]["max_time"] != limits[1]["max_time"]


def test_units_and_billing_types(world):
    """Every unit of a plan and every billing type occurs."""
    units = {plan["unit"] for plan in plans(world)}
    rows = world.offerings.values()
    billing = {item["billing_type"] for row in rows for item in row.heavy["components"]}
    classes = {row.heavy["billing_type_classification"] for row in rows}

    assert {"month", "quarter", "half_month", "day", "hour", "quantity"} == units
    assert {"fixed", "usage", "limit", "one", "few"} == billing
    assert {"mixed", "usage_only", "limit_only"} == classes


def test_prices(world):
    """Maps repeat the components, decimals have ten places, and derived sums are right."""
    drifted = {plan["uuid"] for plan in notable(world, "drift").heavy["plans"]}
    for offering in world.offerings.values():
        billing = {c["type"]: c["billing_type"] for c in offering.heavy["components"]}
        for plan in offering.heavy["plans"]:
            fixed = sum(
                Decimal(item["price"]) * item["amount"]
                for item in plan["components"]
                if billing[item["type"]] == "fixed"
            )
            assert len(plan["unit_price"].partition(".")[2]) == 10
            assert (Decimal(plan["unit_price"]) == fixed) is (plan["uuid"] not in drifted)
            for item in plan["components"]:
                assert float(item["price"]) == plan["prices"][item["type"]]


def test_notable_plans(world):
    """Price changes, discounts, tiny prices and gaps are where they are said to be."""
    roles = ("price_change", "tiny_price", "used_up", "no_prices", "discount", "group_plans")
    first = {role: notable(world, role).heavy["plans"][0] for role in roles}
    change = first["price_change"]
    differences = [
        change["future_prices"][kind] and change["future_prices"][kind] - price
        for kind, price in change["prices"].items()
    ]

    assert differences[0] > 0 > differences[1]
    assert None in differences
    assert 1e-10 in first["tiny_price"]["prices"].values()
    assert not first["used_up"]["is_active"]
    assert first["no_prices"]["prices"] == {}
    assert first["discount"]["components"][0]["discount_rate"]
    assert len(first["group_plans"]["organization_groups"]) == 2
    archived = notable(world, "archived_plans")
    assert archived.state == "Active"
    assert all(plan["archived"] for plan in archived.heavy["plans"])
    assert notable(world, "no_plans").heavy["plans"] == []


def test_notable_places(world):
    """Coordinates are missing, halved, swapped, impossible and abroad where said."""

    def point(role: str) -> tuple[Any, Any, str]:
        columns = notable(world, role).columns
        return columns["latitude"], columns["longitude"], columns["country"]

    assert point("null_island")[:2] == (0.0, 0.0)
    assert point("only_latitude")[:2] == (60.17, None)
    assert point("swapped") == (24.7536, 59.437, "EE")
    assert point("out_of_range")[0] == 95.0
    assert point("outside_country") == (38.7223, -9.1393, "EE")
    assert point("no_country") == (None, None, "")


def test_places_are_near_their_cities(world):
    """All other points are within a few kilometres of a city of their country, some stacked."""
    odd = {"null_island", "only_latitude", "swapped", "out_of_range", "outside_country"}
    skipped = {world.notable[role] for role in odd} | {world.notable["unknown_state"]}
    points = []
    for uuid, offering in world.offerings.items():
        latitude, longitude = offering.columns["latitude"], offering.columns["longitude"]
        if uuid in skipped or latitude is None:
            continue
        points.append((latitude, longitude))
        assert any(
            abs(city.latitude - latitude) < 0.04
            and abs(city.longitude - longitude) < 0.06
            and offering.columns["country"] in (city.country, "")
            for city in CITIES
        )

    assert max(Counter(points).values()) >= 3


def test_hostile_texts(world):
    """Hostile text is in descriptions, tags, plans, partitions, bookings and categories too."""
    first = notable(world, "hostile_0")

    assert "<script>" in first.name
    assert "onerror" in first.columns["description"]
    assert "=1+1" in [tag["name"] for tag in first.heavy["tags"]]
    assert "<b>" in first.heavy["plans"][0]["name"]
    assert any("<b>" in item["partition_name"] for item in first.heavy["partitions"])
    assert any("<b>" in item["title"] for item in world.categories())
    assert any("<b>" in row.item["name"] for row in world.reservations.values())


def test_newer_members(world):
    """Members of later releases are on some partitions and not on others."""
    newer = ["cpu_arch" in item for item in partitions(world)]

    assert {True, False} == set(newer)
    assert any(item.get("qos_options") for item in partitions(world))


def test_bookings(world):
    """Bookings surround today and have every state."""
    states = {row.item["state"] for row in world.reservations.values()}
    now = time.time()

    assert {"Creating", "OK", "Erred", "Updating", "Terminating", "Terminated"} == states
    assert any(row.end.timestamp() < now for row in world.reservations.values())
    assert any(row.start.timestamp() > now for row in world.reservations.values())


def test_renamed_offering_moves():
    """A name that changes changes the order."""
    world = World(offerings=30)
    last = world.by_name()[-1]
    last.columns["name"] = "\x01first"

    assert last is world.by_name()[0]
    assert last is world.find("\x01first")
    world.delete(last.uuid)
    assert last not in world.by_name()
    with pytest.raises(LookupError):
        world.find("\x01first")
