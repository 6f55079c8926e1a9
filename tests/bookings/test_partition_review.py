"""Partitions together with their hardware, findings and acknowledgements."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bookings.partition_review import by_place, key_of, review
from bookings.reviews import Acknowledgement, KeptHardware
from bookings.slurm.audit import Severity
from bookings.waldur.models import Offering

ONE, TWO = "1" * 32, "2" * 32
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
NODES = [{"count": 4, "cpus": 64, "sockets": 2, "memory_mb": 256_000, "gpus": 0}]


def offering(uuid: str, *partitions: dict[str, Any]) -> Offering:
    """An offering with partitions, of which max time and default memory are sound."""
    sound = {"max_time": 60, "default_time": 30, "def_mem_per_cpu": 1000}
    return Offering.model_validate(
        {"uuid": uuid, "name": uuid[0], "partitions": [{**sound, **each} for each in partitions]}
    )


OFFERINGS = [
    offering(ONE, {"partition_name": "batch", "max_nodes": 0}, {"partition_name": "gpu"}),
    offering(TWO, {"partition_name": "batch", "min_nodes": 9}),
]


def kept(nodes: Any) -> KeptHardware:
    """Nodes as somebody wrote them down."""
    return KeptHardware(nodes, "Signe", NOON)


def test_findings_stand_at_their_partition() -> None:
    """The place is that in the list of all partitions."""
    found = review(OFFERINGS, {}, {}).found

    assert {(each.place, each.finding.rule.id) for each in found} >= {(0, "A08"), (2, "A11")}
    assert by_place(found)[0][0].record.name == "batch"
    assert 1 not in {each.place for each in found if each.finding.severity is Severity.ERROR}


def test_nodes_of_a_partition_come_before_those_of_its_offering() -> None:
    """Another offering's nodes are never taken."""
    own = [{**NODES[0], "count": 2}]
    known = review(OFFERINGS, {(ONE, ""): kept(NODES), (ONE, "gpu"): kept(own)}, {})

    totals = [known.hardware_of(each) for each in known.records]
    assert [each.total_nodes if each else None for each in totals] == [4, 2, None]


def test_rules_that_need_nodes_judge_once_those_are_known() -> None:
    """A minimum of nodes above what there is."""
    ids = {each.finding.rule.id for each in review(OFFERINGS, {(TWO, ""): kept(NODES)}, {}).found}

    assert "A09" in ids


def test_nodes_that_cannot_be_read_count_as_unknown() -> None:
    """A database that was altered by hand does not break the page."""
    known = review(OFFERINGS, {(ONE, ""): kept({"count": "many"})}, {})

    assert known.hardware_of(known.records[0]) is None


def test_an_acknowledgement_stands_for_the_values_it_was_given_for() -> None:
    """It takes the finding out of the open ones, and lapses when the values change."""
    first = next(each for each in review(OFFERINGS, {}, {}).found if each.finding.rule.id == "A08")
    said = Acknowledgement(first.finding.fingerprint(), "meant so", "Signe", NOON)
    key = key_of(first.record, first.finding)

    known = review(OFFERINGS, {}, {key: said})
    assert said in [each.acknowledged for each in known.found]
    assert "A08" not in {each.finding.rule.id for each in known.open(Severity.ERROR)}

    changed = review(OFFERINGS, {}, {key: replace(said, fingerprint="other")})
    assert said.reason in [each.lapsed.reason for each in changed.found if each.lapsed]
    assert "A08" in {each.finding.rule.id for each in changed.open(Severity.ERROR)}
