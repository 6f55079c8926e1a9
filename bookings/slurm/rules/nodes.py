"""Rules about the number of nodes of a job."""

from bookings.slurm.hardware import Hardware
from bookings.slurm.rules.terms import SILENT, Hit, Rule, Severity, counted, kinds_of, sentence
from bookings.waldur.models import Partition


def min_nodes_above_max(partition: Partition, _: Hardware | None) -> Hit | None:
    """A07."""
    least, most = partition.min_nodes, partition.max_nodes
    if least is None or most is None or most < 0 or least <= most:
        return None
    ways = [f"set max nodes to {least} or more"]
    if most:
        ways.insert(0, f"lower min nodes to {most} or less")
    return Hit(
        f"Min nodes {least} is above max nodes {most}.",
        ("min_nodes", "max_nodes"),
        sentence(", or ".join(ways)),
    )


def max_nodes_zero(partition: Partition, _: Hardware | None) -> Hit | None:
    """A08."""
    if partition.max_nodes != 0:
        return None
    least = max(partition.min_nodes or 1, 1)
    return Hit(
        "Max nodes is 0.",
        ("max_nodes",),
        f"Leave max nodes empty for no limit, or set it to {least} or more.",
    )


def min_nodes_above_total(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A09."""
    least, total = partition.min_nodes, _total(hardware)
    if least is None or total == 0 or least <= total:
        return None
    return Hit(
        f"Min nodes {least} is above the {counted(total, 'node')} of the partition.",
        ("min_nodes",),
        f"Lower min nodes to {total} or less.",
        evidence={"nodes": total},
    )


def max_nodes_above_total(partition: Partition, hardware: Hardware | None) -> Hit | None:
    """A10."""
    most, total = partition.max_nodes, _total(hardware)
    if most is None or total == 0 or most <= total:
        return None
    return Hit(
        f"Max nodes {most} is above the {counted(total, 'node')} of the partition.",
        ("max_nodes",),
        f"Leave max nodes empty, or set it to {total} or less.",
        evidence={"nodes": total},
    )


def min_nodes_above_one(partition: Partition, _: Hardware | None) -> Hit | None:
    """A11. Of 0 and 1 SLURM makes the same."""
    least = partition.min_nodes
    if least is None or least <= 1:
        return None
    return Hit(
        f"Min nodes is {least}, and a job that does not ask for nodes counts as 1 node.",
        ("min_nodes",),
        f"Leave min nodes empty, or tell users to ask for --nodes={least} or more.",
    )


def _total(hardware: Hardware | None) -> int:
    return sum(kind.count for kind in kinds_of(hardware))


RULES: tuple[Rule, ...] = (
    Rule(
        "A07",
        "Min nodes above max nodes",
        Severity.ERROR,
        ("min_nodes", "max_nodes"),
        min_nodes_above_max,
        why="Every job is rejected: Node count specification invalid. With EnforcePartLimits=NO "
        "jobs wait without end (PartitionNodeLimit).",
        fix="Lower min nodes to max nodes or less.",
        ctld=SILENT,
    ),
    Rule(
        "A08",
        "Max nodes of zero",
        Severity.ERROR,
        ("max_nodes",),
        max_nodes_zero,
        why="Every job is rejected. Here 0 is not unlimited.",
        fix="Leave max nodes empty for no limit, or set it to 1 or more.",
        ctld=SILENT,
    ),
    Rule(
        "A09",
        "Min nodes above the nodes there are",
        Severity.ERROR,
        ("min_nodes",),
        min_nodes_above_total,
        why="Every job is rejected: with fewer nodes it is below the limit, and more do not exist.",
        fix="Lower min nodes to the number of nodes or less.",
        ctld=SILENT,
        hardware=True,
    ),
    Rule(
        "A10",
        "Max nodes above the nodes there are",
        Severity.INFO,
        ("max_nodes",),
        max_nodes_above_total,
        why="The limit has no effect. A job can have all nodes of the partition.",
        fix="Leave max nodes empty, or set it to the nodes a job may really have.",
        ctld=SILENT,
        hardware=True,
    ),
    Rule(
        "A11",
        "Min nodes above one",
        Severity.WARNING,
        ("min_nodes",),
        min_nodes_above_one,
        why="From SLURM 23.02 on a job that does not ask for nodes is rejected. Older releases "
        "gave it the min nodes.",
        fix="Leave min nodes empty, or tell users to ask for nodes.",
        ctld=SILENT,
    ),
)
