"""A link to a view: what its address says reaches the page, however late the list comes."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from bookings.portfolio import Client, Portfolio
from bookings.sign_ins import SignIn
from bookings.waldur.models import Offering
from bookings.waldur.protocol import Page
from demo.server import RunningDemo
from tests.pages.conftest import GROUPS, SECONDS, _open
from tests.pages.screens import words


class Held:
    """A client whose lists come when they are let go."""

    def __init__(self, client: Client) -> None:
        self.root = client.root
        self.let_go = Event()
        self._client = client

    def offerings_page(
        self, source: str, fields: Iterable[str], *, page: int, page_size: int
    ) -> Page:
        """The server's page, late."""
        assert self.let_go.wait(SECONDS)
        return self._client.offerings_page(source, fields, page=page, page_size=page_size)

    def offering(
        self, uuid: str, source: str = "", fields: Iterable[str] | None = None
    ) -> tuple[Offering, list[str]]:
        """The server's offering."""
        return self._client.offering(uuid, source, fields)


@pytest.fixture
def held(sign_in: Callable[..., SignIn], demo: RunningDemo) -> Iterator[tuple[SignIn, Held]]:
    """A person who is signed in and whose list has not come yet."""
    who = sign_in(groups=())
    client = Held(who.client)
    with ThreadPoolExecutor(2) as pool:
        who.portfolio = Portfolio(client, who.person, pool)
        yield who, client
        client.let_go.set()


@pytest.mark.parametrize(
    "page", ["offerings", "map", "calendars", "partitions", "plans", "bookings"]
)
def test_the_filters_of_a_link_outlive_a_look_at_another_page(
    held: tuple[SignIn, Held], page: str
) -> None:
    """Whoever leaves the page while the list still comes finds it filtered on return."""
    who, client = held
    at = _open(page, {"q": "lab"})
    assert not at.text_input

    at.query_params.clear()
    at.switch_page("../pages/overview.py").run()
    client.let_go.set()
    who.portfolio.wait(lambda s: s.state("light").status == "loaded", SECONDS)
    at.switch_page(f"../pages/{page}.py").run()
    who.portfolio.wait(
        lambda s: all(s.state(group).status == "loaded" for group in GROUPS), SECONDS
    )
    at.run()

    assert not at.exception
    assert at.text_input(key=f"{page}.filter.q").value == "lab"
    assert 'contains "lab"' in words(at)


def test_a_newer_link_counts(held: tuple[SignIn, Held]) -> None:
    """Of two links to one page that nobody has seen yet the last one is shown."""
    who, client = held
    at = _open("calendars", {"q": "lab", "state": "Draft"})
    at.query_params.clear()
    at.switch_page("../pages/overview.py").run()
    at.query_params["q"] = "sauna"
    at.switch_page("../pages/calendars.py").run()
    client.let_go.set()
    who.portfolio.wait(lambda s: s.state("light").status == "loaded", SECONDS)
    at.run()

    assert at.text_input(key="calendars.filter.q").value == "sauna"
    assert at.multiselect(key="calendars.filter.state").value == []
