"""The heavy fields of an offering: partitions, plans, software, schedules and attachments."""

from __future__ import annotations

from datetime import datetime
from random import Random
from typing import Any

from demo.kinds import Kind
from demo.links import fresh_uuid, link, media, named_uuid
from demo.partitions import centre_partitions, mistaken_partitions
from demo.plans import build_components, build_plans, classify
from demo.providers import GROUPS
from demo.schedules import broken_schedules, build_schedules
from demo.software import software_catalogs
from demo.specials import Special

HEAVY_FIELDS = (
    "endpoints", "software_catalogs", "partitions", "roles", "attributes", "options",
    "resource_options", "components", "plugin_options", "plans", "screenshots", "files", "quotas",
    "organization_groups", "tags", "backend_metadata", "billing_type_classification",
)  # fmt: skip


def build_details(
    rng: Random,
    columns: dict[str, Any],
    kind: Kind,
    today: datetime,
    *,
    special: Special | None,
) -> dict[str, Any]:
    """All heavy fields of the offering with these light columns."""
    filled = special is not None and special.role == "rich"

    def some(share: float) -> bool:
        return filled or rng.random() < share

    partitions = _partitions(rng, kind, special, newer=some(0.5))
    notes = special.notes if special else _NOTES[rng.randrange(len(_NOTES))]
    bare = rng.random() < 0.03 and not special
    components = [] if bare else build_components(rng, kind.measures, notes)
    created = columns["created"]
    return {
        "endpoints": [
            {
                "uuid": fresh_uuid(rng),
                "name": rng.choice(("Web interface", "Login node", "Door code")),
                "url": f"https://{columns['slug']}.invalid/",
            }
        ]
        if some(0.3)
        else [],
        "software_catalogs": software_catalogs(rng, partitions)
        if partitions and some(0.7)
        else [],
        "partitions": partitions,
        "roles": [_role(rng, name) for name in ("Key holder", "Operator")] if some(0.2) else [],
        "attributes": {
            "schedules": broken_schedules(special.poison, today)
            if special and special.poison
            else build_schedules(rng, today)
        },
        "options": _options() if some(0.2) else {},
        "resource_options": {"order": [], "options": {}} if some(0.2) else {},
        "components": components,
        "plugin_options": _plugin_options(rng) if some(0.6) else {},
        "plans": build_plans(
            rng, columns["uuid"], components, kind.measures, kind.units,
            notes,
        )
        if components
        else [],
        "screenshots": [_screenshot(rng, name, created) for name in ("Front", "Inside")]
        if some(0.15)
        else [],
        "files": [{"name": "House rules.pdf", "created": created, "file": media(rng)}]
        if some(0.2)
        else [],
        "quotas": [
            {"name": "cpu", "usage": rng.randint(0, 9000), "limit": rng.choice((-1, 10_000))},
            {"name": "storage", "usage": rng.randint(0, 90), "limit": 100},
        ]
        if partitions and some(0.5)
        else [],
        "organization_groups": [rng.choice(GROUPS)] if some(0.2) else [],
        "tags": [{"uuid": named_uuid("tag", name), "name": name} for name in _tags(rng, special)],
        "backend_metadata": {"ticket": rng.randint(100, 999)} if some(0.1) else {},
        "billing_type_classification": classify(components),
    }  # fmt: skip


def _partitions(
    rng: Random, kind: Kind, special: Special | None, *, newer: bool
) -> list[dict[str, Any]]:
    if not kind.centres:
        return []
    if special and special.rules:
        items = mistaken_partitions(rng, special.rules)
        if "A38" in special.rules:
            items.append(items[0] | {"uuid": fresh_uuid(rng), "max_time": 720})
        return items
    centre = special.centre if special and special.centre else rng.choice(kind.centres)
    items = centre_partitions(rng, centre, newer=newer)
    if special and special.role == "other_limits":
        # Two offerings of one cluster that disagree about it.
        items[0] |= {"max_time": 1440, "max_nodes": 8, "def_mem_per_cpu": 1500}
        items[3] |= {"max_time": 4320, "qos": "allocation"}
    if special and special.role == "hostile_0":
        items[0]["partition_name"] = "<b>batch</b> =1+1"
        items[1]["partition_name"] = "short,debug:red[x]"
    return items


def _role(rng: Random, name: str) -> dict[str, Any]:
    identifier = fresh_uuid(rng)
    return {
        "uuid": identifier,
        "name": name,
        "url": link("marketplace-offering-user-roles", identifier),
    }


def _screenshot(rng: Random, name: str, created: str) -> dict[str, Any]:
    return {
        "name": name,
        "uuid": fresh_uuid(rng),
        "description": rng.choice(("", f"{name}, last winter")),
        "image": media(rng),
        "thumbnail": rng.choice((None, media(rng))),
        "created": created,
    }


def _options() -> dict[str, Any]:
    return {
        "order": ["purpose", "people"],
        "options": {
            "purpose": {"type": "string", "label": "Purpose", "required": True},
            "people": {"type": "integer", "label": "People", "min": 1, "max": 40},
        },
    }


def _plugin_options(rng: Random) -> dict[str, Any]:
    return {
        "service_provider_can_create_offering_user": rng.random() < 0.5,
        "maximal_resource_count_per_project": rng.randint(1, 10),
        "auto_approve_in_service_provider_projects": rng.random() < 0.3,
        "backend_id_display_label": "Inventory number",
    }


_NOTES: tuple[tuple[str, ...], ...] = ((),) * 20 + (("usage only",), ("limit only",))
_TAGS = ("training", "24/7", "on request", "new", "step-free", "operator included")


def _tags(rng: Random, special: Special | None) -> list[str]:
    if special and "tags" in special.changes:
        return list(special.changes["tags"])
    return rng.sample(_TAGS, rng.choice((0, 0, 1, 2)))
