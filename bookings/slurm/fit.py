"""Whether slurmctld accepts a job in a partition, what the job gets there, and how large it may be.

The answer is for the moment of submission: whether a job is accepted or refused for good, not
when it starts. What runs on the nodes, users, accounts and limits of a QOS have no part in it.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bookings.slurm.hardware import Hardware
from bookings.slurm.jobs import Job
from bookings.slurm.limits import LIMITS, MOST_MINUTES, Unit, spell_minutes
from bookings.slurm.slurmctld import MESSAGES, NO_GRES, Outcome, Reason, submit
from bookings.slurm.submissions import (
    ENDLESS,
    Limits,
    Memory,
    Request,
    Sites,
    rounded_up,
    sites_of,
)
from bookings.waldur.models import Partition

__all__ = [
    "HARDWARE_UNKNOWN",
    "NO_LIMIT",
    "Enforce",
    "Gets",
    "Largest",
    "Reason",
    "Verdict",
    "bare",
    "judge",
    "largest",
    "truth_line",
]

HARDWARE_UNKNOWN = "within the recorded limits; hardware unknown"
"""The caveat of a verdict without the nodes of the partition, unless a limit decides it."""

LIMITS_BROKEN = "hardware unknown"
"""The same for a job that breaks a limit and is let in to wait."""

MEMORY_UNKNOWN = "the memory of the nodes is not known"

ASKED = "asked for"
ASKED_PER_GPU = "asked for per GPU"
DEFAULT_PER_GPU = "default per GPU"
WHOLE_NODE = "all of the node"
NO_LIMIT = "no limit recorded"

A_GPU_JOB = Job(gpus=1)

MOST_TIER = 65_535
MOST_32_BITS = 2**32 - 1

_TIMES = ("max_time", "default_time")
_MOST = {
    "max_time": MOST_MINUTES,
    "default_time": MOST_MINUTES,
    "priority_tier": MOST_TIER,
    "max_nodes": MOST_32_BITS,
    "min_nodes": MOST_32_BITS,
    "max_cpus_per_node": MOST_32_BITS,
    "max_cpus_per_socket": MOST_32_BITS,
    "grace_time": MOST_32_BITS,
}
# A mask of CpuBind that is wrong is ignored by slurmctld, so it is not among them.
_NUMBERS = tuple(
    limit.field for limit in LIMITS if limit.unit not in (Unit.FLAG, Unit.NAME, Unit.MASK)
)


class Enforce(StrEnum):
    """EnforcePartLimits of slurm.conf. ANY judges a job for one partition like ALL."""

    ALL = "ALL"
    NO = "NO"


@dataclass(frozen=True, slots=True)
class Gets:
    """What an accepted job would get at least; None where that is not known."""

    nodes: int | None
    tasks: int
    cpus_per_task: int
    """More than asked for where MaxMemPerCPU enlarges the job."""
    cpus_per_node: int | None
    cpus: int
    """Of the whole job."""
    memory_per_node: int | None
    """MB."""
    memory_per_cpu: int | None
    """MB; None where memory is not given by CPU."""
    memory_from: str
    """Where it comes from: "asked for", "default per CPU", "all of the node"…"""
    time: int | None
    """Minutes; None is unlimited, or with NO_LIMIT as `time_from` not known."""
    time_from: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer for one job and one partition."""

    accepted: bool | None
    """None where it cannot be told."""
    reason_code: str
    """A Reason: what the message stands for; UNKNOWN where it cannot be told."""
    message: str = ""
    """SLURM's own words, "" for an accepted job; the last line is the error itself."""
    check: str = ""
    """The first check that fails, in words."""
    by: str = ""
    """By how much it fails."""
    pends: str = ""
    """Why an accepted job would wait for ever with EnforcePartLimits=NO, in SLURM's word."""
    gets: Gets | None = None
    caveat: str = ""
    """What the answer depends on."""
    limits_only: bool = False
    """Whether the nodes may still refuse an accepted job, as they are not known."""


@dataclass(frozen=True, slots=True)
class Largest:
    """The largest job of a partition; None is no limit that is known, 0 is no job at all."""

    nodes: int | None
    cpus: int | None
    cpus_per_node: int | None
    memory_per_node: int | None
    """MB."""
    time: int | None
    """Minutes; None is unlimited, or no limit that is known."""
    notes: tuple[str, ...] = ()


