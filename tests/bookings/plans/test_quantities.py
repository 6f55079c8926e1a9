"""Quantities as people type them, as spreadsheets give them, and as files hold them."""

import json
from decimal import Decimal

import pytest
from babel.numbers import format_decimal
from hypothesis import given
from hypothesis import strategies as st

from bookings.json_objects import UnreadableFile
from bookings.plans.basket import Wanted
from bookings.plans.prices import quantity_text
from bookings.plans.quantities import Measure, measures_of, read_basket, read_pasted, read_quantity
from bookings.waldur.models import Offering

# A busy machine may take long over one example.

LANGUAGES = ("en", "de", "fr", "et", "de-CH", "fr_CH", "sv", "hi", "pl", "pt-BR", "lt", "ja")
quantities = st.decimals(min_value=0, max_value=10**12, places=6) | st.integers(0, 10**12).map(
    Decimal
)

CPU = Measure("cpu", "core-hours", "Processors")
CPU_NODES = Measure("cpu", "node-hours", "Processors")
GPU = Measure("gpu", "gpu-hours", "Graphics")
DISK = Measure("disk", "TB", "Storage")
TAPE = Measure("tape", "TB", "Storage")
KNOWN = (CPU, GPU, DISK)


# --- one number -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "locale", "quantity"),
    [
        ("0", "en", "0"),
        ("5", "en", "5"),
        ("+5", "en", "5"),
        (" 5\n", "en", "5"),
        ("1.5", "en", "1.5"),
        (".5", "en", "0.5"),
        ("1,000", "en", "1000"),
        ("1,234,567.25", "en", "1234567.25"),
        ("1 000", "en", "1000"),
        ("1\u00a0000", "en", "1000"),
        ("1'000", "en", "1000"),
        ("1e3", "en", "1000"),
        ("1.5E-3", "en", "0.0015"),
        ("1e12", "en", "1000000000000"),
        ("1000000000000", "en", "1000000000000"),
        ("0.0000000001", "en", "0.0000000001"),
        ("1,5", "de", "1.5"),
        ("1.5", "de", "1.5"),
        ("1.000", "de", "1000"),
        ("0.125", "de", "0.125"),
        ("1.234,5", "de", "1234.5"),
        ("1 000,5", "de", "1000.5"),
        ("1e3", "de", "1000"),
        ("1,5", "fr", "1.5"),
        ("1.5", "fr", "1.5"),
        ("1\u202f000,5", "fr", "1000.5"),
        ("1 000", "fr", "1000"),
        ("1,5", "et", "1.5"),
        ("1.5", "et", "1.5"),
        ("1\u00a0000,5", "et", "1000.5"),
        ("1 000", "et", "1000"),
        ("1’000.5", "de-CH", "1000.5"),
        ("12,34,567", "hi", "1234567"),
        ("1,000", "no such language", "1000"),
    ],
)
def test_a_number_is_read_as_the_language_writes_it(text: str, locale: str, quantity: str) -> None:
    """Or plainly with a point; spaces between the digits are no matter."""
    assert read_quantity(text, locale) == Decimal(quantity)


@pytest.mark.parametrize(
    ("text", "locale", "words"),
    [
        ("", "en", "'' is not a number"),
        ("  ", "en", "'' is not a number"),
        ("-", "en", "below 0"),
        ("-1", "en", "below 0"),
        ("-1,5", "de", "below 0"),
        ("nan", "en", "'nan' is not a number"),
        ("NaN", "de", "is not a number"),
        ("inf", "en", "is not a number"),
        ("Infinity", "en", "is not a number"),
        ("five", "en", "'five' is not a number"),
        ("5 h", "en", "'5 h' is not a number"),
        ("0x10", "en", "is not a number"),
        ("1_000", "en", "is not a number"),
        ("+-5", "en", "is not a number"),
        ("1e", "en", "is not a number"),
        ("1e3.5", "en", "is not a number"),
        (",", "en", "is not a number"),
        ("1,5", "en", "'1,5' is not a number in this language"),
        ("1,00", "en", "in this language"),
        ("1.2.3", "en", "in this language"),
        ("1.000,5", "en", "in this language"),
        ("1,000.5", "de", "in this language"),
        ("1.00,5", "de", "in this language"),
        ("1,2,3", "fr", "in this language"),
        ("1000000000000.1", "en", "too large"),
        ("1e13", "en", "too large"),
        ("1e99", "et", "too large"),
        ("9" * 60, "en", "too large"),
        ("1e99999999999999999999", "en", "is not a number"),
    ],
)
def test_what_is_no_quantity_is_refused(text: str, locale: str, words: str) -> None:
    """With the reason; a comma that may mean either is never guessed at."""
    with pytest.raises(ValueError, match=words):
        read_quantity(text, locale)


