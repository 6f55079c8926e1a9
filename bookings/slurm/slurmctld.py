"""The checks that a job meets at slurmctld, in its order, for one partition and one kind of node.

The order and the messages were observed on slurmctld 25.11.7 (select/cons_tres, CR_Core_Memory,
a user who is not root). How numbers are computed is that of SLURM's sources and was measured
against running slurmctlds 24.11.5 and 26.05.5, which agree. Nodes without hyper-threading are
meant: a CPU is a core.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from bookings.slurm.limits import spell_megabytes, spell_minutes
from bookings.slurm.submissions import ENDLESS, Limits, Memory, Request, Site, rounded_up

__all__ = ["MESSAGES", "NO_GRES", "Outcome", "Reason", "Refusal", "submit"]


class Reason(StrEnum):
    """What slurmctld's message stands for."""

    ACCEPT = "ACCEPT"
    ACCESS = "ACCESS"
    NODES = "NODES"
    CPUS = "CPUS"
    TIME = "TIME"
    MEM = "MEM"
    PARTCFG = "PARTCFG"
    NODECFG = "NODECFG"
    UNKNOWN = "UNKNOWN"


MESSAGES = {
    Reason.ACCESS: "Access/permission denied",
    Reason.NODES: "Node count specification invalid",
    Reason.CPUS: "More processors requested than permitted",
    Reason.TIME: "Requested time limit is invalid (missing or exceeds some limit)",
    Reason.MEM: "Memory required by task is not available",
    Reason.PARTCFG: "Requested partition configuration not available now",
    Reason.NODECFG: "Requested node configuration is not available",
}
"""The last line that sbatch prints, after "Batch job submission failed: "."""

FEW_CPUS = "CPU count per node can not be satisfied"
LITTLE_MEMORY = "Memory specification can not be satisfied"
"""Printed before the message where one figure alone rules every node out."""

NO_GRES = "Invalid generic resource (gres) specification"
"""Printed by sbatch itself, before slurmctld sees the job."""

_WAITS = {
    Reason.CPUS: "PartitionConfig",
    Reason.NODES: "PartitionNodeLimit",
    Reason.TIME: "PartitionTimeLimit",
}
_WAITS_FOR_MEMORY = "MaxMemPerLimit"

MOST_COUNT = 65_535
"""CPUs of a node are counted in 16 bits; a job that needs more fails its memory check."""

REAL_MEMORY = "it depends on the memory of a node, which is not known"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The first check that fails."""

    reason: Reason
    check: str
    by: str
    lead: str = ""
    """A line that is printed before the message."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of a job: it is refused, it cannot be told, or it is taken."""

    request: Request
    memory: Memory
    """Of a job that asks for none, the default."""
    refusal: Refusal | None = None
    unsure: str = ""
    """Why it cannot be told."""
    waits: str = ""
    """The reason for which a job that is taken waits for ever; "" where it can start."""
    nodes: int = 0
    """That the job would be given; 0 where that is not known."""
    notes: tuple[str, ...] = ()

    @property
    def taken(self) -> bool:
        """Whether the job is accepted."""
        return self.refusal is None and not self.unsure


def submit(limits: Limits, request: Request, site: Site, *, strict: bool) -> Outcome:
    """What slurmctld answers; `strict` is EnforcePartLimits=ALL, otherwise NO."""
    memory = request.memory or limits.default_memory or Memory(0)
    outcome = Outcome(request, memory)
    refusal = _gpu_request(request) or _reservation(limits, request)
    if refusal is None and strict:
        refusal = _partition(limits, request, site) or _open_nodes(limits, request)
    refusal = refusal or _default_time(limits, request)
    if refusal is not None:
        return replace(outcome, refusal=refusal)
    waits = ""
    if not strict:
        request = _raised(limits, request)
        broken = _partition(limits, request, site)
        waits = _WAITS[broken.reason] if broken else ""
    if strict and request.memory is not None:
        measured = _measured(limits, request, request.memory, site)
        if measured.over:
            return replace(outcome, refusal=_too_much(Reason.MEM, measured.over))
    if memory.amount == 0:
        # Only after the first check does slurmctld take --mem-per-cpu=0 for all of the node.
        memory = Memory(0)
    notes: tuple[str, ...] = ()
    unsure = ""
    if not waits:
        # A job that breaks a limit already is not enlarged to fit the maximum of memory.
        measured = _measured(limits, request, memory, site)
        if measured.over and strict:
            return replace(outcome, refusal=_too_much(Reason.PARTCFG, measured.over))
        if measured.over:
            waits = _WAITS_FOR_MEMORY
        else:
            request, memory, unsure = measured.request, measured.memory, measured.unsure
            notes = (measured.note,) if measured.note else ()
    outcome = Outcome(request, memory, unsure=unsure, waits=waits, notes=notes)
    if unsure and _enlarges(limits):
        # How many CPUs the job takes is open, and with it all that follows.
        return outcome
    return _placed(limits, request, memory, site, outcome)


