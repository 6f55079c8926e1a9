"""What slurmctld measures a job by: the job as sbatch sends it, the limits, and the nodes.

Options are turned into numbers as sbatch and slurmctld 24.11 to 26.05 do it; where they differ
from what the options seem to say, the comment gives the reason.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Self

from bookings.slurm.hardware import Hardware, Nodes
from bookings.slurm.jobs import UNLIMITED, Job
from bookings.waldur.models import Partition

__all__ = [
    "ENDLESS",
    "Limits",
    "Memory",
    "Request",
    "Site",
    "Sites",
    "rounded_up",
    "sites_of",
]

ENDLESS = 1 << 80
"""Stands for unlimited and for hardware that is not known; more than any number recorded."""

MOST_KEPT = 64
"""Clusters whose sites are kept; many jobs are judged for one."""

MOST_KINDS = 32
"""Kinds of nodes that are each judged; of more only the least and the best are."""

MOST_MEMORIES = 8
"""Amounts of memory that are each tried as all memory of a node."""


def rounded_up(amount: int, size: int) -> int:
    """How many of a size an amount takes."""
    return -(-amount // size)


@dataclass(frozen=True, slots=True)
class Memory:
    """An amount in MB by node or by CPU. 0 by node is all of the node."""

    amount: int
    per_cpu: bool = False


def _memory_of(per_node: int | None, per_cpu: int | None) -> Memory | None:
    # slurmctld holds one field for both kinds: the value per node wins (observed), 0 is unset.
    if per_node:
        return Memory(per_node)
    return Memory(per_cpu, per_cpu=True) if per_cpu else None


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a partition as slurmctld holds them."""

    most_nodes: int
    least_nodes: int
    cpus_per_node: int
    cpus_per_socket: int
    most_memory: Memory | None
    default_memory: Memory | None
    most_time: int
    says_most_time: bool
    """Whether a maximum is recorded, be it unlimited."""
    default_time: int | None
    """None where a job without a time gets the maximum."""
    dropped_time: int | None
    """A default that slurmctld drops because it is above the maximum (observed)."""
    cpus_per_gpu: int
    memory_per_gpu: int
    needs_reservation: bool

    @classmethod
    def of(cls, partition: Partition) -> Self:
        """The limits that a record stands for; what is not recorded limits nothing."""
        most_time = _time(partition.max_time)
        default = None if partition.default_time is None else _time(partition.default_time)
        dropped = default is not None and default > most_time
        return cls(
            most_nodes=ENDLESS if partition.max_nodes is None else partition.max_nodes,
            least_nodes=partition.min_nodes or 0,
            cpus_per_node=_endless(partition.max_cpus_per_node),
            cpus_per_socket=_endless(partition.max_cpus_per_socket),
            most_memory=_memory_of(partition.max_mem_per_node, partition.max_mem_per_cpu),
            default_memory=_memory_of(partition.def_mem_per_node, partition.def_mem_per_cpu),
            most_time=most_time,
            says_most_time=partition.max_time is not None,
            default_time=None if dropped else default,
            dropped_time=default if dropped else None,
            cpus_per_gpu=partition.def_cpu_per_gpu or 0,
            memory_per_gpu=partition.def_mem_per_gpu or 0,
            needs_reservation=bool(partition.req_resv),
        )


def _endless(limit: int | None) -> int:
    # Unlike for memory, 0 is a limit of none, not unlimited (observed).
    return ENDLESS if limit is None else limit


def _time(minutes: int | None) -> int:
    return ENDLESS if minutes is None or minutes < 0 else minutes


