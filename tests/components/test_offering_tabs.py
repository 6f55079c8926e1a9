"""Each tab of an offering, drawn for offerings that a server may send."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bookings.desk import Desk
from bookings.portfolio import Portfolio
from bookings.settings import Settings
from bookings.sheets import TABS
from bookings.sign_ins import SignIn
from bookings.waldur.client import ServerFacts
from bookings.waldur.errors import Gone, TooSlow, WaldurError
from bookings.waldur.models import (
    Booking,
    GoogleCredentials,
    Offering,
    Person,
    Slot,
    Unreadable,
    read_item,
)
from components import session
from components.offering_tabs import Opened

UUID = "d23e07c3312244b5995156de396a4b14"
TRAP = (
    "<script>x</script> :material/delete: $E=mc^2$ [l](http://evil.example) ![](http://e.example/x)"
)
SERVER = "https://waldur.example.org/"


SECONDS = 20.0
SCRIPT = """
import streamlit as st
from components import navigation, offering_tabs

navigation.menu(signed_in=False)
opened, tab = st.session_state["given"]
offering_tabs.choose(tab)
offering_tabs.show(opened)
"""

Draw = Callable[..., AppTest]


class FakeClient:
    """A server's bookings and booked times; an error in their place is raised."""

    root = SERVER

    def __init__(
        self,
        bookings: list[Booking] | WaldurError | None = None,
        slots: list[Slot] | WaldurError | None = None,
    ) -> None:
        self._bookings = [] if bookings is None else bookings
        self._slots = [] if slots is None else slots
        self.asked = 0

    def bookings(self, uuid: str) -> tuple[list[Booking], list[Unreadable]]:
        """The bookings of one offering."""
        self.asked += 1
        if isinstance(self._bookings, WaldurError):
            raise self._bookings
        return self._bookings, []

    def slots(self, uuid: str) -> list[Slot]:
        """Its booked times."""
        if isinstance(self._slots, WaldurError):
            raise self._slots
        return self._slots

    def google_credentials(self) -> list[GoogleCredentials]:
        """Nobody's account is known."""
        return []


@pytest.fixture
def draw(tmp_path: Path, root: Path) -> Iterator[Draw]:
    """Draws a tab of an offering: `draw("Plans", item)`; the run has raised nothing.

    Links need the pages beside the script, as the shell has them.
    """
    script = tmp_path / "components" / "script.py"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    (tmp_path / "pages").symlink_to(root / "pages")
    settings = Settings(
        waldur_api_url=SERVER,
        database_url=f"sqlite:///{tmp_path / 'desk.sqlite'}",
        _env_file=None,
    )
    with ExitStack() as closing:
        desk = Desk(settings)
        closing.callback(desk.close)
        desk.open()
        closing.callback(session.install, None)
        session.install(desk, identify=lambda: None)
        pool = closing.enter_context(ThreadPoolExecutor(1))

        def drawn(
            tab: str, item: Offering, client: FakeClient | None = None, **more: Any
        ) -> AppTest:
            asked: Any = client or FakeClient()
            person = Person(uuid="1" * 32)
            facts = ServerFacts("Test", "EUR")
            who = SignIn("x", asked, person, facts, Portfolio(asked, person, pool), 0.0, 0.0)
            at = AppTest.from_file(script, default_timeout=SECONDS)
            at.session_state["given"] = (Opened(who, item, **more), tab)
            at.run()

            assert not at.exception, [each.value for each in at.exception]
            return at

        yield drawn


def offering(**fields: Any) -> Offering:
    """An offering as the server would send it with these fields."""
    read = read_item(Offering, {"uuid": UUID, **fields})
    assert isinstance(read, Offering), read
    return read


def words(at: AppTest) -> str:
    """Everything that the tab says, tables included."""
    said = [*at.caption, *at.text, *at.markdown, *at.info, *at.warning, *at.error, *at.code]
    tables = [each.value.to_string() for each in [*at.table, *at.dataframe]]
    return "\n".join([*(each.value for each in said), *tables]).replace("\\", "")


NOTHING = offering()
HOSTILE = offering(
    name=TRAP, description=TRAP, full_description=f"<p>{TRAP}</p>", paused_reason=TRAP,
    customer_name=TRAP, access_url="javascript:alert(1)", tags=[{"name": TRAP}],
    privacy_policy_link="https://evil.example/<b>$x$ y", state=TRAP, country=TRAP,
    plans=[{"name": TRAP, "description": TRAP, "prices": {TRAP: "1"}}, {"name": ""}],
    components=[{"name": TRAP, "type": TRAP}], quotas=[{"name": TRAP}],
    partitions=[{"partition_name": TRAP, "qos_options": TRAP}, {}],
    software_catalogs=[{"catalog": TRAP, "partition": TRAP}],
    options={"order": [TRAP, "gone"], "options": {TRAP: {"label": TRAP}}},
    resource_options=[TRAP], plugin_options={TRAP: TRAP}, endpoints=[{"name": TRAP, "url": TRAP}],
    attributes={"schedules": [TRAP, {"title": TRAP}], TRAP: TRAP},
    files=[{"name": TRAP, "file": "data:text/html,x"}], unknown=TRAP,
)  # fmt: skip


