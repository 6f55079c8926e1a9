"""What a basket costs and how periods are billed, without a browser, as a person types it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bookings.cli import app
from tests.bookings.cli.commands import run, write

ROOT = Path(__file__).parents[3]
RECORDED = Path(__file__).parents[4] / "shared" / "plans" / "billing-periods.jsonl"
COMPONENTS = [
    {"type": "base", "name": "Base", "billing_type": "fixed"},
    {"type": "cpu", "name": "CPU", "billing_type": "usage", "measured_unit": "core-hours"},
    {"type": "disk", "name": "Disk", "billing_type": "limit", "measured_unit": "TB"},
    {"type": "setup", "name": "Setup", "billing_type": "one"},
    {"type": "move", "name": "Move", "billing_type": "few"},
]
ALL = {"base": 10, "cpu": "0.0125", "disk": "2.5", "setup": 50, "move": 5}
LACKING = {"base": 1, "cpu": None, "disk": 1, "setup": 0, "move": 0}
OFFERINGS = [
    {
        "uuid": "1" * 32,
        "name": "Dear",
        "customer_name": "Centre",
        "components": COMPONENTS,
        "plans": [
            {"uuid": "a" * 32, "name": "Standard", "unit": "month", "prices": ALL},
            {"uuid": "b" * 32, "name": "Lacking", "unit": "month", "prices": LACKING},
        ],
    },
    {
        "uuid": "2" * 32,
        "name": "Cheap",
        "components": COMPONENTS,
        "plans": [{"name": "Daily", "unit": "day", "prices": {**ALL, "base": "0.1", "disk": 0}}],
    },
]
BASKET = '{"cpu": 1000, "disk": 4}'
AMOUNTS = (
    "recurring", "usage", "one_time", "total", "first_month", "per_year",
    "total_at_todays_prices", "total_at_next_months_prices",
)  # fmt: skip
APRIL = ("--start", "2027-04-01", "--end", "2027-04-30")


@pytest.fixture
def offerings(tmp_path: Path) -> str:
    """A file of offerings."""
    return write(tmp_path, "offerings.json", json.dumps(OFFERINGS))


@pytest.fixture
def basket(tmp_path: Path) -> str:
    """A file of what is wanted."""
    return write(tmp_path, "basket.json", BASKET)


def prices(offerings: str, basket: str, *more: str) -> list[Any]:
    """The lines of a command that ends well and has nothing to complain of."""
    code, lines, said = run("prices", "--offerings", offerings, "--basket", basket, *more)

    assert (code, said) == (0, "")
    return lines


# --- prices ---------------------------------------------------------------------------------


def test_every_plan_is_a_line_the_cheapest_first(offerings: str, basket: str) -> None:
    """Those that lack something that is wanted come last."""
    lines = prices(offerings, basket, *APRIL)

    assert [(each["offering"], each["plan"]) for each in lines] == [
        ("Cheap", "Daily"),
        ("Dear", "Standard"),
        ("Dear", "Lacking"),
    ]
    assert [each["comparable"] for each in lines] == [True, True, False]


def test_a_line_has_all_amounts_as_texts_of_decimals(offerings: str, basket: str) -> None:
    """With two decimals, and with the charges that they are made of."""
    _, standard, _ = prices(offerings, basket, *APRIL)

    assert {key: standard[key] for key in AMOUNTS} == {
        "recurring": "20.00",
        "usage": "12.50",
        "one_time": "55.00",
        "total": "87.50",
        "first_month": "87.50",
        "per_year": "390.00",
        "total_at_todays_prices": "87.50",
        "total_at_next_months_prices": "87.50",
    }
    assert (standard["offering_uuid"], standard["plan_uuid"]) == ("1" * 32, "a" * 32)
    assert (standard["provider"], standard["unit"], standard["currency"]) == ("Centre", "month", "")
    assert (standard["active"], standard["obstacles"], standard["remarks"]) == (True, [], [])
    assert [(each["type"], each["price"], each["money"]) for each in standard["charges"]] == [
        ("base", "10", "10.00"),
        ("cpu", "0.0125", "12.50"),
        ("disk", "2.5", "10.00"),
        ("setup", "50", "50.00"),
        ("move", "5", "5.00"),
    ]


def test_what_cannot_be_priced_has_no_amounts(offerings: str, basket: str) -> None:
    """But the reason."""
    lacking = prices(offerings, basket, *APRIL)[-1]

    assert {lacking[key] for key in AMOUNTS} == {None}
    assert lacking["obstacles"] == ["CPU has no price"]


@pytest.mark.parametrize(
    ("period", "recurring", "total"),
    [
        (("--start", "2027-04-01"), "20.00", "87.50"),
        (("--start", "2027-04-16"), "10.00", "77.50"),
        (("--start", "2027-04-01", "--end", "2027-04-01"), "0.80", "68.30"),
        (("--start", "2027-04-16", "--end", "2027-05-31"), "30.00", "110.00"),
        (("--start", "2027-02-01", "--end", "2027-02-28"), "20.00", "87.50"),
        (("--start", "2028-02-29", "--end", "2028-02-29"), "0.80", "68.30"),
    ],
)
def test_the_period_is_that_of_whole_days(
    offerings: str, basket: str, period: tuple[str, ...], recurring: str, total: str
) -> None:
    """Both ends included; without an end to the last of the month."""
    _, standard, _ = prices(offerings, basket, *period)

    assert (standard["recurring"], standard["total"]) == (recurring, total)


def test_without_a_period_it_is_the_current_month(offerings: str, basket: str) -> None:
    """A whole one, whichever it is."""
    _, standard, _ = prices(offerings, basket)

    assert (standard["recurring"], standard["total"]) == ("20.00", "87.50")
    assert {each["from"][-2:] for each in standard["charges"]} == {"01"}


def test_a_change_of_plan_costs_no_activation(offerings: str, basket: str) -> None:
    """Only what each change costs."""
    _, standard, _ = prices(offerings, basket, *APRIL, "--switch")

    assert (standard["one_time"], standard["total"]) == ("5.00", "37.50")


def test_prices_of_next_month_are_beside_those_of_today(tmp_path: Path, basket: str) -> None:
    """For a period long after now all that is due is at the new ones."""
    plan = {"unit": "month", "prices": {"disk": 1}, "future_prices": {"disk": 2}}
    one = {"uuid": "1" * 32, "components": [COMPONENTS[2]], "plans": [plan]}
    file = write(tmp_path, "one.json", json.dumps(one))
    disk = write(tmp_path, "disk.txt", "disk 4")
    (line,) = prices(file, disk, "--start", "2100-01-01")

    assert line["total"] == line["total_at_next_months_prices"] == "8.00"
    assert line["total_at_todays_prices"] == "4.00"
    assert [each["next_months_price"] for each in line["charges"]] == [True]


@pytest.mark.parametrize("which", ["--basket", "--offerings"])
def test_either_file_may_be_standard_input(offerings: str, basket: str, which: str) -> None:
    """Named by a dash."""
    files = {"--basket": basket, "--offerings": offerings}
    text = Path(files[which]).read_text(encoding="utf-8")
    arguments = [part for pair in {**files, which: "-"}.items() for part in pair]
    code, lines, said = run("prices", *arguments, *APRIL, stdin=text)

    assert (code, said) == (0, "")
    assert lines == prices(offerings, basket, *APRIL)


@pytest.mark.parametrize(
    "text",
    [
        '{"quantities": {"cpu": "1000", "disk": 4}}',
        '[{"type": "cpu", "quantity": 1000}, {"type": "disk", "quantity": 4}]',
        '{"type": "cpu", "quantity": "1000"}\n{"type": "disk", "quantity": "4"}',
        "cpu 1000\ndisk 4",
        "type,quantity\ncpu,1000\ndisk,4\n",
    ],
)
def test_a_basket_may_be_written_in_several_ways(
    offerings: str, basket: str, tmp_path: Path, text: str
) -> None:
    """With the same answer."""
    other = write(tmp_path, "other", text)

    assert prices(offerings, other, *APRIL) == prices(offerings, basket, *APRIL)


def test_offerings_may_be_lines(offerings: str, basket: str, tmp_path: Path) -> None:
    """One a line, with the same answer as a list."""
    lines = write(tmp_path, "o.jsonl", "\n".join(map(json.dumps, OFFERINGS)))

    assert prices(lines, basket, *APRIL) == prices(offerings, basket, *APRIL)


def test_a_component_that_no_plan_has_is_told(offerings: str) -> None:
    """On standard error; the answer is given all the same."""
    code, lines, said = run(
        "prices", "--offerings", offerings, "--basket", "-", *APRIL, stdin='{"gpu": 1, "cpu": 1}'
    )

    assert code == 0
    assert said == "no plan has the component gpu\n"
    assert {tuple(each["obstacles"][:1]) for each in lines} == {("it has no gpu",)}


@pytest.mark.parametrize("text", ["[]", '[{"uuid": "' + "1" * 32 + '", "plans": []}]'])
def test_no_plans_are_no_lines(basket: str, tmp_path: Path, text: str) -> None:
    """And not an error."""
    none = write(tmp_path, "none.json", text)
    code, lines, _ = run("prices", "--offerings", none, "--basket", basket)

    assert (code, lines) == (0, [])


def test_a_table_of_prices_is_for_people(basket: str, tmp_path: Path) -> None:
    """The sums without the charges, and no name can steer the terminal it is shown on."""
    named = [{**OFFERINGS[0], "name": "\x1b[31mred[/]"}, OFFERINGS[1]]
    file = write(tmp_path, "named.json", json.dumps(named))
    result = CliRunner().invoke(
        app,
        ["prices", "--offerings", file, "--basket", basket, *APRIL, "--format", "table"],
        env={"COLUMNS": "300"},
    )

    assert (result.exit_code, result.stderr) == (0, "")
    assert "?[31mred[/]" in result.stdout
    assert "\x1b" not in result.stdout
    for words in ("Standard", "87.50", "390.00", "CPU has no price", "obstacles"):
        assert words in result.stdout
    assert "charges" not in result.stdout
    assert result.stdout.index("Cheap") < result.stdout.index("Standard")


def table_of(offerings: str, basket: str, width: int) -> str:
    """A table of prices in a terminal of some width."""
    result = CliRunner().invoke(
        app,
        ["prices", "--offerings", offerings, "--basket", basket, *APRIL, "--format", "table"],
        env={"COLUMNS": str(width)},
    )

    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@pytest.mark.parametrize("width", [100, 120, 140])
def test_a_narrow_table_has_fewer_columns(offerings: str, basket: str, width: int) -> None:
    """A line a plan, with what decides between them."""
    _, names, _, *rows, _ = table_of(offerings, basket, width).splitlines()

    assert [each.strip(" ┃") for each in names.split("┃")[1:-1]] == [
        "offering", "plan", "total", "first month", "per year", "obstacles",
    ]  # fmt: skip
    assert ["Daily" in rows[0], "87.50" in rows[1], "CPU has no price" in rows[2]] == [True] * 3
    assert len(rows) == 3


def test_a_table_that_fits_has_all_columns(offerings: str, basket: str) -> None:
    """And a very narrow one is a line a value."""
    assert "one time" in table_of(offerings, basket, 300)
    assert "one_time " in table_of(offerings, basket, 40)


# --- billing-quantity -----------------------------------------------------------------------


LEFT_OUT = object()


def case(**fields: Any) -> str:
    """A case as a line; a member that is LEFT_OUT is not in it."""
    whole = {
        "unit": "day",
        "start": "2027-01-03T06:30:00+00:00",
        "end": "2027-01-05T06:30:00+00:00",
        "unit_price": "0.125",
        **fields,
    }
    return json.dumps({key: value for key, value in whole.items() if value is not LEFT_OUT})


def test_periods_are_answered_in_order() -> None:
    """A line a case, quantity and price as text and nothing else."""
    cases = [
        case(),
        case(unit="hour"),
        case(unit="month", start="2027-01-01", end="2027-01-31"),
        case(unit="half_month", start="2027-01-01T00:00:00Z", end="2027-01-16T00:00:00Z"),
        case(unit="quarter", start="2027-01-01", end="2027-12-31"),
        case(unit="quantity"),
    ]
    code, lines, said = run("billing-quantity", "--cases", "-", stdin="\n".join(cases))

    assert (code, said) == (0, "")
    assert lines == [
        {"quantity": "2", "price": "0.25"},
        {"quantity": "48", "price": "6.00"},
        {"quantity": "1", "price": "0.13"},
        {"quantity": "1.07", "price": "0.14"},
        {"quantity": "4", "price": "0.50"},
        {"quantity": "0.10", "price": "0.02"},
    ]
    assert list(lines[0]) == ["quantity", "price"]


@pytest.mark.parametrize(
    ("unit_price", "price"),
    [
        (None, None),
        ("0", "0.00"),
        ("1E-10", "0.01"),
        ("1e3", "2000.00"),
        (3, "6.00"),
        (0.1, "0.20"),
        (1e-10, "0.01"),
        ("12345678901234567890.123", "24691357802469135780.25"),
    ],
)
def test_a_unit_price_may_be_text_or_number_or_null(unit_price: Any, price: str | None) -> None:
    """Exactly as it is written, and null without one."""
    code, lines, _ = run("billing-quantity", "--cases", "-", stdin=case(unit_price=unit_price))

    assert (code, lines) == (0, [{"quantity": "2", "price": price}])


def test_a_single_case_or_a_list_of_them_is_fine(tmp_path: Path) -> None:
    """From a file as well."""
    file = write(tmp_path, "cases.json", f"[{case()}, {case(unit='hour')}]")
    code, lines, _ = run("billing-quantity", "--cases", file)

    assert (code, [each["quantity"] for each in lines]) == (0, ["2", "48"])
    assert run("billing-quantity", "--cases", "-", stdin="[]") == (0, [], "")


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded periods are not here")
def test_recorded_periods_are_answered_as_recorded() -> None:
    """What a running server billed, case by case."""
    recorded = [json.loads(line) for line in RECORDED.read_text().splitlines()]
    code, lines, said = run("billing-quantity", "--cases", str(RECORDED))

    assert (code, said) == (0, "")
    assert lines == [{key: each[key] for key in ("quantity", "price")} for each in recorded]


# --- bad input ------------------------------------------------------------------------------


def assert_refused(outcome: tuple[int, list[Any], str], words: str) -> None:
    """Exit status 2, nothing on standard output, and one line that says what is wrong."""
    code, lines, said = outcome

    assert (code, lines) == (2, [])
    assert words in said
    assert said.count("\n") == 1
    assert said.startswith("error: ")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "standard input: the file is empty"),
        ("{oops", "standard input: line 1: it is not JSON"),
        ("[oops", "standard input: it is not JSON"),
        ("[1]", "standard input: item 1: it is a number, not an object"),
        ("{}", "standard input: it asks for nothing"),
        ('{"quantities": 5}', "standard input: item 1: it holds no quantities"),
        ('{"type": "cpu"}', "standard input: item 1: the quantity is null, not a number"),
        ('{"cpu": -1}', "standard input: item 1, cpu: a quantity cannot be below 0"),
        ('{"cpu": "many"}', "standard input: item 1, cpu: 'many' is not a number"),
        ('{"cpu": NaN}', "standard input: item 1, cpu: 'nan' is not a number"),
        ('{"cpu": 1e300}', "standard input: item 1, cpu: the quantity is too large"),
        ("cpu 1\ncpu 2", "standard input: it names 'cpu' twice"),
        ('{"cpu": 1, "cpu": 2}', "standard input: an object in it has 'cpu' twice"),
        ('{"cpu": ' + "1" * 5000 + "}", "standard input: a number in it has too many digits"),
        (
            '{\n "cpu": 1,\n "disk" 2\n}',
            "standard input: it is not JSON: Expecting ':' delimiter: line 3",
        ),
        ("cpu 1\ndisk -1", "standard input: line 2: a quantity cannot be below 0"),
        ("cpu 1\ndisk", "standard input: line 2: it ends with no quantity"),
        ("\x00\xff", "standard input: "),
    ],
)
def test_a_basket_that_is_none_is_one_line(offerings: str, text: str, words: str) -> None:
    """With the place in the file."""
    assert_refused(run("prices", "--offerings", offerings, "--basket", "-", stdin=text), words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "standard input: the file is empty"),
        ("oops", "standard input: line 1: it is not JSON"),
        ("5", "standard input: item 1: it is a number, not an object"),
        ("{}", "standard input: item 1: it is no offering with plans"),
        ('[{"plans": []}]', "standard input: item 1: It has no usable uuid."),
        ('[{"plans": [], "uuid": "x"}]', "standard input: item 1: It has no usable uuid."),
        (
            json.dumps(OFFERINGS[0]) + "\n" + json.dumps({"name": "x"}),
            "standard input: line 2: it is no offering with plans",
        ),
        (
            json.dumps({"uuid": "1" * 32, "plans": [5]}),
            "standard input: item 1: Field plans.0: Input should be an object.",
        ),
        (
            json.dumps({"uuid": "1" * 32, "plans": [{"unit_price": "much"}]}),
            "standard input: item 1: Field plans.0.unit_price",
        ),
    ],
)
def test_offerings_that_are_none_are_one_line(basket: str, text: str, words: str) -> None:
    """With the place in the file."""
    assert_refused(run("prices", "--offerings", "-", "--basket", basket, stdin=text), words)


@pytest.mark.parametrize("which", ["--basket", "--offerings"])
@pytest.mark.parametrize(
    ("file", "words"),
    [("missing.json", "missing.json: No such file"), (".", ".: Is a directory")],
)
def test_a_file_that_is_not_there_is_one_line(
    offerings: str, basket: str, which: str, file: str, words: str
) -> None:
    """Whichever of the two it is."""
    files = {"--basket": basket, "--offerings": offerings, which: file}
    arguments = [part for pair in files.items() for part in pair]

    assert_refused(run("prices", *arguments), words)


@pytest.mark.parametrize(
    ("period", "words"),
    [
        (("--start", "soon"), "--start: soon is not a day"),
        (("--start", "2027-02-30"), "--start: 2027-02-30 is not a day"),
        (("--start", "2027-13-01"), "--start: 2027-13-01 is not a day"),
        (("--start", "01.02.2027"), "--start: 01.02.2027 is not a day"),
        (("--start", "2027-04-01T00:00"), "--start: 2027-04-01T00:00 is not a day"),
        (("--start", "2027-04-01", "--end", "later"), "--end: later is not a day"),
        (("--start", "2027-04-02", "--end", "2027-04-01"), "the period ends before it begins"),
        (("--end", "2027-04-01"), "--end needs --start"),
        (("--start", "0001-01-01"), "only the years 1970 to 9000 can be billed"),
        (("--start", "9999-12-01"), "only the years 1970 to 9000 can be billed"),
        (("--start", "2027-01-01", "--end", "2099-01-01"), "the period is longer than 10 years"),
    ],
)
def test_a_period_that_is_none_is_one_line(
    offerings: str, basket: str, period: tuple[str, ...], words: str
) -> None:
    """With the option that is wrong."""
    assert_refused(run("prices", "--offerings", offerings, "--basket", basket, *period), words)


def test_standard_input_is_read_once() -> None:
    """It cannot be both files."""
    outcome = run("prices", "--basket", "-", "--offerings", "-", stdin=BASKET)

    assert_refused(outcome, "only one FILE can be -")


def test_without_offerings_a_server_must_be_named(basket: str) -> None:
    """The message says how, in one line."""
    outcome = run("prices", "--basket", basket)

    assert_refused(outcome, "--offerings FILE")
    assert_refused(outcome, "WALDUR_API_URL")


def test_an_address_without_a_token_asks_no_server(
    basket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It would answer nobody."""
    monkeypatch.setenv("WALDUR_API_URL", "https://waldur.invalid/api/")

    assert_refused(run("prices", "--basket", basket), "WALDUR_API_TOKEN")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (case(unit="fortnight"), "the unit 'fortnight' is none of month, quarter"),
        (case(unit=LEFT_OUT), "it has no unit"),
        (case(unit=None), "unit is null, not a text"),
        (case(unit=5), "unit is a number, not a text"),
        (case(start=LEFT_OUT), "it has no start"),
        (case(start=5), "start is a number, not a text"),
        (case(end=LEFT_OUT), "it has no end"),
        (case(end=20270105), "end is a number, not a text"),
        (case(unit_price=LEFT_OUT), "it has no unit_price; null stands for none"),
        (case(unit_price=LEFT_OUT, unit_prise="1"), "it has no unit_price; null stands for none"),
        (case(unit_price="-1"), "unit_price is below 0"),
        (case(unit_price=-0.5), "unit_price is below 0"),
        (case(unit_price="1_000"), "unit_price is not a number"),
        (case(unit_price="١"), "unit_price is not a number"),
        (case(unit_price=" 1"), "unit_price is not a number"),
        (case(unit_price=""), "unit_price is not a number"),
        (case(start="yesterday"), "start is not a time in ISO 8601"),
        (case(end="2027-01-32"), "end is not a time in ISO 8601"),
        (case(start="2027-01-06T00:00:00+00:00"), "the end lies before the start"),
        (case(end="2027-01-05T06:30:00"), "only one of start and end names a time zone"),
        (case(end="2027-02-01T00:00:00+00:00"), "a billing period does not leave its month"),
        (case(unit_price="much"), "unit_price is not a number"),
        (case(unit_price="1,5"), "unit_price is not a number"),
        (case(unit_price=True), "unit_price is not a number"),
        (case(unit_price=[1]), "unit_price is not a number"),
        (case(unit_price="NaN"), "unit_price is not a number"),
        (case(unit_price="Infinity"), "unit_price is not a number"),
        ("[1]", "it is a list, not an object"),
        ("oops", "it is not JSON"),
        # beyond any calendar, and beyond any amount
        (case(start="9999-12-31T23:00:00+14:00", end="9999-12-31T23:00:00+00:00"), ""),
        (case(unit="quarter", start="9999-11-01", end="9999-12-31"), ""),
        (case(unit_price="1E+400"), ""),
    ],
)
def test_a_period_that_cannot_be_billed_is_one_line(line: str, words: str) -> None:
    """With its place; the cases before it are not answered either."""
    text = f"{case()}\n\n{line}\n"

    assert_refused(
        run("billing-quantity", "--cases", "-", stdin=text), f"standard input: line 3: {words}"
    )


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("missing.jsonl", "missing.jsonl: No such file"),
        (".", ".: Is a directory"),
        ("-", "standard input: the file is empty"),
    ],
)
def test_no_cases_are_one_line(file: str, words: str) -> None:
    """A file that is not there, or holds nothing."""
    assert_refused(run("billing-quantity", "--cases", file), words)