@dataclass(frozen=True, slots=True)
class Request:
    """A job as it reaches slurmctld; numbers 0 where nothing is asked for."""

    nodes: int
    """The fewest nodes."""
    most_nodes: int
    tasks: int
    tasks_per_node: int
    cpus_per_task: int
    cpus: int
    """Of the whole job."""
    cpus_per_node: int
    """The fewest CPUs of a node that can run a part of it."""
    memory: Memory | None
    time: int | None
    gpus: int
    gpus_per_node: int
    memory_per_gpu: int
    says_cpus: bool
    """Whether --cpus-per-task is given."""
    reservation: bool

    @property
    def says_nodes(self) -> bool:
        """Whether the number of nodes is given."""
        return self.most_nodes > 0

    @classmethod
    def of(cls, job: Job) -> Self:
        """What sbatch and slurmctld make of the options before any limit is looked at."""
        nodes = job.nodes or (1 if job.max_nodes else 0)
        most = job.max_nodes or nodes
        tasks = job.ntasks or 0
        per_node = job.ntasks_per_node or 0
        per_task = job.cpus_per_task or 1
        if nodes and tasks:
            # sbatch cannot spread tasks over more nodes than there are tasks, and asks for fewer.
            nodes, most = min(nodes, tasks), min(most, tasks)
        exact = nodes == most
        if tasks:
            counted = tasks
        elif per_node and exact:
            tasks = counted = (nodes or 1) * per_node
        else:
            # Without a number of tasks CPUs are counted for one on each node, or for one in all
            # where the nodes are a range; the tasks themselves stay open.
            counted = nodes if nodes and exact else 1
        cpus = counted * per_task
        if per_node and not tasks:
            tasks = nodes * per_node
            # slurmctld counts again only where there are more tasks than CPUs.
            cpus = tasks * per_task if tasks > cpus else cpus
        if not nodes and job.ntasks and per_node:
            nodes = rounded_up(tasks, per_node)
        if job.gpus and job.gpus_per_node and job.gpus % job.gpus_per_node == 0 and not most:
            # Both numbers of GPUs together say how many nodes there are.
            nodes = most = job.gpus // job.gpus_per_node
        return cls(
            nodes=nodes or 1,
            most_nodes=most,
            tasks=tasks,
            tasks_per_node=per_node,
            cpus_per_task=per_task,
            cpus=cpus,
            cpus_per_node=per_task * per_node if per_node and tasks > 1 else per_task,
            memory=_asked_memory(job),
            time=ENDLESS if job.time == UNLIMITED else job.time,
            gpus=job.gpus or 0,
            gpus_per_node=job.gpus_per_node or 0,
            memory_per_gpu=job.mem_per_gpu or 0,
            says_cpus=job.cpus_per_task is not None,
            reservation=job.reservation,
        )


def _asked_memory(job: Job) -> Memory | None:
    if job.mem_per_node is not None:
        return Memory(job.mem_per_node)
    return None if job.mem_per_cpu is None else Memory(job.mem_per_cpu, per_cpu=True)


