"""Reading single offerings in the background: what it costs, keeps and loses."""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

from bookings.portfolio import Snapshot
from bookings.taken_times import READERS, Progress, TakenTimes, drafts_of, sources_of
from bookings.waldur.client import BOOKING_OFFERINGS, PROVIDER_OFFERINGS
from bookings.waldur.errors import Gone, ServerBroken, SignedOut
from bookings.waldur.models import Offering, Slot

SECONDS = 10.0


def offering(uuid: str, **fields: Any) -> Offering:
    """An offering as the server would send it."""
    return Offering.model_validate({"uuid": uuid, **fields})


class FakeClient:
    """Answers from functions, and counts what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, ...]] = []
        self.on_slots: Callable[[str], list[Slot]] = lambda uuid: [Slot()]
        self.on_offering: Callable[[str], tuple[Offering, list[str]]] = lambda uuid: (
            offering(uuid, attributes={"schedules": []}),
            [],
        )

    def slots(self, offering_uuid: str) -> list[Slot]:
        """What the test wants."""
        self.asked.append(("slots", offering_uuid))
        return self.on_slots(offering_uuid)

    def offering(
        self, uuid: str, source: str = "", fields: Iterable[str] | None = None
    ) -> tuple[Offering, list[str]]:
        """What the test wants."""
        self.asked.append((source, uuid, *(fields or ())))
        return self.on_offering(uuid)


@pytest.fixture
def client() -> FakeClient:
    """A wire of this test."""
    return FakeClient()


@pytest.fixture
def ended() -> list[str]:
    """What was said when the server refused the token."""
    return []


@pytest.fixture
def reader(client: FakeClient, ended: list[str]) -> Iterator[TakenTimes]:
    """A reader that is stopped after the test."""
    made = TakenTimes(client, lambda: ended.append("signed out"))
    yield made
    made.stop()


def read(reader: TakenTimes, **sources: str) -> Progress:
    """Asks and waits."""
    reader.want(sources)
    return waited_for(reader)


def waited_for(reader: TakenTimes) -> Progress:
    """When nothing is on its way any more."""
    progress = reader.wait(SECONDS)
    assert progress.done
    return progress


def test_each_offering_is_asked_once(reader: TakenTimes, client: FakeClient) -> None:
    """However often a page wants it; attributes alone are asked for, of one offering each."""
    read(reader, a=BOOKING_OFFERINGS, b=PROVIDER_OFFERINGS)
    progress = read(reader, a=BOOKING_OFFERINGS, b=PROVIDER_OFFERINGS)

    assert sorted(client.asked) == [
        (BOOKING_OFFERINGS, "a", "uuid", "attributes"),
        (PROVIDER_OFFERINGS, "b", "uuid", "attributes"),
        ("slots", "a"),
        ("slots", "b"),
    ]
    assert set(progress.taken) == {"a", "b"}
    assert progress.taken["a"].attributes == {"schedules": []}


def test_of_an_offering_in_no_list_only_the_slots(reader: TakenTimes, client: FakeClient) -> None:
    """Nothing else would be answered."""
    assert read(reader, a="").taken["a"].attributes is None
    assert client.asked == [("slots", "a")]


def test_a_failure_costs_only_what_it_is_about(reader: TakenTimes, client: FakeClient) -> None:
    """The other half is there, and other offerings are."""

    def slots(uuid: str) -> list[Slot]:
        if uuid == "a":
            raise ServerBroken(status=500)
        return [Slot()]

    def single(uuid: str) -> tuple[Offering, list[str]]:
        if uuid == "b":
            raise ServerBroken(status=502)
        if uuid == "broken":
            return offering(uuid), ["attributes"]
        return offering(uuid, attributes={"schedules": [uuid]}), []

    client.on_slots, client.on_offering = slots, single
    names = ("a", "b", "broken", "good")
    taken = read(reader, **dict.fromkeys(names, BOOKING_OFFERINGS)).taken

    assert isinstance(taken["a"].slots_error, ServerBroken)
    assert taken["a"].attributes == {"schedules": ["a"]}
    assert isinstance(taken["b"].windows_error, ServerBroken)
    assert len(taken["b"].slots) == 1
    assert taken["broken"].windows_broken
    assert taken["good"].attributes == {"schedules": ["good"]}


def test_of_a_draft_alone_it_is_no_error_that_nothing_is_known(
    reader: TakenTimes, client: FakeClient
) -> None:
    """Where another offering is not found, nobody knows what is taken."""

    def slots(uuid: str) -> list[Slot]:
        raise ServerBroken(status=500) if uuid == "broken" else Gone(status=404)

    client.on_slots = slots
    names = ("draft", "broken", "other")
    reader.want(dict.fromkeys(names, BOOKING_OFFERINGS), {"draft", "broken"})
    taken = waited_for(reader).taken

    assert (taken["draft"].slots, taken["draft"].slots_error) == ((), None)
    assert isinstance(taken["broken"].slots_error, ServerBroken)
    assert isinstance(taken["other"].slots_error, Gone)


def test_a_refused_token_ends_it(reader: TakenTimes, client: FakeClient, ended: list[str]) -> None:
    """Nothing stays on its way, and nothing more is asked."""

    def slots(uuid: str) -> list[Slot]:
        raise SignedOut()

    client.on_slots = slots
    assert read(reader, a="").taken == {}
    reader.want({"b": ""})

    assert ended == ["signed out"]
    assert reader.progress().done
    assert ("slots", "b") not in client.asked


def test_a_page_never_waits(reader: TakenTimes, client: FakeClient) -> None:
    """How far it is can be asked while the server takes its time, and a stop does not wait."""
    going = threading.Event()

    def slots(uuid: str) -> list[Slot]:
        going.wait(SECONDS)
        return []

    client.on_slots = slots
    reader.want(dict.fromkeys("abcdef", ""))
    assert (reader.progress().waiting, len(reader.progress().taken)) == (6, 0)
    reader.stop()
    assert reader.progress().done
    going.set()


def test_nothing_more_is_asked_after_a_stop(reader: TakenTimes, client: FakeClient) -> None:
    """Neither of offerings that wait, nor more of those that are being read."""
    asked, going = threading.Event(), threading.Event()

    def slots(uuid: str) -> list[Slot]:
        asked.set()
        going.wait(SECONDS)
        return []

    client.on_slots = slots
    reader.want(dict.fromkeys("abcdef", BOOKING_OFFERINGS))
    assert asked.wait(SECONDS)
    reader.stop()
    going.set()
    for thread in [each for each in threading.enumerate() if each.name.startswith("taken")]:
        thread.join(SECONDS)

    assert {each[0] for each in client.asked} == {"slots"}
    assert len(client.asked) <= READERS


def test_which_are_drafts() -> None:
    """Those whose state says so."""
    states = {"a" * 32: "Draft", "b" * 32: "Active", "c" * 32: "Archived", "d" * 32: ""}
    listed = tuple(offering(uuid, state=state) for uuid, state in states.items())

    assert drafts_of(Snapshot(offerings=listed)) == {"a" * 32}


def test_where_an_offering_is_read_from() -> None:
    """From the list that shows it to this person."""
    snapshot = Snapshot(offerings=(offering("a" * 32), offering("b" * 32)), read_only={"b" * 32})

    assert sources_of(["a" * 32, "b" * 32, "c"], snapshot) == {
        "a" * 32: BOOKING_OFFERINGS, "b" * 32: PROVIDER_OFFERINGS, "c": "",
    }  # fmt: skip
