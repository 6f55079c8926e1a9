"""Getting a whole list from a server whose paging loses rows and whose pages can break."""

import random
from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bookings.waldur import listing
from bookings.waldur.errors import Gone, ServerBroken, SignedOut, TooSlow, WaldurError
from bookings.waldur.listing import HOPELESS, MAX_RESTARTS, MOST_BROKEN_PAGES, MOST_PAGES, walk
from bookings.waldur.protocol import PAGE_SIZE, Page

REQUESTS_FOR_ONE = 40
"""Requests that one broken item can cost: every part of 300, 150, 75, 25 and 5 around it."""


def uuid(number: int) -> str:
    return f"{number:032x}"


class Server:
    """A list as Waldur pages it. Positions count from 1."""

    def __init__(
        self,
        length: int,
        poisoned: Iterable[int] = (),
        *,
        maximum: int = PAGE_SIZE,
        counts: bool = True,
        links: bool = True,
        before: Callable[["Server", int, int], None] = lambda server, page, size: None,
    ) -> None:
        self.rows: list[Any] = [{"uuid": uuid(number)} for number in range(1, length + 1)]
        self.poisoned = {uuid(position) for position in poisoned}
        self.maximum = maximum
        self.counts = counts
        self.links = links
        self.before = before
        self.asked: list[tuple[int, int]] = []

    def __call__(self, page: int, page_size: int) -> Page:
        self.asked.append((page, page_size))
        self.before(self, page, page_size)
        size = min(page_size, self.maximum)
        start = (page - 1) * size
        if page > 1 and start >= len(self.rows):
            raise Gone(status=404, words="Invalid page.")
        part = self.rows[start : start + size]
        if any(isinstance(row, dict) and row.get("uuid") in self.poisoned for row in part):
            raise ServerBroken(status=500)
        more = start + size < len(self.rows)
        total = len(self.rows) if self.counts else None
        return Page(part, total, page + 1 if more and self.links else None, self.links)


def test_an_empty_list_is_one_request() -> None:
    """Nothing to list is no reason to look again."""
    server = Server(0)
    found = walk(server)

    assert (found.items, found.odd, found.broken, found.total, found.missing) == ({}, [], [], 0, 0)
    assert server.asked == [(1, PAGE_SIZE)]


@pytest.mark.parametrize(("length", "requests"), [(1, 1), (300, 1), (301, 2), (1000, 4)])
def test_a_healthy_list_is_walked_once(length: int, requests: int) -> None:
    """Pages of 300, each asked for once, in the server's order."""
    server = Server(length)
    found = walk(server)

    assert [row["uuid"] for row in server.rows] == list(found.items)
    assert found.total == length
    assert len(server.asked) == requests


def test_dashes_do_not_make_another_item() -> None:
    """The union is by uuid, however it is spelled."""
    server = Server(0)
    plain = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    server.rows = [{"uuid": plain}, {"uuid": "0A1B2C3D-4E5F-6071-8293-A4B5C6D7E8F9"}]
    found = walk(server)

    assert list(found.items) == [plain]
    assert found.missing == 1


def test_an_item_without_a_uuid_is_kept_apart() -> None:
    """What cannot be joined is not lost either, nor counted as missing, nor kept twice."""
    server = Server(2)
    server.rows += [None, "OK", {"name": "no uuid"}, {"uuid": 3}]
    found = walk(server)

    assert len(found.items) == 2
    assert found.odd == [None, "OK", {"name": "no uuid"}, {"uuid": 3}]
    assert found.missing == 0


# --- rows that the paging loses -------------------------------------------------------------


def shuffled(seed: int, first: int, last: int) -> Callable[[Server, int, int], None]:
    """Rows `first` to `last` have one name: every request sees them in another order."""
    chance = random.Random(seed)

    def before(server: Server, page: int, size: int) -> None:
        tied = server.rows[first:last]
        chance.shuffle(tied)
        server.rows[first:last] = tied

    return before


@pytest.mark.parametrize("seed", range(5))
def test_ties_across_a_page_are_looked_for_again(seed: int) -> None:
    """Rows that change places between pages are found by a walk at another size."""
    server = Server(500, before=shuffled(seed, 250, 350))
    found = walk(server)

    assert len(found.items) == 500
    assert found.missing == 0
    sizes = [size for _, size in server.asked]
    assert sizes[:2] == [300, 300]
    assert set(sizes[2:]) <= {240, 200}
    assert len(sizes) > 2


