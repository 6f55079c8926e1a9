"""Limits in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.slurm.limits import (
    CPU_BIND_BITS,
    LIMITS,
    MEMORY_CONVENTION,
    Unit,
    inside_a_sentence,
    limit_of,
    qos_names,
    spell_cpu_bind,
    spell_flag,
    spell_megabytes,
    spell_minutes,
    spell_seconds,
)
from bookings.waldur.models import Partition

# A busy machine may take long over one example.

any_number = st.none() | st.integers() | st.integers(-(2**70), 2**70)
SIZES = {"MB": 1, "GB": 1000, "TB": 1000**2, "GiB": 1024, "TiB": 1024**2}
MINUTES = {"min": 1, "h": 60, "d": 1440}


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (None, ""),
        (0, "0 min"),
        (45, "45 min"),
        (60, "1 h"),
        (90, "1 h 30 min"),
        (1440, "1 d"),
        (1441, "1 d 1 min"),
        (2160, "1 d 12 h"),
        (10080, "7 d"),
        (-60, "-1 h"),
        (35791393, "24855 d 3 h 13 min"),
    ],
)
def test_minutes(minutes: int | None, text: str) -> None:
    """Minutes are spelled in days, hours and minutes, without empty parts."""
    assert text == spell_minutes(minutes)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (0, "0 s"), (59, "59 s"), (300, "5 min"), (3630, "1 h 30 s"), (86400, "1 d")],
)
def test_seconds(seconds: int | None, text: str) -> None:
    """Grace time is in seconds, and its words say so."""
    assert text == spell_seconds(seconds)


@pytest.mark.parametrize(
    ("megabytes", "text"),
    [
        (None, ""),
        (0, "0 MB"),
        (1, "1 MB"),
        (999, "999 MB"),
        (1000, "1 GB"),
        (1024, "1 GiB"),
        (1800, "1800 MB"),
        (4000, "4 GB"),
        (4096, "4 GiB"),
        (192_512, "188 GiB"),
        (196_608, "192 GiB"),
        (256_000, "256 GB"),
        (1_000_000, "1 TB"),
        (1_048_576, "1 TiB"),
        (1_500_000, "1500 GB"),
        (-1000, "-1 GB"),
        (2**63 - 1, "9223372036854775807 MB"),
    ],
)
def test_megabytes(megabytes: int | None, text: str) -> None:
    """Memory is spelled in the largest unit that is exact, GB before GiB."""
    assert text == spell_megabytes(megabytes)


@given(any_number)
def test_spelled_amounts_are_exact(number: int | None) -> None:
    """Whatever is recorded can be worked out again from its words."""
    memory, minutes = spell_megabytes(number), spell_minutes(number)

    if number is None:
        assert memory == minutes == ""
        return
    amount, unit = memory.split()
    assert number == int(amount) * SIZES[unit]
    words = minutes.lstrip("-").split()
    total = sum(int(a) * MINUTES[b] for a, b in zip(words[::2], words[1::2], strict=True))
    assert number == (-total if minutes.startswith("-") else total)


@pytest.mark.parametrize(
    ("mask", "text"),
    [
        (None, ""),
        (0, "0 (not bound)"),
        (1, "verbose"),
        (2, "threads"),
        (4, "cores"),
        (5, "verbose, cores"),
        (0x11, "verbose, ldoms"),
        (0x20, "none"),
        (64, "rank"),
        (0x80000, "off"),
        (0x1004, "cores, 0x1000"),
        (0x40000, "0x40000"),
        (2**63, "0x8000000000000000"),
        (-1, "-1, not a mask"),
    ],
)
def test_cpu_bind(mask: int | None, text: str) -> None:
    """A mask is spelled in SLURM's words; a bit without a word in hexadecimal."""
    assert text == spell_cpu_bind(mask)


def test_cpu_bind_bits_are_single_bits() -> None:
    """No entry of the table overlaps another."""
    assert all(bit.bit_count() == 1 for bit in CPU_BIND_BITS)


@pytest.mark.parametrize(("flag", "text"), [(None, ""), (True, "yes"), (False, "no")])
def test_flag(flag: bool | None, text: str) -> None:
    """A flag that is not recorded is not "no"."""
    assert text == spell_flag(flag)


def test_every_field_of_a_partition_has_a_limit() -> None:
    """LIMITS covers the model: what the server records about a partition is spelled."""
    others = {"uuid", "partition_name", "qos_options"}

    assert set(Partition.model_fields) - others == {limit.field for limit in LIMITS}
    assert len(LIMITS) == len({limit.label for limit in LIMITS})


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.field)
def test_nothing_recorded_is_spelled_as_nothing(limit: Any) -> None:
    """An absent value is "" for every limit, never 0, never unlimited."""
    assert limit.text(Partition()) == ""
    assert limit.value(Partition()) is None


@pytest.mark.parametrize("limit", LIMITS, ids=lambda limit: limit.field)
def test_every_limit_has_a_sentence(limit: Any) -> None:
    """Its help is one line that ends as a sentence does."""
    assert limit.help.endswith(".")
    assert "\n" not in limit.help
    assert ("if it is unset in slurm.conf too: " in limit.help) is bool(limit.slurm)
    assert limit_of(limit.field) is limit


@pytest.mark.parametrize(
    ("text", "inside"),
    [("Max nodes", "max nodes"), ("CPU binding", "CPU binding"), ("QOS", "QOS"), ("A", "A")],
)
def test_an_abbreviation_keeps_its_capitals(text: str, inside: str) -> None:
    """In the middle of a sentence too."""
    assert inside_a_sentence(text) == inside


@given(any_number)
def test_no_number_breaks_a_limit(number: int | None) -> None:
    """Absurd values are spelled too, so that someone can see and correct them."""
    for limit in LIMITS:
        if limit.unit not in (Unit.FLAG, Unit.NAME):
            assert isinstance(limit.spell(number), str)


@pytest.mark.parametrize(
    ("qos", "options", "names"),
    [
        (None, None, []),
        ("", [], []),
        ("normal", None, ["normal"]),
        ("normal", [{"qos_name": "high"}, {"qos_name": "normal"}], ["normal", "high"]),
        (None, [{"name": "a"}, "b", {"uuid": "c"}, None, 7, [], {"qos_name": 3}], ["a", "b"]),
        (None, {"a": 1, "b": None, 3: 4}, ["a", "b"]),
        (None, "text", []),
        (" ", [" "], []),
    ],
)
def test_qos_names(qos: str | None, options: Any, names: list[str]) -> None:
    """Every usable QOS once, the partition's own first, whatever shape the options have."""
    assert names == qos_names(Partition(qos=qos, qos_options=options))


def test_the_convention_is_what_the_code_does() -> None:
    """The example in the help text holds."""
    assert "256000 MB as 250G" in MEMORY_CONVENTION
    assert spell_megabytes(256_000) == "256 GB"
    assert 256_000 == 250 * 1024