# --- misuse ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    ["käpp 5".encode("latin-1"), "cpu 5".encode("utf-16"), "cpu 5".encode("utf-16-le")],
    ids=["latin-1", "utf-16", "utf-16 without a mark"],
)
@pytest.mark.parametrize("which", ["--basket", "--offerings", "--cases"])
def test_a_file_in_another_encoding_is_one_line(
    offerings: str, basket: str, tmp_path: Path, which: str, content: bytes
) -> None:
    """Its names would be garbled, and the answer with them."""
    file = tmp_path / "other"
    file.write_bytes(content)
    files = {"--basket": basket, "--offerings": offerings, which: str(file)}
    command = ["billing-quantity"] if which == "--cases" else ["prices"]
    named = {which: str(file)} if which == "--cases" else files

    outcome = run(*command, *(part for pair in named.items() for part in pair))
    assert_refused(outcome, "other: it is not UTF-8 text")


def test_a_byte_order_mark_is_no_matter(offerings: str, basket: str, tmp_path: Path) -> None:
    """Spreadsheets write one."""
    marked = tmp_path / "marked"
    marked.write_bytes(BASKET.encode("utf-8-sig"))

    assert prices(offerings, str(marked), *APRIL) == prices(offerings, basket, *APRIL)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("prices",), "--basket"),
        (("prices", "--basket"), "--basket"),
        (("prices", "--basket", "b", "--format", "xml"), "'xml' is not one of 'table', 'jsonl'"),
        (("prices", "--basket", "b", "--nope"), "--nope"),
        (("prices", "--basket", "b", "more"), "more"),
        (("billing-quantity",), "--cases"),
        (("price",), "price"),
        (("--nope",), "--nope"),
        (("calendar", "nope"), "nope"),
    ],
)
def test_a_command_that_is_misused_is_one_line(arguments: tuple[str, ...], words: str) -> None:
    """With the option or the value that is wrong."""
    assert_refused(run(*arguments), words)


@pytest.mark.parametrize("arguments", [(), ("calendar",)])
def test_without_a_command_there_is_help(arguments: tuple[str, ...]) -> None:
    """Of the commands there are."""
    result = CliRunner().invoke(app, list(arguments))

    assert "Commands:" in result.output


# --- as a module ----------------------------------------------------------------------------


def test_prices_run_as_a_module(offerings: str, tmp_path: Path) -> None:
    """In a process of its own, with a pipe at either end."""
    done = subprocess.run(
        [sys.executable, "-m", "bookings", "prices", "--offerings", offerings,
         "--basket", "-", *APRIL],
        input="cpu 1000\ndisk 4\n",
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C"},
        cwd=tmp_path,
        check=True,
    )  # fmt: skip

    assert [json.loads(line)["plan"] for line in done.stdout.splitlines()] == [
        "Daily",
        "Standard",
        "Lacking",
    ]
    assert done.stderr == ""
