"""Rules about who may use a partition, and what else must be there for it."""

from bookings.slurm.hardware import Hardware
from bookings.slurm.rules.terms import SILENT, Hit, Rule, Severity, one_line
from bookings.waldur.models import Partition


def qos_set(partition: Partition, _: Hardware | None) -> Hit | None:
    """A33."""
    qos = (partition.qos or "").strip()
    if not qos:
        return None
    return Hit(f'QOS is "{one_line(qos)}", which must exist in slurmdbd.', ("qos",))


def needs_reservation(partition: Partition, _: Hardware | None) -> Hit | None:
    """A35."""
    if not partition.req_resv:
        return None
    return Hit("A job must name a reservation.", ("req_resv",))


def one_user_per_node(partition: Partition, _: Hardware | None) -> Hit | None:
    """A36."""
    if not partition.exclusive_user:
        return None
    return Hit("A node runs jobs of one user at a time.", ("exclusive_user",))


RULES: tuple[Rule, ...] = (
    Rule(
        "A33",
        "QOS that must exist in slurmdbd",
        Severity.INFO,
        ("qos",),
        qos_set,
        why="If slurmdbd does not know it, or there is no slurmdbd, SLURM 25.11 does not start. "
        "22.05 without slurmdbd started all the same.",
        fix="Check that sacctmgr show qos lists it.",
        ctld='25.11 does not start with an unknown one: fatal, "has an invalid qos".',
    ),
    Rule(
        "A35",
        "Only with a reservation",
        Severity.INFO,
        ("req_resv",),
        needs_reservation,
        why="A job without --reservation is rejected, whatever EnforcePartLimits is: "
        "Access/permission denied.",
        fix="Leave it as it is if that is meant, else record no.",
        ctld=SILENT,
    ),
    Rule(
        "A36",
        "A node for one user at a time",
        Severity.INFO,
        ("exclusive_user",),
        one_user_per_node,
        why="While one user has a job on a node, jobs of others wait for it, even those of another "
        "partition with the same node that is not exclusive.",
        fix="Leave it as it is if that is meant, else record no.",
        ctld=SILENT,
    ),
)
