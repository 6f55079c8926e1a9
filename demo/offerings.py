"""One bookable offering: its light columns at once, its heavy ones when somebody asks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

from demo.calendars import Calendar
from demo.details import HEAVY_FIELDS, build_details
from demo.kinds import KINDS, PROPER_NAMES, Kind
from demo.links import BASE, fresh_uuid, instant, link, media, named_uuid
from demo.places import CITIES, City, cities_of, point_near
from demo.providers import CATEGORIES, PROVIDER_BY_KEY, PROVIDERS, Provider, category_uuid
from demo.specials import SPECIALS, Special

BOOKING_TYPE = "Marketplace.Booking"
RELATION_FIELDS = (
    "customer_uuid", "customer_name", "project_uuid", "project_name", "parent_uuid",
    "parent_name", "parent_description",
)  # fmt: skip
"""Absent, not null, when the relation is empty (observed)."""
OFFERING_FIELDS = (
    "url", "uuid", "created", "name", "slug", "description", "full_description",
    "terms_of_service", "terms_of_service_link", "privacy_policy_link", "access_url",
    "documentation_url", "helpdesk_url", "endpoints", "software_catalogs", "partitions", "roles",
    "customer", "customer_uuid", "customer_name", "project", "project_uuid", "project_name",
    "category", "category_uuid", "category_title", "rating", "attributes", "options",
    "resource_options", "components", "plugin_options", "state", "native_name",
    "native_description", "vendor_details", "getting_started", "integration_guide", "thumbnail",
    "order_count", "plans", "screenshots", "type", "shared", "billable", "scope", "scope_uuid",
    "scope_name", "scope_state", "scope_error_message", "files", "quotas", "paused_reason",
    "datacite_doi", "citation_count", "latitude", "longitude", "country", "backend_id",
    "organization_groups", "tags", "image", "total_customers", "total_cost",
    "total_cost_estimated", "parent_description", "parent_uuid", "parent_name",
    "backend_metadata", "has_compliance_requirements", "billing_type_classification",
    "compliance_checklist", "user_has_consent", "is_accessible", "googlecalendar",
)  # fmt: skip
"""The 8.0.0 schema, what a 7.0.7 server sends beyond it, and two fields of later releases."""

GENERIC_SHARE = 0.02
"""Part of the services whose name says only what they are, so that names tie."""
_STATES = ("Active",) * 14 + ("Paused", "Paused", "Draft", "Draft", "Archived", "Unavailable")
_PAUSED_REASONS = ("Maintenance window.", "Waiting for a spare part.", "Summer break.")
_CALENDARS = ("none",) * 11 + ("private",) * 6 + ("public",) * 3


@dataclass
class Offering:
    """An offering of the demo server; `columns` holds its light fields and may be changed."""

    index: int
    seed: int
    kind: Kind
    provider: Provider | None
    columns: dict[str, Any]
    calendar: Calendar | None
    today: datetime
    special: Special | None = None
    google_fails: bool = False

    @property
    def uuid(self) -> str:
        """The identifier, 32 hex digits."""
        identifier: str = self.columns["uuid"]
        return identifier

    @property
    def name(self) -> str:
        """The name exactly as stored."""
        name: str = self.columns["name"]
        return name

    @property
    def state(self) -> str:
        """Draft, Active, Paused, Archived, Unavailable, or one no release knows."""
        state: str = self.columns["state"]
        return state

    @cached_property
    def heavy(self) -> dict[str, Any]:
        """The fields that cost a real server most; built on first use, then kept."""
        return build_details(
            _rng(self.seed, self.index, 1),
            self.columns,
            self.kind,
            self.today,
            special=self.special,
        )

    def value(self, name: str) -> Any:
        """The stored value of a field other than `googlecalendar`."""
        return self.heavy[name] if name in HEAVY_FIELDS else self.columns[name]


def build_offerings(seed: int, count: int, today: datetime) -> list[Offering]:
    """The special offerings first, then as many believable ones as it takes."""
    rich = fresh_uuid(_rng(seed, 0))
    offerings = [
        _build_special(seed, index, special, today, rich)
        for index, special in enumerate(SPECIALS[:count])
    ]
    taken: dict[str, int] = {}
    for index in range(len(SPECIALS), count):
        offerings.append(_build_believable(seed, index, today, taken))
    return offerings


def _rng(seed: int, index: int, part: int = 0) -> Random:
    return Random((seed * 1_000_003 + index) * 4 + part)


def _build_special(seed: int, index: int, special: Special, today: datetime, rich: str) -> Offering:
    rng = _rng(seed, index)
    identifier = fresh_uuid(rng)
    kind = KINDS[special.kind]
    provider = PROVIDER_BY_KEY[special.provider] if special.provider else None
    city = rng.choice(cities_of(provider.countries) if provider else CITIES)
    columns = _columns(
        rng, identifier, special.name, kind, provider, city, today, filled=special.role == "rich"
    )
    columns["state"] = special.state
    changes = dict(special.changes)
    changes.pop("tags", None)
    if changes.pop("parent", None):
        columns["parent_uuid"] = rich
        columns["parent_name"] = SPECIALS[0].name
        columns["parent_description"] = "The cluster this is a part of."
        columns["scope_uuid"] = named_uuid("scope", identifier)
        columns["scope_name"] = "kratt-login"
        changes["scope"] += f"{columns['scope_uuid']}/"
    if changes.pop("project", None):
        _put_into_project(columns, "Instrument pool <2026>")
    columns.update(changes)
    return Offering(
        index, seed, kind, provider, columns, _calendar(rng, special.calendar, today), today,
        special=special, google_fails=special.google_fails,    )  # fmt: skip


def _build_believable(seed: int, index: int, today: datetime, taken: dict[str, int]) -> Offering:
    rng = _rng(seed, index)
    identifier = fresh_uuid(rng)
    kind = rng.choices(list(KINDS.values()), _KIND_WEIGHTS)[0]
    provider = rng.choices(PROVIDERS, _PROVIDER_WEIGHTS)[0]
    city = rng.choice(cities_of(provider.countries))
    name = rng.choice(kind.names).format(place=city.name, name=rng.choice(PROPER_NAMES))
    taken[name] = taken.get(name, 0) + 1
    if rng.random() < GENERIC_SHARE:
        name = kind.generic
    elif taken[name] > 1:
        name = f"{name} {taken[name]}"
    columns = _columns(rng, identifier, name, kind, provider, city, today)
    if rng.random() < 0.03:
        _put_into_project(columns, f"{city.name} pool")
    calendar = rng.choice(_CALENDARS)
    return Offering(
        index, seed, kind, provider, columns, _calendar(rng, calendar, today), today,
        google_fails=rng.random() < 0.01,
    )  # fmt: skip


_KIND_WEIGHTS = [kind.weight for kind in KINDS.values()]
_PROVIDER_WEIGHTS = [provider.weight for provider in PROVIDERS]


def _calendar(rng: Random, description: str, today: datetime) -> Calendar | None:
    if description == "none":
        return None
    calendar = Calendar(f"{rng.getrandbits(160):040x}@group.calendar.google.com")
    calendar.public = description.startswith("public")
    if description.endswith("without id") or description == "erred":
        calendar.backend_id = None
    if description == "erred":
        calendar.state, calendar.error_message = "ERRED", "Calendar usage limits exceeded."
    if description == "stuck":
        # A worker that died leaves the row like this; only the server's administrator can help.
        calendar.state = "UPDATING"
    if description in ("private", "public") and rng.random() < 0.5:
        start = today + timedelta(days=rng.randint(0, 14), hours=rng.randint(8, 16))
        calendar.busy_slots = [(start, start + timedelta(hours=2))]
    return calendar


def _put_into_project(columns: dict[str, Any], name: str) -> None:
    identifier = named_uuid("project", name)
    columns["project"] = link("projects", identifier)
    columns["project_uuid"] = identifier
    columns["project_name"] = name


def _slug(name: str, index: int) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return f"{re.sub(r'[^a-z0-9]+', '-', plain).strip('-')[:40] or 'offering'}-{index}"


def _columns(
    rng: Random, identifier: str, name: str, kind: Kind, provider: Provider | None, city: City,
    today: datetime, *, filled: bool = False,
) -> dict[str, Any]:  # fmt: skip
    def some(share: float) -> bool:
        return filled or rng.random() < share

    latitude, longitude = point_near(rng, city)
    located = some(0.9)
    state = rng.choice(_STATES)
    home = f"https://services.{(provider.abbreviation if provider else 'x').lower()}.invalid"
    slug = _slug(name, int(identifier[:6], 16) % 100_000)
    orders = rng.choice((0, 1, 3, 7, 12, 40))
    columns: dict[str, Any] = {
        "url": link("booking-offerings", identifier),
        "uuid": identifier,
        "created": instant(today - timedelta(days=rng.randint(3, 1500), seconds=rng.random())),
        "name": name,
        "slug": slug,
        "description": f"<p>{rng.choice(kind.descriptions)}</p>" if some(0.7) else "",
        "full_description": f"<h2>{name}</h2><p>In {city.name}.</p>" if some(0.4) else "",
        "terms_of_service": "<p>Leave it as you found it.</p>" if some(0.2) else "",
        "terms_of_service_link": f"{home}/terms" if some(0.3) else "",
        "privacy_policy_link": f"{home}/privacy" if some(0.3) else "",
        "access_url": f"{home}/{slug}" if some(0.3) else "",
        "customer": link("customers", provider.uuid) if provider else None,
        "project": None,
        "category": link("marketplace-categories", category_uuid(kind.category)),
        "category_uuid": category_uuid(kind.category),
        "category_title": CATEGORIES[kind.category],
        "rating": rng.randint(1, 5) if some(0.5) else None,
        "state": state,
        "native_name": f"{name} ({city.name})" if some(0.15) else "",
        "native_description": "Kirjeldus eesti keeles." if some(0.1) else "",
        "vendor_details": "Serviced by the manufacturer." if some(0.15) else "",
        "getting_started": "<ol><li>Take the course.</li></ol>" if some(0.25) else "",
        "integration_guide": "See the API notes." if some(0.08) else "",
        "thumbnail": media(rng) if some(0.3) else None,
        "order_count": orders,
        "type": BOOKING_TYPE,
        "shared": rng.random() < 0.8,
        "billable": rng.random() < 0.75,
        "scope": None,
        "scope_uuid": None,
        "scope_name": None,
        "scope_state": None,
        "scope_error_message": None,
        "paused_reason": rng.choice(_PAUSED_REASONS) if state == "Paused" and some(0.8) else "",
        "datacite_doi": f"10.5072/{identifier[:8]}" if some(0.2) else "",
        "citation_count": rng.randint(0, 60) if some(0.2) else -1,
        "latitude": latitude if located else None,
        "longitude": longitude if located else None,
        "country": city.country if some(0.93) else "",
        "backend_id": f"ext-{identifier[:6]}" if some(0.3) else "",
        "image": media(rng) if some(0.2) else None,
        "total_customers": rng.randint(0, 30) if some(0.7) else None,
        "total_cost": orders * rng.randint(1, 90) if some(0.7) else None,
        "total_cost_estimated": orders * rng.randint(1, 120) if some(0.6) else None,
        "has_compliance_requirements": some(0.1),
        "compliance_checklist": None,
        "user_has_consent": rng.random() < 0.1,
        "is_accessible": rng.random() < 0.9,
    }
    if columns["has_compliance_requirements"]:
        checklist = named_uuid("checklist", kind.category)
        columns["compliance_checklist"] = link("checklists-admin", checklist)
    if provider:
        columns["customer_uuid"] = provider.uuid
        columns["customer_name"] = provider.name
    if some(0.2):
        columns["documentation_url"] = f"{home}/docs/{slug}"
        columns["helpdesk_url"] = f"{home}/help"
    return columns


def provider_extras(offering: Offering) -> dict[str, Any]:
    """What the provider endpoint adds; the secrets are canaries that nobody should ask for."""
    calendar = offering.calendar.represent() if offering.calendar else {}
    return {
        "google_calendar_is_public": calendar.get("public"),
        "google_calendar_link": calendar.get("http_link"),
        "integration_status": None,
        "secret_options": {"backend_password": f"demo-canary-secret-{offering.index}"},
        "service_attributes": {"backend_url": f"{BASE}/backend/{offering.index}/"},
    }