@dataclass(frozen=True, slots=True)
class Site:
    """Nodes that are all alike, and the whole partition they belong to."""

    nodes: int
    cpus: int
    sockets: int
    memory: int | None
    """MB of one node; None where it is not known."""
    whole_memory: int | None
    """What slurmctld takes for all memory of a node: that of the partition's first node."""
    gpus: int | None
    total_nodes: int
    total_cpus: int

    @property
    def known(self) -> bool:
        """Whether there is any hardware."""
        return self.nodes < ENDLESS

    def usable(self, limits: Limits) -> int:
        """CPUs of a node that the limit per socket leaves."""
        if limits.cpus_per_socket == ENDLESS:
            return self.cpus
        return self.sockets * min(self.cpus // self.sockets, limits.cpus_per_socket)


NOWHERE = Site(
    nodes=ENDLESS,
    cpus=ENDLESS * ENDLESS,
    sockets=ENDLESS,
    memory=None,
    whole_memory=None,
    gpus=None,
    total_nodes=ENDLESS,
    total_cpus=ENDLESS * ENDLESS,
)
"""Hardware that is not known."""


@dataclass(frozen=True, slots=True)
class Sites:
    """The nodes of a partition as sites that a job can be judged at.

    Each kind of node is given once for every amount that may be all memory of a node.
    """

    floors: tuple[tuple[Site, ...], ...]
    """Each no better than the hardware; a job that fits one of them fits the hardware."""
    ceiling: tuple[Site, ...]
    """As good as the hardware at least; what does not fit it fits nowhere."""
    kinds: tuple[Site, ...]
    """Each kind of node alone."""

    @property
    def known(self) -> bool:
        """Whether there is any hardware."""
        return self.ceiling != (NOWHERE,)

    @property
    def alike(self) -> bool:
        """Whether all nodes are of one kind, or not known at all."""
        return self.floors == (self.ceiling,)

    @property
    def memory_known(self) -> bool:
        """Whether the memory of every node is known."""
        return self.ceiling[0].memory is not None


@lru_cache(maxsize=MOST_KEPT)
def sites_of(hardware: Hardware | None) -> Sites:
    """The sites of a partition; of hardware that is not known a single endless one."""
    kinds = _sound(hardware)
    if not kinds:
        return Sites(((NOWHERE,),), (NOWHERE,), (NOWHERE,))
    each = kinds if len(kinds) <= MOST_KINDS else (_extreme(kinds, min),)
    return Sites(
        tuple(_with_each_memory(_at_least(kind, kinds), kinds) for kind in each),
        _with_each_memory(_extreme(kinds, max), kinds),
        tuple(_with_each_memory(kind, kinds)[0] for kind in kinds),
    )


def _sound(hardware: Hardware | None) -> tuple[Nodes, ...]:
    counts: dict[Nodes, int] = {}
    for kind in () if hardware is None else hardware.kinds:
        if kind.count > 0 and kind.cpus > 0 and kind.sockets > 0:
            like = replace(kind, count=1)
            counts[like] = counts.get(like, 0) + kind.count
    return tuple(replace(like, count=count) for like, count in counts.items())


def _count(kinds: Iterable[Nodes]) -> int:
    return sum(kind.count for kind in kinds)


def _at_least(kind: Nodes, kinds: Iterable[Nodes]) -> Nodes:
    """All nodes that are in no respect worse than a kind, as if they were of that kind."""
    return replace(kind, count=_count(each for each in kinds if _no_worse(each, kind)))


def _no_worse(one: Nodes, other: Nodes) -> bool:
    return (
        one.cpus >= other.cpus
        and one.sockets >= other.sockets
        and one.cpus_per_socket >= other.cpus_per_socket
        and one.gpus >= other.gpus
        # Memory that is not known is judged by nobody, so any amount is as good as it.
        and (not other.memory_mb or one.memory_mb >= other.memory_mb)
    )


def _extreme(kinds: tuple[Nodes, ...], pick: Callable[[Iterable[int]], int]) -> Nodes:
    sockets = pick(kind.sockets for kind in kinds)
    by_sockets = sockets * pick(kind.cpus_per_socket for kind in kinds)
    return Nodes(
        count=_count(kinds),
        cpus=pick((by_sockets, *(kind.cpus for kind in kinds))),
        sockets=sockets,
        memory_mb=pick(kind.memory_mb for kind in kinds) if _memory_known(kinds) else 0,
        gpus=pick(kind.gpus for kind in kinds),
    )


def _memory_known(kinds: Iterable[Nodes]) -> bool:
    return all(kind.memory_mb for kind in kinds)


def _with_each_memory(kind: Nodes, kinds: tuple[Nodes, ...]) -> tuple[Site, ...]:
    site = Site(
        nodes=kind.count,
        cpus=kind.cpus,
        sockets=kind.sockets,
        memory=kind.memory_mb or None,
        whole_memory=None,
        gpus=kind.gpus,
        total_nodes=_count(kinds),
        total_cpus=sum(each.count * each.cpus for each in kinds),
    )
    if not _memory_known(kinds):
        return (site,)
    amounts = sorted({each.memory_mb for each in kinds})
    # The first node may be of any kind; the least and the most memory are always tried.
    tried = (
        amounts if len(amounts) <= MOST_MEMORIES else [*amounts[: MOST_MEMORIES - 1], amounts[-1]]
    )
    return tuple(replace(site, whole_memory=amount) for amount in tried)
