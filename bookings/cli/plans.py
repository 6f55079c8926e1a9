"""Reviews of plans: what a basket costs on each, and how billing periods are counted."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer

from bookings.cli.server import loaded
from bookings.cli.terminal import (
    Format,
    Output,
    bad_input,
    fail,
    in_terminal,
    one_standard_input,
    read_utf8,
    tell,
    write,
)
from bookings.json_objects import UnreadableFile, kind_of, read_objects, read_offering
from bookings.plans.basket import Basket, Occasion
from bookings.plans.billing import (
    Period,
    billing_quantity,
    last_of_month,
    period_between,
    price_of,
    whole_month,
)
from bookings.plans.prices import lines_of
from bookings.plans.quantities import read_basket
from bookings.plans.quotes import as_item, plans_of, quotes
from bookings.waldur.models import Offering

app = typer.Typer()

MOST_DIGITS = 60
"""Before or behind the point of a price; the server keeps 12 and 10."""
_PRICE = re.compile(r"[-+]?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]{1,6})?")
_IN_TABLE = (
    "offering", "plan", "unit", "active", "recurring", "usage", "one_time", "total", "first_month",
    "per_year", "total_at_next_months_prices", "obstacles", "remarks",
)  # fmt: skip
_NARROW = ("offering", "plan", "total", "first_month", "per_year", "obstacles")
"""What stays of a table where not all of it fits."""


@app.command()
def prices(
    basket: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help='What is wanted: JSON {"component type": quantity, …}, or lines of type and '
            "quantity. Usage is per calendar month.",
        ),
    ],
    offerings: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Offerings as the API gives them, JSON or JSON lines."),
    ] = None,
    start: Annotated[
        str, typer.Option(metavar="D", help="First day, 2027-02-05; else the current month.")
    ] = "",
    end: Annotated[
        str, typer.Option(metavar="D", help="Last day, included; else the last of the month.")
    ] = "",
    switch: Annotated[
        bool, typer.Option("--switch", help="A change of plan, not a first activation.")
    ] = False,
    output: Output = None,
) -> None:
    """Say what a basket costs on every plan; a line a plan, the cheapest first."""
    one_standard_input(basket, offerings)
    now = datetime.now(UTC)
    period = _period(start, end, now)
    with bad_input(basket):
        wanted = tuple(read_basket(read_utf8(basket)))
    known, currency = _offerings(offerings)
    occasion = Occasion.SWITCH if switch else Occasion.ACTIVATION
    found = quotes(plans_of(known), Basket(wanted, *period, occasion), now)
    counted = {
        line.type for each in found for line in lines_of(each.plan, each.offering.components)
    }
    for want in wanted:
        if want.type not in counted:
            tell(f"no plan has the component {want.type}")
    items = [as_item(quote, currency) for quote in found]
    if in_terminal(output):
        items = [{key: item[key] for key in _IN_TABLE} for item in items]
    write(items, output, _NARROW)


@app.command("billing-quantity")
def show_billing_quantity(
    cases: Annotated[
        str,
        typer.Option(
            metavar="FILE", help='JSON lines {"unit", "start", "end", "unit_price"}, times in ISO.'
        ),
    ],
) -> None:
    """Say how many units billing periods are, and their price; a JSON line a case, in order."""
    with bad_input(cases):
        answers = [_billed(place, item) for place, item in read_objects(read_utf8(cases), Decimal)]
    write(answers, Format.JSONL)


def _billed(place: str, item: Mapping[str, Any]) -> Mapping[str, str | None]:
    unit = _text(place, item, "unit")
    start, end = (_moment(place, item, key) for key in ("start", "end"))
    if "unit_price" not in item:
        raise UnreadableFile(f"{place}: it has no unit_price; null stands for none")
    price = item["unit_price"]
    try:
        quantity = billing_quantity(unit, start, end)
    except ValueError as error:
        raise UnreadableFile(f"{place}: {error}") from None
    if price is None:
        return {"quantity": format(quantity, "f"), "price": None}
    money = price_of(_decimal(place, price), quantity)
    return {"quantity": format(quantity, "f"), "price": format(money, "f")}


def _text(place: str, item: Mapping[str, Any], key: str) -> str:
    if key not in item:
        raise UnreadableFile(f"{place}: it has no {key}")
    value = item[key]
    if not isinstance(value, str):
        raise UnreadableFile(f"{place}: {key} is {kind_of(value)}, not a text")
    return value


def _moment(place: str, item: Mapping[str, Any], key: str) -> datetime:
    try:
        return datetime.fromisoformat(_text(place, item, key))
    except ValueError:
        raise UnreadableFile(f"{place}: {key} is not a time in ISO 8601") from None


def _decimal(place: str, value: object) -> Decimal:
    """A price, from its digits alone: Decimal itself would take "1_000" and " ٣" too."""
    number = isinstance(value, (str, int, float, Decimal)) and not isinstance(value, bool)
    if not number or not _PRICE.fullmatch(str(value)):
        raise UnreadableFile(f"{place}: unit_price is not a number")
    price = Decimal(str(value))
    if price < 0:
        raise UnreadableFile(f"{place}: unit_price is below 0")
    if price and abs(price.adjusted()) > MOST_DIGITS:
        raise UnreadableFile(f"{place}: unit_price is out of range")
    return price


def _period(start: str, end: str, now: datetime) -> Period:
    """The time that is meant; the current month where nothing is said."""
    if end and not start:
        fail("--end needs --start")
    if not start:
        return whole_month(now)
    first = _day("--start", start)
    try:
        return period_between(first, _day("--end", end) if end else last_of_month(first))
    except ValueError as error:
        fail(str(error))


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        fail(f"{option}: {text} is not a day, as 2027-02-05 is")


def _offerings(file: str | None) -> tuple[list[Offering], str]:
    if file is None:
        return loaded("plans", "--offerings")
    with bad_input(file):
        return [
            _offering(place, item) for place, item in read_objects(read_utf8(file), Decimal)
        ], ""


def _offering(place: str, item: Mapping[str, Any]) -> Offering:
    if "plans" not in item:
        raise UnreadableFile(f"{place}: it is no offering with plans")
    return read_offering(place, item)