def test_a_long_text_is_not_repeated_in_full() -> None:
    """What is wrong with it can be said in one line."""
    with pytest.raises(ValueError, match="is too long") as raised:
        read_quantity("x" * 500)
    assert len(str(raised.value)) < 100


@given(quantities, st.sampled_from(LANGUAGES))
def test_a_number_of_a_language_is_read_back(quantity: Decimal, locale: str) -> None:
    """All digits of it, as the language itself would write them."""
    text = format_decimal(quantity, locale=locale.replace("-", "_"), decimal_quantization=False)

    assert read_quantity(text, locale) == quantity


@given(st.decimals(min_value=1000, max_value=10**12, places=2), st.sampled_from(LANGUAGES))
def test_a_plain_number_is_read_in_every_language(quantity: Decimal, locale: str) -> None:
    """With two decimals a point cannot be one that parts thousands."""
    assert read_quantity(format(quantity, "f"), locale) == quantity


@given(st.text(max_size=20) | st.text("0123456789.,'eE+- \u00a0", max_size=12))
def test_any_text_is_a_quantity_or_refused(text: str) -> None:
    """And what is read is a number from 0 up."""
    try:
        quantity = read_quantity(text)
    except ValueError:
        return
    assert 0 <= quantity <= 10**12


# --- what can be wanted ---------------------------------------------------------------------


def test_what_plans_charge_by_use_or_by_limit_can_be_wanted() -> None:
    """Each component once for each unit it is counted in, by name."""
    components = [
        {"type": "b", "name": "beta", "billing_type": "usage", "measured_unit": "h"},
        {"type": "a", "name": "Alpha", "billing_type": "limit", "measured_unit": "TB"},
        {"type": "c", "name": "Fixed", "billing_type": "fixed"},
        {"type": "d", "name": "Once", "billing_type": "one"},
        {"type": "e", "name": "Few", "billing_type": "few"},
    ]
    other = [{"type": "b", "name": "beta", "billing_type": "usage", "measured_unit": "days"}]
    plans = [
        (offering, plan)
        for offering in (
            Offering.model_validate({"uuid": "1" * 32, "components": each, "plans": [{}, {}]})
            for each in (components, components, other)
        )
        for plan in offering.plans
    ]

    assert measures_of(plans) == [
        Measure("a", "TB", "Alpha"),
        Measure("b", "days", "beta"),
        Measure("b", "h", "beta"),
    ]


def test_a_measure_is_wanted_in_its_own_unit() -> None:
    """What is wanted names type, unit and name."""
    assert CPU.wanted(Decimal(5)) == Wanted("cpu", Decimal(5), "core-hours", "Processors")
    assert CPU.label == "Processors (core-hours)"
    assert Measure("x", "", "X").label == "X"


# --- pasted ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "cpu 1000",
        "CPU 1000",
        "Processors 1000",
        "processors: 1000",
        "cpu = 1000",
        "cpu,1000",
        "cpu, 1000",
        "cpu 1,000",
        "cpu 1e3",
        "  cpu   1000  ",
        "Processors (core-hours) 1000",
        "cpu\t1000",
        "cpu;1000",
        "cpu\t1,000",
        "cpu;1 000",
        "cpu\tcore-hours\t1000",
        "Processors;core-hours;1000",
        "Processors; CORE-HOURS; 1000",
        "cpu\t1000\tcore-hours",
        "cpu\t\t1000",
        "cpu\t1000\t",
        "\ncpu 1000\n\n",
        "Component\tQuantity\ncpu\t1000",
        "Component;Unit;Quantity\ncpu;core-hours;1000",
        "What is wanted\ncpu 1000",
        "cpu 1 000",
        "Processors: 1 000 ",
    ],
)
def test_pasted_lines_name_a_component_and_a_quantity(text: str) -> None:
    """By type or name, with or without the unit."""
    pasted = read_pasted(text, KNOWN)

    assert pasted.quantities == {CPU: 1000}
    assert pasted.unread == ()


