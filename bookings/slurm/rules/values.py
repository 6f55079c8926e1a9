"""Rules about values that SLURM cannot hold: in any release, or before one."""

from bookings.slurm.hardware import Hardware
from bookings.slurm.limits import LIMITS, UNLIMITED, Unit
from bookings.slurm.rules.terms import (
    STOPS,
    TIMES,
    Hit,
    Rule,
    Severity,
    be,
    label,
    labels,
    listed,
    one_line,
    said,
    sentence,
)
from bookings.waldur.models import Partition

MOST_TIER = 65_533
MOST_TIER_IN_FILE = 65_535
"""slurm.conf is read up to here, though `scontrol update` stops at MOST_TIER."""

TEMPLATE = "default"

READABLE = ("partition_name", *(limit.field for limit in LIMITS))
NUMBERS = tuple(
    limit.field for limit in LIMITS if limit.unit not in (Unit.FLAG, Unit.NAME, Unit.MASK)
)
"""Limits that slurm.conf takes as numbers; a binding has words there."""

WALDUR_ONLY = tuple(limit.field for limit in LIMITS if not limit.slurm)
NEWER = {"max_cpus_per_socket": "23.02", "exclusive_topo": "24.05"}
"""Limits that SLURM knows from a release on."""


def unreadable(partition: Partition, _: Hardware | None) -> Hit | None:
    """A00. What SLURM has no parameter for cannot stop it."""
    unread = partition.unread
    if not unread:
        return None
    names = tuple(name for name in READABLE if name in unread)
    if not names:
        return None
    return Hit(
        sentence(
            listed(f'{label(name)} "{one_line(unread[name])}"' for name in names)
            + " cannot be read"
        ),
        names,
        severity=Severity.WARNING if all(name in WALDUR_ONLY for name in names) else None,
    )


def tier_too_high(partition: Partition, _: Hardware | None) -> Hit | None:
    """A32."""
    tier = partition.priority_tier
    if tier is None or tier <= MOST_TIER:
        return None
    then = "slurm.conf may hold it, but scontrol update refuses it"
    if tier > MOST_TIER_IN_FILE:
        then = "slurmctld does not start with it"
    return Hit(f"Priority tier {tier} is above {MOST_TIER}: {then}.", ("priority_tier",))


def unknown_to_old_slurm(partition: Partition, _: Hardware | None) -> Hit | None:
    """A37."""
    per_socket = partition.max_cpus_per_socket
    names = ("max_cpus_per_socket",) if per_socket is not None and per_socket >= 0 else ()
    if partition.exclusive_topo:
        names = (*names, "exclusive_topo")
    if not names:
        return None
    return Hit(
        sentence(listed(f"{label(name)} needs SLURM {NEWER[name]} or newer" for name in names)),
        names,
    )


def is_template(partition: Partition) -> bool:
    """Whether slurm.conf takes the name for its template: in any case, unlike other names."""
    return partition.partition_name.strip().lower() == TEMPLATE


def reserved_name(partition: Partition, _: Hardware | None) -> Hit | None:
    """A38 as far as one partition shows it; a name that occurs twice shows among others."""
    if not is_template(partition):
        return None
    return Hit(
        f'"{one_line(partition.partition_name)}" is SLURM\'s word for a template.',
        ("partition_name",),
        "Give the partition another name.",
    )


def negative(partition: Partition, _: Hardware | None) -> Hit | None:
    """A39."""
    names = tuple(
        name
        for name in NUMBERS
        if (value := getattr(partition, name)) is not None
        and value < 0
        and not (value == UNLIMITED and name in TIMES)
    )
    if not names:
        return None
    return Hit(
        sentence(f"{said(partition, *names)} {be(names)} below zero"),
        names,
        f"Leave {labels(names)} empty, or record what was meant.",
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "A00",
        "Value that cannot be read",
        Severity.ERROR,
        READABLE,
        unreadable,
        why="Nobody can say what the limit is, and no rule can judge it.",
        fix="Record a whole number without a unit: minutes for times, seconds for the grace time, "
        "MB for memory.",
        ctld="Does not start if it reaches slurm.conf as it is: 4G for an amount of memory is "
        'fatal, "is not a valid number".',
    ),
    Rule(
        "A32",
        "Priority tier too high",
        Severity.ERROR,
        ("priority_tier",),
        tier_too_high,
        why=f"SLURM allows tiers up to {MOST_TIER}. The next two cannot be set again by scontrol "
        "update; with a higher one in slurm.conf slurmctld does not start.",
        fix=f"Record a tier of {MOST_TIER} or less.",
        ctld=f"Does not start above {MOST_TIER_IN_FILE}: fatal. Up to there it starts, and says "
        "nothing.",
    ),
    Rule(
        "A37",
        "Parameter that old SLURM does not know",
        Severity.WARNING,
        ("max_cpus_per_socket", "exclusive_topo"),
        unknown_to_old_slurm,
        why=f"This matters for older releases only. {STOPS}",
        fix="Leave it as it is if the cluster is new enough, else empty it.",
        ctld='Before that release it does not start: fatal, "Parsing error at unrecognized key".',
    ),
    Rule(
        "A38",
        "Name that is taken or reserved",
        Severity.ERROR,
        ("partition_name",),
        reserved_name,
        why="With a name twice in slurm.conf slurmctld does not start. DEFAULT, in capitals or "
        "not, is a template for the partitions after it, and no job can go there.",
        fix="Give each partition of a cluster a name of its own, and none the name DEFAULT.",
        ctld='Does not start with a name twice: fatal, "duplicate entry for partition". With '
        "DEFAULT it starts without such a partition.",
    ),
    Rule(
        "A39",
        "Number below zero",
        Severity.ERROR,
        NUMBERS,
        negative,
        why=f"{STOPS} Only a time may be -1, which is unlimited.",
        fix="Leave it empty, or record what was meant.",
        ctld='Does not start: fatal, "is less than zero".',
    ),
)
