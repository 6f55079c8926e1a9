"""Sign-ins: when they end, for whom, and what nobody may read of them."""

import math
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from bookings import sign_ins
from bookings.sign_ins import SignIn, SignIns
from bookings.waldur.client import ServerFacts, WaldurClient
from bookings.waldur.models import Person

IDLE, AGE = 600.0, 3600.0
PERSON = Person(uuid="0" * 32, username="someone")
FACTS = ServerFacts("A site", "EUR")
TOKEN = "0123456789abcdef" * 2


class Clock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Loaded:
    """What a sign-in asks of a portfolio."""

    def __init__(self) -> None:
        self.signed_out = False
        self.stopped = False

    def stop(self) -> None:
        """Noted."""
        self.stopped = True


@pytest.fixture
def clock() -> Clock:
    """The clock of the sign-ins."""
    return Clock()


@pytest.fixture
def everybody(clock: Clock) -> SignIns:
    """Nobody is signed in yet."""
    return SignIns(idle=IDLE, age=AGE, clock=clock)


def begin(everybody: SignIns) -> SignIn:
    """Signs somebody in."""
    client: Any = WaldurClient("https://waldur.example/", TOKEN)
    portfolio: Any = Loaded()
    return everybody.begin(client, PERSON, FACTS, portfolio)


def test_a_sign_in_is_found_by_its_id_only(everybody: SignIns) -> None:
    """No other text, and none at all, leads to it."""
    mine = begin(everybody)

    assert everybody.get(mine.id) is mine
    for other in (None, "", mine.id[:-1], mine.id + "a", mine.id.swapcase(), "0"):
        assert everybody.get(other) is None
    assert mine.server == "https://waldur.example/"


def test_it_ends_when_it_is_not_used(everybody: SignIns, clock: Clock) -> None:
    """Use puts the end off; without use it comes."""
    mine = begin(everybody)
    clock.now += IDLE
    assert everybody.get(mine.id) is mine
    clock.now += IDLE
    assert everybody.get(mine.id) is mine
    clock.now += IDLE + 1

    assert everybody.get(mine.id) is None
    assert mine.ended == "idle"
    assert len(everybody) == 0


def test_a_page_that_looks_by_itself_keeps_nothing_alive(everybody: SignIns, clock: Clock) -> None:
    """A forgotten tab asks every few seconds; that is not use."""
    mine = begin(everybody)
    for _ in range(10):
        clock.now += IDLE / 10
        assert everybody.get(mine.id, touch=False) is mine
    clock.now += 1

    assert everybody.get(mine.id, touch=False) is None
    assert mine.ended == "idle"


def test_it_ends_with_age_however_busy(everybody: SignIns, clock: Clock) -> None:
    """The absolute limit holds for somebody who never pauses."""
    mine = begin(everybody)
    while clock.now <= mine.started + AGE:
        assert everybody.get(mine.id) is mine
        clock.now += IDLE / 2

    assert everybody.get(mine.id) is None
    assert mine.ended == "age"


def test_signing_out_ends_it_in_every_tab(everybody: SignIns) -> None:
    """All tabs share the id; nobody else's sign-in is touched, and loading stops."""
    mine, other = begin(everybody), begin(everybody)
    everybody.end(mine.id)

    assert everybody.get(mine.id) is None
    assert mine.ended == "signed-out"
    assert mine.portfolio.stopped  # type: ignore[attr-defined]
    assert everybody.get(other.id) is other
    assert not other.portfolio.stopped  # type: ignore[attr-defined]


def test_what_reads_for_a_person_stops_with_the_sign_in(everybody: SignIns) -> None:
    """Of each name the last; what comes when it is over is stopped at once."""
    mine, other = begin(everybody), begin(everybody)
    stopped: list[str] = []
    mine.at_end("reader", lambda: stopped.append("first"))
    mine.at_end("reader", lambda: stopped.append("second"))
    other.at_end("reader", lambda: stopped.append("other"))
    assert not stopped

    everybody.end(mine.id)
    assert stopped == ["second"]
    mine.at_end("reader", lambda: stopped.append("late"))
    assert stopped == ["second", "late"]