def judge(
    partition: Partition,
    job: Job,
    hardware: Hardware | None = None,
    enforce: Enforce = Enforce.ALL,
) -> Verdict:
    """What slurmctld answers to `sbatch` with the job in the partition. Never raises.

    Without hardware only the record decides, and an accepted job may still be refused by the
    nodes; `limits_only` says so. Of nodes that differ a job is accepted if some of
    them suffice alone, and rejected if it would be even with every node like the best.
    """
    sites = sites_of(hardware)
    doubt = _not_started(partition) or _no_job(job) or _unread(partition, job)
    if doubt:
        return _cannot_tell([doubt])
    limits, request = Limits.of(partition), Request.of(job)
    caveats: list[str] = []
    if partition.qos:
        caveats.append("limits of the partition's QOS are not considered")
    if request.gpus or request.gpus_per_node:
        caveats.append("GPUs are counted, whatever their type")
    outcome, doubt = _answer(limits, request, sites, strict=enforce is Enforce.ALL)
    unknown = [] if sites.known else [HARDWARE_UNKNOWN]
    if outcome is None:
        return _cannot_tell([*unknown, *caveats, doubt])
    if outcome.waits and unknown:
        unknown = [LIMITS_BROKEN]
    if outcome.refusal is None:
        caveats = [*unknown, *caveats]
    caveats.append(doubt)
    return _verdict(limits, request, outcome, sites, caveats)


def bare(partition: Partition, hardware: Hardware | None = None) -> Verdict:
    """What `sbatch` without any options gets."""
    return judge(partition, Job(), hardware)


def truth_line(verdict: Verdict) -> dict[str, Any]:
    """A verdict as the command line prints it.

    Its message is what sbatch prints for a job that is rejected, else what the answer leaves open.
    """
    return {
        "accepted": verdict.accepted,
        "reason_code": verdict.reason_code,
        "message": _printed(verdict.message) if verdict.accepted is False else verdict.caveat,
    }


def _printed(message: str) -> str:
    *leads, last = message.split("\n")
    failed = "" if last == NO_GRES else "Batch job submission failed: "
    return "\n".join(f"sbatch: error: {line}" for line in (*leads, failed + last))


# What cannot be judged


def _not_started(partition: Partition) -> str:
    """A value that slurmctld does not start with, so that it answers no job; "" for none."""
    for field in _NUMBERS:
        value = getattr(partition, field)
        if value is None or (field in _TIMES and value == -1):
            # -1 is UNLIMITED for a time and only there (observed).
            continue
        if not 0 <= value <= _MOST.get(field, ENDLESS):
            return f"slurmctld does not start with {field}={value}"
    return ""


def _no_job(job: Job) -> str:
    for field, least in _LEAST.items():
        value = getattr(job, field)
        if value is not None and value < least:
            return f"sbatch does not take {field}={value}"
    if job.max_nodes is not None and job.max_nodes < (job.nodes or 1):
        return f"sbatch does not take max_nodes={job.max_nodes}"
    return ""


_LEAST = {
    "nodes": 1,
    "max_nodes": 1,
    "ntasks": 1,
    "cpus_per_task": 1,
    "ntasks_per_node": 1,
    "mem_per_node": 0,
    "mem_per_cpu": 0,
    "mem_per_gpu": 0,
    "time": 0,
    "gpus": 0,
    "gpus_per_node": 0,
}


def _unread(partition: Partition, job: Job) -> str:
    """A limit that matters to the job and cannot be read; "" for none."""
    unread = partition.unread
    names = [field for field in _used(job) if field in unread] if unread else []
    return f"{', '.join(names)} cannot be read" if names else ""


def _used(job: Job) -> list[str]:
    fields = ["max_cpus_per_node", "max_cpus_per_socket", "max_nodes", "min_nodes", "max_time"]
    fields += ["max_mem_per_cpu", "max_mem_per_node"]
    if not job.reservation:
        fields.append("req_resv")
    if job.time is None:
        fields.append("default_time")
    if job.mem_per_node is None and job.mem_per_cpu is None:
        fields += ["def_mem_per_cpu", "def_mem_per_node"]
    if job.gpus or job.gpus_per_node:
        fields += ["def_cpu_per_gpu", "def_mem_per_gpu"]
    return fields


# Nodes that differ


