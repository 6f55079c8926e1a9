"""Components and plans: what is measured, and what it costs in which period."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any

from demo.links import BASE, fresh_uuid
from demo.providers import GROUPS

TINY_PRICE = Decimal("1E-10")
"""The smallest price a server can hold, and one that a price column must survive."""


@dataclass(frozen=True)
class Measure:
    """What a component of one kind of service measures, and its usual price."""

    type: str
    name: str
    measured_unit: str
    billing_type: str
    price: str
    limit_period: str | None = None
    limit_amount: int | None = None
    default_limit: int | None = None
    max_value: int | None = None
    factor: int = 1


HPC_MEASURES = (
    Measure("cpu_hours", "CPU", "core-hours", "usage", "0.012", factor=60),
    Measure("gpu_hours", "GPU", "GPU-hours", "usage", "0.85", "month", 500, factor=60),
    Measure("storage", "Project storage", "TB", "limit", "3.5", "month", 200, 1, 200, factor=1024),
    Measure("membership", "Cluster membership", "", "fixed", "45"),
    Measure("onboarding", "Onboarding", "", "one", "120"),
    Measure("migration", "Move of project data", "", "few", "30"),
)
ROOM_MEASURES = (
    Measure("rent", "Rent", "hours", "fixed", "18"),
    Measure("catering", "Catering", "people", "usage", "6.5"),
    Measure("deposit", "Deposit for the key", "", "one", "50"),
)
INSTRUMENT_MEASURES = (
    Measure("instrument_time", "Instrument time", "hours", "fixed", "64"),
    Measure("operator", "Operator assistance", "hours", "usage", "48"),
    Measure("samples", "Samples", "pcs", "limit", "2.25", "annual", 4000, 10, 4000),
    Measure("training", "Training", "", "one", "150"),
    Measure("recalibration", "Recalibration", "", "few", "75"),
)
WORKSHOP_MEASURES = (
    Measure("pieces", "Pieces", "pcs", "fixed", "4.2"),
    Measure("filament", "Filament", "g", "usage", "0.031"),
    Measure("energy", "Energy", "kWh", "usage", "0.1234567890", "month", 100),
    Measure("archive", "Archive", "GB", "limit", "0.02", "total", 100, 10),
)
FIELD_MEASURES = (
    Measure("days", "Days at sea", "days", "fixed", "1400"),
    Measure("berths", "Berths", "people", "limit", "85", "quarterly", 12, 2, 12),
    Measure("fuel", "Fuel", "l", "usage", "1.74"),
    Measure("mobilisation", "Mobilisation", "", "one", "900"),
)


Notes = tuple[str, ...]
"""What is special about the plans of an offering; the names are the keys of `_NOTES`."""

_LEVELS = {"Academic": Decimal("1"), "Industry": Decimal("2.4"), "Basic": Decimal("1.4")}
"""Names of plans, and how dear they are."""
_UNIT_PRICES = {
    "quantity": Decimal(1), "hour": Decimal(1), "day": Decimal(6), "half_month": Decimal(45),
    "month": Decimal(80), "quarter": Decimal(216),
}  # fmt: skip
"""What a unit costs in terms of an hour: longer ones are cheaper by the hour."""


def build_components(
    rng: Random, measures: tuple[Measure, ...], notes: Notes = ()
) -> list[dict[str, Any]]:
    """The components of an offering: the kind's first measure and most of the others."""
    chosen = [m for m in measures if m is measures[0] or rng.random() < 0.75]
    for billing_type in ("usage", "limit"):
        if f"{billing_type} only" in notes:
            chosen = [m for m in measures if m.billing_type == billing_type]
    items = [_component(rng, measure) for measure in chosen]
    for item in items:
        if item["is_prepaid"]:
            item["min_prepaid_duration"], item["max_prepaid_duration"] = 1, 12
            item["overage_component"] = items[0]["uuid"]
    return items


