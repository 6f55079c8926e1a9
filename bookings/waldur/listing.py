"""Getting a whole list from a server whose paging loses rows and whose pages can break.

Observed on a Waldur 7.0.7 server: the list is sorted by name only, so offerings of the same
name change places between pages. Of 268 rows with 120 equal names a walk in pages of 10 gave
236 different ones. One item with a stored schedule that the server cannot render turns every
page it is on into a 500.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from bookings.waldur.errors import Gone, ServerBroken
from bookings.waldur.protocol import PAGE_SIZE, Page, normal_uuid

WALK_SIZES = (PAGE_SIZE, 240, 200)
"""Page sizes of the first walk and of those that look for what it lost. A tie that straddles
a page's end at one size lies within a page at another. A server that gives smaller pages is
walked in the same proportions."""
MAX_RESTARTS = 3
"""How often one walk may begin again: the list shrank, or pages were smaller than asked for."""
NO_END = "The end of the server's list was not found."
MOST_PAGES = 1000
"""A `next` link that never ends is followed no further."""
BEYOND = 1_000_000
"""The number of a page that no list has. A working server answers it with 404."""
HOPELESS = 30
"""Broken pages without one good answer after which the server, not an item, is to blame. It
gets past twenty broken items at the head of the list."""
MOST_BROKEN_PAGES = 200
"""Broken pages of one walk after which the next ones are skipped instead of halved."""

Fetch = Callable[[int, int], Page]
"""(page, page_size) -> Page; raises WaldurError."""
Report = Callable[[int, int | None], None]
"""(items so far, items in all if known): called after every page."""


@dataclass(slots=True)
class Listing:
    """What a walk found. `items` are keyed by uuid, in the server's order."""

    items: dict[str, Any] = field(default_factory=dict)
    odd: list[Any] = field(default_factory=list)
    """Items without a usable uuid, as they came."""
    broken: list[int] = field(default_factory=list)
    """Positions in the list, from 1, at which the server fails even for that one item."""
    total: int = 0
    """The server's own count."""
    ended: bool = True
    """False where the server neither counts its list nor let the end of it be found."""

    @property
    def missing(self) -> int:
        """How many the server counts but neither listed nor broke on."""
        return max(0, self.total - len(self.items) - len(self.odd) - len(self.broken))


class _ServerMaximum(Exception):
    """The server gives smaller pages than asked for."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class _Walk:
    """One pass over the list at one page size.

    `exact` says that a short page in mid-list is the server's maximum, not an accident, and
    `answered` that the server has already given a page.
    """

    def __init__(self, fetch: Fetch, size: int, *, exact: bool, answered: bool) -> None:
        self.fetch = fetch
        self.size = size
        self.exact = exact
        self.broken: list[int] = []
        self.total: int | None = None
        self.ended = True
        self._failures = 0
        self._answered = answered
        self._guessed = False  # nobody said whether more follows the last stretch

    @property
    def exhausted(self) -> bool:
        """Whether so many pages were broken that the rest was not looked into."""
        return self._failures > MOST_BROKEN_PAGES

    def pages(self) -> Iterator[Page]:
        number = 1
        seen: set[str | None] = set()
        before: list[Any] = []
        for _ in range(MOST_PAGES):
            try:
                page = self._page(number, self.size)
            except Gone:
                if self._guessed and self.total is None:
                    return  # the stretch before was the end of the list
                raise
            if not page.linked:
                uuids = {_uuid_of(item) for item in page.items}
                # Of an item without uuid nobody knows by itself whether it came before.
                if uuids and (uuids <= seen or page.items == before):
                    break  # the server gives the same page whatever number it is asked for
                seen |= uuids - {None}
                before = page.items
            yield page
            if page.next_page is None or page.next_page <= number:
                return
            number = page.next_page
        self.ended = self.total is not None

    def _page(self, number: int, size: int) -> Page:
        try:
            page = self.fetch(number, size)
        except ServerBroken:
            self._failures += 1
            if not self._answered and self._to_blame():
                raise
            if size > 1 and not self.exhausted:
                return self._halved(number, size)
            if size == 1:
                self.broken.append(number)
            self._guessed = True
            return Page([], self.total, self._after(number, size))
        self._answered = True
        self._guessed = False
        self.total = page.total if page.total is not None else self.total
        if not page.linked:
            page = replace(page, next_page=self._guess(page, number, size))
            self._guessed = page.next_page is not None
        if self.exact and page.next_page and 0 < len(page.items) < size:
            raise _ServerMaximum(len(page.items))
        return page

    def _to_blame(self) -> bool:
        """Whether it is the server that is broken and not an item of its list."""
        if self._failures > 1:
            return self._failures >= HOPELESS
        try:
            self.fetch(BEYOND, 1)
        except Gone:
            return False
        except ServerBroken:
            return True
        return False

    def _halved(self, number: int, size: int) -> Page:
        """The same stretch of the list in smaller pages, around whatever breaks it."""
        smaller = largest_part(size)
        parts = size // smaller
        first = (number - 1) * parts + 1
        items: list[Any] = []
        for part in range(first, first + parts):
            try:
                page = self._page(part, smaller)
            except Gone:
                if part == 1:
                    raise
                return Page(items, self.total, None)  # the list ends within this stretch
            items += page.items
            if page.next_page is None:
                return Page(items, self.total, None)
        return Page(items, self.total, self._after(number, size))

    def _guess(self, page: Page, number: int, size: int) -> int | None:
        """The number of the page that follows one without a link; None at the list's end.

        Without a count a short page is the last, but for the first: the server's pages may be
        smaller than asked for.
        """
        if not page.items:
            return None
        if self.total is not None:
            more = (number - 1) * size + len(page.items) < self.total
        else:
            more = number == 1 or len(page.items) >= size
        return number + 1 if more else None

    def _after(self, number: int, size: int) -> int | None:
        """The next page's number where no answer tells it: None only if the end is known."""
        return None if self.total is not None and number * size >= self.total else number + 1