def _answer(
    limits: Limits, request: Request, sites: Sites, *, strict: bool
) -> tuple[Outcome | None, str]:
    """What slurmctld answers and under which caveat; None and why where it cannot be told."""
    worse = [
        [submit(limits, request, site, strict=strict) for site in floor] for floor in sites.floors
    ]
    if sites.alike:
        outcome = worse[0][0]
        if outcome.unsure:
            return None, outcome.unsure
        return outcome, "" if sites.memory_known or not sites.known else MEMORY_UNKNOWN
    for outcomes in worse:
        if all(outcome.taken for outcome in outcomes):
            return outcomes[0], "the nodes differ, and the job is accepted where some suffice"
    better = [submit(limits, request, site, strict=strict) for site in sites.ceiling]
    if all(outcome.refusal for outcome in better):
        return better[0], "the nodes differ, and even with all like the best of them it fails"
    return None, "the nodes differ, and it depends on which of them SLURM tries"


# What a job gets


def _cannot_tell(caveats: list[str]) -> Verdict:
    return Verdict(None, Reason.UNKNOWN, caveat=_joined(caveats))


def _joined(caveats: list[str]) -> str:
    return "; ".join(caveat for caveat in caveats if caveat)


def _verdict(
    limits: Limits, request: Request, outcome: Outcome, sites: Sites, caveats: list[str]
) -> Verdict:
    refusal = outcome.refusal
    if refusal is not None:
        words = [refusal.lead, MESSAGES[refusal.reason]]
        message = NO_GRES if refusal.lead == NO_GRES else "\n".join(word for word in words if word)
        return Verdict(
            False, refusal.reason, message, refusal.check, refusal.by, caveat=_joined(caveats)
        )
    gets = None if outcome.waits else _gets(limits, request, outcome, sites)
    return Verdict(
        True,
        Reason.ACCEPT,
        pends=outcome.waits,
        gets=gets,
        caveat=_joined(caveats),
        limits_only=not (sites.known and sites.memory_known),
    )


def _gets(limits: Limits, asked: Request, outcome: Outcome, sites: Sites) -> Gets:
    request, nodes = outcome.request, outcome.nodes
    per_node = request.tasks_per_node or 1
    cpus = max(nodes * per_node, request.cpus, max(nodes, 1) * request.cpus_per_node)
    cpus_per_node = rounded_up(cpus, nodes) if nodes else None
    memory, memory_from = _memory(limits, asked, outcome.memory)
    time, time_from = _time(limits, asked)
    memory_per_node: int | None = None
    if memory_from in (ASKED_PER_GPU, DEFAULT_PER_GPU):
        gpus = asked.gpus_per_node or (asked.gpus if nodes == 1 else 0)
        memory_per_node = memory.amount * gpus or None
    elif memory.per_cpu:
        memory_per_node = memory.amount * cpus_per_node if cpus_per_node else None
    else:
        memory_per_node = memory.amount or (sites.ceiling[0].memory if sites.alike else None)
    return Gets(
        nodes=nodes or None,
        tasks=request.tasks or (nodes if request.says_nodes else 1),
        cpus_per_task=request.cpus_per_task,
        cpus_per_node=cpus_per_node,
        cpus=cpus,
        memory_per_node=memory_per_node,
        memory_per_cpu=memory.amount if memory.per_cpu else None,
        memory_from=memory_from,
        time=time,
        time_from=time_from,
        notes=(*outcome.notes, *_notes(limits, memory_from, cpus_per_node)),
    )


def _memory(limits: Limits, asked: Request, memory: Memory) -> tuple[Memory, str]:
    has_gpus = asked.gpus or asked.gpus_per_node
    if asked.memory is None and has_gpus and asked.memory_per_gpu:
        return Memory(asked.memory_per_gpu), ASKED_PER_GPU
    if asked.memory is None and has_gpus and limits.memory_per_gpu:
        return Memory(limits.memory_per_gpu), DEFAULT_PER_GPU
    if memory.amount == 0:
        return memory, WHOLE_NODE
    if asked.memory is not None:
        return memory, ASKED
    return memory, "default per CPU" if memory.per_cpu else "default per node"


def _time(limits: Limits, asked: Request) -> tuple[int | None, str]:
    if asked.time is not None:
        return _limited(asked.time), ASKED
    if limits.default_time is not None:
        return _limited(limits.default_time), "default time"
    if limits.says_most_time:
        return _limited(limits.most_time), "max time, as there is no default"
    return None, NO_LIMIT


