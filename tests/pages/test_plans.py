"""The page of plans: its price list, and what a manager does in its tabs."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from bookings.plans.basket import Occasion
from components.plan_tabs import TABS
from demo.server import RunningDemo
from tests.pages.screens import mark, press, table, tick, words

OpenApp = Callable[..., AppTest]
CPU = "cpu_hours|core-hours|1000|CPU"
STORAGE = "storage|TB|10|Project storage"


def open_tab(app: OpenApp, tab: str, **query: str | list[str]) -> AppTest:
    """The page with a tab open."""
    return app("/plans", query={"tab": tab, **query})


def quote(at: AppTest, plan: str, offering: str = "Kratt supercomputer") -> dict[str, object]:
    """The row of a plan in the table of the basket."""
    frame = table(at)
    found = frame[(frame["plan"] == plan) & (frame["offering"] == offering)]

    assert len(found) == 1
    return dict(found.iloc[0])


def published(at: AppTest) -> str:
    """What the address of the page is made to say."""
    return next(each.proto.body for each in at.get("html") if "data-desk-path" in each.proto.body)


@pytest.mark.parametrize("tab", TABS)
def test_every_tab_draws(app: OpenApp, tab: str) -> None:
    """Each of them opens from a link, with the filters of the link in force."""
    at = open_tab(app, tab, q="cluster")

    assert not at.exception
    assert "search contains" in words(at)


def test_a_tab_that_is_none_opens_the_first(app: OpenApp) -> None:
    """A link that was typed wrongly still shows the page."""
    assert "headline" in table(open_tab(app, "Nonsense")).columns


@pytest.mark.parametrize(
    ("query", "column", "expected"),
    [
        ({"kind": "not priced"}, "offering", {"Free reading room"}),
        ({"discount": "yes", "q": "mass spectrometer for"}, "plan", {"Academic"}),
        ({"changing": "yes", "q": "new prices"}, "plan", {"Academic", "Basic"}),
        ({"component": "cpu_hours", "q": "kratt super"}, "unit", {"quarter", "month"}),
        ({"billing": "by limit", "q": "kratt super"}, "offering", {"Kratt supercomputer"}),
        ({"price": "135..136", "q": "kratt super"}, "plan", {"Industry"}),
    ],
)
def test_filters_of_the_price_list(
    app: OpenApp, query: dict[str, str], column: str, expected: set[str]
) -> None:
    """By kind of price, discount, change, component, way of charging and price."""
    assert set(table(app("/plans", query=query))[column]) == expected


def test_archived_plans_are_told_apart(app: OpenApp) -> None:
    """They are in the list until they are filtered away."""
    assert table(app("/plans", query={"archived": "yes"}))["archived"].all()
    assert not table(app("/plans", query={"archived": "no"}))["archived"].any()


def test_a_ticked_plan_is_read_below(app: OpenApp) -> None:
    """Its components with what each price is per, and whether its unit price is their sum."""
    at = tick(app("/plans", query={"q": "flat rate that drifted"}), "plans", 0)

    components = table(at, 1).set_index("name")
    assert components.loc["Instrument time", "price_text"] == "€480.00 / hours per half month"
    assert components.loc["Operator assistance", "price_text"] == "€48.00 / hours"
    assert components.loc["Training", "billing"] == "once, at the start"
    assert "is not the sum of its fixed parts, €480.00" in words(at)
    assert "No price changes on 1 " in words(at)


def test_organisation_groups_and_the_day_of_a_change_are_told(app: OpenApp) -> None:
    """A plan for some only, and prices that change on the first of the next month."""
    for_some = tick(app("/plans", query={"q": "Members' laser"}), "plans", 0)
    changing = tick(app("/plans", query={"q": "new prices"}), "plans", 0)

    assert "Only for organisations of " in words(for_some)
    assert "2 prices change next month, from 1 " in words(changing)
    assert table(changing, 1)["change"].tolist()[0].endswith("(+20 %)")


def test_plans_side_by_side(app: OpenApp) -> None:
    """Aligned by component, the lowest price marked only where the plans charge alike."""
    at = tick(app("/plans", query={"q": "kratt super"}), "plans", 0, 1, 2)

    beside = table(at, 1).set_index("label")
    assert beside.loc["CPU"].tolist() == [
        "€0.015 / core-hours, by use",
        "€0.036 / core-hours, by use",
        "✓ €0.01344 / core-hours, by use",
    ]
    assert beside.loc["CPU: discount"].tolist() == ["–", "25 % from 50", "–"]
    assert not beside.loc["Project storage"].str.startswith("✓").any()


def test_amounts_of_the_price_list_are_numbers(app: OpenApp) -> None:
    """To be sorted and summed up; they are in sight beside the phrase."""
    frame = table(app("/plans", query={"q": "kratt super"}))
    columns = list(frame.columns)

    assert sorted(frame["amount"]) == [135.0, 136.08, 151.875]
    assert columns.index("amount") == columns.index("headline") + 1
    assert frame["minimal_price"].dtype == "Float64"


def test_plans_side_by_side_come_as_files(app: OpenApp) -> None:
    """As every other table does; one plan that is read has none."""
    at = app("/plans", query={"q": "kratt super"})

    def buttons() -> set[str]:
        return {str(each.proto.id).rpartition("plans.compare.")[2] for each in downloads(at)}

    tick(at, "plans", 0)
    assert "file.csv" not in buttons()
    tick(at, "plans", 0, 1)
    assert buttons() >= {"file.csv", "file.excel"}


def downloads(at: AppTest) -> list[Any]:
    """The buttons that give files."""
    return list(at.get("download_button"))


def test_a_plan_is_read_without_amounts_that_mean_nothing(app: OpenApp) -> None:
    """Only what a plan fixes has an amount; what may be ordered stands before codes."""
    at = tick(app("/plans", query={"q": "kratt super"}), "plans", 0)
    lines = table(at, 1).set_index("name")
    order = list(at.dataframe[1].proto.column_order)

    assert lines["amount"].dropna().to_dict() == {"Cluster membership": 1.0}
    assert order.index("default_limit") < order.index("discount") < order.index("article_code")


def test_a_discount_keeps_the_mark_from_a_price(app: OpenApp) -> None:
    """Industry has the lower price of a GPU from 1000 on, Basic below; the bounds are told too."""
    at = tick(app("/plans", query={"q": "Virmaline bench"}), "plans", 1, 2)

    beside = table(at, 1).set_index("label")
    assert beside.loc["GPU"].tolist() == [
        "€1.632 / GPU-hours, by use", "€1.4875 / GPU-hours, by use",
    ]  # fmt: skip
    assert beside.loc["GPU: discount"].tolist() == ["10 % from 1000", "–"]
    assert beside.loc["GPU: bounds"].tolist() == ["at most 500 per month"] * 2


def test_more_than_six_are_too_many(app: OpenApp) -> None:
    """The page says how many can stand side by side."""
    at = tick(app("/plans"), "plans", *range(7))

    assert "7 plans are ticked; up to 6" in words(at)


# --- basket ---------------------------------------------------------------------------------


def test_a_basket_from_a_link(app: OpenApp) -> None:
    """Quantities, period and occasion are in the address; the sums can be checked by hand.

    Industry: CPU 0.036 × 1000 less 25 % = 27.00; storage 10.50 × 10 × 0.40 (11 of 28 days, up)
    = 42.00; membership 135 × 0.40 = 54.00; at the start 360 + 90.
    """
    at = open_tab(
        app, "Basket", q="kratt super", buy=[CPU, STORAGE],
        **{"from": "2027-02-10", "to": "2027-02-20"},
    )  # fmt: skip
    row = quote(at, "Industry")

    assert row["usage"] == 27.0
    assert row["recurring"] == 96.0
    assert row["one_time"] == 450.0
    assert row["total"] == row["first_month"] == 573.0
    assert row["per_year"] == 12 * (27 + 105 + 135)


def test_a_change_of_plan_pays_less_at_the_start(app: OpenApp) -> None:
    """Onboarding falls away, the move of data stays."""
    at = open_tab(
        app, "Basket", q="kratt super", buy=CPU, switch="yes",
        **{"from": "2027-02-01", "to": "2027-02-28"},
    )  # fmt: skip

    assert quote(at, "Industry")["one_time"] == 90.0
    assert at.session_state["basket.occasion"] == Occasion.SWITCH.value


def test_what_cannot_be_compared_says_why(app: OpenApp) -> None:
    """No sum and no rank where a component is missing or the unit has no period."""
    at = open_tab(app, "Basket", q="storage by the gram", buy=CPU)
    at.session_state["basket.show"] = "All"
    at.run()

    frame = table(at)
    assert frame["total"].isna().all()
    assert frame["hindrances"].str.contains("it has no CPU").all()
    assert frame["hindrances"].str.contains("charged by the unit").any()


def test_a_quarter_that_does_not_begin_has_no_rank(app: OpenApp) -> None:
    """Nothing falls due, which would look cheap; the year can still be compared."""
    at = open_tab(
        app, "Basket", q="kratt super", buy=CPU, **{"from": "2027-02-01", "to": "2027-02-28"}
    )
    at.session_state["basket.show"] = "Cannot be compared"
    at.run()
    row = quote(at, "Academic")

    assert row["hindrances"] == "no quarter begins in the period"
    assert row["per_year"] == 4 * 151.88 + 12 * 15.0


@pytest.mark.parametrize(
    ("last", "ranks"),
    [
        ("2027-01-31", {"Academic": 1, "Industry": 2, "Basic": None}),
        ("2027-03-31", {"Academic": 1, "Basic": 2, "Industry": 3}),
    ],
)
def test_a_quarter_has_a_rank_over_whole_quarters(
    app: OpenApp, last: str, ranks: dict[str, int | None]
) -> None:
    """Beside one month of the others it would look dearer than it is."""
    at = open_tab(app, "Basket", q="Virmaline bench", buy=CPU, **{"from": "2027-01-01", "to": last})
    at.session_state["basket.show"] = "All"
    at.run()
    frame = table(at).set_index("plan")

    assert {plan: rank for plan, rank in frame["rank"].items() if not pd.isna(rank)} == {
        plan: rank for plan, rank in ranks.items() if rank is not None
    }
    said = {plan: bool(why) for plan, why in frame["hindrances"].items()}
    assert said == {plan: rank is None for plan, rank in ranks.items()}


def test_what_is_charged_for_longer_than_the_period_says_so(app: OpenApp) -> None:
    """With how much of it the period is, in the table and beside the arithmetic."""
    at = open_tab(
        app, "Basket", q="Virmaline bench", buy=CPU, **{"from": "2027-01-01", "to": "2027-01-31"}
    )
    at.session_state["basket.show"] = "Cannot be compared"
    tick(at, "basket.quotes")
    tick(at, "basket.quotes", 0)
    why = "it charges a whole quarter, of which the period covers 31 of 90 days"

    assert quote(at, "Basic", "Virmaline bench of Kratt cluster")["hindrances"] == why
    assert f"Cannot be compared over this period: {why}." in words(at)


def test_a_ticked_plan_shows_its_arithmetic(app: OpenApp) -> None:
    """Line by line, with what the discount leaves."""
    at = open_tab(
        app, "Basket", q="kratt super", buy=[CPU, STORAGE],
        **{"from": "2027-02-10", "to": "2027-02-20"},
    )  # fmt: skip
    place = table(at)["plan"].tolist().index("Industry")
    tick(at, "basket.quotes", place)

    lines = dict(zip(table(at, 1)["component"], table(at, 1)["arithmetic"], strict=True))
    assert lines.pop("Sum") == ""
    assert lines == {
        "CPU": "€0.036 × 1,000 core-hours × 75 %",
        "Project storage": "€10.50 × 10 TB × 0.4 month",
        "Cluster membership": "€135.00 × 0.4 month",
        "Onboarding": "€360.00",
        "Move of project data": "€90.00",
    }
    assert "CPU: 25 % off, reached at 50" in words(at)


def test_lines_of_nothing_are_left_out_of_the_arithmetic(app: OpenApp) -> None:
    """A plan by the quarter is charged in one month of three; what stands adds up to the total."""
    at = open_tab(
        app, "Basket", q="Virmaline bench", buy=CPU, **{"from": "2027-01-01", "to": "2027-06-30"}
    )
    row = quote(at, "Basic", "Virmaline bench of Kratt cluster")
    tick(at, "basket.quotes", table(at)["plan"].tolist().index("Basic"))

    lines = table(at, 1)
    *parts, total = lines["money"]
    assert min(parts) > 0
    assert round(sum(parts), 2) == total == row["total"]
    assert "left out where no quarter begins in a month: Cluster membership." in words(at)


def choose_lines(at: AppTest, label: str) -> pd.DataFrame:
    """Opens the lines of a sum."""
    (control,) = (each for each in at.segmented_control if each.label == "Lines of")
    control.set_value(label).run()

    assert not at.exception
    return table(at, 1)


def test_every_sum_opens_into_its_lines(app: OpenApp) -> None:
    """The year, and the total at today's and at next month's prices, each with its sum."""
    at = open_tab(app, "Basket", q="new prices")
    at.session_state["basket.show"] = "All"
    at.run()
    frame = table(at)
    place = (frame["today"] != frame["next_month"]).tolist().index(True)
    row = dict(frame.iloc[place])
    tick(at, "basket.quotes", place)
    sums = {}
    for label in ("Total", "Per year", "Total at today's prices", "Total at next month's prices"):
        mark(at, "basket.quotes", place)
        *parts, sums[label] = choose_lines(at, label)["money"]
        assert round(sum(parts), 2) == sums[label]

    assert list(sums.values()) == [row["total"], row["per_year"], row["today"], row["next_month"]]
    assert row["today"] < row["next_month"]
    assert "next month" in table(at, 1)["price_of"].tolist()


def test_a_plan_by_the_unit_has_no_year(app: OpenApp) -> None:
    """What it charges counts once, and the page says so instead of leaving it out."""
    at = open_tab(app, "Basket", q="storage by the gram")
    at.session_state["basket.show"] = "Cannot be compared"
    tick(at, "basket.quotes")
    tick(at, "basket.quotes", 0)

    assert "The sums below count once what is charged by the unit." in words(at)
    assert "leave it out" not in words(at)
    assert "Per year" not in words(at)
    assert "rank" not in table(at).columns
    assert "total" not in table(at).columns


def test_the_count_is_of_the_plans_in_the_table(app: OpenApp) -> None:
    """Whichever of them are shown."""
    at = open_tab(app, "Basket", q="kratt super", **{"from": "2027-02-10", "to": "2027-02-20"})

    assert "1 of 3 plans" in words(at)
    for which, said in (("Cannot be compared", "2 of 3 plans"), ("All", "3 plans")):
        at.session_state["basket.show"] = which
        at.run()
        assert said in [each.value for each in at.text]


def paste(at: AppTest, text: str) -> AppTest:
    """Pastes lines and has them filled in."""
    at.text_area(key="basket.pasted").set_value(text).run()
    at.button(key="basket.fill").click().run()

    assert not at.exception
    return at


def test_pasted_lines_fill_the_basket(app: OpenApp) -> None:
    """As a spreadsheet copies them, without a word where all of them are read."""
    at = paste(open_tab(app, "Basket", q="kratt super"), "Item\tHow much\nCPU\t1,000\n")

    assert [each[0] for each in at.session_state["basket.chosen"]] == ["cpu_hours"]
    assert at.text_input(key="basket.quantity.cpu_hours|core-hours").value == "1000"
    assert not at.warning


def test_pasted_lines_that_are_not_read_stay_on_the_page(app: OpenApp) -> None:
    """With their numbers, above the prices, until they are dismissed or others are pasted."""
    at = paste(
        open_tab(app, "Basket", q="kratt super"), "Item\tHow much\nCPU\t1,000\nWater\t3\n*x* 2\n"
    )
    at.text_input(key="basket.quantity.cpu_hours|core-hours").set_value("5").run()

    assert "1 read, 2 not:" in at.warning[0].value
    assert "Line 3: no plan in view charges such a component" in words(at)
    assert "*x* 2" in words(at)
    assert "\\*x\\* 2" in at.warning[0].value
    assert at.dataframe
    press(at, "Dismiss")
    assert not at.warning

    paste(at, "Water\t3")
    assert "0 read, 1 not:" in at.warning[0].value
    paste(at, "CPU\t3")
    assert not at.warning


@pytest.mark.parametrize(
    ("typed", "said"),
    [("many", "'many' is not a number"), ("-1", "a quantity cannot be below 0")],
)
def test_a_quantity_that_is_none_is_told(app: OpenApp, typed: str, said: str) -> None:
    """In the place of the table, until it is mended."""
    at = open_tab(app, "Basket", q="kratt super", buy=CPU)
    at.text_input(key="basket.quantity.cpu_hours|core-hours").set_value(typed).run()

    assert said in words(at)
    assert not at.dataframe


def test_days_that_are_no_period_are_told(app: OpenApp) -> None:
    """The end before the beginning."""
    at = open_tab(app, "Basket", **{"from": "2027-02-10", "to": "2027-02-20"})
    at.date_input(key="basket.to").set_value(date(2027, 2, 1)).run()

    assert "The period ends before it begins." in words(at)


def test_a_link_means_the_same_in_every_language(app: OpenApp) -> None:
    """Quantities stand in it with a point; one of two wants of a component is kept."""
    at = open_tab(
        app, "Basket", q="kratt super",
        buy=["cpu_hours|core-hours|1.5|CPU", "cpu_hours|core-hours|2.5|Processor"],
        period="next",
    )  # fmt: skip

    assert at.text_input(key="basket.quantity.cpu_hours|core-hours").value == "2.5"
    assert at.session_state["basket.period"] == "Next month"


def test_signs_of_the_address_in_a_name_are_kept(app: OpenApp) -> None:
    """A bar within a name parts nothing."""
    at = open_tab(app, "Basket", buy="a%7Cb|100%25|1|c%7Cd")

    assert [tuple(each) for each in at.session_state["basket.chosen"]] == [("a|b", "100%", "c|d")]


def test_a_broken_link_opens_an_empty_basket(app: OpenApp) -> None:
    """What cannot be read in an address is left out."""
    at = open_tab(app, "Basket", buy=["nonsense", "|||"], **{"from": "soon", "to": "later"})

    assert not at.session_state["basket.chosen"]
    assert "Nothing is wanted yet" in words(at)


# --- next month and findings ----------------------------------------------------------------


def test_changes_of_the_next_month(app: OpenApp) -> None:
    """Old and new price, the difference and the day."""
    frame = table(open_tab(app, "Next month", q="new prices")).set_index("component")

    time = frame.loc["Instrument time"]
    assert (time["price_text"], time["future_price_text"]) == (
        "€64.00 / hours per day", "€76.80 / hours per day",
    )  # fmt: skip
    assert (time["difference_text"], round(time["change_percent"])) == ("+€12.80", 20)
    assert time["from"].endswith("-01")


def test_the_picture_says_which_plans_it_leaves_out(app: OpenApp) -> None:
    """Of many plans that change as much, some cannot be those that change most."""
    said = words(open_tab(app, "Next month"))

    assert re.search(r"30 of \d+ plans, by their largest change; \d+ more change as much", said)


def test_no_change_is_said(app: OpenApp) -> None:
    """In words, without an empty picture."""
    assert "No price of these plans changes" in words(open_tab(app, "Next month", q="kratt super"))


def test_findings_of_the_price_list(app: OpenApp, demo: RunningDemo) -> None:
    """Every rule finds what is wrong on purpose in the demo."""
    frame = table(open_tab(app, "Findings"))

    assert set(frame["rule"]) == {f"P0{number}" for number in range(1, 9)}
    names = {
        role: demo.world.offerings[demo.world.notable[role]].name
        for role in ("archived_plans", "no_prices", "drift", "group_plans", "used_up")
    }
    by_rule = frame.groupby("rule")["offering"].agg(set)
    assert names["archived_plans"] in by_rule["P01"]
    assert by_rule["P02"] == {names["no_prices"]}
    assert names["drift"] in by_rule["P05"]
    assert names["group_plans"] in by_rule["P06"]
    assert names["used_up"] in by_rule["P07"]


def test_the_per_cent_is_chosen(app: OpenApp) -> None:
    """A change of 20 % is no finding where 25 % are usual."""
    at = open_tab(app, "Findings", rule="P04")
    assert not table(at).empty
    at.number_input(key="plans.percent").set_value(25).run()

    assert table(at).empty


def test_the_per_cent_is_in_the_address(app: OpenApp) -> None:
    """A colleague who opens the link sees the same findings; what is set up needs no word."""
    usual = open_tab(app, "Findings", rule="P04")
    assert "percent=" not in published(usual)
    at = open_tab(app, "Findings", rule="P04", percent="25")

    assert at.number_input(key="plans.percent").value == 25
    assert table(at).empty
    assert "percent=25" in published(at)
    at.number_input(key="plans.percent").set_value(11).run()
    assert "percent=11" in published(at)
    assert not table(at).empty


@pytest.mark.parametrize("percent", ["much", "-1", "1001", "1.5", ""])
def test_a_per_cent_that_is_none_is_left_aside(app: OpenApp, percent: str) -> None:
    """The one that is set up counts."""
    at = open_tab(app, "Findings", percent=percent)

    assert at.number_input(key="plans.percent").value == 10


def test_findings_are_narrowed_by_the_link(app: OpenApp) -> None:
    """As Overview sends a person there."""
    assert set(table(open_tab(app, "Findings", rule="P05"))["rule"]) == {"P05"}
    assert set(table(open_tab(app, "Findings", severity="error"))["severity"]) == {"error"}


def test_a_ticked_finding_says_what_to_do(app: OpenApp) -> None:
    """Why it matters and where to go."""
    at = tick(open_tab(app, "Findings", rule="P05", q="drifted"), "plans.findings", 0)

    assert "Unit price 492.5, fixed parts 480." in words(at)
    assert "What to do." in words(at)


def test_the_overview_leads_to_the_findings(app: OpenApp) -> None:
    """A line for each rule, with how many plans it concerns."""
    said = words(app("/"))

    assert "Nobody can book it." in said
    assert "A slip of the decimal point looks like this" in said