@pytest.mark.parametrize("maximum", [10, 100, PAGE_SIZE])
def test_what_no_walk_finds_is_counted(maximum: int) -> None:
    """With ties everywhere the walks end, and the number that is still missing is said."""
    server = Server(700, maximum=maximum, before=shuffled(1, 0, 700))
    found = walk(server)

    assert found.total == 700
    assert found.missing == 700 - len(found.items)
    assert len(server.asked) < 4 * 700 / (maximum * 2 / 3)


def test_a_count_without_rows_is_bounded() -> None:
    """A server that counts more than it ever lists is asked three times."""
    asked: list[int] = []

    def fetch(page: int, size: int) -> Page:
        asked.append(size)
        return Page([{"uuid": uuid(1)}], 9, None)

    found = walk(fetch)

    assert (len(found.items), found.total, found.missing) == (1, 9, 8)
    assert asked == list(listing.WALK_SIZES)


# --- pages smaller than asked for -----------------------------------------------------------


@pytest.mark.parametrize("maximum", [1, 7, 10, 97, 100, 299])
@pytest.mark.parametrize("length", [1, 10, 299, 301, 630])
def test_a_smaller_maximum_of_the_server_is_found(length: int, maximum: int) -> None:
    """Every row is listed whatever the server's largest page is."""
    server = Server(length, maximum=maximum)
    found = walk(server)

    assert len(found.items) == length
    assert found.missing == 0
    assert len(server.asked) <= length / maximum + 3


@pytest.mark.parametrize("maximum", [10, 60, 100])
@pytest.mark.parametrize("poisoned", [{1}, {2}, {61}, {100, 101}, {150}, {230}, {1, 119, 230}])
def test_a_smaller_maximum_and_broken_items(maximum: int, poisoned: set[int]) -> None:
    """A broken page does not hide that the server's pages are small."""
    found = walk(Server(230, poisoned, maximum=maximum))

    assert len(found.items) == 230 - len(poisoned)
    assert set(found.broken) == poisoned
    assert found.missing == 0


def test_second_walks_keep_to_the_servers_maximum() -> None:
    """Where the server gives 100, the walks that follow are smaller, not the same again."""
    server = Server(250, maximum=100, before=shuffled(3, 0, 250))
    walk(server)
    sizes = list(dict.fromkeys(size for _, size in server.asked))

    assert sizes == [300, 100, 80, 66]


def test_short_pages_in_mid_list_do_not_restart_for_ever() -> None:
    """A server whose pages are never full is taken as it is after a few tries."""
    asked: list[tuple[int, int]] = []

    def fetch(page: int, size: int) -> Page:
        asked.append((page, size))
        items = [{"uuid": uuid(page * 1000 + part)} for part in range(size - 1)]
        return Page(items, None, page + 1 if page < 4 else None)

    found = walk(fetch)

    assert len(asked) == MAX_RESTARTS + 4
    assert len(found.items) == 4 * (PAGE_SIZE - MAX_RESTARTS - 1)


# --- headers that a proxy took away ---------------------------------------------------------


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize("maximum", [10, 100, PAGE_SIZE])
@pytest.mark.parametrize("length", [0, 1, 40, 299, 300, 301, 600, 620])
def test_a_list_without_links_is_walked_to_its_end(length: int, maximum: int, counts: bool) -> None:
    """Nobody says that a page is next, so it is asked for until one is short or there is none."""
    server = Server(length, maximum=maximum, counts=counts, links=False)
    found = walk(server)

    assert [row["uuid"] for row in server.rows] == list(found.items)
    assert found.total == length
    assert found.ended
    assert len(server.asked) <= length / min(maximum, max(1, length)) + 3


@given(data=st.data(), length=st.integers(1, 700), counts=st.booleans())
def test_broken_items_of_a_list_without_links(
    data: st.DataObject, length: int, counts: bool
) -> None:
    """They cost only themselves there too."""
    poisoned = data.draw(st.sets(st.integers(1, length), max_size=10))
    server = Server(length, poisoned, counts=counts, links=False)
    found = walk(server)

    assert {row["uuid"] for row in server.rows} - server.poisoned == set(found.items)
    assert found.missing == 0


@pytest.mark.parametrize("length", [1, 10, PAGE_SIZE])
def test_a_server_that_gives_one_page_again_and_again(length: int) -> None:
    """Its list is given as it was seen, and that there may be more is not kept back."""
    asked: list[int] = []
    rows = [{"uuid": uuid(number)} for number in range(length)]

    def fetch(page: int, size: int) -> Page:
        asked.append(page)
        return Page(rows, None, None, linked=False)

    found = walk(fetch)

    assert len(found.items) == length
    assert not found.ended
    assert len(asked) <= 3


