"""Rules about memory, all of it in MB.

Nodes of several kinds are judged together: what strikes all of them is an error, what strikes
some is a warning, because a job can still find others.
"""

from collections.abc import Sequence

from bookings.slurm.hardware import Hardware, Nodes
from bookings.slurm.limits import spell_megabytes
from bookings.slurm.rules.terms import (
    CPU_CAPS,
    DEFAULTS,
    MEMORY_CAPS,
    NODE_DEFAULTS,
    SILENT,
    Hit,
    Rule,
    Severity,
    be,
    cap_per_cpu,
    counted,
    cpu_caps,
    default_per_cpu,
    divided_up,
    figures,
    has_no_node_default,
    is_unset_memory,
    kinds_of,
    label,
    labels,
    megabytes,
    most_usable_cpus,
    said,
    sentence,
    span,
    them,
    usable_cpus,
)
from bookings.waldur.models import Partition


def two_defaults(partition: Partition, _: Hardware | None) -> Hit | None:
    """A12."""
    return _loser(partition, "def_mem_per_cpu", "def_mem_per_node")


def two_caps(partition: Partition, _: Hardware | None) -> Hit | None:
    """A13."""
    return _loser(partition, "max_mem_per_cpu", "max_mem_per_node")


def _loser(partition: Partition, loser: str, winner: str) -> Hit | None:
    if not megabytes(getattr(partition, loser)) or not megabytes(getattr(partition, winner)):
        return None
    return Hit(
        sentence(f"{said(partition, loser)} is ignored, because {said(partition, winner)} is set"),
        (loser, winner),
        f"Leave {label(loser)} empty, which changes nothing for jobs; or, if it is what was "
        f"meant, leave {label(winner)} empty.",
    )


def gpu_default_beside_another(partition: Partition, _: Hardware | None) -> Hit | None:
    """A14."""
    if not megabytes(partition.def_mem_per_gpu):
        return None
    others = tuple(name for name in NODE_DEFAULTS if megabytes(getattr(partition, name)))
    if not others:
        return None
    return Hit(
        sentence(f"{said(partition, 'def_mem_per_gpu')} stands beside {said(partition, *others)}"),
        ("def_mem_per_gpu", *others),
    )


def default_per_cpu_above_cap(partition: Partition, _: Hardware | None) -> Hit | None:
    """A15."""
    default, most = default_per_cpu(partition), cap_per_cpu(partition)
    if not most or default <= most:
        return None
    names = ("def_mem_per_cpu", "max_mem_per_cpu")
    return Hit(
        sentence(
            f"{_above(partition, *names)}: a task of 1 CPU that asks for no memory gets "
            f"{divided_up(default, most)} CPUs"
        ),
        names,
        f"Lower default memory per CPU to {most} MB or less.",
    )


def default_per_node_above_cap(partition: Partition, _: Hardware | None) -> Hit | None:
    """A16."""
    default, most = megabytes(partition.def_mem_per_node), megabytes(partition.max_mem_per_node)
    if not most or default <= most:
        return None
    names = ("def_mem_per_node", "max_mem_per_node")
    return Hit(
        sentence(_above(partition, *names)),
        names,
        f"Lower default memory per node to {most} MB or less.",
    )


def _above(partition: Partition, higher: str, lower: str) -> str:
    return f"{said(partition, higher)} is above {said(partition, lower)}"