# Before the nodes are looked at


def _gpu_request(request: Request) -> Refusal | None:
    """Numbers of GPUs that contradict each other; sbatch itself refuses them."""
    gpus, per_node, nodes = request.gpus, request.gpus_per_node, request.nodes
    by = ""
    if request.memory_per_gpu and not gpus and not per_node:
        by = "memory per GPU asked for, but no GPU"
    elif gpus and per_node and gpus % per_node:
        by = f"{gpus} GPUs are no multiple of {per_node} per node"
    elif gpus and per_node and not nodes <= gpus // per_node <= request.most_nodes:
        by = f"{gpus} GPUs are {gpus // per_node} nodes of {per_node}, others are asked for"
    elif gpus and request.says_nodes and gpus < nodes:
        by = f"{gpus} GPUs cannot be spread over {nodes} nodes"
    return Refusal(Reason.NODECFG, "GPUs asked for", by, NO_GRES) if by else None


def _reservation(limits: Limits, request: Request) -> Refusal | None:
    if limits.needs_reservation and not request.reservation:
        return Refusal(
            Reason.ACCESS,
            "Reservation required (ReqResv)",
            "the job names no reservation",
        )
    return None


def _partition(limits: Limits, request: Request, site: Site) -> Refusal | None:
    """CPUs, nodes and time against the partition as a whole; the first that fails counts."""
    return next(_broken(limits, request, site), None)


def _broken(limits: Limits, request: Request, site: Site) -> Iterator[Refusal]:
    cpus, nodes = request.cpus, request.nodes
    if cpus > site.total_cpus:
        yield Refusal(Reason.CPUS, "CPUs of the partition", _too_many(cpus, site.total_cpus, "CPU"))
    # Of all nodes of the partition, not of those the job asks for. MaxCPUsPerSocket has no part
    # in this; it is met only when nodes are chosen.
    by_node = limits.cpus_per_node * site.total_nodes
    if cpus > by_node:
        yield Refusal(
            Reason.CPUS,
            "CPUs of the partition within the maximum per node (MaxCPUsPerNode)",
            _too_many(cpus, by_node, "CPU"),
        )
    if nodes > site.total_nodes:
        yield Refusal(
            Reason.NODES, "Nodes of the partition", _too_many(nodes, site.total_nodes, "node")
        )
    if nodes < limits.least_nodes:
        # Without --nodes a job asks for one node; since 23.02 it is not raised to MinNodes.
        yield Refusal(
            Reason.NODES,
            "Minimum of nodes (MinNodes)",
            f"{_counted(nodes, 'node')} asked for, at least {limits.least_nodes} needed: "
            f"{limits.least_nodes - nodes} too few",
        )
    if request.most_nodes > limits.most_nodes:
        # Of a range of nodes the larger number counts.
        yield Refusal(
            Reason.NODES,
            "Maximum of nodes (MaxNodes)",
            _too_many(request.most_nodes, limits.most_nodes, "node"),
        )
    if request.time is not None and request.time > limits.most_time:
        yield Refusal(Reason.TIME, "Maximum of time (MaxTime)", _too_long(request.time, limits))


def _open_nodes(limits: Limits, request: Request) -> Refusal | None:
    """The one node of a job without --nodes; it is looked at only after the time."""
    if request.nodes > limits.most_nodes:
        return Refusal(
            Reason.NODES,
            "Maximum of nodes (MaxNodes)",
            _too_many(request.nodes, limits.most_nodes, "node"),
        )
    return None


