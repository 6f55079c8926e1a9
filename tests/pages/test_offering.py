"""The page of one offering: what it says for any address, person and server."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from bookings.sheets import TABS
from demo.faults import Fault
from demo.server import RunningDemo

OpenApp = Callable[..., AppTest]


def said(at: AppTest) -> str:
    """What the page says outside of tables."""
    elements = [*at.title, *at.caption, *at.text, *at.info, *at.warning, *at.error]
    return "\n".join(each.value for each in elements).replace("\\", "")


def with_dashes(uuid: str) -> str:
    """The other spelling of a uuid, in upper case."""
    parts = (uuid[:8], uuid[8:12], uuid[12:16], uuid[16:20], uuid[20:])
    return "-".join(parts).upper()


class TestAddress:
    """Whatever stands in the address has an answer."""

    def test_opens_the_offering(self, app: OpenApp, demo: RunningDemo) -> None:
        """Name, provider and state are on the page, and the first tab is open."""
        at = app("/offering", query={"uuid": demo.world.notable["rich"]})

        assert at.title[0].value == "Kratt supercomputer"
        assert "HPC and GPU computing" in said(at)
        assert "Identity" in [each.value for each in at.subheader]

    @pytest.mark.parametrize("tab", TABS)
    def test_opens_at_a_tab(self, app: OpenApp, demo: RunningDemo, tab: str) -> None:
        """A link leads to a tab."""
        at = app("/offering", query={"uuid": demo.world.notable["rich"], "tab": tab})

        assert at.session_state["offering.tab"] == tab

    def test_any_spelling_of_the_uuid(self, app: OpenApp, demo: RunningDemo) -> None:
        """Dashes and upper case name the same offering."""
        at = app("/offering", query={"uuid": with_dashes(demo.world.notable["rich"])})

        assert at.title[0].value == "Kratt supercomputer"

    def test_no_uuid(self, app: OpenApp) -> None:
        """The person is sent to the list."""
        assert "Choose an offering" in said(app("/offering"))

    @pytest.mark.parametrize("uuid", ["abc", "0" * 33, "../users/me", "<script>", "a.b"])
    def test_malformed(self, app: OpenApp, demo: RunningDemo, uuid: str) -> None:
        """It is judged here, without asking the server."""
        at = app("/offering", query={"uuid": uuid})

        assert "does not name an offering" in said(at)
        assert not [request for request in demo.requests if "script" in request.path]
        assert not at.tabs

    @pytest.mark.parametrize(
        ("person", "role"), [("staff", ""), ("owner", "not_owned"), ("nobody", "rich")]
    )
    def test_unknown_or_foreign(
        self, app: OpenApp, demo: RunningDemo, person: str, role: str
    ) -> None:
        """The server does not tell them apart, and the page says what both may be."""
        uuid = demo.world.notable[role] if role else "0" * 32
        at = app("/offering", person, {"uuid": uuid})

        assert "no such offering that you may see" in said(at)
        assert "Check the link" in said(at)
        assert not at.tabs


class TestPeople:
    """Who may do what."""

    def test_read_only(self, app: OpenApp, demo: RunningDemo) -> None:
        """A service manager reads, and learns who may act."""
        at = app("/offering", "manager", {"uuid": demo.world.notable["rich"], "tab": "Calendar"})
        actions = [each for each in at.button if "calendar" in each.label.lower()]

        assert "Owner of Põhjatäht Research Computing OÜ" in said(at)
        assert actions
        assert all(each.disabled for each in actions)

    def test_a_calendar_of_which_only_a_part_is_told(self, app: OpenApp, demo: RunningDemo) -> None:
        """A service manager reads what the server does tell, and that the role ends it there."""
        uuid = next(
            offering.uuid
            for offering in demo.world.offerings.values()
            if offering.provider is demo.world.offerings[demo.world.notable["rich"]].provider
            and offering.calendar is not None
            and not offering.calendar.public
        )
        at = app("/offering", "manager", {"uuid": uuid, "tab": "Calendar"})

        assert any("not public" in each.value for each in at.markdown)
        assert "Your role is not told more about it" in said(at)

    def test_no_credentials_reach_the_page(self, app: OpenApp, demo: RunningDemo) -> None:
        """The raw view of a service manager holds no secret of the service."""
        for person in ("manager", "owner"):
            at = app("/offering", person, {"uuid": demo.world.notable["rich"], "tab": "Raw"})

            assert '"uuid"' in at.code[0].value
            assert "canary" not in at.code[0].value


class TestServer:
    """A server that fails, or is broken in one field."""

    def test_a_broken_schedule(self, app: OpenApp, demo: RunningDemo) -> None:
        """All but the schedules is there, and the page says why they are not."""
        at = app("/offering", query={"uuid": demo.world.notable["poisonous"], "tab": "Bookings"})

        assert "The schedules of this offering cannot be read" in said(at)
        assert at.title[0].value == "Sauna Emajõgi"

    def test_a_failing_server_leaves_what_the_list_knows(
        self, app: OpenApp, demo: RunningDemo
    ) -> None:
        """The row of the list stays on screen, and another try finds the rest."""
        uuid = demo.world.notable["private"]
        at = app("/offering", query={"uuid": "0" * 32})
        demo.faults.add(Fault(action="status", status=400, path=f"/api/booking-offerings/{uuid}/"))
        at.query_params["uuid"] = uuid
        at.run()

        assert not at.exception
        assert "Only what the list knows is shown" in said(at)
        assert at.title[0].value == "Kalev conference room"
        assert [each.label for each in at.main.button if "efresh" in each.label] == []

        demo.faults.clear()
        next(each for each in at.button if each.label == "Try again").click().run()

        assert "Only what the list knows" not in said(at)

    def test_refresh_reads_again(self, app: OpenApp, demo: RunningDemo) -> None:
        """What changed on the server is on the page after a Refresh, and not before."""
        uuid = demo.world.notable["rich"]
        at = app("/offering", query={"uuid": uuid})
        offering = demo.world.offerings[uuid]
        before = offering.columns["native_name"]
        offering.columns["native_name"] = "Changed since"
        demo.clear_requests()
        at.run()
        asked = len(demo.requests)
        next(each for each in at.button if each.label == "Refresh").click().run()
        offering.columns["native_name"] = before

        assert asked == 0
        assert any("Changed since" in each.value.to_string() for each in at.table)


class TestNeighbours:
    """The way back, and on."""

    def test_previous_and_next_of_the_list(self, app: OpenApp, demo: RunningDemo) -> None:
        """The place in the filtered list is said, and the list keeps its filters."""
        notable = demo.world.notable
        at = app("/offering", query={"uuid": notable["private"]})
        at.session_state["offerings.shown"] = [notable["rich"], notable["private"]]
        at.session_state["offerings.query"] = [("q", "x"), ("state", "Active"), ("state", "Draft")]
        at.run()

        assert "2 of 2 in the list" in said(at)

    def test_a_link_of_the_page_opens_another(self, app: OpenApp, demo: RunningDemo) -> None:
        """It stays open although the browser goes on reporting the first address."""
        first, second = demo.world.notable["rich"], demo.world.notable["private"]
        at = app("/offering", query={"uuid": first, "tab": "Plans"})
        at.query_params["uuid"] = second
        at.query_params["at"] = "1"
        at.run()
        at.query_params["uuid"] = first
        del at.query_params["at"]
        at.run()

        assert at.title[0].value == "Kalev conference room"
        assert at.session_state["offering.tab"] == "Plans"

    def test_a_link_back_to_the_first(self, app: OpenApp, demo: RunningDemo) -> None:
        """Its mark tells it from the address that the page was opened with."""
        first, second = demo.world.notable["rich"], demo.world.notable["private"]
        at = app("/offering", query={"uuid": first})
        for uuid, mark in ((second, "1"), (first, "2")):
            at.query_params["uuid"] = uuid
            at.query_params["at"] = mark
            at.run()

        assert at.title[0].value == "Kratt supercomputer"