class TestEveryTab:
    """No tab breaks on what it is given."""

    @pytest.mark.parametrize("tab", TABS)
    @pytest.mark.parametrize("item", [NOTHING, HOSTILE], ids=["nothing", "hostile"])
    def test_is_drawn(self, draw: Draw, tab: str, item: Offering) -> None:
        """A tab says something for an offering of nothing and for a hostile one."""
        assert words(draw(tab, item))

    @pytest.mark.parametrize("tab", TABS)
    def test_leaves_no_markup_of_the_server(self, draw: Draw, tab: str) -> None:
        """Text of the server stands in no Markdown unescaped, and no image is asked for."""
        at = draw(tab, HOSTILE)
        read = [*at.caption, *at.markdown, *at.info, *at.warning, *at.error, *at.subheader]
        cells = [str(x) for t in at.table for x in [*t.value.columns, *t.value.to_numpy().flat]]
        unescaped = [re.sub(r"\\.", "", text) for text in (*(x.value for x in read), *cells)]

        for sign in ("<script", "![", "$E", ":material/delete", "[l]"):
            assert not [text for text in unescaped if sign in text]

    @pytest.mark.parametrize("tab", sorted(set(TABS) - {"Raw", "Location", "Calendar", "Bookings"}))
    def test_says_what_did_not_come(self, draw: Draw, tab: str) -> None:
        """An absent field is called so, and not empty."""
        assert "Not sent by this server" in words(draw(tab, NOTHING))

    def test_says_what_was_not_read(self, draw: Draw) -> None:
        """With only the list's row, an absent field is no statement about the server."""
        assert "Not read" in words(draw("Partitions", NOTHING, complete=False))

    def test_an_unknown_tab_is_the_first(self, draw: Draw) -> None:
        """An address may hold any word."""
        assert "Identity" in [each.value for each in draw("Bogus", NOTHING).subheader]


class TestPartitions:
    """Limits side by side."""

    item = offering(
        partitions=[
            {
                "partition_name": "a",
                "max_time": 10080,
                "min_nodes": 0,
                "max_nodes": None,
                "qos": "n",
            },
            {"partition_name": "b", "max_time": 2880, "min_nodes": 0, "def_mem_per_cpu": 256000},
        ]
    )

    def rows(self, at: AppTest) -> dict[str, list[str]]:
        """The table by the label of its rows."""
        frame = at.dataframe[0].value
        return {row[0]: list(row[1:]) for row in frame.to_numpy().tolist()}

    def test_human_units(self, draw: Draw) -> None:
        """Durations and memory are spelled; null, not sent and 0 are three things."""
        rows = self.rows(draw("Partitions", self.item))

        assert rows["Max time"] == ["7 d", "2 d"]
        assert rows["Default memory per CPU"] == ["not sent", "256 GB"]
        assert rows["Min nodes"] == ["0", "0"]
        assert "Max nodes" not in rows

    def test_exact_values(self, draw: Draw) -> None:
        """A switch shows the server's own numbers with their unit."""
        at = draw("Partitions", self.item)
        at.toggle(key="offering.partitions.exact").set_value(True).run()
        rows = self.rows(at)

        assert rows["Max time (min)"] == ["10080", "2880"]
        assert rows["Default memory per CPU (MB)"] == ["not sent", "256000"]

    def test_only_what_differs(self, draw: Draw) -> None:
        """Limits that are the same everywhere can be left out."""
        at = draw("Partitions", self.item)
        at.toggle(key="offering.partitions.differing").set_value(True).run()

        assert set(self.rows(at)) == {"Max time", "Default memory per CPU", "QOS"}


class TestPlans:
    """Plans and the lines of one."""

    item = offering(
        components=[{"type": "cpu", "name": "CPU", "billing_type": "usage"}],
        plans=[
            {"name": "Old", "archived": True, "prices": {"cpu": "1"}},
            {"name": "New", "unit": "month", "prices": {"cpu": "0.0123456789"},
             "future_prices": {"cpu": "0.02"}},
        ],
    )  # fmt: skip

    def test_opens_with_a_plan_that_can_be_taken(self, draw: Draw) -> None:
        """Not with an archived one; its price is there with every digit."""
        at = draw("Plans", self.item)

        assert at.subheader[0].value == "New"
        assert at.dataframe[1].value["price"].tolist() == ["0.0123456789"]
        assert "next month" in at.dataframe[0].value["next_change"].tolist()[1]

    def test_another_plan(self, draw: Draw) -> None:
        """The choice shows the lines of the plan that was chosen."""
        at = draw("Plans", self.item)
        at.selectbox[0].set_value(0).run()

        assert at.subheader[0].value == "Old"

    def test_none(self, draw: Draw) -> None:
        """No plan is said in words."""
        assert "No plan is recorded" in words(draw("Plans", offering(plans=[])))