def test_items_without_uuid_are_no_repeated_page() -> None:
    """Of them nobody knows whether they came before, and so none is left out."""

    def fetch(page: int, size: int) -> Page:
        rows = [{"name": f"Odd {number}"} for number in range(700)]
        return Page(rows[(page - 1) * size : page * size], 700, None, linked=False)

    assert len(walk(fetch).odd) == 700


def test_a_list_without_an_end_is_left() -> None:
    """New rows on every page, and nobody says how many: after a thousand pages that is said."""

    def fetch(page: int, size: int) -> Page:
        return Page([{"uuid": uuid(page * 1000 + part)} for part in range(3)], None, None, False)

    found = walk(fetch)

    assert len(found.items) == 3 * MOST_PAGES
    assert not found.ended


# --- lists that change ----------------------------------------------------------------------


def shrinking(times: int, to: int) -> Callable[[Server, int, int], None]:
    """Whenever page 2 is asked for, the list has just become shorter."""
    left = [times]

    def before(server: Server, page: int, size: int) -> None:
        if page == 2 and left[0]:
            left[0] -= 1
            del server.rows[to:]
        elif page == 1 and left[0]:
            server.rows = [{"uuid": uuid(number)} for number in range(1, 401)]

    return before


def test_a_list_that_shrank_is_walked_again() -> None:
    """'Invalid page.' in mid-walk starts it anew, and what was deleted is not listed."""
    server = Server(400, before=shrinking(1, 300))

    def forget(server_: Server, page: int, size: int) -> None:
        shrink(server_, page, size)
        if page == 2:
            server_.rows = server_.rows[5:]

    shrink = server.before
    server.before = forget
    found = walk(server)

    assert list(found.items) == [uuid(number) for number in range(6, 301)]
    assert found.missing == 0
    assert [page for page, _ in server.asked] == [1, 2, 1]


def test_a_list_that_never_holds_still_is_given_as_it_was_seen() -> None:
    """After a bounded number of restarts the rows are kept instead of an error."""
    server = Server(400, before=shrinking(10_000, 300))
    found = walk(server)

    assert len(found.items) >= 300
    assert len(server.asked) <= 3 * 2 * (MAX_RESTARTS + 1)


def test_a_list_that_grows_is_listed() -> None:
    """A row that comes while the list is walked does no harm."""

    def grow(server: Server, page: int, size: int) -> None:
        if page == 2:
            server.rows.append({"uuid": uuid(9999)})

    found = walk(Server(400, before=grow))

    assert len(found.items) == found.total
    assert found.missing == 0


def test_no_list_at_all_is_gone() -> None:
    """404 for the first page is not a list that shrank."""
    asked: list[int] = []

    def fetch(page: int, size: int) -> Page:
        asked.append(page)
        raise Gone(status=404)

    with pytest.raises(Gone):
        walk(fetch)
    assert asked == [1]


@pytest.mark.parametrize("step", [0, -1])
def test_a_next_page_that_leads_back_ends_the_walk(step: int) -> None:
    """A `next` that is not further on is not followed."""
    asked: list[int] = []

    def fetch(page: int, size: int) -> Page:
        asked.append(page)
        full = [{"uuid": uuid(page * 1000 + part)} for part in range(size)]
        return Page(full, None, page + 1 if page < 3 else page + step)

    walk(fetch)

    assert asked == [1, 2, 3]


def test_a_next_page_that_never_ends_is_bounded() -> None:
    """A server that always names a next page is left after a thousand."""
    asked: list[int] = []

    def fetch(page: int, size: int) -> Page:
        asked.append(page)
        return Page([{"uuid": uuid(1)}] * size, None, page + 1)

    found = walk(fetch)

    assert len(asked) == MOST_PAGES
    assert len(found.items) == 1


# --- broken pages ---------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 5, 268, 300, 301, 600, 650])
@pytest.mark.parametrize(
    "place", ["first", "last", "middle", "two adjacent", "across a page", "a whole page at the end"]
)
def test_a_broken_item_costs_only_itself(length: int, place: str) -> None:
    """Wherever it stands, it is found by halving; its position is said and the rest listed."""
    middle = (length + 1) // 2
    poisoned = {
        "first": {1},
        "last": {length},
        "middle": {middle},
        "two adjacent": {middle, middle + 1},
        "across a page": {300, 301},
        "a whole page at the end": set(range(601, length + 1)) or {length},
    }[place] & set(range(1, length + 1))
    server = Server(length, poisoned)
    found = walk(server)

    assert {uuid(position) for position in range(1, length + 1)} - server.poisoned == set(
        found.items
    )
    assert set(found.broken) == poisoned
    assert found.missing == 0
    assert len(server.asked) <= bound(length, len(poisoned))