def _default_time(limits: Limits, request: Request) -> Refusal | None:
    # Refused with EnforcePartLimits=NO as well.
    if request.time is None and limits.default_time == 0:
        return Refusal(
            Reason.TIME, "Default time (DefaultTime)", "the job asks for no time, the default is 0"
        )
    return None


def _raised(limits: Limits, request: Request) -> Request:
    """With EnforcePartLimits=NO a job may be given the minimum of nodes instead."""
    least = limits.least_nodes
    if request.nodes < least and (not request.says_nodes or request.most_nodes >= least):
        return replace(request, nodes=least)
    return request


# Memory


@dataclass(frozen=True, slots=True)
class _Measured:
    request: Request
    memory: Memory
    over: str = ""
    """By how much the memory is above the maximum."""
    unsure: str = ""
    note: str = ""


def _enlarges(limits: Limits) -> bool:
    return limits.most_memory is not None and limits.most_memory.per_cpu


def _measured(limits: Limits, request: Request, memory: Memory, site: Site) -> _Measured:
    """Memory against the maximum; a maximum per CPU enlarges the job instead of refusing it."""
    most = limits.most_memory
    if most is None:
        return _Measured(request, memory)
    if memory.per_cpu:
        return (
            _more_cpus_per_task(request, memory, most)
            if most.per_cpu
            else _node_of_cpus(request, memory, most)
        )
    amount = memory.amount or site.whole_memory
    if amount is None:
        return _Measured(request, memory, unsure=REAL_MEMORY)
    if most.per_cpu:
        return _more_cpus_per_node(request, memory, amount, most)
    over = "" if amount <= most.amount else _too_large(amount, most.amount)
    return _Measured(request, memory, over)


def _more_cpus_per_task(request: Request, memory: Memory, most: Memory) -> _Measured:
    """Both are by CPU: each task gets so many CPUs that the memory of one fits (observed)."""
    if memory.amount <= most.amount:
        return _Measured(request, memory)
    times = rounded_up(memory.amount, most.amount)
    per_task = request.cpus_per_task * times
    # Without a number of tasks slurmctld raises what a node must have, not the whole job.
    grown = (
        replace(request, cpus_per_task=per_task, cpus=request.tasks * per_task)
        if request.tasks
        else replace(request, cpus_per_task=per_task, cpus_per_node=per_task)
    )
    less = Memory(rounded_up(memory.amount, times), per_cpu=True)
    return _Measured(
        grown,
        less,
        note=f"{spell_megabytes(memory.amount)} per CPU is above the maximum of "
        f"{spell_megabytes(most.amount)} (MaxMemPerCPU), so each task gets "
        f"{_counted(per_task, 'CPU')} with {spell_megabytes(less.amount)} each.",
    )


def _cpus_of_a_node(request: Request) -> int:
    tasks = request.tasks_per_node or 1
    if request.tasks and request.most_nodes:
        tasks = max(tasks, rounded_up(request.tasks, request.most_nodes))
    return max(tasks * request.cpus_per_task, request.cpus_per_node)


def _node_of_cpus(request: Request, memory: Memory, most: Memory) -> _Measured:
    """By CPU against a maximum by node: the CPUs of one node are counted together."""
    cpus = _cpus_of_a_node(request)
    amount = memory.amount * cpus
    if amount <= most.amount:
        return _Measured(request, memory)
    return _Measured(
        request,
        memory,
        f"{spell_megabytes(memory.amount)} per CPU on {_counted(cpus, 'CPU')} of a node: "
        + _too_large(amount, most.amount),
    )


