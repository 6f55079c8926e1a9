"""Work that is done at the start and again every so often."""

import threading

import pytest

from bookings.database import DatabaseError
from bookings.every import DAY_SECONDS, Every

SECONDS = 20.0


def test_it_works_at_once_and_after_each_rest() -> None:
    """A rest takes as long as was said, and it ends when the rest says so."""
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

    every = Every(DAY_SECONDS, lambda: worked.append("x"), name="work", rest=rest)
    assert ended.wait(SECONDS)
    every.close()

    assert len(worked) == 3
    assert rested == [DAY_SECONDS] * 3


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (DatabaseError("The records of this dashboard cannot be written."), "cannot be written"),
        (KeyError("secret"), "work failed: KeyError"),
    ],
)
def test_work_that_fails_is_done_again(
    error: Exception, said: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The thread outlives the failure and tells of it; what nobody expected by its type only."""
    rests = iter([False, True])
    tries: list[int] = []

    def work() -> None:
        tries.append(1)
        if len(tries) == 1:
            raise error

    done = threading.Event()

    def rest(_: float) -> bool:
        end = next(rests)
        if end:
            done.set()
        return end

    every = Every(DAY_SECONDS, work, name="work", rest=rest)
    assert done.wait(SECONDS)
    every.close()

    assert len(tries) == 2
    assert said in caplog.text
    assert "secret" not in caplog.text


def test_closing_does_not_wait_for_the_next_time() -> None:
    """A process that ends is not held up."""
    began = threading.Event()
    every = Every(DAY_SECONDS, began.set, name="work")
    assert began.wait(SECONDS)

    every.close()

    assert "work" not in {thread.name for thread in threading.enumerate()}