def test_several_components_are_pasted_at_once() -> None:
    """In the order of the lines, and in the language of the reader."""
    pasted = read_pasted("disk\tTB\t1,5\nGraphics;2.000\ncpu 1 \n", KNOWN, "de")

    assert list(pasted.quantities.items()) == [
        (DISK, Decimal("1.5")),
        (GPU, 2000),
        (CPU, 1),
    ]
    assert pasted.unread == ()


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("tapes 5", "no plan in view charges such a component by use or by limit"),
        ("\t5", "it names no component"),
        ("cpu -5", "a quantity cannot be below 0"),
        ("cpu\t-5", "a quantity cannot be below 0"),
        ("cpu 1,5", "'1,5' is not a number in this language"),
        ("cpu\t1,5", "'1,5' is not a number in this language"),
        ("cpu 1e13", "the quantity is too large"),
        ("cpu 5 hours", "it ends with no quantity"),
        ("cpu", "it ends with no quantity"),
        ("cpu\t", "it has no quantity"),
        ("cpu;many", "'many' is not a number"),
        ("cpu\tnan", "'nan' is not a number"),
    ],
)
def test_a_line_that_cannot_be_read_is_told(line: str, reason: str) -> None:
    """With its number and the reason, and the others are read."""
    pasted = read_pasted(f"gpu 1\n{line}\ndisk 2", KNOWN)

    assert [(each.line, each.text, each.reason) for each in pasted.unread] == [
        (2, line.strip(), reason)
    ]
    assert pasted.quantities == {GPU: 1, DISK: 2}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("cpu many 5x", 1),
        ("tapes 5", 1),
        ("gpu 1\nheading", 2),
        ("CPU\tmany\ngpu 1", 1),
        ("Processors many\ngpu 1", 1),
        ("processors (core-hours): lots\ngpu 1", 1),
        ("cpu\ngpu 1", 1),
        ("heading", 1),
        ("heading\nheading\ngpu 1", 2),
    ],
)
def test_only_a_first_line_of_no_component_is_a_heading(text: str, line: int) -> None:
    """Every other line that cannot be read is told."""
    assert [each.line for each in read_pasted(text, KNOWN).unread] == [line]


@pytest.mark.parametrize("again", ["cpu 7", "Processors\tcore-hours\t5"])
def test_a_component_that_is_named_again_is_told(again: str) -> None:
    """The first line counts; nothing is replaced without a word."""
    pasted = read_pasted(f"gpu 1\ncpu 5\n\n{again}", KNOWN)

    assert pasted.quantities == {GPU: 1, CPU: 5}
    assert [(each.line, each.reason) for each in pasted.unread] == [(4, "named before in line 2")]


SECOND = Measure("gpu_2", "h", "GPU 2")


@pytest.mark.parametrize(
    ("text", "known", "locale", "quantities"),
    [
        ("gpu 2 100", (GPU,), "en", {GPU: Decimal(2100)}),
        ("gpu 2 100", (SECOND,), "en", {SECOND: Decimal(100)}),
        ("gpu 12 345 678", (GPU,), "en", {GPU: Decimal(12345678)}),
        ("gpu 2 100.5", (GPU,), "en", {GPU: Decimal("2100.5")}),
        ("gpu 2 100,5", (GPU,), "et", {GPU: Decimal("2100.5")}),
        ("gpu 2 10", (GPU,), "en", {}),
        ("gpu 2 100", (GPU, SECOND), "en", {}),
    ],
)
def test_spaces_may_part_thousands(
    text: str, known: tuple[Measure, ...], locale: str, quantities: dict[Measure, Decimal]
) -> None:
    """A number at the end of a name is told from them by what is known, or not at all."""
    pasted = read_pasted(text, known, locale)

    assert pasted.quantities == quantities
    assert bool(pasted.unread) is not bool(quantities)