def bound(length: int, broken: int) -> int:
    """Requests that one walk may cost: its pages, the halving, and one look for life."""
    return length // PAGE_SIZE + 2 + broken * REQUESTS_FOR_ONE


@given(data=st.data(), length=st.integers(0, 700), counts=st.booleans())
def test_every_readable_item_is_found(data: st.DataObject, length: int, counts: bool) -> None:
    """For any length and any broken positions all other items are listed, in bounded requests."""
    positions = st.integers(1, max(1, length))
    poisoned = data.draw(st.sets(positions, max_size=20))
    poisoned &= set(range(1, length + 1))
    server = Server(length, poisoned, counts=counts)
    found = walk(server)

    assert {row["uuid"] for row in server.rows} - server.poisoned == set(found.items)
    assert set(found.broken) == poisoned
    assert found.missing == 0
    assert found.total == length
    assert len(server.asked) <= bound(length, len(poisoned))


@example(length=264, maximum=72, start=1)
@given(length=st.integers(30, 700), maximum=st.integers(20, 300), start=st.integers(1, 680))
def test_a_run_of_broken_items_is_walked_around(length: int, maximum: int, start: int) -> None:
    """Twenty broken neighbours hide nothing, whatever the server's largest page."""
    poisoned = set(range(start, start + 20)) & set(range(1, length + 1))
    server = Server(length, poisoned, maximum=maximum)
    found = walk(server)

    assert len(found.items) == length - len(poisoned)
    assert set(found.broken) == poisoned


@pytest.mark.parametrize("length", [300, 600])
def test_a_broken_end_is_an_end(length: int) -> None:
    """Without a count nobody says that a broken item is the last; the list is not begun anew."""
    server = Server(length, {length}, counts=False)
    found = walk(server)

    assert found.broken == [length]
    assert server.asked.count((1, PAGE_SIZE)) == 1


def test_a_broken_server_is_known_at_once() -> None:
    """Where even a page beyond every list fails, nothing is halved."""
    asked: list[tuple[int, int]] = []

    def fetch(page: int, size: int) -> Page:
        asked.append((page, size))
        raise ServerBroken(status=500)

    with pytest.raises(ServerBroken):
        walk(fetch)
    assert asked == [(1, PAGE_SIZE), (listing.BEYOND, 1)]


@pytest.mark.parametrize("length", [40, 268, 5000])
def test_a_list_of_which_nothing_can_be_read_is_given_up(length: int) -> None:
    """A server that lives but fails on every item is to blame after a bounded number of tries."""
    server = Server(length, range(1, length + 1))

    with pytest.raises(ServerBroken):
        walk(server)
    assert len(server.asked) == HOPELESS + 1


def test_most_of_a_list_broken_is_bounded() -> None:
    """With hundreds of broken items the rest is skipped, and said to be missing."""
    server = Server(3000, range(2, 3000, 3))
    found = walk(server)

    assert found.missing == 3000 - len(found.items) - len(found.broken)
    assert found.missing > 0
    assert found.items
    assert len(server.asked) <= 6 * MOST_BROKEN_PAGES


def test_a_page_that_fails_once_is_only_halved() -> None:
    """A failure that passes costs a few requests and no row."""

    def once(server: Server, page: int, size: int) -> None:
        if len(server.asked) == 2:
            raise ServerBroken(status=500)

    found = walk(Server(700, before=once))

    assert len(found.items) == 700
    assert found.broken == []


@pytest.mark.parametrize("error", [SignedOut(), TooSlow(), WaldurError()])
def test_other_errors_go_through(error: WaldurError) -> None:
    """Only a 500 and a list that shrank are walked around."""

    def fail(server: Server, page: int, size: int) -> None:
        if page == 2:
            raise error

    with pytest.raises(type(error)) as caught:
        walk(Server(700, before=fail))
    assert caught.value is error


# --- reports --------------------------------------------------------------------------------


def test_every_page_is_reported() -> None:
    """Progress is told after every page: how many so far, of how many."""
    told: list[tuple[int, int | None]] = []
    walk(Server(700), lambda done, total: told.append((done, total)))

    assert told == [(300, 700), (600, 700), (700, 700)]


@given(st.integers(2, 400))
def test_a_part_divides_its_page(size: int) -> None:
    """Smaller pages end where the larger one ends."""
    part = listing.largest_part(size)

    assert size % part == 0
    assert 1 <= part <= size // 2