def _more_cpus_per_node(request: Request, memory: Memory, amount: int, most: Memory) -> _Measured:
    """By node against a maximum by CPU: the job gets the CPUs that carry its memory (observed)."""
    least = rounded_up(amount, most.amount)
    if max(least, _cpus_of_a_node(request)) > MOST_COUNT:
        return _Measured(request, memory, _too_many(least, MOST_COUNT, "CPU") + " on a node")
    if request.cpus_per_node >= least:
        return _Measured(request, memory)
    grown = replace(request, cpus_per_node=least, cpus=max(request.cpus, least))
    if request.tasks_per_node:
        per_task = rounded_up(least, request.tasks_per_node)
        grown = replace(
            grown,
            cpus_per_task=per_task,
            cpus_per_node=max(per_task * request.tasks_per_node, least),
        )
    elif request.tasks:
        # slurmctld spreads the CPUs over the tasks anew, which can take CPUs from a task, and
        # from here on takes the CPUs of one node for those of the whole job.
        per_task = rounded_up(least * request.nodes, request.tasks)
        per_node = per_task * request.tasks // request.nodes
        grown = replace(grown, cpus_per_task=per_task, cpus_per_node=per_node, cpus=per_node)
    else:
        grown = replace(grown, cpus_per_task=max(least, request.cpus_per_task))
    return _Measured(
        grown,
        memory,
        note=f"{spell_megabytes(amount)} per node at no more than "
        f"{spell_megabytes(most.amount)} per CPU (MaxMemPerCPU) takes at least "
        f"{_counted(least, 'CPU')} on each node.",
    )


def _too_much(reason: Reason, over: str) -> Refusal:
    asked = "Memory asked for" if reason is Reason.MEM else "Memory without being asked for"
    return Refusal(reason, f"{asked}, against the maximum (MaxMemPerNode, MaxMemPerCPU)", over)


# Nodes


def _no_node(check: str, by: str, lead: str = "") -> Refusal:
    return Refusal(Reason.NODECFG, check, by, lead)


def _placed(
    limits: Limits, request: Request, memory: Memory, site: Site, outcome: Outcome
) -> Outcome:
    """Whether nodes can hold the job, whatever runs on them now."""
    refusal = _kind_of_node(request, memory, site)
    if refusal is not None:
        return replace(outcome, refusal=refusal, unsure="")
    least = max(request.nodes, limits.least_nodes)
    most = min(limits.most_nodes, request.most_nodes or ENDLESS)
    if least > most:
        # Reached with EnforcePartLimits=NO only; such a job waits without its nodes being tried.
        return replace(outcome, waits=outcome.waits or _WAITS[Reason.NODES])
    given = _cpus_given(limits, request, memory, site)
    if isinstance(given, Refusal):
        return replace(outcome, refusal=given, unsure="")
    if request.tasks_per_node and request.tasks:
        least = max(least, rounded_up(request.tasks, request.tasks_per_node))
    most = min(most, site.nodes)
    if least > most:
        refusal = _no_node(
            "Nodes that can hold a part of the job",
            f"{least} needed, {most} there: {least - most} too few",
        )
    elif request.cpus > given * most:
        refusal = _no_node(
            "CPUs of the nodes the job may have",
            f"{_too_many(request.cpus, given * most, 'CPU')} "
            f"on {_counted(most, 'node')} of {_counted(given, 'CPU')}",
        )
    if refusal is not None:
        return replace(outcome, refusal=refusal, unsure="")
    outcome = _with_gpus(limits, request, site, most, outcome)
    return replace(outcome, nodes=_nodes_given(request, site, least, most, given))


def _kind_of_node(request: Request, memory: Memory, site: Site) -> Refusal | None:
    """What rules out a kind of node by one figure, before anything else is looked at."""
    if request.cpus_per_node > site.cpus:
        return _no_node(
            "CPUs of a node", _too_many(request.cpus_per_node, site.cpus, "CPU"), FEW_CPUS
        )
    if site.memory is not None and memory.amount > site.memory:
        return _no_node("Memory of a node", _too_large(memory.amount, site.memory), LITTLE_MEMORY)
    return None


