"""The words and numbers of SLURM's partition parameters, as values in Waldur's units.

What they mean was observed on slurmctld 22.05.8 and 25.11.7, and follows `s_p_handle_*`
(parse_value.c), `time_str2secs` (parse_time.c) and `xlate_cpu_bind_str` (slurm_resource_info.c)
of SLURM's source. Numbers of slurm.conf are C's: 0x10 is 16, 010 is 8, 4k is 4096. Times are
always decimal.
"""

import re
from collections.abc import Mapping
from typing import Any

from bookings.slurm.limits import CPU_BIND_BITS, LIMITS, MOST_MINUTES, UNLIMITED, Limit, Unit

COMPARED: tuple[Limit, ...] = tuple(limit for limit in LIMITS if limit.slurm)
"""The limits that SLURM has a parameter for."""

PARAMETERS: Mapping[str, Limit] = {limit.slurm.lower(): limit for limit in COMPARED}
"""By SLURM's parameter in small letters; SLURM does not tell small from capital."""

PER_NODE_WINS: Mapping[str, str] = {
    "def_mem_per_cpu": "def_mem_per_node",
    "max_mem_per_cpu": "max_mem_per_node",
}
"""The loser of two settings that exclude each other -> the one that wins in slurm.conf."""

INFINITE, NO_VALUE = 2**32 - 1, 2**32 - 2
"""SLURM's marks for "unlimited" and "not set" among its numbers of 32 bits (slurm.h)."""
LARGEST_TIER = 2**16 - 1
UNLIMITED_MEMORY = 2**63 - 1
"""How MaxMemPerCPU=UNLIMITED of slurm.conf is printed (observed)."""

VERBOSE = 0x1
"""The bit of `cpu_bind` that goes with any binding."""
BINDINGS = (0x2, 0x4, 0x8, 0x10, 0x20, 0x80000)
"""The bits of `cpu_bind` of which a partition can hold one."""

# 35791393 minutes and 8 seconds is read, 9 seconds is not (observed).
_LONGEST_SECONDS = MOST_MINUTES * 60 + 8
_NO_NAME = frozenset({"", "n/a", "(null)"})
NOT_SET = _NO_NAME | {"none"}
_WITHOUT_LIMIT = frozenset({"unlimited", "infinite"})
# Where SLURM has no "unlimited", the word is kept as the largest number (observed).
_LARGEST = {"grace_time": INFINITE, "min_nodes": INFINITE, "priority_tier": LARGEST_TIER}
_FLAGS = {
    "yes": True, "up": True, "true": True, "1": True,
    "no": False, "down": False, "false": False, "0": False,
}  # fmt: skip
_BINDING_WORDS = {"no": 0x20} | {
    word: bit
    for bit in BINDINGS
    for word in (CPU_BIND_BITS[bit], CPU_BIND_BITS[bit].removesuffix("s"))
}
_AS_UNSET: Mapping[str, frozenset[int]] = {
    "max_time": frozenset({UNLIMITED}),
    "max_nodes": frozenset({INFINITE}),
    "max_cpus_per_node": frozenset({INFINITE}),
    "max_cpus_per_socket": frozenset({INFINITE}),
    "def_cpu_per_gpu": frozenset({0, 2**64 - 1}),
    "cpu_bind": frozenset({0}),
    **{
        limit.field: frozenset({0, UNLIMITED_MEMORY, 2**64 - 1})
        for limit in COMPARED
        if limit.unit is Unit.MEGABYTES
    },
}
_OF_SCONTROL = re.compile(r"([0-9]{1,20})()", re.ASCII)
_OF_C = re.compile(r"\+?(0[xX][0-9a-fA-F]{1,20}|0[0-7]*|[1-9][0-9]{0,23})([kK]?)", re.ASCII)


class Refused(Exception):
    """A word is no value of its limit. `is_unset`: SLURM goes on as if it were not there."""

    def __init__(self, reason: str, *, is_unset: bool = False) -> None:
        super().__init__(reason)
        self.is_unset = is_unset


def in_effect(limit: Limit, value: Any) -> Any:
    """The value, or None where it says no more than that the limit is not set.

    So do 0 or the largest amount of memory, no CPUs by GPU, no binding, an unlimited `max_time`,
    and "N/A" for a name. A 0 of other limits has a meaning of its own, and stays.
    """
    if isinstance(value, str):
        return None if value.lower() in _NO_NAME else value
    return None if value in _AS_UNSET.get(limit.field, ()) else value


