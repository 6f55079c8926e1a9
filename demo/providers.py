"""Who offers the services: six organisations, the categories and the groups they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from demo.links import link, named_uuid


@dataclass(frozen=True)
class Provider:
    """An organisation with its service provider record and its Google credentials."""

    key: str
    name: str
    abbreviation: str
    country: str
    countries: tuple[str, ...]
    weight: float
    """Share of all offerings."""
    calendar_token: str | None
    calendar_refresh_token: str | None
    """Empty: a credentials row exists, but every action is refused as without one."""

    @property
    def uuid(self) -> str:
        """The organisation's identifier."""
        return named_uuid("customer", self.key)

    @property
    def service_provider_uuid(self) -> str:
        """The identifier of its service provider record."""
        return named_uuid("service-provider", self.key)

    @property
    def has_row(self) -> bool:
        """Whether a credentials row exists, which is what the server's filter looks at."""
        return self.calendar_refresh_token is not None

    @property
    def can_reach_google(self) -> bool:
        """Whether the calendar actions get past the credentials check."""
        return bool(self.calendar_refresh_token)


def _with_google(key: str) -> tuple[str, str]:
    return f"demo-canary-access-token-{key}", f"1//demo-canary-refresh-token-{key}"


PROVIDERS = (
    Provider(
        "A",
        "Põhjatäht Research Computing OÜ",
        "PRC",
        "EE",
        ("EE", "LV", "LT"),
        0.15,
        *_with_google("A"),
    ),
    Provider("B", "Saimaa Instrument Centre", "SIC", "FI", ("FI",), 0.09, *_with_google("B")),
    Provider("C", "Fjordlab Shared Facilities AS", "FSF", "NO", ("NO", "SE"), 0.05, None, None),
    Provider(
        "D",
        "Øresund Data & Microscopy",
        "ØDM",
        "DK",
        ("DK", "SE", "NO"),
        0.28,
        *_with_google("D"),
    ),
    Provider(
        "E",
        "Hanse Life Science Hub",
        "HLSH",
        "DE",
        ("DE", "NL", "DK"),
        0.24,
        "demo-canary-access-token-E",
        "",
    ),
    Provider("F", "Atlântica Research Commons", "ARC", "PT", ("PT",), 0.21, *_with_google("F")),
)
PROVIDER_BY_KEY = {provider.key: provider for provider in PROVIDERS}

CATEGORIES = {
    "hpc": "HPC and GPU computing",
    "microscopy": "Microscopy",
    "spectroscopy": "NMR and spectroscopy",
    "sequencing": "Sequencing and omics",
    "rooms": "Meeting rooms",
    "labs": "Laboratories",
    "workshop": "Workshops and 3D printing",
    "field": "Field stations and vessels",
    "wellbeing": "Saunas & sports <b>facilities</b>",
}
"""One title carries markup, as titles on real servers do."""

_CATEGORY_TEXTS = {
    "hpc": "Partitions of clusters, booked as reservations or charged by the hour.",
    "rooms": "Rooms with screens, from four seats to an auditorium.",
}


def category_uuid(key: str) -> str:
    """The identifier of a category."""
    return named_uuid("category", key)


def category_item(key: str, offering_count: int) -> dict[str, Any]:
    """A category as the categories endpoint lists it."""
    identifier = category_uuid(key)
    return {
        "url": link("marketplace-categories", identifier),
        "uuid": identifier,
        "title": CATEGORIES[key],
        "description": _CATEGORY_TEXTS.get(key, ""),
        "icon": None,
        "default_vm_category": False,
        "default_volume_category": False,
        "offering_count": offering_count,
        "available_offerings_count": offering_count,
        "sections": [],
        "columns": [],
        "components": [],
        "articles": [],
        "group": None,
    }


def _group(name: str, parent: str | None, customers: int) -> dict[str, Any]:
    identifier = named_uuid("group", name)
    item: dict[str, Any] = {
        "uuid": identifier,
        "url": link("organization-groups", identifier),
        "name": name,
        "type": named_uuid("group-type", "Region"),
        "type_name": "Region",
        "parent": None,
        "customers_count": customers,
    }
    if parent:
        item["parent"] = link("organization-groups", named_uuid("group", parent))
        item["parent_uuid"] = named_uuid("group", parent)
        item["parent_name"] = parent
    return item


GROUPS = (
    _group("Europe", None, 41),
    _group("Baltics", "Europe", 12),
    _group("Nordics", "Europe", 17),
    _group("Universities", None, 23),
)