@pytest.mark.parametrize("unknown", [None, "", "nobody"])
def test_ending_what_is_not_there_is_no_error(everybody: SignIns, unknown: str | None) -> None:
    """A second click on Sign out, or an old cookie."""
    mine = begin(everybody)
    everybody.end(unknown)
    everybody.end(mine.id)
    everybody.end(mine.id)

    assert len(everybody) == 0


def test_it_ends_when_the_server_refuses_the_token(everybody: SignIns) -> None:
    """Whichever request finds that out."""
    mine = begin(everybody)
    mine.portfolio.signed_out = True

    assert everybody.get(mine.id, touch=False) is None
    assert mine.ended == "token"


def test_expired_ones_are_dropped_when_somebody_comes(everybody: SignIns, clock: Clock) -> None:
    """Tokens of people who never come back do not stay in memory for ever."""
    old = begin(everybody)
    clock.now += IDLE + 1
    new = begin(everybody)

    assert old.ended == "idle"
    assert len(everybody) == 1
    assert everybody.get(new.id) is new


def test_a_sweep_drops_what_is_over(everybody: SignIns, clock: Clock) -> None:
    """Tokens go though nobody comes; who is still there stays, and is not used by it."""
    old, refused = begin(everybody), begin(everybody)
    clock.now += IDLE
    refused.used = clock.now
    refused.portfolio.signed_out = True
    new = begin(everybody)
    clock.now += 1
    everybody.sweep()

    assert (old.ended, refused.ended, new.ended) == ("idle", "token", "")
    assert old.portfolio.stopped  # type: ignore[attr-defined]
    assert len(everybody) == 1
    assert new.used < clock.now


def test_a_stop_that_fails_holds_up_no_other(
    everybody: SignIns, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither another of the same sign-in nor other sign-ins; its kind is logged, not its text."""
    mine, other = begin(everybody), begin(everybody)
    stopped: list[str] = []

    def fail() -> None:
        raise ValueError(TOKEN)

    mine.at_end("first", fail)
    mine.at_end("second", lambda: stopped.append("second"))
    everybody.close()

    assert (stopped, len(everybody)) == (["second"], 0)
    assert mine.ended == other.ended == "closed"
    assert "ValueError" in caplog.text
    assert TOKEN not in caplog.text


def test_the_number_is_bounded(
    everybody: SignIns, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One too many ends the one that was unused for longest, not the oldest."""
    monkeypatch.setattr(sign_ins, "MOST_SIGN_INS", 3)
    first, second, third = (begin(everybody) for _ in range(3))
    clock.now += 1
    everybody.get(first.id)
    everybody.get(third.id)
    fourth = begin(everybody)

    assert second.ended == "full"
    assert [everybody.get(each.id) for each in (first, third, fourth)] == [first, third, fourth]
    assert len(everybody) == 3


def test_ids_cannot_be_guessed(everybody: SignIns) -> None:
    """256 random bits each: none twice, none alike, and every position varies."""
    ids = [begin(everybody).id for _ in range(200)]

    assert len(set(ids)) == len(ids)
    assert min(map(len, ids)) * math.log2(64) >= 256
    # The last of 43 signs of base64 carries four bits of the 256.
    assert all(len({id[at] for id in ids}) > 30 for at in range(42))


def test_neither_id_nor_token_is_in_a_representation(everybody: SignIns) -> None:
    """A log line or an error text that holds a sign-in gives nothing away."""
    mine = begin(everybody)
    mine.memo["secret"] = (1, "worked out")

    for text in (repr(mine), str(mine), repr(everybody), repr(mine.client)):
        assert mine.id not in text
        assert TOKEN not in text
        assert "worked out" not in text


def test_closing_ends_everybody(everybody: SignIns) -> None:
    """When the process stops nobody stays signed in and no connection stays open."""
    people = [begin(everybody) for _ in range(3)]
    everybody.close()

    assert len(everybody) == 0
    assert {each.ended for each in people} == {"closed"}
    assert all(each.portfolio.stopped for each in people)  # type: ignore[attr-defined]


def test_many_threads_at_once(everybody: SignIns) -> None:
    """Sign-ins that begin, are looked up and end at the same time never mix."""

    def come_and_go(_: int) -> bool:
        mine = begin(everybody)
        found = everybody.get(mine.id) is mine
        everybody.end(mine.id)
        return found and everybody.get(mine.id) is None

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(come_and_go, range(80)))
    assert len(everybody) == 0