def _cpus_given(limits: Limits, request: Request, memory: Memory, site: Site) -> int | Refusal:
    """CPUs that a node gives the job, or why it gives none."""
    free = site.usable(limits)
    # What a node must have is held against its CPUs without MaxCPUsPerNode: a job that MaxMemPerCPU
    # enlarged can be given more CPUs than MaxCPUsPerNode allows (observed: 18 where 16 are).
    needed = request.cpus_per_node
    if free < needed or free < 1:
        return _no_node(
            "CPUs of a node within the maximum per socket (MaxCPUsPerSocket)",
            _too_many(needed, free, "CPU"),
        )
    per_node, per_task = request.tasks_per_node, request.cpus_per_task
    tasks = min(free // per_task, per_node or free)
    given = max(tasks * per_task, needed)
    on_one = request.tasks if request.most_nodes == 1 else 0
    together = (per_node or on_one or 1) * per_task
    if tasks < (per_node or 0):
        return _no_node("CPUs of a node", _too_many(per_node * per_task, free, "CPU"))
    # The cut to MaxCPUsPerNode is not rounded to whole tasks.
    given = min(given, free, limits.cpus_per_node)
    if given < max(together, 1):
        return _no_node(
            "CPUs of a node within the maximum per node (MaxCPUsPerNode)"
            if limits.cpus_per_node < site.cpus
            else "CPUs of a node",
            _too_many(max(together, 1), given, "CPU"),
        )
    if memory.per_cpu and memory.amount and site.memory is not None:
        given = min(given, site.memory // memory.amount)
        given -= given % per_task
        if given < max(together, 1):
            return _no_node(
                "Memory of a node",
                f"{spell_megabytes(memory.amount)} per CPU on "
                f"{_counted(max(together, 1), 'CPU')}: "
                + _too_large(memory.amount * max(together, 1), site.memory),
            )
    return given


def _nodes_given(request: Request, site: Site, least: int, most: int, given: int) -> int:
    if request.says_nodes:
        # Of a range the job gets as many as there are.
        return most if most < ENDLESS else least
    if site.known or request.cpus <= 1:
        return max(least, rounded_up(request.cpus, given))
    return 0


# GPUs


def _with_gpus(
    limits: Limits, request: Request, site: Site, most: int, outcome: Outcome
) -> Outcome:
    """Whether the GPUs are there, and the CPUs and memory that come with them."""
    gpus, per_node = request.gpus, request.gpus_per_node
    if not gpus and not per_node:
        return outcome
    with_cpus = 0 if request.says_cpus else limits.cpus_per_gpu
    # The default per GPU is held against the node even of a job that asks for its own memory.
    with_memory = request.memory_per_gpu or limits.memory_per_gpu
    bounds = [(ENDLESS if site.gpus is None else site.gpus, "GPUs of a node")]
    if with_cpus:
        usable = min(site.usable(limits), limits.cpus_per_node)
        bounds.append((usable // with_cpus, "GPUs of a node by their CPUs (DefCpuPerGPU)"))
    if with_memory and site.memory is not None:
        bounds.append((site.memory // with_memory, "GPUs of a node by their memory"))
    usable_gpus, check = min(bounds)
    if per_node > usable_gpus:
        return replace(
            outcome, refusal=_no_node(check, _too_many(per_node, usable_gpus, "GPU")), unsure=""
        )
    if gpus > usable_gpus * most:
        return replace(
            outcome,
            refusal=_no_node(
                check, _too_many(gpus, usable_gpus * most, "GPU") + f" on {_counted(most, 'node')}"
            ),
            unsure="",
        )
    tight = with_cpus and request.cpus > with_cpus * (gpus or per_node * most)
    few_nodes = (
        rounded_up(request.tasks, request.tasks_per_node) if request.tasks_per_node else most
    )
    if tight or gpus > usable_gpus * few_nodes:
        # slurmctld chooses cores next to GPUs here, which is more than numbers can say.
        return replace(outcome, unsure="it depends on where GPUs and cores are on a node")
    return outcome


# Words


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _too_many(asked: int, allowed: int, noun: str) -> str:
    return f"{_counted(asked, noun)} asked for, {allowed} allowed: {asked - allowed} too many"


def _too_large(amount: int, allowed: int) -> str:
    return (
        f"{spell_megabytes(amount)} taken, {spell_megabytes(allowed)} allowed: "
        f"{spell_megabytes(amount - allowed)} too much"
    )


def _too_long(asked: int, limits: Limits) -> str:
    allowed = f"{spell_minutes(limits.most_time)} allowed"
    if asked >= ENDLESS:
        return f"unlimited time asked for, {allowed}"
    return (
        f"{spell_minutes(asked)} asked for, {allowed}: "
        f"{spell_minutes(asked - limits.most_time)} too long"
    )
