"""Plans as tables: quotes, charges, changes and findings."""

from datetime import UTC, datetime
from decimal import Decimal

import pandas as pd
import pytest

from bookings.frames import Column
from bookings.plan_tables import (
    CHARGE_COLUMNS,
    PLAN_FINDING_COLUMNS,
    PRICE_CHANGE_COLUMNS,
    QUOTE_COLUMNS,
    charges_frame,
    most_changed,
    plan_findings_frame,
    price_changes_frame,
    quotes_frame,
)
from bookings.plans.audit import audit_plans
from bookings.plans.basket import Basket, Wanted
from bookings.plans.billing import whole_month
from bookings.plans.quotes import Quote, plans_of, quotes
from bookings.waldur.models import Offering

NOW = datetime(2027, 1, 20, tzinfo=UTC)
FEBRUARY = whole_month(datetime(2027, 2, 1, tzinfo=UTC))


def offering(name: str, *plans: dict[str, object], unit: str = "month") -> Offering:
    """An offering with one component that is charged by use."""
    return Offering.model_validate(
        {
            "uuid": name * 32,
            "name": name,
            "state": "Active",
            "components": [
                {"type": "cpu", "name": "CPU", "billing_type": "usage", "measured_unit": "h"}
            ],
            "plans": [{"name": f"plan {i}", "unit": unit, **plan} for i, plan in enumerate(plans)],
        }
    )


def priced(price: str, future: str | None = None) -> dict[str, object]:
    """A plan that charges so much an hour."""
    return {"prices": {"cpu": price}, "future_prices": {"cpu": future}}


SOME = [
    offering("a", priced("3"), priced("1", "2")),
    offering("b", priced("1"), priced("1")),
    offering("c", priced("1"), unit="quantity"),
]


def of(*offerings: Offering) -> list[Quote]:
    """Quotes for ten hours in February, seen in January."""
    basket = Basket((Wanted("cpu", Decimal(10), "h", "CPU"),), *FEBRUARY)
    return quotes(plans_of(offerings), basket, NOW)


@pytest.mark.parametrize(
    ("columns", "frame"),
    [
        (QUOTE_COLUMNS, quotes_frame([])),
        (CHARGE_COLUMNS, charges_frame([])),
        (PRICE_CHANGE_COLUMNS, price_changes_frame([], NOW)),
        (PLAN_FINDING_COLUMNS, plan_findings_frame([])),
    ],
)
def test_a_table_of_nothing_has_its_columns(columns: tuple[Column, ...], frame: object) -> None:
    """With the declared dtypes."""
    dtypes = {key: str(dtype) for key, dtype in frame.dtypes.items()}  # type: ignore[attr-defined]

    assert dtypes == {column.key: column.dtype for column in columns}


def test_equal_totals_share_a_rank() -> None:
    """And what cannot be compared has none, and no sums."""
    frame = quotes_frame(of(*SOME))

    assert frame["total"].tolist()[:4] == [10.0, 10.0, 20.0, 30.0]
    assert frame["rank"].tolist()[:4] == [1, 1, 3, 4]
    assert frame[["total", "rank"]].iloc[4].isna().all()
    assert frame["hindrances"].tolist()[-1] == "it is charged by the unit, without a period"


def test_today_stands_beside_next_month() -> None:
    """Both totals, the difference and the per cent of the plan whose price changes."""
    row = quotes_frame(of(SOME[0])).iloc[0]

    assert (row["plan"], row["today"], row["next_month"]) == ("plan 1", 10.0, 20.0)
    assert (row["difference"], row["change_percent"]) == (10.0, 100.0)


def test_charges_in_words_and_numbers() -> None:
    """In a currency, with the price that counts."""
    row = charges_frame(of(SOME[0])[0].due.charges, "EUR").iloc[0]

    assert (row["arithmetic"], row["money"], row["price_of"]) == (
        "€2.00 × 10 h",
        20.0,
        "next month",
    )
    assert row["month"] == "2027-02-01"


@pytest.mark.parametrize(
    ("price", "future", "now", "price_of"),
    [
        ("1", None, "2027-01-20", "unchanged"),
        ("1", "1.0", "2027-01-20", "unchanged"),
        ("1", "2", "2027-01-20", "next month"),
        ("1", "2", "2027-02-20", "today"),
    ],
)
def test_a_price_is_of_a_month_only_where_another_has_another(
    price: str, future: str | None, now: str, price_of: str
) -> None:
    """One that stays is neither today's nor the next month's."""
    basket = Basket((Wanted("cpu", Decimal(10), "h", "CPU"),), *FEBRUARY)
    seen = datetime.fromisoformat(now).replace(tzinfo=UTC)
    (quote,) = quotes(plans_of([offering("a", priced(price, future))]), basket, seen)

    assert charges_frame(quote.due.charges)["price_of"].tolist() == [price_of]