@pytest.mark.parametrize(
    ("text", "known", "reason"),
    [
        (
            "cpu 5",
            (CPU, CPU_NODES),
            "it can be any of Processors (core-hours), cpu, Processors (node-hours), cpu; "
            "name the type and the unit",
        ),
        (
            "Storage\tTB\t5",
            (DISK, TAPE),
            "it can be any of Storage (TB), Storage (TB); name the type and the unit",
        ),
    ],
)
def test_a_name_of_several_components_is_not_guessed_at(
    text: str, known: tuple[Measure, ...], reason: str
) -> None:
    """All that it can be are named."""
    pasted = read_pasted(text, known)

    assert [each.reason for each in pasted.unread] == [reason]
    assert pasted.quantities == {}


@pytest.mark.parametrize(
    ("text", "known", "meant"),
    [
        ("cpu\tnode-hours\t5", (CPU, CPU_NODES), CPU_NODES),
        ("Processors (core-hours) 5", (CPU, CPU_NODES), CPU),
        ("tape\t5", (DISK, TAPE), TAPE),
        ("Tape;TB;5", (DISK, TAPE), TAPE),
    ],
)
def test_type_or_unit_tell_components_of_one_name_apart(
    text: str, known: tuple[Measure, ...], meant: Measure
) -> None:
    """Whichever of the two differs."""
    assert read_pasted(text, known).quantities == {meant: 5}


def test_no_line_is_dropped_without_a_word() -> None:
    """A text of very many lines is read in full, or told to be longer than what is read."""
    pasted = read_pasted("gpu 1\n" * 1500 + "disk 2", KNOWN)

    assert DISK in pasted.quantities or pasted.unread


@given(st.text(max_size=60) | st.text("cpu 15,;\t\n-.", max_size=30))
def test_any_text_can_be_pasted(text: str) -> None:
    """It never fails, and what it reads are quantities of known components."""
    pasted = read_pasted(text, KNOWN)

    assert set(pasted.quantities) <= set(KNOWN)
    assert all(quantity >= 0 for quantity in pasted.quantities.values())


@given(
    st.dictionaries(st.sampled_from(KNOWN), quantities, min_size=1),
    st.sampled_from(["en", "de", "fr", "et"]),
    st.sampled_from(["\t", ";"]),
)
def test_what_a_spreadsheet_shows_is_read_back(
    wanted: dict[Measure, Decimal], locale: str, between: str
) -> None:
    """With a column of units, and numbers as the language writes them."""
    rows = [
        between.join(
            (
                each.name,
                each.measured_unit,
                format_decimal(quantity, locale=locale, decimal_quantization=False),
            )
        )
        for each, quantity in wanted.items()
    ]
    pasted = read_pasted("\n".join(rows), KNOWN, locale)

    assert (pasted.quantities, pasted.unread) == (wanted, ())


# --- files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"cpu": 1000, "disk": 1.5}',
        '{"cpu": "1000", "disk": "1.5"}',
        '{"cpu": 1e3, "disk": 1.5}',
        '{\n  "cpu": 1000,\n  "disk": 1.5\n}',
        '{"quantities": {"cpu": 1000, "disk": 1.5}}',
        '{"components": {"cpu": 1000, "disk": 1.5}}',
        '{"basket": {"cpu": 1000, "disk": 1.5}}',
        '[{"type": "cpu", "name": "CPU", "quantity": 1000}, {"type": "disk", "limit": 1.5}]',
        '{"limits": {"cpu": 1000, "disk": 1.5}}',
        '{"quantities": [{"type": "cpu", "quantity": 1000}, {"type": "disk", "quantity": 1.5}]}',
        '[{"type": "cpu", "quantity": 1000}, {"type": "disk", "quantity": "1.5"}]',
        '{"type": "cpu", "quantity": 1000}\n{"type": "disk", "quantity": 1.5}',
        '{"component_type": "cpu", "limit": 1000}\n{"component": "disk", "usage": 1.5}',
        '[{"name": "cpu", "amount": 1000}, {"name": "disk", "value": 1.5}]',
        '[{"cpu": 1000}, {"disk": 1.5}]',
        '{"cpu": 1000}\n{"disk": 1.5}',
        '\ufeff{"cpu": 1000, "disk": 1.5}',
        "cpu 1000\ndisk 1.5",
        "cpu: 1000\ndisk: 1.5",
        "cpu = 1000\ndisk = 1.5",
        "cpu,1000\ndisk,1.5",
        "cpu, 1000\r\ndisk, 1.5\r\n",
        "cpu\t1000\ndisk\t1.5",
        "cpu;1000\ndisk;1.5",
        "cpu 1e3\ndisk 1.5",
        "type,quantity\ncpu,1000\ndisk,1.5",
        "# spring\nComponent type; Measured unit; Amount\ncpu;;1000\ndisk;;1.5",
        "Component Quantity\ncpu 1000\ndisk 1.5",
        "# in a month\ncpu 1000\n\n  # and for good\ndisk 1.5\n",
        "\ufeffcpu 1000\ndisk 1.5",
    ],
)
def test_a_basket_is_read_in_every_form(text: str) -> None:
    """JSON of several shapes, or lines."""
    assert read_basket(text) == [
        Wanted("cpu", Decimal(1000)),
        Wanted("disk", Decimal("1.5")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"type": "cpu", "quantity": 5, "measured_unit": "core-hours"}',
        "cpu\tcore-hours\t5",
        "cpu;core-hours;5",
        "cpu;5;core-hours",
    ],
)
def test_a_basket_can_name_the_unit(text: str) -> None:
    """Then only plans that count in it fit."""
    assert read_basket(text) == [Wanted("cpu", Decimal(5), "core-hours")]