def _uuid_of(item: Any) -> str | None:
    return normal_uuid(item.get("uuid")) if isinstance(item, dict) else None


def largest_part(size: int) -> int:
    """The largest page size below `size` that divides it, so that page borders stay aligned."""
    return next(size // n for n in range(2, size + 1) if size % n == 0)


def walk(
    fetch: Fetch,
    report: Report = lambda done, total: None,
    enough: Callable[[Listing], bool] = lambda found: not found.missing,
) -> Listing:
    """The whole list: the union of at most three walks, checked against the server's count.

    `enough` judges after each walk whether another is worth it; a caller that knows the uuids
    it lacks may prefer to ask for these. Raises what `fetch` raises, except where a smaller page
    gets around a 500 and where a list that shrank can be walked again.
    """
    found = Listing()
    largest = PAGE_SIZE
    for size in WALK_SIZES:
        asked = max(1, size * largest // PAGE_SIZE)
        last = _walk_once(fetch, asked, found, report)
        if last.size < asked:
            largest = last.size
        if enough(found) or last.exhausted:
            break
    return found


def _walk_once(fetch: Fetch, size: int, found: Listing, report: Report) -> _Walk:
    restarts = 0
    shortened = 0
    while True:
        answered = bool(found.items) or shortened + restarts > 0
        walk_ = _Walk(fetch, size, exact=shortened < MAX_RESTARTS, answered=answered)
        odd: list[Any] = []
        past_first = False
        try:
            for page in walk_.pages():
                past_first = True
                for item in page.items:
                    uuid = _uuid_of(item)
                    if uuid:
                        found.items[uuid] = item
                    else:
                        odd.append(item)
                report(len(found.items) + len(odd), walk_.total)
        except _ServerMaximum as maximum:
            size = maximum.size
            shortened += 1
            continue
        except Gone:
            # "Invalid page.": the list became shorter than the page asked for. What was found
            # may be gone too, so it is not kept, unless the list never holds still.
            if not past_first:
                raise
            restarts += 1
            if restarts <= MAX_RESTARTS:
                found.items.clear()
                continue
        break
    found.odd = odd
    found.broken = walk_.broken
    found.ended = walk_.ended
    seen = len(found.items) + len(odd) + len(walk_.broken)
    found.total = seen if walk_.total is None else walk_.total
    return walk_
