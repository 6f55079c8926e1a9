"""What is wrong with partitions, or worth knowing: the rules applied to records.

A finding is about the record and what SLURM would do with it; Waldur enforces nothing, and the
cluster may be set up otherwise. Rules that need the nodes are silent while those are unknown.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bookings.slurm.hardware import Hardware
from bookings.slurm.records import Record
from bookings.slurm.rules import RULES
from bookings.slurm.rules.terms import Hit, Rule, Severity, one_line, shortened
from bookings.slurm.rules.values import is_template
from bookings.waldur.models import Partition

__all__ = [
    "RULES",
    "Finding",
    "Rule",
    "Severity",
    "as_item",
    "audit",
    "audit_all",
    "counts",
    "rule_of",
    "worst",
]

_BY_ID = {rule.id: rule for rule in RULES}


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that one partition breaks."""

    rule: Rule
    severity: Severity
    """Mostly the rule's; some rules weigh by how much of the partition is struck."""
    partition_name: str
    values: Mapping[str, Any] = field(hash=False)
    """The fields that decided, as they are recorded."""
    message: str
    """One sentence with the values in human units."""
    advice: str
    """What to set instead."""
    evidence: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """What decided besides the record: figures of the nodes, or how often a name occurs."""

    @property
    def fields(self) -> tuple[str, ...]:
        """Waldur's names of the fields that decided."""
        return tuple(self.values)

    def fingerprint(self) -> str:
        """The same text as long as the same values decide, another one when any has changed.

        Who acknowledges a finding acknowledges these values; the partition is not part of it.
        """
        decided = {"fields": self.values, "evidence": self.evidence}
        return f"{self.rule.id} {self.severity} {json.dumps(decided, sort_keys=True)}"


def rule_of(rule_id: str) -> Rule:
    """The rule with an id such as "A01"; raises KeyError for any other text."""
    return _BY_ID[rule_id]


def audit(partition: Partition, hardware: Hardware | None = None) -> list[Finding]:
    """What one partition breaks, the worst first, then by rule; each rule at most once."""
    found = [
        _finding(rule, partition, hit)
        for rule in RULES
        if not (rule.hardware and hardware is None)
        and (hit := rule.test(partition, hardware)) is not None
    ]
    return sorted(found, key=_order)


def audit_all(
    records: Sequence[Record],
    hardware_of: Callable[[Record], Hardware | None] = lambda _: None,
) -> list[tuple[Record, Finding]]:
    """What partitions break, in their order; and names that occur twice in one cluster.

    The partitions of an offering are one cluster, and so are those of no offering. A name that
    occurs several times is reported once, where it occurs for the second time.
    """
    times = Counter(_place(record) for record in records)
    seen: Counter[tuple[str, str]] = Counter()
    found: list[tuple[Record, Finding]] = []
    for record in records:
        findings = audit(record.partition, hardware_of(record))
        place = _place(record)
        seen[place] += 1
        if seen[place] == 2 and place[1] and not is_template(record.partition):
            findings = sorted([*findings, _duplicate(record, times[place])], key=_order)
        found.extend((record, finding) for finding in findings)
    return found


def worst(findings: Iterable[Finding]) -> Severity | None:
    """The worst severity among findings; None where there are none."""
    return min(
        (finding.severity for finding in findings),
        key=lambda severity: severity.rank,
        default=None,
    )


def counts(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings of each severity, the worst first; 0 where there are none."""
    of_severity = Counter(finding.severity for finding in findings)
    return {severity: of_severity[severity] for severity in Severity}


def as_item(record: Record, finding: Finding) -> dict[str, Any]:
    """A finding as plain data for a line of JSON, with the offering where that is known."""
    item = {
        "partition": record.name,
        "rule": finding.rule.id,
        "severity": str(finding.severity),
        "fields": list(finding.fields),
        "message": finding.message,
    }
    if record.offering_uuid:
        item |= {"offering_uuid": record.offering_uuid, "offering": record.offering}
    return item


def _order(finding: Finding) -> tuple[int, str]:
    return finding.severity.rank, finding.rule.id


def _place(record: Record) -> tuple[str, str]:
    """Where a name must be the only one, and the name as slurm.conf would have it."""
    return record.offering_uuid or record.offering, record.name.strip()


def _finding(rule: Rule, partition: Partition, hit: Hit) -> Finding:
    unread = partition.unread
    return Finding(
        rule,
        hit.severity or rule.severity,
        partition.partition_name,
        {
            name: shortened(unread[name]) if name in unread else getattr(partition, name)
            for name in hit.fields
        },
        hit.message,
        hit.advice or rule.fix,
        hit.evidence,
    )


def _duplicate(record: Record, times: int) -> Finding:
    rule = rule_of("A38")
    return Finding(
        rule,
        rule.severity,
        record.name,
        {"partition_name": record.name},
        f'The name "{one_line(record.name)}" is there {times} times.',
        "Keep one of them, and give the others names of their own.",
        {"times": times},
    )