def test_a_unit_of_null_is_none() -> None:
    """Any unit fits then."""
    text = json.dumps({"type": "cpu", "quantity": 5, "measured_unit": None})

    assert read_basket(text) == [Wanted("cpu", Decimal(5))]


def test_a_basket_keeps_a_component_in_each_of_its_units() -> None:
    """They are alternatives, of which each plan takes the one it counts in."""
    text = json.dumps(
        [
            {"type": "cpu", "quantity": 64, "measured_unit": "core-hours"},
            {"type": "cpu", "quantity": 1, "measured_unit": "node-hours"},
        ]
    )

    assert read_basket(text) == [
        Wanted("cpu", Decimal(64), "core-hours"),
        Wanted("cpu", Decimal(1), "node-hours"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "^the file is empty$"),
        ("\ufeff \n ", "^the file is empty$"),
        ("{}", "^it asks for nothing$"),
        ("[]", "^it asks for nothing$"),
        ('{"quantities": {}}', "^it asks for nothing$"),
        ('{"quantities": []}', "^it asks for nothing$"),
        ("# nothing yet\n", "^it asks for nothing$"),
        ("type,quantity\n", "^it asks for nothing$"),
        ("{oops", "^line 1: it is not JSON"),
        ("[oops", "^it is not JSON"),
        ('{"cpu": 1}\n{oops', "^line 2: it is not JSON"),
        ("[1]", "^item 1: it is a number, not an object$"),
        ('{"quantities": 5}', "^item 1: it holds no quantities$"),
        ('{"quantities": [1]}', "^item 1: it holds no quantities$"),
        ('{"quantities": null}', "^item 1: it holds no quantities$"),
        ('{"quantities": {"cpu": 1}, "start": "2027-01-01"}',
         "^item 1: 'start' is not understood here$"),
        ('{"type": "cpu", "quantity": 1, "unit": "h"}', "^item 1: 'unit' is not understood here$"),
        ('{"type": "cpu", "quantity": 1, "limit": 2}', "^item 1: 'limit' is not understood here$"),
        ('{"type": "cpu", "quantity": 1, "measured_unit": 5}',
         "^item 1: measured_unit is a number, not a text$"),
        ('{"type": "cpu", "quantity": 1, "measured_unit": ["h"]}',
         "^item 1: measured_unit is a list, not a text$"),
        ('{"type": "cpu"}', "^item 1: the quantity is null, not a number$"),
        ('{"cpu": null}', "^item 1, cpu: the quantity is null, not a number$"),
        ('{"cpu": true}', "^item 1, cpu: the quantity is true or false, not a number$"),
        ('{"cpu": [1]}', "^item 1, cpu: the quantity is a list, not a number$"),
        ('{"cpu": {"a": 1}}', "^item 1, cpu: the quantity is an object, not a number$"),
        ('{"cpu": -5}', "^item 1, cpu: a quantity cannot be below 0$"),
        ('{"cpu": "1,5"}', "^item 1, cpu: '1,5' has a comma: write 1000 or 1.5$"),
        ('{"cpu": "1,000"}', "^item 1, cpu: '1,000' has a comma: write 1000 or 1.5$"),
        ('{"cpu": "many"}', "^item 1, cpu: 'many' is not a number$"),
        ('{"cpu": ""}', "^item 1, cpu: '' is not a number$"),
        ('{"cpu": NaN}', "^item 1, cpu: 'nan' is not a number$"),
        ('{"cpu": 1e400}', "^item 1, cpu: the quantity is too large$"),
        ('{"cpu": 1e13}', "^item 1, cpu: the quantity is too large$"),
        ('[{"cpu": 1}, {"cpu": -1}]', "^item 2, cpu: a quantity cannot be below 0$"),
        ('{"type": "cpu", "quantity": 1}\n{"type": "disk", "quantity": -1}',
         "^line 2: a quantity cannot be below 0$"),
        ("cpu -5", "^line 1: a quantity cannot be below 0$"),
        ("cpu 5\ndisk", "^line 2: it ends with no quantity$"),
        ("cpu 5\ndisk,many", "^line 2: it ends with no quantity$"),
        ("cpu 5\ndisk,", "^line 2: it ends with no quantity$"),
        ("5", "^line 1: it names no component$"),
        ("# much\ncpu 1,5", "^line 2: '1,5' has a comma: write 1000 or 1.5$"),
        ("cpu,1,5", "^line 1: '1,5' has a comma: write 1000 or 1.5$"),
        ("cpu\t1,000", "^line 1: '1,000' has a comma: write 1000 or 1.5$"),
        ("cpu\tmany\ndisk\t1", "^line 1: 'many' is not a number$"),
        ("cpu many\ndisk 1", "^line 1: it ends with no quantity$"),
        ("what is wanted\ncpu 1", "^line 1: it ends with no quantity$"),
        ("type,quantity\ntype,quantity\ncpu,1", "^line 2: it ends with no quantity$"),
    ],
)  # fmt: skip
def test_a_basket_that_cannot_be_read_says_where(text: str, words: str) -> None:
    """And why, in one line."""
    with pytest.raises(UnreadableFile, match=words) as raised:
        read_basket(text)
    assert "\n" not in str(raised.value)