def test_charges_end_with_their_sum_where_it_has_a_name() -> None:
    """In the last row, in the currency; nothing has no sum."""
    charges = of(SOME[0])[0].due.charges
    frame = charges_frame([*charges, *charges], "EUR", named="Sum")
    last = frame.iloc[-1]

    assert frame["money"].tolist() == [20.0, 20.0, 40.0]
    assert (last["component"], last["arithmetic"], last["currency"]) == ("Sum", "", "EUR")
    assert charges_frame([], named="Sum").empty


def test_the_reason_stands_beside_the_plan() -> None:
    """And remarks before the parts of the total, so that both are in sight."""
    keys = [column.key for column in QUOTE_COLUMNS if column.shown]

    assert keys[keys.index("offering") + 1] == "hindrances"
    assert keys[keys.index("recurring") - 1] == "remarks"


def test_the_currency_of_quotes_is_named() -> None:
    """For files, in which amounts are plain numbers."""
    assert set(quotes_frame(of(*SOME), "EUR")["currency"]) == {"EUR"}


def test_changes_leave_out_archived_plans_that_nobody_uses() -> None:
    """A plan that is still in use keeps its place."""
    idle = offering("a", priced("1", "2") | {"archived": True, "resources_count": 0})
    used = offering("b", priced("1", "0.5") | {"archived": True, "resources_count": 4})
    frame = price_changes_frame(plans_of([idle, used]), NOW)

    assert frame["offering"].tolist() == ["b"]
    assert frame["change_percent"].tolist() == [-50.0]
    assert frame["from"].tolist() == ["2027-02-01"]


def test_a_price_that_begins_has_no_per_cent() -> None:
    """From nothing, and from 0."""
    frame = price_changes_frame(
        plans_of([offering("a", {"future_prices": {"cpu": "2"}}, priced("0", "2"))]), NOW
    )

    assert frame["change_percent"].isna().all()
    assert frame["difference_text"].tolist() == ["+2.00", "+2.00"]


def test_findings_come_with_the_gravest_first() -> None:
    """`place` leads back to the finding."""
    found = audit_plans([SOME[0], offering("d")], Decimal(10))
    frame = plan_findings_frame(found)

    assert frame["severity"].tolist() == ["error", "warning", "info"]
    assert [found[place].rule.id for place in frame["place"]] == frame["rule"].tolist()
    assert frame["rule"].tolist() == ["P01", "P04", "P08"]


def test_a_plan_that_nobody_can_take_has_sums_but_no_rank() -> None:
    """However cheap it is."""
    archived = offering("a", priced("1") | {"archived": True}, priced("3"))
    frame = quotes_frame(of(archived))

    assert frame["total"].tolist() == [30.0, 10.0]
    assert frame["rank"].tolist()[0] == 1
    assert frame["rank"].isna().tolist() == [False, True]


def test_a_first_price_has_no_total_of_today() -> None:
    """Nor a difference from it."""
    unpriced: dict[str, object] = {"prices": {"cpu": None}, "future_prices": {"cpu": 2}}
    (row,) = quotes_frame(of(offering("a", unpriced))).to_dict("records")

    assert (row["rank"], row["total"], row["next_month"]) == (1, 20, 20)
    assert all(pd.isna(row[key]) for key in ("today", "difference", "change_percent"))


# --- what changes most ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("most", "plans", "ties"),
    [
        (1, ["halved"], 0),
        (2, ["halved", "dear"], 3),
        (3, ["halved", "dear", "a"], 2),
        (4, ["halved", "dear", "a", "b"], 1),
        (5, ["halved", "dear", "a", "b", "cheap"], 0),
        (9, ["halved", "dear", "a", "b", "cheap", "little"], 0),
    ],
)
def test_what_changes_most_comes_by_per_cent_amount_and_name(
    most: int, plans: list[str], ties: int
) -> None:
    """And how many more change by as many per cent as the last one is told."""
    named = {
        "cheap": ("0.01", "0.012"), "b": ("10", "8"), "little": ("100", "101"),
        "a": ("10", "12"), "dear": ("1000", "1200"), "halved": ("1", "0.5"),
        "new": ("0", "5"), "same": ("5", "5"),
    }  # fmt: skip
    found = [{**priced(*prices), "name": name} for name, prices in named.items()]
    frame = price_changes_frame(plans_of([offering("a", *found)]), NOW)
    numbers, count, more = most_changed(frame, most)

    assert [list(named)[number] for number in numbers] == plans
    assert (count, more) == (6, ties)


def test_a_plan_changes_as_its_largest_change_does() -> None:
    """Once, however many of its prices change."""
    components = [{"type": type_, "billing_type": "usage"} for type_ in ("cpu", "gpu")]
    both = {"prices": {"cpu": "1", "gpu": "1"}, "future_prices": {"cpu": "1.1", "gpu": "0.5"}}
    read = Offering.model_validate(
        {"uuid": "a" * 32, "components": components, "plans": [priced("1", "1.4"), both]}
    )

    assert most_changed(price_changes_frame(plans_of([read]), NOW), 30) == ([1, 0], 2, 0)


def test_of_no_changes_none_is_the_largest() -> None:
    """An empty table has no plan to draw."""
    assert most_changed(price_changes_frame([], NOW), 30) == ([], 0, 0)
