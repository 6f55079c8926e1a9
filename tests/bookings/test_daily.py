"""Work that is done at the start and every day."""

import threading

from bookings.daily import DAY_SECONDS, Daily
from bookings.database import DatabaseError

SECONDS = 20.0


def test_it_works_at_once_and_after_each_rest() -> None:
    """A rest is a day, and it ends when the rest says so."""
    rests = iter([False, False, True])
    worked: list[str] = []
    rested: list[float] = []
    ended = threading.Event()

    def rest(seconds: float) -> bool:
        rested.append(seconds)
        end = next(rests)
        if end:
            ended.set()
        return end

    daily = Daily(lambda: worked.append("x"), rest=rest)
    assert ended.wait(SECONDS)
    daily.close()

    assert len(worked) == 3
    assert rested == [DAY_SECONDS] * 3


def test_a_database_that_is_away_is_tried_again_the_next_day() -> None:
    """The thread outlives the failure."""
    rests = iter([False, True])
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise DatabaseError("The records of this dashboard cannot be written.")

    done = threading.Event()

    def rest(_: float) -> bool:
        end = next(rests)
        if end:
            done.set()
        return end

    daily = Daily(work, rest=rest)
    assert done.wait(SECONDS)
    daily.close()

    assert len(tries) == 2


def test_closing_does_not_wait_for_the_next_day() -> None:
    """A process that ends is not held up."""
    began = threading.Event()
    daily = Daily(began.set)
    assert began.wait(SECONDS)

    daily.close()

    assert "daily" not in {thread.name for thread in threading.enumerate()}