def _component(rng: Random, measure: Measure) -> dict[str, Any]:
    limited = measure.billing_type == "limit"
    return {
        "uuid": fresh_uuid(rng),
        "billing_type": measure.billing_type,
        "type": measure.type,
        "name": measure.name,
        "description": rng.choice(("", "", f"{measure.name}, metered by the site")),
        "measured_unit": measure.measured_unit,
        "unit_factor": measure.factor,
        "limit_period": measure.limit_period,
        "limit_amount": measure.limit_amount,
        "article_code": rng.choice(("", f"ART-{rng.randint(1000, 9999)}")),
        "max_value": measure.max_value,
        "min_value": 1 if limited else None,
        "max_available_limit": rng.choice((None, 5000)) if limited else None,
        "is_boolean": measure.type == "deposit",
        "default_limit": measure.default_limit,
        "factor": rng.choice((None, measure.factor)),
        "is_builtin": measure.type == "cpu_hours" and rng.random() < 0.3,
        "is_prepaid": limited and rng.random() < 0.3,
        "overage_component": None,
        "min_prepaid_duration": None,
        "max_prepaid_duration": None,
    }


def build_plans(
    rng: Random,
    offering_uuid: str,
    components: list[dict[str, Any]],
    measures: tuple[Measure, ...],
    units: tuple[str, ...],
    notes: Notes = (),
) -> list[dict[str, Any]]:
    """The plans of an offering; the usual prices are those of the first unit."""
    usual = {measure.type: Decimal(measure.price) for measure in measures}
    count = max(rng.choice((1, 1, 2, 2, 3)), 2 if notes else 1)
    plans = []
    for number in range(0 if "no plans" in notes else count):
        unit = units[(number + rng.randrange(len(units))) % len(units)]
        name = list(_LEVELS)[number]
        level = _LEVELS[name] * Decimal(rng.choice(("0.8", "1", "1.25")))
        period = _UNIT_PRICES[unit] / _UNIT_PRICES[units[0]]
        prices = []
        for component in components:
            is_periodic = component["billing_type"] in ("fixed", "limit")
            price = usual[component["type"]] * level * (period if is_periodic else 1)
            prices.append(_plan_component(rng, component, price))
        _plan_changes(rng, prices)
        plans.append(_plan(rng, offering_uuid, name, unit, prices))
    for note in notes:
        if note in _NOTES:
            _NOTES[note](plans)
    billing = {component["type"]: component["billing_type"] for component in components}
    for plan in plans:
        _derive(plan, billing, drift=Decimal("12.5") if "drift" in notes else Decimal(0))
    return plans


def _plan_component(rng: Random, component: dict[str, Any], price: Decimal) -> dict[str, Any]:
    billing_type = component["billing_type"]
    discounted = billing_type in ("usage", "limit") and rng.random() < 0.12
    return {
        "type": component["type"],
        "name": component["name"],
        "measured_unit": component["measured_unit"],
        "amount": rng.choice((1, 1, 2)) if billing_type == "fixed" else 0,
        "price": decimal_text(price),
        "future_price": None,
        "discount_threshold": rng.choice((50, 100, 1000)) if discounted else None,
        "discount_rate": rng.choice((5, 10, 25)) if discounted else None,
    }


def _plan_changes(rng: Random, components: list[dict[str, Any]]) -> None:
    if rng.random() > 0.2:
        return
    for item in components:
        if rng.random() < 0.6:
            factor = Decimal(rng.choice(("0.9", "1.05", "1.2")))
            item["future_price"] = decimal_text(Decimal(item["price"]) * factor)


def _plan(
    rng: Random, offering_uuid: str, name: str, unit: str, components: list[dict[str, Any]]
) -> dict[str, Any]:
    identifier = fresh_uuid(rng)
    return {
        "url": f"{BASE}/api/marketplace-public-offerings/{offering_uuid}/plans/{identifier}/",
        "uuid": identifier,
        "name": name,
        "description": rng.choice(("", f"{name} users, charged by the {unit.replace('_', ' ')}.")),
        "article_code": rng.choice(("", f"PL-{rng.randint(100, 999)}")),
        "max_amount": rng.choice((None, None, None, 20)),
        "archived": rng.random() < 0.06,
        "is_active": True,
        "unit_price": "",
        "unit": unit,
        "init_price": 0,
        "switch_price": 0,
        "backend_id": rng.choice(("", "", f"plan-{rng.randint(1, 99)}")),
        "organization_groups": [rng.choice(GROUPS)] if rng.random() < 0.1 else [],
        "components": components,
        "prices": {},
        "future_prices": {},
        "quotas": {},
        "resources_count": rng.choice((0, 0, 1, 3, 8)),
        "plan_type": None,
        "minimal_price": 0,
    }