def whole_node_above_cap(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A17."""
    most = megabytes(partition.max_mem_per_node)
    if not most or not has_no_node_default(partition):
        return None
    kinds = kinds_of(hardware)
    larger = [kind for kind in kinds if kind.memory_mb > most]
    if not larger:
        return None
    everywhere = len(larger) == len(kinds)
    return Hit(
        f"A job that asks for no memory asks for all of a node, {_memory(larger)}"
        f"{'' if everywhere else ' on some nodes'}, above max memory per node "
        f"{spell_megabytes(most)}.",
        ("max_mem_per_node", *NODE_DEFAULTS),
        severity=None if everywhere else Severity.WARNING,
        evidence=figures(kinds, "memory_mb"),
    )


def whole_node_with_cpu_cap(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A18. A node that is no larger than the memory of one CPU costs a job no second one."""
    most = cap_per_cpu(partition)
    if not most or not has_no_node_default(partition):
        return None
    kinds = kinds_of(hardware)
    larger = [kind for kind in kinds if kind.memory_mb > most]
    if not larger:
        return None
    worst = max(larger, key=lambda kind: kind.memory_mb)
    needed, usable = divided_up(worst.memory_mb, most), usable_cpus(partition, worst)
    refused = all(divided_up(kind.memory_mb, most) > usable_cpus(partition, kind) for kind in kinds)
    return Hit(
        "A job that asks for no memory asks for all of a node, "
        f"{spell_megabytes(worst.memory_mb)}, which takes {needed} CPUs at max memory per CPU "
        f"{spell_megabytes(most)}{_beyond(needed, usable)}.",
        ("max_mem_per_cpu", *NODE_DEFAULTS, *cpu_caps(partition, kinds)),
        f"Record a default memory per CPU of {most} MB or less.",
        severity=Severity.ERROR if refused else None,
        evidence=figures(kinds, "memory_mb", "cpus", "sockets"),
    )


def default_times_cpus_above_cap(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A19. If the default of a single CPU is above the maximum, every such job is rejected."""
    default, most = default_per_cpu(partition), megabytes(partition.max_mem_per_node)
    if not default or not most:
        return None
    names = ("def_mem_per_cpu", "max_mem_per_node")
    if default > most:
        return Hit(
            sentence(f"{_above(partition, *names)}, even for 1 CPU"),
            names,
            f"Lower default memory per CPU to {most} MB divided by the CPUs of a node.",
            severity=Severity.ERROR,
        )
    kinds = kinds_of(hardware)
    usable = most_usable_cpus(partition, kinds)
    if usable is None or usable * default <= most:
        return None
    ways = [f"raise max memory per node to {default * usable} MB or more"]
    if most >= usable:
        ways.insert(0, f"lower default memory per CPU to {most // usable} MB or less")
    return Hit(
        sentence(
            f"{said(partition, 'def_mem_per_cpu')} on {counted(usable, 'CPU')} is "
            f"{spell_megabytes(default * usable)}, above {said(partition, 'max_mem_per_node')}: "
            f"a job that asks for no memory gets at most {counted(most // default, 'CPU')} of a "
            "node"
        ),
        (*names, *cpu_caps(partition, kinds)),
        sentence(", or ".join(ways)),
        evidence=figures(kinds, "cpus", "sockets"),
    )


def default_times_cpus_above_node(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A20. Where not even one CPU can have its default, A23 says so."""
    default = default_per_cpu(partition)
    if not default:
        return None
    kinds = kinds_of(hardware)
    short = [
        kind for kind in kinds if default <= kind.memory_mb < default * usable_cpus(partition, kind)
    ]
    if not short:
        return None
    worst = min(short, key=lambda kind: kind.memory_mb // usable_cpus(partition, kind))
    usable = usable_cpus(partition, worst)
    most = min(
        kind.memory_mb // usable_cpus(partition, kind) for kind in kinds if kind.memory_mb > 0
    )
    return Hit(
        sentence(
            f"{said(partition, 'def_mem_per_cpu')} on {counted(usable, 'CPU')} is "
            f"{spell_megabytes(default * usable)}, above the "
            f"{spell_megabytes(worst.memory_mb)} of a node: a job that asks for no memory gets at "
            f"most {counted(worst.memory_mb // default, 'CPU')} of it"
        ),
        ("def_mem_per_cpu", *cpu_caps(partition, kinds)),
        f"Lower default memory per CPU to {most} MB or less." if most else "",
        evidence=figures(kinds, "memory_mb", "cpus", "sockets"),
    )


def node_default_with_cpu_cap(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A21. A default no larger than the memory of one CPU costs a job no second one."""
    default, most = megabytes(partition.def_mem_per_node), cap_per_cpu(partition)
    if not most or default <= most:
        return None
    needed = divided_up(default, most)
    kinds = kinds_of(hardware)
    usable = most_usable_cpus(partition, kinds)
    refused = usable is not None and needed > usable
    return Hit(
        sentence(
            f"{said(partition, 'def_mem_per_node')} takes {needed} CPUs of a node at "
            f"{said(partition, 'max_mem_per_cpu')}"
            f"{_beyond(needed, usable if usable is not None else needed)}"
        ),
        ("def_mem_per_node", "max_mem_per_cpu", *cpu_caps(partition, kinds)),
        f"Record a default memory per CPU of {most} MB or less in place of the one per node, or a "
        "max memory per node in place of the one per CPU.",
        severity=Severity.ERROR if refused else None,
        evidence=figures(kinds, "cpus", "sockets"),
    )


def _beyond(needed: int, usable: int) -> str:
    if needed <= usable:
        return ", even for a task of 1 CPU"
    return f", and {counted(usable, 'CPU')} can be used"


def no_default_memory(partition: Partition, _: Hardware | None) -> Hit | None:
    """A22."""
    if not all(is_unset_memory(partition, name) for name in DEFAULTS):
        return None
    return Hit(
        "No default memory is recorded, so a job that asks for no memory asks for all of a node.",
        DEFAULTS,
    )


def default_memory_above_node(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A23. Jobs with GPUs run on nodes with GPUs, so their default is held against those."""
    kinds = kinds_of(hardware)
    with_gpus = tuple(kind for kind in kinds if kind.gpus > 0) or kinds
    names: list[str] = []
    smaller: list[Nodes] = []
    everywhere = False
    for name, amount, asked in (
        ("def_mem_per_cpu", default_per_cpu(partition), kinds),
        ("def_mem_per_gpu", megabytes(partition.def_mem_per_gpu), with_gpus),
        ("def_mem_per_node", megabytes(partition.def_mem_per_node), kinds),
    ):
        beaten = [kind for kind in asked if 0 < kind.memory_mb < amount]
        if beaten:
            names.append(name)
            smaller.extend(beaten)
            everywhere = everywhere or len(beaten) == len(asked)
    if not names:
        return None
    return Hit(
        sentence(
            f"{said(partition, *names)} {be(names)} above the memory of "
            f"{'a node' if everywhere else 'some nodes'}, {_memory(smaller)}"
        ),
        tuple(names),
        f"Lower {labels(names)} well below {min(kind.memory_mb for kind in smaller)} MB.",
        severity=None if everywhere else Severity.WARNING,
        evidence=figures(kinds, "memory_mb", "gpus"),
    )


def memory_cap_above_node(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A24."""
    caps = [name for name in MEMORY_CAPS if megabytes(getattr(partition, name))]
    kinds = kinds_of(hardware) if caps else ()
    if not kinds or any(kind.memory_mb <= 0 for kind in kinds):
        return None
    largest = max(kind.memory_mb for kind in kinds)
    names = tuple(name for name in caps if getattr(partition, name) > largest)
    if not names:
        return None
    return Hit(
        sentence(
            f"{said(partition, *names)} {be(names)} above the {spell_megabytes(largest)} of a node"
        ),
        names,
        f"Leave {labels(names)} empty, or lower {them(names)} below {largest} MB.",
        evidence=figures(kinds, "memory_mb"),
    )


def zero_memory(partition: Partition, _: Hardware | None) -> Hit | None:
    """A25."""
    names = tuple(name for name in (*DEFAULTS, *MEMORY_CAPS) if getattr(partition, name) == 0)
    if not names:
        return None
    return Hit(
        sentence(f"{labels(names)} {be(names)} 0, which to SLURM is not set"),
        names,
        f"Leave {labels(names)} empty.",
    )


def _memory(kinds: Sequence[Nodes]) -> str:
    return span([kind.memory_mb for kind in kinds])


_UNLESS_CLUSTER = "A default of the whole cluster in slurm.conf would prevent it."

RULES: tuple[Rule, ...] = (
    Rule(
        "A12",
        "Two default memories",
        Severity.ERROR,
        NODE_DEFAULTS,
        two_defaults,
        why="Only the default per node counts, the one per CPU is ignored.",
        fix="Record one of them only.",
        ctld='Starts, and logs an error: "DefMemPerCPU ignored". The commands of users print it '
        "too.",
    ),
    Rule(
        "A13",
        "Two memory maxima",
        Severity.ERROR,
        MEMORY_CAPS,
        two_caps,
        why="Only the maximum per node counts, the one per CPU is not enforced at all.",
        fix="Record one of them only.",
        ctld='Starts, and logs an error: "MaxMemPerCPU ignored". With scontrol update the last '
        "one given counts.",
    ),
    Rule(
        "A14",
        "Default memory for jobs with GPUs beside another",
        Severity.INFO,
        DEFAULTS,
        gpu_default_beside_another,
        why="The manual says that only one may be set, but both work: jobs with GPUs get the "
        "memory per GPU, jobs without get the other.",
        fix="Keep both if that is meant, else leave one empty.",
        ctld=SILENT,
    ),
    Rule(
        "A15",
        "Default memory per CPU above the maximum",
        Severity.WARNING,
        ("def_mem_per_cpu", "max_mem_per_cpu"),
        default_per_cpu_above_cap,
        why="A job that asks for no memory is given more CPUs for each task than it asked for, "
        "without a word, and is billed for them.",
        fix="Lower default memory per CPU to max memory per CPU or less.",
        ctld=SILENT,
    ),
    Rule(
        "A16",
        "Default memory per node above the maximum",
        Severity.ERROR,
        ("def_mem_per_node", "max_mem_per_node"),
        default_per_node_above_cap,
        why="Every job that asks for no memory is rejected: Requested partition configuration not "
        "available now. With EnforcePartLimits=NO it waits without end (MaxMemPerLimit).",
        fix="Lower default memory per node to max memory per node or less.",
        ctld=SILENT,
    ),
    Rule(
        "A17",
        "Memory maximum per node without a default",
        Severity.ERROR,
        ("max_mem_per_node", *NODE_DEFAULTS),
        whole_node_above_cap,
        why="A job that asks for no memory, or for --mem=0, asks for all of a node. That is above "
        "the maximum, and the job is rejected; a default per GPU does not help jobs with GPUs. "
        f"{_UNLESS_CLUSTER}",
        fix="Record a default memory per CPU or per node, below max memory per node.",
        ctld=SILENT,
        hardware=True,
    ),
    Rule(
        "A18",
        "Memory maximum per CPU without a default",
        Severity.WARNING,
        ("max_mem_per_cpu", *NODE_DEFAULTS, *CPU_CAPS),
        whole_node_with_cpu_cap,
        why="A job that asks for no memory asks for all of a node, and is given the CPUs that go "
        f"with so much memory. If a node has fewer, the job is rejected. {_UNLESS_CLUSTER}",
        fix="Record a default memory per CPU of max memory per CPU or less.",
        ctld=SILENT,
        hardware=True,
    ),
    Rule(
        "A19",
        "Default memory of many CPUs above the maximum per node",
        Severity.WARNING,
        ("def_mem_per_cpu", "max_mem_per_node", *CPU_CAPS),
        default_times_cpus_above_cap,
        why="A job that asks for many CPUs of a node and for no memory is rejected, though the "
        "CPUs are there.",
        fix="Lower default memory per CPU to max memory per node divided by the CPUs of a node.",
        ctld=SILENT,
    ),
    Rule(
        "A20",
        "Default memory of all CPUs above that of a node",
        Severity.WARNING,
        ("def_mem_per_cpu", *CPU_CAPS),
        default_times_cpus_above_node,
        why="A job cannot have all CPUs of a node unless it asks for less memory.",
        fix="Lower default memory per CPU to the memory of a node divided by its CPUs.",
        ctld=SILENT,
        hardware=True,
    ),
    Rule(
        "A21",
        "Default memory per node with a maximum per CPU",
        Severity.WARNING,
        ("def_mem_per_node", "max_mem_per_cpu", *CPU_CAPS),
        node_default_with_cpu_cap,
        why="A job that asks for no memory is given the CPUs that go with the default. If a node "
        "has fewer, the job is rejected.",
        fix="Record default and maximum of the same kind: both per CPU, or both per node.",
        ctld=SILENT,
    ),
    Rule(
        "A22",
        "No default memory",
        Severity.WARNING,
        DEFAULTS,
        no_default_memory,
        why="A job that asks for no memory asks for all memory of its nodes, so that two jobs of "
        f"1 CPU cannot share a node: the second one waits. {_UNLESS_CLUSTER}",
        fix="Record a default memory per CPU: the memory of a node divided by its CPUs.",
        ctld=SILENT,
    ),
    Rule(
        "A23",
        "Default memory above that of a node",
        Severity.ERROR,
        DEFAULTS,
        default_memory_above_node,
        why="A job that asks for no memory is rejected: Memory specification can not be "
        "satisfied. This is so with EnforcePartLimits=NO too.",
        fix="Lower the default memory well below the memory of a node.",
        ctld=SILENT,
        hardware=True,
    ),
    Rule(
        "A24",
        "Memory maximum above that of a node",
        Severity.INFO,
        MEMORY_CAPS,
        memory_cap_above_node,
        why="The limit is never reached: a job for so much memory is rejected because no node has "
        "it.",
        fix="Leave the maximum empty, or lower it below the memory of a node.",
        ctld=SILENT,
        hardware=True,
    ),
    Rule(
        "A25",
        "Memory of zero",
        Severity.INFO,
        (*DEFAULTS, *MEMORY_CAPS),
        zero_memory,
        why="SLURM takes it as no default or no maximum. People may take it for a limit.",
        fix="Leave it empty.",
        ctld="Starts, says nothing, and shows UNLIMITED.",
    ),
)