types = st.text("abcdefghijklmnopqrstuvwxyz_-0123456789", min_size=1, max_size=10).filter(
    lambda type_: type_[0].isalpha() and type_ not in (
        "type", "component_type", "component", "name", "quantities", "components", "basket",
        "limits",
    )
)  # fmt: skip


@given(st.dictionaries(types, quantities, min_size=1, max_size=5))
def test_each_form_of_a_basket_says_the_same(wanted: dict[str, Decimal]) -> None:
    """An object of texts, a list of objects, lines of objects, and lines of columns."""
    expected = [Wanted(*each) for each in wanted.items()]
    plain = {type_: format(quantity, "f") for type_, quantity in wanted.items()}
    objects = [{"type": type_, "quantity": text} for type_, text in plain.items()]

    assert read_basket(json.dumps(plain)) == expected
    assert read_basket(json.dumps({"quantities": plain})) == expected
    assert read_basket(json.dumps(objects)) == expected
    assert read_basket("\n".join(map(json.dumps, objects))) == expected
    for between in (" ", ",", "\t", ";", ": "):
        lines = (f"{type_}{between}{text}" for type_, text in plain.items())
        assert read_basket("\n".join(lines)) == expected


@given(st.text(max_size=60) | st.text('{}[]":,5 cpu\n', max_size=30))
def test_any_text_is_a_basket_or_refused_in_one_line(text: str) -> None:
    """It never fails in another way."""
    said = ""
    found: list[Wanted] = []
    try:
        found = read_basket(text)
    except UnreadableFile as error:
        said = str(error)

    assert bool(said) != bool(found)
    assert "\n" not in said


@given(quantities, st.sampled_from(LANGUAGES))
def test_what_is_filled_in_reads_as_the_same_quantity(quantity: Decimal, locale: str) -> None:
    """In the language of whoever pasted it."""
    assert read_quantity(quantity_text(quantity, locale), locale) == quantity
