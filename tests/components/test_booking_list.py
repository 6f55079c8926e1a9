"""The bookings of a person, and how old they say they are."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from bookings.waldur.models import Booking
from components import booking_list, session


@pytest.fixture(autouse=True)
def desk() -> Iterator[None]:
    """Does the work that the screens hand over."""
    with ThreadPoolExecutor(1) as pool:

        def in_background(_: str, work: Callable[[], Any]) -> Future[Any]:
            return pool.submit(work)

        session.install(SimpleNamespace(in_background=in_background))  # type: ignore[arg-type]
        yield
        session.install(None)


def test_it_is_as_of_when_it_was_asked_for() -> None:
    """What is decided while the server answers is newer than the list, and has it read again."""
    decided: list[datetime] = []

    def bookings() -> tuple[list[Booking], list[Any]]:
        decided.append(datetime.now(UTC))
        return [Booking(uuid="b" * 32)], []

    who: Any = SimpleNamespace(
        memo={}, portfolio=SimpleNamespace(round=0, signed_out=False), server="",
        client=SimpleNamespace(bookings=bookings),
    )  # fmt: skip
    loaded = booking_list.load(who)

    assert [each.uuid for each in loaded.bookings] == ["b" * 32]
    assert loaded.as_of <= decided[0]
