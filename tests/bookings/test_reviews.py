"""What reviewers leave behind."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.database import DatabaseError
from bookings.reviews import MOST_REASON, Hand, Reviews

SERVER, OTHER = "https://one.example/api/", "https://two.example/api/"
ONE, TWO = "1" * 32, "2" * 32
HAND = Hand("a" * 32, "Signe Staff")
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def reviews(database_url: str) -> Iterator[Reviews]:
    """An empty record in a database of its own, once of each kind."""
    made = Reviews(database_url, clock=lambda: NOON)
    yield made
    made.close()


def test_hardware_is_kept_by_offering_and_partition(reviews: Reviews) -> None:
    """Another server, and an offering that is not asked for, do not see it."""
    reviews.keep_hardware(SERVER, ONE, {"": [{"count": 2}], "gpu": [{"count": 1}]}, HAND)
    reviews.keep_hardware(OTHER, ONE, {"": [{"count": 9}]}, HAND)
    reviews.keep_hardware(SERVER, TWO, {"": [{"count": 8}]}, HAND)

    kept = reviews.hardware(SERVER, [ONE])
    assert {(ONE, ""), (ONE, "gpu")} == set(kept)
    assert kept[ONE, ""].nodes == [{"count": 2}]
    assert (kept[ONE, ""].person_name, kept[ONE, ""].changed) == ("Signe Staff", NOON)


def test_hardware_is_replaced_and_forgotten_by_name(reviews: Reviews) -> None:
    """None forgets a name; names that are not given stay."""
    reviews.keep_hardware(SERVER, ONE, {"": [1], "gpu": [2], "long": [3]}, HAND)
    reviews.keep_hardware(SERVER, ONE, {"gpu": [4], "long": None}, HAND)

    kept = {name: each.nodes for (_, name), each in reviews.hardware(SERVER, [ONE]).items()}
    assert kept == {"": [1], "gpu": [4]}


def test_an_acknowledgement_is_kept_with_its_reason(reviews: Reviews) -> None:
    """A later one replaces it, and it can be withdrawn."""
    reviews.acknowledge(SERVER, [(ONE, "p1", "A01", "x"), (ONE, "p2", "A02", "y")], " why ", HAND)
    reviews.acknowledge(SERVER, [(ONE, "p1", "A01", "z")], "because", HAND)
    reviews.withdraw(SERVER, ONE, "p2", "A02")

    [(key, kept)] = reviews.acknowledged(SERVER, [ONE, TWO]).items()
    assert key == (ONE, "p1", "A01")
    assert (
        kept.fingerprint,
        kept.reason,
        kept.person_name,
        kept.created,
    ) == ("z", "because", "Signe Staff", NOON)
    assert not reviews.acknowledged(OTHER, [ONE])


def test_the_same_finding_twice_in_one_go_is_kept_once(reviews: Reviews) -> None:
    """Two partitions of one name and without uuid have the same key."""
    reviews.acknowledge(SERVER, [(ONE, "p", "A38", "x")] * 2, "y" * 9000, HAND)

    [kept] = reviews.acknowledged(SERVER, [ONE]).values()
    assert len(kept.reason) == MOST_REASON


def test_what_was_seen_belongs_to_a_person(reviews: Reviews) -> None:
    """Marking an offering again replaces all of it; another person has seen nothing."""
    reviews.mark_seen(SERVER, HAND.uuid, [ONE], [(ONE, "p1", "batch", {"max_time": 60})])
    reviews.mark_seen(SERVER, HAND.uuid, [ONE], [(ONE, "p2", "long", {"max_time": None})])

    seen = reviews.seen(SERVER, HAND.uuid, [ONE, TWO])
    assert {(ONE, ""), (ONE, "p2")} == set(seen)
    assert (
        seen[ONE, "p2"].partition_name,
        seen[ONE, "p2"].limits,
        seen[ONE, "p2"].reviewed,
    ) == ("long", {"max_time": None}, NOON)
    assert not reviews.seen(SERVER, "b" * 32, [ONE])


@given(st.text(st.characters()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
def test_any_text_can_be_kept(reviews: Reviews, text: str) -> None:
    """Names come from a server, half characters and NULs included, and replace themselves."""
    for _ in range(2):
        reviews.keep_hardware(SERVER, ONE, {text: [{"count": 2, "note": text}]}, HAND)
        reviews.acknowledge(SERVER, [(ONE, text, "A01", text)], f"r{text}", Hand("a" * 32, text))
        reviews.mark_seen(SERVER, HAND.uuid, [ONE], [(ONE, f"p{text}", text, {"name": text})])
    assert len(reviews.hardware(SERVER, [ONE])) == 1
    assert len(reviews.acknowledged(SERVER, [ONE])) == 1
    assert len(reviews.seen(SERVER, HAND.uuid, [ONE])) == 2
    reviews.keep_hardware(SERVER, ONE, {text: None}, HAND)
    reviews.withdraw(SERVER, ONE, text, "A01")

    assert not reviews.hardware(SERVER, [ONE])
    assert not reviews.acknowledged(SERVER, [ONE])


def test_thousands_are_kept_in_one_go(reviews: Reviews) -> None:
    """Five thousand partitions of two thousand offerings."""
    offerings = [f"{number:032x}" for number in range(2000)]
    partitions = [(offerings[n % 2000], f"p{n}", "x", {"max_nodes": n}) for n in range(5000)]
    reviews.mark_seen(SERVER, HAND.uuid, offerings, partitions)
    reviews.mark_seen(SERVER, HAND.uuid, offerings, partitions)

    assert len(reviews.seen(SERVER, HAND.uuid, offerings)) == 7000


def test_a_database_that_is_gone_is_one_sentence(tmp_path: Path) -> None:
    """The error is the same as that of the activity record."""
    path = tmp_path / "desk.sqlite"
    reviews = Reviews(f"sqlite:///{path}")
    reviews.close()
    path.write_bytes(b"not a database" * 100)

    with pytest.raises(DatabaseError, match="cannot be read"):
        reviews.hardware(SERVER, [ONE])
    reviews.close()