def word_value(limit: Limit, word: str, *, in_conf: bool) -> Any:
    """The value of a word of slurm.conf or of scontrol; None means "not set". Raises Refused."""
    try:
        return _word_value(limit, word, in_conf=in_conf)
    except Refused as refused:
        if not in_conf or limit.unit is Unit.MASK:
            raise
        reason = f"{refused}; slurmctld does not start with it"
        raise Refused(reason, is_unset=refused.is_unset) from None


def unlimited(limit: Limit) -> int | None:
    """What "no limit" is for a limit."""
    if limit.unit is Unit.MINUTES:
        return None if limit.field == "max_time" else UNLIMITED
    return _LARGEST.get(limit.field)


def largest(limit: Limit) -> int:
    """The largest number SLURM can hold for a limit."""
    if limit.unit is Unit.MEGABYTES or limit.field == "def_cpu_per_gpu":
        return 2**64 - 1
    return LARGEST_TIER if limit.unit is Unit.TIER else INFINITE


def is_digits(text: str) -> bool:
    """Whether a text is a plain number of a modest length."""
    return text.isascii() and text.isdigit() and len(text) <= 18


def _word_value(limit: Limit, word: str, *, in_conf: bool) -> Any:
    plain = word.lower()
    if limit.unit is Unit.NAME:
        return in_effect(limit, word)
    if limit.unit is Unit.MASK:
        return in_effect(limit, _mask(plain))
    if limit.unit is Unit.FLAG:
        if plain not in _FLAGS:
            raise Refused("it is neither YES nor NO")
        return _FLAGS[plain]
    if plain in NOT_SET:
        if in_conf:
            raise Refused("it is no value", is_unset=True)
        return None
    if limit.unit is Unit.MINUTES:
        return in_effect(limit, _minutes(plain, in_conf=in_conf))
    if plain in _WITHOUT_LIMIT:
        return unlimited(limit)
    return in_effect(limit, _number(limit, word, in_conf=in_conf))


def _mask(word: str) -> int:
    mask = 0
    for name in filter(None, re.split("[,;]", word)):
        if name in ("v", "verbose"):
            mask |= VERBOSE
        elif name in _BINDING_WORDS and not mask & ~VERBOSE:
            mask |= _BINDING_WORDS[name]
        else:
            raise Refused("a partition has no such binding; SLURM ignores it", is_unset=True)
    return mask


def _minutes(word: str, *, in_conf: bool) -> int:
    """Minutes of M, M:S, H:M:S, D-H, D-H:M or D-H:M:S; seconds count as a whole minute."""
    if word in _WITHOUT_LIMIT or word == str(UNLIMITED):
        return UNLIMITED
    days, dash, clock = word.rpartition("-")
    parts = clock.split(":")
    units: tuple[int, ...] = (3600, 60, 1) if dash or len(parts) > 2 else (60, 1)
    if dash and not clock:
        parts = ["0"]
    if len(parts) > len(units) or not all(map(is_digits, (days or "0", *parts))):
        raise Refused("it is no time")
    if dash and not days:
        raise Refused("it is less than zero")
    seconds = int(days or "0") * 86400
    seconds += sum(int(part) * unit for part, unit in zip(parts, units, strict=False))
    if in_conf and seconds > _LONGEST_SECONDS:
        raise Refused("it is longer than SLURM can count")
    return -(-seconds // 60)


def _number(limit: Limit, word: str, *, in_conf: bool) -> int:
    if word.startswith("-"):
        raise Refused("it is less than zero")
    match = (_OF_C if in_conf else _OF_SCONTROL).fullmatch(word)
    if not match or (match[2] and limit.unit is Unit.TIER):
        is_memory = limit.unit is Unit.MEGABYTES
        raise Refused("it is not a plain number of MB" if is_memory else "it is not a number")
    digits = match[1]
    # A leading 0 makes a number of C octal.
    base = 10 if not in_conf or digits[0] != "0" else 16 if digits[1:2] in ("x", "X") else 8
    number = int(digits, base) * (1024 if match[2] else 1)
    if number > largest(limit):
        raise Refused("it is out of range")
    return number