def _derive(plan: dict[str, Any], billing: dict[str, str], *, drift: Decimal) -> None:
    """Fill in what the server computes; the maps repeat the components as numbers."""
    sums = {"fixed": Decimal(0), "one": Decimal(0), "few": Decimal(0)}
    kinds = {billing[item["type"]] for item in plan["components"]}
    for item in plan["components"]:
        kind, price, future = billing[item["type"]], Decimal(item["price"]), item["future_price"]
        if kind in sums:
            sums[kind] += price * (item["amount"] if kind == "fixed" else 1)
        plan["prices"][item["type"]] = float(price)
        plan["future_prices"][item["type"]] = None if future is None else float(future)
        plan["quotas"][item["type"]] = item["amount"]
    unit_price = sums["fixed"] + drift
    plan["unit_price"] = decimal_text(unit_price)
    plan["init_price"] = _number(sums["one"])
    plan["switch_price"] = _number(sums["few"])
    plan["minimal_price"] = _number(unit_price + sums["one"])
    plan["plan_type"] = ("mixed" if len(kinds) > 1 else kinds.pop()) if kinds else None
    used_up = plan["max_amount"] is not None and plan["resources_count"] >= plan["max_amount"]
    plan["is_active"] = not plan["archived"] and not used_up


def classify(components: list[dict[str, Any]]) -> str:
    """The server's `billing_type_classification` of an offering."""
    kinds = {component["billing_type"] for component in components}
    if kinds == {"limit"}:
        return "limit_only"
    return "usage_only" if kinds == {"usage"} else "mixed"


def decimal_text(value: Decimal) -> str:
    """A price with the ten decimals of the wire."""
    return f"{value:.10f}"


def _number(value: Decimal) -> float:
    """A sum as the server writes it: the integer 0 or a float."""
    return float(value) if value else 0


def _archive_all(plans: list[dict[str, Any]]) -> None:
    for plan in plans:
        plan["archived"] = True


def _use_up(plans: list[dict[str, Any]]) -> None:
    plans[0].update(archived=False, max_amount=3, resources_count=3)


def _drop_prices(plans: list[dict[str, Any]]) -> None:
    plans[0]["components"] = []


def _make_tiny(plans: list[dict[str, Any]]) -> None:
    plans[0]["components"][0]["price"] = decimal_text(TINY_PRICE)


def _change_prices(plans: list[dict[str, Any]]) -> None:
    """One price goes up, one goes down, the others stay."""
    for item, factor in zip(plans[0]["components"], ("1.2", "0.9"), strict=False):
        item["future_price"] = decimal_text(Decimal(item["price"]) * Decimal(factor))


def _discount(plans: list[dict[str, Any]]) -> None:
    for item in plans[0]["components"]:
        item.update(discount_threshold=100, discount_rate=10)


def _discount_from_nowhere(plans: list[dict[str, Any]]) -> None:
    """A rate without the threshold at which it would begin."""
    for item in plans[0]["components"]:
        item.update(discount_threshold=None, discount_rate=15)


def _restrict(plans: list[dict[str, Any]]) -> None:
    plans[0]["organization_groups"] = list(GROUPS[1:3])


def _name_badly(plans: list[dict[str, Any]]) -> None:
    plans[0]["name"] = "<b>Plan</b> =1+1 :red[x]"


_NOTES: dict[str, Callable[[list[dict[str, Any]]], None]] = {
    "archived only": _archive_all,
    "used up": _use_up,
    "no prices": _drop_prices,
    "tiny price": _make_tiny,
    "price change": _change_prices,
    "discount": _discount,
    "discount without threshold": _discount_from_nowhere,
    "for groups": _restrict,
    "hostile name": _name_badly,
}
