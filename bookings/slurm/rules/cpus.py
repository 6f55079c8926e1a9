"""Rules about CPUs: how many of a node, with how many GPUs, and how tasks are bound to them."""

from bookings.slurm.hardware import Hardware
from bookings.slurm.limits import spell_cpu_bind
from bookings.slurm.rules.terms import (
    CPU_CAPS,
    SILENT,
    Hit,
    Rule,
    Severity,
    be,
    cap,
    counted,
    cpu_caps,
    divided_up,
    figures,
    kinds_of,
    label,
    labels,
    listed,
    said,
    sentence,
    them,
    usable_cpus,
)
from bookings.waldur.models import Partition

VERBOSE = 0x1
BINDINGS = (0x2, 0x4, 0x8, 0x10, 0x20, 0x80000)
"""What a partition can hold, one at a time and each with or without VERBOSE."""


def zero_cpus(partition: Partition, _: Hardware | None) -> Hit | None:
    """A26."""
    names = tuple(name for name in CPU_CAPS if getattr(partition, name) == 0)
    if not names:
        return None
    return Hit(
        sentence(f"{labels(names)} {be(names)} 0"),
        names,
        f"Leave {labels(names)} empty for no limit, or set {them(names)} to 1 or more.",
    )


def cpu_cap_above_node(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A27. A limit above the CPUs of the best node is above those of every node."""
    caps = [name for name in CPU_CAPS if cap(getattr(partition, name))]
    kinds = kinds_of(hardware) if caps else ()
    if not kinds:
        return None
    there = {
        "max_cpus_per_node": max(kind.cpus for kind in kinds),
        "max_cpus_per_socket": max(kind.cpus_per_socket for kind in kinds),
    }
    names = tuple(name for name in caps if getattr(partition, name) > there[name])
    if not names:
        return None
    places = {"max_cpus_per_node": "a node", "max_cpus_per_socket": "a socket"}
    return Hit(
        sentence(
            listed(
                f"{said(partition, name)} is above the {counted(there[name], 'CPU')} of "
                f"{places[name]}"
                for name in names
            )
        ),
        names,
        sentence(
            "leave "
            + listed(f"{label(name)} empty or lower it below {there[name]}" for name in names)
        ),
        evidence=figures(kinds, "cpus", "sockets"),
    )


def socket_cap_below_node_cap(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A28. A limit per node that the node itself cannot reach is A27's."""
    per_node, per_socket = cap(partition.max_cpus_per_node), cap(partition.max_cpus_per_socket)
    if not per_node or not per_socket:
        return None
    kinds = kinds_of(hardware)
    sockets = min(
        (
            max(kind.sockets, 1)
            for kind in kinds
            if per_socket * max(kind.sockets, 1) < min(per_node, kind.cpus)
        ),
        default=0,
    )
    if not sockets:
        return None
    reached = per_socket * sockets
    return Hit(
        f"Max CPUs per socket {per_socket} on {counted(sockets, 'socket')} is {reached}, below "
        f"max CPUs per node {per_node}.",
        CPU_CAPS,
        f"Lower max CPUs per node to {reached}, or raise max CPUs per socket to "
        f"{divided_up(per_node, sockets)}.",
        evidence=figures(kinds, "cpus", "sockets"),
    )


def no_such_binding(partition: Partition, _: Hardware | None) -> Hit | None:
    """A29. Verbose alone binds nothing, but is no mistake."""
    mask = partition.cpu_bind
    if mask is None or mask & ~VERBOSE in (0, *BINDINGS):
        return None
    return Hit(
        f"CPU binding {mask} ({spell_cpu_bind(mask)}) is none that a partition can hold.",
        ("cpu_bind",),
    )


def gpus_take_too_many_cpus(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A34."""
    each = cap(partition.def_cpu_per_gpu)
    if not each:
        return None
    kinds = kinds_of(hardware)
    short = [
        kind for kind in kinds if kind.gpus > 0 and each * kind.gpus > usable_cpus(partition, kind)
    ]
    if not short:
        return None
    worst = min(short, key=lambda kind: usable_cpus(partition, kind) // kind.gpus)
    usable = usable_cpus(partition, worst)
    most = usable // worst.gpus
    return Hit(
        f"Default CPUs per GPU {each} on {counted(worst.gpus, 'GPU')} is {each * worst.gpus}, "
        f"above the {counted(usable, 'CPU')} of a node that can be used.",
        ("def_cpu_per_gpu", *cpu_caps(partition, kinds)),
        f"Lower default CPUs per GPU to {most} or less."
        if most
        else "Leave default CPUs per GPU empty.",
        evidence=figures(kinds, "cpus", "sockets", "gpus"),
    )


RULES: tuple[Rule, ...] = (
    Rule(
        "A26",
        "Max CPUs of zero",
        Severity.ERROR,
        CPU_CAPS,
        zero_cpus,
        why="Every job is rejected. Here 0 is not unlimited.",
        fix="Leave it empty for no limit, or set it to 1 or more.",
        ctld=SILENT,
    ),
    Rule(
        "A27",
        "Max CPUs above what the hardware has",
        Severity.INFO,
        CPU_CAPS,
        cpu_cap_above_node,
        why="The limit has no effect.",
        fix="Leave it empty, or lower it below the CPUs there are.",
        ctld=SILENT,
        hardware=True,
    ),
    Rule(
        "A28",
        "Max CPUs per node out of reach of the sockets",
        Severity.WARNING,
        CPU_CAPS,
        socket_cap_below_node_cap,
        why="The limit per socket stops a job before the limit per node does: a job within the "
        "limit per node is rejected.",
        fix="Lower max CPUs per node, or raise max CPUs per socket.",
        ctld=SILENT,
        hardware=True,
    ),
    Rule(
        "A29",
        "CPU binding that no partition can hold",
        Severity.ERROR,
        ("cpu_bind",),
        no_such_binding,
        why="SLURM ignores it, and tasks are not bound to CPUs.",
        fix="Record 2 (threads), 4 (cores), 8 (sockets), 16 (ldoms), 32 (none) or 524288 (off), "
        "plus 1 for verbose, or leave it empty.",
        ctld="Starts, and logs an error: CpuBind is invalid, ignored. From 24.11 on 64 (rank) does "
        "not exist at all.",
    ),
    Rule(
        "A34",
        "Default CPUs of all GPUs above those of a node",
        Severity.WARNING,
        ("def_cpu_per_gpu", *CPU_CAPS),
        gpus_take_too_many_cpus,
        why="A job that asks for all GPUs of a node, and for no CPUs, is rejected.",
        fix="Lower default CPUs per GPU to the CPUs of a node divided by its GPUs.",
        ctld=SILENT,
        hardware=True,
    ),
)