def _limited(minutes: int) -> int | None:
    return None if minutes >= ENDLESS else minutes


def _notes(limits: Limits, memory_from: str, cpus_per_node: int | None) -> list[str]:
    notes: list[str] = []
    if memory_from == WHOLE_NODE:
        notes.append("No other job can run on its nodes, as it takes all their memory.")
    if cpus_per_node is not None and cpus_per_node > limits.cpus_per_node:
        notes.append(
            f"{cpus_per_node} CPUs per node are above MaxCPUsPerNode={limits.cpus_per_node}; "
            "SLURM gives them to a job that its memory enlarges."
        )
    if limits.dropped_time is not None:
        notes.append(_dropped(limits.dropped_time))
    return notes


def _dropped(minutes: int) -> str:
    words = "unlimited" if minutes >= ENDLESS else spell_minutes(minutes)
    return f"SLURM drops the default time of {words}, as it is above the max time."


# The largest job


def largest(partition: Partition, hardware: Hardware | None = None) -> Largest:
    """The largest job the partition takes, each figure for itself. Never raises.

    Where nodes differ not every figure can be had at once, which a note says.
    """
    stopped = _not_started(partition)
    if stopped:
        return Largest(0, 0, 0, 0, 0, (f"No job is accepted: {stopped}.",))
    limits, sites = Limits.of(partition), sites_of(hardware)
    notes = _largest_notes(partition, limits, sites)
    best = sites.ceiling[0]
    given = sorted(
        ((min(site.usable(limits), limits.cpus_per_node), site.nodes) for site in sites.kinds),
        reverse=True,
    )
    per_node = given[0][0]
    nodes = min(limits.most_nodes, best.total_nodes)
    why = _why_none(limits, nodes, per_node)
    if why:
        return Largest(0, 0, 0, 0, 0, (f"No job is accepted: {why}.", *notes))
    return Largest(
        nodes=_known(nodes),
        cpus=_known(_cpus_of(given, nodes)),
        cpus_per_node=_known(per_node),
        memory_per_node=_known(_most_memory(limits, best.memory, per_node)),
        time=_limited(limits.most_time),
        notes=tuple(notes),
    )


def _why_none(limits: Limits, nodes: int, per_node: int) -> str:
    """Why no job at all is accepted; "" where some are."""
    if nodes == 0:
        return "MaxNodes is 0"
    if limits.least_nodes > nodes:
        return f"MinNodes is {limits.least_nodes}, and a job may have {nodes} nodes at most"
    return "" if per_node else "a job may have no CPU of a node"


def _cpus_of(given: list[tuple[int, int]], nodes: int) -> int:
    """CPUs of that many nodes, those with the most first."""
    cpus = 0
    for per_node, count in given:
        taken = min(count, nodes)
        cpus += per_node * taken
        nodes -= taken
    return cpus


def _most_memory(limits: Limits, memory: int | None, cpus: int) -> int:
    most = limits.most_memory
    there = ENDLESS if memory is None else memory
    if most is None:
        return there
    return min(there, most.amount * cpus if most.per_cpu else most.amount)


def _known(number: int) -> int | None:
    return None if number >= ENDLESS else number


def _largest_notes(partition: Partition, limits: Limits, sites: Sites) -> list[str]:
    notes: list[str] = []
    if not sites.known:
        notes.append(f"{HARDWARE_UNKNOWN.capitalize()}.")
    elif not sites.alike:
        notes.append("The nodes differ, so not every figure can be had at once.")
    unread = [field for field in _used(A_GPU_JOB) if field in partition.unread]
    if unread:
        notes.append(f"Left out, as it cannot be read: {', '.join(unread)}.")
    if limits.least_nodes > 1:
        notes.append(f"A job must ask for at least {limits.least_nodes} nodes (MinNodes).")
    if limits.most_time == 0:
        notes.append("A job that asks for any time is rejected (MaxTime=0).")
    if limits.default_time == 0:
        notes.append("A job that asks for no time is rejected (DefaultTime=0).")
    if limits.dropped_time is not None:
        notes.append(_dropped(limits.dropped_time))
    if limits.needs_reservation:
        notes.append("A job must name a reservation (ReqResv).")
    return notes