class TestBookings:
    """Schedules, bookings and booked times."""

    def test_asks_once(self, draw: Draw) -> None:
        """Another click on the page asks the server nothing again."""
        client = FakeClient([Booking(uuid=UUID, name="Mine", state="Creating")])
        at = draw("Bookings", offering(attributes={}), client)
        at.run()

        assert client.asked == 1
        assert "Mine" in words(at)
        assert "1 waits for an answer" in words(at)

    def test_states_in_words(self, draw: Draw) -> None:
        """Those of the page of all bookings; a state nobody knows is shown as it came."""
        states = ("Creating", "OK", "Frozen")
        client = FakeClient([Booking(uuid=state, state=state) for state in states])
        at = draw("Bookings", offering(attributes={}), client)

        assert at.dataframe[0].value["State"].tolist() == [
            "waits for an answer",
            "accepted",
            "Frozen",
        ]

    def test_a_broken_schedule(self, draw: Draw) -> None:
        """The person learns where the schedules are, and the bookings stay."""
        client = FakeClient([Booking(uuid=UUID, name="Mine")])
        said = words(draw("Bookings", NOTHING, client, broken_fields=("attributes",)))

        assert "cannot be read" in said
        assert "Mine" in said

    def test_failures_stay_in_their_place(self, draw: Draw) -> None:
        """Bookings that fail leave the booked times, and a draft has none."""
        said = words(draw("Bookings", NOTHING, FakeClient(TooSlow(), Gone())))

        assert "The bookings could not be read" in said
        assert "gives no booked times" in said


class TestOtherTabs:
    """What the smaller tabs promise."""

    def test_unsafe_addresses_are_no_links(self, draw: Draw) -> None:
        """Only http and https become links, and what they hold cannot leave the link."""
        said = words(draw("Access", HOSTILE)) + words(draw("Documents", HOSTILE))

        assert "](<javascript" not in said
        assert "](<data" not in said
        assert "](<https://evil.example/%3Cb%3E%24x%24%20y>)" in said

    def test_a_screenshot_is_a_table_of_its_own(self, draw: Draw) -> None:
        """Its long values stand below each other, so that none is squeezed."""
        shots = [
            {"name": name, "created": "2026-11-04T23:59:59Z", "uuid": UUID, "description": ""}
            for name in ("Front", "Inside")
        ]
        at = draw("Documents", offering(screenshots=shots))
        tables = [each.value for each in at.table]

        assert [each["Value"].iloc[0] for each in tables] == ["Front", "Inside"]
        assert [len(each.columns) for each in tables] == [2, 2]
        assert words(at).count("Not recorded: Description.") == 2
        assert "None recorded." in words(draw("Documents", offering(screenshots=[])))

    def test_a_doubtful_place(self, draw: Draw) -> None:
        """The judgement of the coordinates is said, with the way to the map."""
        at = draw("Location", offering(latitude=24.75, longitude=59.43, country="EE"))

        assert "far from Estonia" in at.warning[0].value

    def test_a_form(self, draw: Draw) -> None:
        """The questions stand in the form's own order; one that is missing is named."""
        options = {"order": ["b", "a", "c"], "options": {"a": {"label": "A"}, "b": {"label": "B"}}}
        at = draw("Access", offering(options=options))
        table = next(each.value for each in at.table if "Key" in each.value)

        assert table["Key"].tolist() == ["b", "a"]
        assert "not there: c" in words(at)

    def test_plugin_options(self, draw: Draw) -> None:
        """Those that are set are listed by Waldur's names, unknown ones included."""
        said = words(draw("Access", offering(plugin_options={"supports_pausing": False, "x": 1})))

        assert "supports_pausing" in said
        assert "no" in said.split("supports_pausing")[1].splitlines()[0]

    def test_raw_has_what_nobody_knows(self, draw: Draw) -> None:
        """Unknown fields are listed and in the JSON."""
        said = words(draw("Raw", offering(novelty={"a": 1})))

        assert '"novelty": {' in said
        assert "novelty" in said.split('"novelty"')[1]

    def test_field_names(self, draw: Draw) -> None:
        """Waldur's names stand beside the labels when they are wanted."""
        assert "`slug`" in words(draw("Summary", offering(slug="s"), names=True))
        assert "`slug`" not in words(draw("Summary", offering(slug="s")))
