"""Rules about time limits. `max_time` and `default_time` are minutes, `grace_time` is seconds."""

from bookings.slurm.hardware import Hardware
from bookings.slurm.limits import MOST_MINUTES, UNLIMITED, spell_minutes, spell_seconds
from bookings.slurm.rules.terms import (
    SILENT,
    STOPS,
    TIMES,
    Hit,
    Rule,
    Severity,
    be,
    is_unset,
    minutes,
    said,
    sentence,
)
from bookings.waldur.models import Partition

LONG_MINUTES = 1440
"""A max time above it is much for a job whose owner forgot to ask for a time."""


def default_time_above_max(partition: Partition, _: Hardware | None) -> Hit | None:
    """A01. An unlimited default is above any max time."""
    default, most = partition.default_time, partition.max_time
    if default is None or most is None or most < 0:
        return None
    if default <= most and default != UNLIMITED:
        return None
    ways = []
    # Neither a max time of 0 nor one that SLURM cannot count is a way out.
    if most:
        ways.append(f"lower default time to {minutes(min(most, MOST_MINUTES))} or less")
    if default == UNLIMITED:
        ways.append("leave max time empty")
    elif default <= MOST_MINUTES:
        ways.append(f"raise max time to {minutes(default)} or more")
    return Hit(
        sentence(f"{said(partition, 'default_time')} is above {said(partition, 'max_time')}"),
        ("default_time", "max_time"),
        sentence(", or ".join(ways)) if ways else "",
    )


def default_time_zero(partition: Partition, _: Hardware | None) -> Hit | None:
    """A02."""
    if partition.default_time != 0:
        return None
    most = partition.max_time or 0
    advice = f"Record a default time from 1 min to {minutes(min(most, MOST_MINUTES))}."
    return Hit("Default time is 0.", ("default_time",), advice if most > 0 else "")


def max_time_zero(partition: Partition, _: Hardware | None) -> Hit | None:
    """A03."""
    return Hit("Max time is 0.", ("max_time",)) if partition.max_time == 0 else None


def time_overflows(partition: Partition, _: Hardware | None) -> Hit | None:
    """A04."""
    names = tuple(name for name in TIMES if (getattr(partition, name) or 0) > MOST_MINUTES)
    if not names:
        return None
    return Hit(
        sentence(f"{said(partition, *names)} {be(names)} more than SLURM can count"),
        names,
    )


def no_end(partition: Partition, _: Hardware | None) -> Hit | None:
    """A05. A time of -1 is as endless as none."""
    if not all(
        getattr(partition, name) == UNLIMITED or is_unset(partition, name) for name in TIMES
    ):
        return None
    return Hit("Neither max time nor default time sets an end to a job.", TIMES)


def long_by_default(partition: Partition, _: Hardware | None) -> Hit | None:
    """A06."""
    most = partition.max_time
    if most is None or most <= LONG_MINUTES or not is_unset(partition, "default_time"):
        return None
    return Hit(
        f"No default time is recorded, so a job that asks for no time gets {minutes(most)}.",
        TIMES,
        f"Record a default time well below {minutes(most)}, for example 1 h.",
    )


def grace_time_set(partition: Partition, _: Hardware | None) -> Hit | None:
    """A30."""
    grace = partition.grace_time
    if grace is None or grace <= 0:
        return None
    return Hit(
        f"Grace time is {spell_seconds(grace)}; only preemption by partition priority uses it.",
        ("grace_time",),
    )


def grace_time_above_max(partition: Partition, _: Hardware | None) -> Hit | None:
    """A31."""
    grace, most = partition.grace_time, partition.max_time
    if grace is None or most is None or most <= 0 or grace < most * 60:
        return None
    return Hit(
        f"Grace time {spell_seconds(grace)} is not shorter than max time {minutes(most)}.",
        ("grace_time", "max_time"),
        f"Grace time is recorded in seconds; set it well below {minutes(most)}, or leave it empty.",
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "A01",
        "Default time above the maximum",
        Severity.ERROR,
        ("default_time", "max_time"),
        default_time_above_max,
        why="SLURM drops the default. A job that asks for no time gets the max time.",
        fix="Lower default time to max time or less.",
        ctld='Starts, and notes "DefaultTime exceeds MaxTime" as mere information. scontrol '
        "update says nothing.",
    ),
    Rule(
        "A02",
        "Default time of zero",
        Severity.ERROR,
        ("default_time",),
        default_time_zero,
        why="Every job that asks for no time is rejected: Requested time limit is invalid. This "
        "is so with EnforcePartLimits=NO too.",
        fix="Record a default time of at least 1 min, or leave it empty to give the max time.",
        ctld=SILENT,
    ),
    Rule(
        "A03",
        "Max time of zero",
        Severity.ERROR,
        ("max_time",),
        max_time_zero,
        why="Every job that asks for a time is rejected. One that asks for none is accepted, with "
        "a time limit of 0.",
        fix="Record the longest time a job may run, or leave max time empty for unlimited.",
        ctld=SILENT,
    ),
    Rule(
        "A04",
        "Time beyond what SLURM can count",
        Severity.ERROR,
        TIMES,
        time_overflows,
        why=STOPS,
        fix=f"Record {MOST_MINUTES} min ({spell_minutes(MOST_MINUTES)}) or less, or leave it "
        "empty.",
        ctld='Does not start: fatal, "Bad value" for the time.',
    ),
    Rule(
        "A05",
        "Neither max time nor default time",
        Severity.WARNING,
        TIMES,
        no_end,
        why="A job that asks for no time may run for ever. The scheduler cannot plan around it, "
        "so other jobs wait longer.",
        fix="Record a max time, for example 7 d, and a default time, for example 1 h.",
        ctld=SILENT,
    ),
    Rule(
        "A06",
        "Long max time without a default time",
        Severity.INFO,
        TIMES,
        long_by_default,
        why="A job whose owner forgot to ask for a time is planned with the whole max time, and "
        "waits longer for its turn.",
        fix="Record a default time well below max time.",
        ctld=SILENT,
    ),
    Rule(
        "A30",
        "Grace time, which one kind of preemption uses",
        Severity.INFO,
        ("grace_time",),
        grace_time_set,
        why="It has an effect only with PreemptType=partition_prio, and never on jobs that are "
        "suspended.",
        fix="Leave it as it is if the cluster preempts by partition priority, else empty it.",
        ctld=SILENT,
    ),
    Rule(
        "A31",
        "Grace time as long as a job",
        Severity.WARNING,
        ("grace_time", "max_time"),
        grace_time_above_max,
        why="A preempted job reaches its time limit before its grace is over. Most likely minutes "
        "were meant: grace time is in seconds.",
        fix="Record the grace time in seconds, well below max time.",
        ctld=SILENT,
    ),
)
