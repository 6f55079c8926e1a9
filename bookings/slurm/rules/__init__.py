"""The rules by which partitions are judged, by subject.

What users meet was observed on slurmctld 25.11.7 with EnforcePartLimits=ALL, what slurmctld says
on 25.11.7 and 22.05.8; from which release a parameter exists is in SLURM's source.
"""

from bookings.slurm.rules import access, cpus, memory, nodes, times, values
from bookings.slurm.rules.terms import Rule

RULES: tuple[Rule, ...] = tuple(
    sorted(
        (
            *times.RULES,
            *nodes.RULES,
            *memory.RULES,
            *cpus.RULES,
            *access.RULES,
            *values.RULES,
        ),
        key=lambda rule: rule.id,
    )
)
"""Every rule, by id: A00 for what cannot be read, A01 to A39 for what can."""
