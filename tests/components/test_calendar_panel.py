"""The calendar of one offering: what is said, what is sent, and what becomes of it."""

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from bookings.calendars.actions import NOT_CONNECTED, Action, Outcome
from bookings.calendars.journal import Entry, Journal
from bookings.calendars.runner import Runner
from bookings.desk import Desk
from bookings.portfolio import Portfolio
from bookings.settings import Settings
from bookings.sign_ins import SignIn
from bookings.waldur.client import ServerFacts
from bookings.waldur.errors import (
    CalendarBusy,
    Forbidden,
    Refused,
    SignedOut,
    TooSlow,
    Unreachable,
    WaldurError,
)
from bookings.waldur.models import GoogleCredentials, Offering, Person
from bookings.waldur.protocol import Accepted, Page
from components import session

SERVER = "https://waldur.example.org/"
UUID = "d23e07c3312244b5995156de396a4b14"
PROVIDER = "c" * 32
NAME = "<b>Lab</b> ![x](http://evil.example/x) :material/delete:"
LINK = "https://calendar.google.com/calendar/embed?src=x"
PRIVATE = {"backend_id": "x", "public": False, "http_link": None}
PUBLIC = {"backend_id": "x", "public": True, "http_link": LINK}
WITHOUT_ID = {"backend_id": None, "public": False, "http_link": None}
SECONDS = 20.0
SCRIPT = """
import streamlit as st
from components import calendar_panel, session

who = session.require()
uuid, read_only = st.session_state["given"]
calendar_panel.show(who, who.portfolio.snapshot().find(uuid), read_only=read_only)
"""
LABELS = [action.label for action in Action]


class FakeWaldur:
    """One offering with a calendar. What a POST does, and what is answered, is set by a test."""

    root = SERVER

    def __init__(self) -> None:
        self.calendar_now: Any = PRIVATE
        self.after: Any = PRIVATE
        """The calendar after a POST."""
        self.answer: WaldurError | None = None
        """Raised by a POST after it was done; None for acceptance."""
        self.broken: WaldurError | None = None
        """Raised by every reading."""
        self.accounts: list[GoogleCredentials] | WaldurError = []
        self.posts: list[str] = []
        self.reads = 0
        self.asked_for_accounts = 0

    def offerings_page(self, source: str, fields: Any, *, page: int, page_size: int) -> Page:
        """The list of offerings."""
        row = {
            "uuid": UUID,
            "name": NAME,
            "customer_uuid": PROVIDER,
            "googlecalendar": self.calendar_now,
        }
        return Page([row], 1, None)

    def act(self, uuid: str, action: str) -> Accepted:
        """A POST."""
        self.posts.append(action)
        self.calendar_now = self.after
        if self.answer is not None:
            raise self.answer
        return Accepted(202, "OK")

    def calendar(self, uuid: str) -> Offering:
        """A reading."""
        self.reads += 1
        if self.broken is not None:
            raise self.broken
        return Offering.model_validate({"uuid": uuid, "googlecalendar": self.calendar_now})

    def google_credentials(self) -> list[GoogleCredentials]:
        """Which providers have an account."""
        self.asked_for_accounts += 1
        if isinstance(self.accounts, WaldurError):
            raise self.accounts
        return self.accounts

    def close(self) -> None:
        """Closes nothing."""


class Panel:
    """A desk, a person signed in, and the panel as AppTest draws it."""

    def __init__(self, desk: Desk, waldur: FakeWaldur, pool: ThreadPoolExecutor) -> None:
        self.desk = desk
        self.waldur = waldur
        self._pool = pool
        self.who = self._sign_in()
        self.at = AppTest.from_string(SCRIPT, default_timeout=SECONDS)

    def _sign_in(self) -> SignIn:
        client: Any = self.waldur
        person = Person(uuid="1" * 32, username="mari", is_staff=True)
        portfolio = Portfolio(client, person, self._pool)
        portfolio.want("light")
        portfolio.wait(lambda s: s.state("light").status == "loaded", SECONDS)
        who = self.desk.sign_ins.begin(client, person, ServerFacts("Test", "EUR"), portfolio)
        session.install(self.desk, identify=lambda: who.id)
        return who

    def draw(self, *, read_only: bool = False) -> "Panel":
        """The first run."""
        self.at.session_state["given"] = (UUID, read_only)
        return self.again()

    def again(self) -> "Panel":
        """Another run, when every job of the process has ended."""
        assert self.desk.runner.drain(SECONDS)
        self.at.run()

        assert not self.at.exception, [each.value for each in self.at.exception]
        return self

    def press(self, label: str) -> "Panel":
        """Presses a button, waits for what it started, and draws anew."""
        button = self.button(label)
        assert not button.disabled
        button.click().run()
        return self.again()

    def button(self, label: str) -> Any:
        """The one button of this label."""
        (found,) = (each for each in self.at.button if each.label == label)
        return found

    @property
    def labels(self) -> list[str]:
        """Of all buttons."""
        return [each.label for each in self.at.button]

    @property
    def working(self) -> list[str]:
        """Labels of the actions that can be pressed."""
        return [each.label for each in self.at.button if each.label in LABELS and not each.disabled]

    @property
    def words(self) -> str:
        """Everything the panel says outside of the table."""
        at = self.at
        said = [*at.markdown, *at.text, *at.caption, *at.info, *at.warning, *at.error, *at.code]
        return "\n".join(each.value for each in said).replace("\\", "").replace("\u200b", "")

    @property
    def entry(self) -> Entry:
        """The latest action on record."""
        found = self.desk.runner.latest(SERVER, UUID)
        assert found is not None
        return found


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """The file of the activity record."""
    return tmp_path / "desk.sqlite"


@pytest.fixture
def waldur() -> FakeWaldur:
    """A server whose one calendar is private."""
    return FakeWaldur()


@pytest.fixture
def open_panel(database: Path, waldur: FakeWaldur) -> Iterator[Callable[[], Panel]]:
    """Opens the panel for what the server has by then; no pause of the process takes time."""
    settings = Settings(waldur_api_url=SERVER, database_url=f"sqlite:///{database}", _env_file=None)
    with ExitStack() as stack:
        desk = Desk(settings)
        stack.callback(desk.close)
        desk.runner.close()
        desk.runner = Runner(desk.journal, sleep=lambda _: None, patience=5.0, settle=0.0)
        clock = iter(range(10**6))
        desk.runner.clock = lambda: float(next(clock))
        pool = stack.enter_context(ThreadPoolExecutor(1))
        stack.callback(session.install, None)
        yield lambda: Panel(desk, waldur, pool)


@pytest.fixture
def panel(open_panel: Callable[[], Panel]) -> Panel:
    """The panel of a private calendar, drawn."""
    return open_panel().draw()


def begin(
    panel: Panel, action: Action = Action.SYNC, seen: int = 0, person: str = "2" * 32
) -> Entry:
    """An action of somebody else that is under way."""
    return panel.desk.journal.begin(
        server=SERVER,
        offering_uuid=UUID,
        offering_name=NAME,
        action=action,
        person_uuid=person,
        person_name="jaan",
        seen=seen,
        before=None,
        before_known=False,
    )


class TestStatus:
    """The state in words, and why a button does not work."""

    @pytest.mark.parametrize(
        ("calendar", "word", "working"),
        [
            (None, "no calendar", LABELS[:2]),
            (PRIVATE, "private", LABELS[:2]),
            (PUBLIC, "public", [LABELS[0], LABELS[2]]),
            (WITHOUT_ID, "created but without id", LABELS[:2]),
        ],
    )
    def test_words_and_buttons(
        self,
        open_panel: Callable[[], Panel],
        waldur: FakeWaldur,
        calendar: Any,
        word: str,
        working: list[str],
    ) -> None:
        """Each status has its word, and the buttons that make sense in it."""
        waldur.calendar_now = calendar
        panel = open_panel().draw()

        assert any(f" {word}]" in each.value for each in panel.at.markdown)
        assert panel.working == working

    def test_public_link(self, open_panel: Callable[[], Panel], waldur: FakeWaldur) -> None:
        """The link stands there to be opened and to be copied."""
        waldur.calendar_now = PUBLIC
        panel = open_panel().draw()

        assert panel.at.code[0].value == LINK

    def test_addresses(self, open_panel: Callable[[], Panel], waldur: FakeWaldur) -> None:
        """Page, embed code, ICS and webcal can each be copied; the name in the code is inert."""
        waldur.calendar_now = PUBLIC
        page, code, ics, webcal = (each.value for each in open_panel().draw().at.code)

        assert page == LINK
        assert code.startswith(f'<iframe src="{LINK}" title="&lt;b&gt;Lab')
        assert ics == "https://calendar.google.com/calendar/ical/x/public/basic.ics"
        assert webcal == "webcal://calendar.google.com/calendar/ical/x/public/basic.ics"

    def test_a_private_calendar_has_no_addresses(self, panel: Panel) -> None:
        """Nothing of it is given away."""
        assert not panel.at.code

    @pytest.mark.parametrize("link", ["javascript:alert(1)", "https://x/?src=None"])
    def test_no_link_that_does_not_work(
        self, open_panel: Callable[[], Panel], waldur: FakeWaldur, link: str
    ) -> None:
        """A public calendar without a usable link says so."""
        waldur.calendar_now = {"backend_id": None, "public": True, "http_link": link}
        panel = open_panel().draw()

        assert not panel.at.code
        assert "gives no link that works" in panel.words

    def test_a_disabled_button_says_why(self, panel: Panel) -> None:
        """Beside the button, not in a tooltip that no finger reaches."""
        assert panel.button("Unshare calendar").disabled
        assert "The calendar is private already." in panel.words

    def test_read_only(self, open_panel: Callable[[], Panel], waldur: FakeWaldur) -> None:
        """Nothing can be pressed, each button says why, and the server is not asked."""
        panel = open_panel()
        begin(panel)
        panel.draw(read_only=True)

        assert not panel.working
        assert panel.words.count("You can read this offering but not act") == 3
        assert waldur.reads == 0

    def test_in_flight(self, panel: Panel) -> None:
        """While somebody's action is under way no button works, and the reason is given."""
        begin(panel)
        panel.again()

        assert not panel.working
        assert panel.words.count("“Sync calendar” is not finished yet") == 3
        assert "Sending" in panel.words
        assert "jaan" in panel.words

    def test_rests_after_an_action(self, panel: Panel) -> None:
        """A quick answer does not make the second click of an impatient person a second POST."""
        panel.desk.runner = Runner(panel.desk.journal, sleep=lambda _: None, settle=3600.0)
        panel.button("Sync calendar").click().run()
        panel.again()

        assert not panel.working
        assert "ended just now" in panel.words
        assert panel.waldur.posts == [Action.SYNC]


class TestOnce:
    """What is pressed is sent once, or not at all."""

    def test_sync(self, panel: Panel) -> None:
        """Accepted is not called done; the record has who, what, when and the answer."""
        panel.press("Sync calendar")

        assert panel.waldur.posts == [Action.SYNC]
        assert "Accepted" in panel.words
        assert "no end that could be seen" in panel.words
        assert "Confirmed" not in panel.words
        assert (panel.entry.person_name, panel.entry.http_status) == ("mari", 202)
        assert panel.at.dataframe[0].value["outcome"].tolist() == ["Accepted"]

    def test_a_click_on_an_old_sight_sends_nothing(self, panel: Panel) -> None:
        """Somebody acted since the button was drawn: the person is told who was first."""
        done = begin(panel)
        panel.desk.journal.note(done, Outcome.ACCEPTED, open=False, http_status=202)
        panel.button("Sync calendar").click().run()
        panel.again()

        assert not panel.waldur.posts
        assert "Your “Sync calendar” was not sent: “Sync calendar” of jaan" in panel.words
        assert panel.working == LABELS[:2]

    def test_a_click_on_an_old_share_asks_nothing(self, panel: Panel) -> None:
        """The question would be about a state that is no more."""
        done = begin(panel)
        panel.desk.journal.note(done, Outcome.ACCEPTED, open=False, http_status=202)
        panel.button("Share calendar").click().run()
        panel.again()

        assert "Share publicly" not in panel.labels
        assert "Your “Share calendar” was not sent" in panel.words

    def test_a_question_that_somebody_overtook(self, panel: Panel) -> None:
        """Share publicly carries the sight in which the question was asked."""
        panel.button("Share calendar").click().run()
        done = begin(panel)
        panel.desk.journal.note(done, Outcome.ACCEPTED, open=False, http_status=202)
        panel.button("Share publicly").click().run()
        panel.again()

        assert not panel.waldur.posts
        assert "Your “Share calendar” was not sent" in panel.words

    def test_a_double_click_is_no_rival(self, panel: Panel) -> None:
        """The second click of the same person on the same button needs no remark."""
        panel.press("Sync calendar")
        entry = panel.desk.runner.submit(
            panel.who.client,
            Offering(uuid=UUID),
            Action.SYNC,
            panel.who.person,
            seen=0,
        )
        panel.again()

        assert entry.id == panel.entry.id
        assert panel.waldur.posts == [Action.SYNC]
        assert "was not sent" not in panel.words

    def test_the_record_is_away(self, panel: Panel, database: Path) -> None:
        """What cannot be recorded is not sent, and the page says what to do."""
        button = panel.button("Sync calendar")
        break_record(database)
        button.click().run()

        assert not panel.at.exception
        assert not panel.waldur.posts
        assert not panel.working
        assert "The records of this dashboard cannot be read." in panel.words
        assert "check DATABASE_URL" in panel.words
        assert panel.words.count("Without the activity record nothing is sent.") == 3


class TestSharing:
    """Publishing asks first."""

    def test_asks_and_says_what_becomes_readable(self, panel: Panel) -> None:
        """The name is literal, and nothing is sent by asking."""
        panel.button("Share calendar").click().run()

        assert "Share publicly" in panel.labels
        for said in ("Anyone on the web", "title", "name and the e-mail address of the person"):
            assert said in panel.words
        assert NAME in panel.words
        assert not panel.waldur.posts

    def test_stays_open_while_the_page_is_drawn_anew(self, panel: Panel) -> None:
        """A run over other calendars has the page drawn again now and then."""
        panel.button("Share calendar").click().run()
        panel.at.run()

        assert "Share publicly" in panel.labels
        panel.press("Cancel")
        assert "Share publicly" not in panel.labels

    def test_cancel(self, panel: Panel) -> None:
        """Nothing is sent, and the question is gone."""
        panel.button("Share calendar").click().run()
        panel.press("Cancel")

        assert not panel.waldur.posts
        assert "Share publicly" not in panel.labels

    def test_confirmed(self, panel: Panel) -> None:
        """One POST; the change was read back, and every page knows it."""
        panel.waldur.after = PUBLIC
        panel.button("Share calendar").click().run()
        panel.press("Share publicly")

        assert panel.waldur.posts == [Action.SHARE]
        assert "Confirmed" in panel.words
        assert panel.at.code[0].value == LINK
        listed = panel.who.portfolio.snapshot().find(UUID)
        assert listed is not None
        assert listed.googlecalendar is not None
        assert listed.googlecalendar.public

    def test_not_confirmed(self, panel: Panel) -> None:
        """No change was seen: that is said, with what to check, and may be looked at again."""
        panel.button("Share calendar").click().run()
        panel.press("Share publicly")

        assert "Not confirmed" in panel.words
        assert "check the Google account of the service provider" in panel.words

        panel.press("Look again")
        assert "no change. The calendar is private." in panel.words

        panel.waldur.calendar_now = PUBLIC
        panel.press("Look again")
        assert "Confirmed" in panel.words
        assert panel.entry.outcome is Outcome.CONFIRMED
        assert panel.waldur.posts == [Action.SHARE]


class TestTrouble:
    """Refusals, lost answers and broken readings, told truly."""

    @pytest.mark.parametrize(
        ("error", "next_step"),
        [
            (
                Refused(status=400, words="Google credentials do not exist."),
                "Connect a Google account in Waldur",
            ),
            (CalendarBusy(status=400, words="The calendar cannot be updated."), "wait a minute"),
        ],
    )
    def test_refused(self, panel: Panel, error: WaldurError, next_step: str) -> None:
        """The server's own words, and what to do about them."""
        panel.waldur.answer = error
        panel.press("Sync calendar")

        assert "Refused" in panel.words
        assert f"The server said (400): {error.words}" in panel.words
        assert next_step in panel.words

    def test_words_of_the_server_are_text(self, panel: Panel) -> None:
        """Nothing in a refusal is read as Markdown."""
        panel.waldur.answer = Refused(status=400, words="![x](http://evil.example/x) :red[no]")
        panel.press("Sync calendar")

        raw = "\n".join(each.value for each in panel.at.markdown)
        assert "![x]" not in raw
        assert ":red[" not in raw

    def test_a_lost_answer_of_work_that_was_done(self, panel: Panel) -> None:
        """The state tells; the POST is not repeated."""
        panel.waldur.after, panel.waldur.answer = PUBLIC, Unreachable()
        panel.button("Share calendar").click().run()
        panel.press("Share publicly")

        assert panel.waldur.posts == [Action.SHARE]
        assert "Confirmed" in panel.words
        assert "The change is there all the same." in panel.words

    def test_a_lost_answer_of_work_that_is_not_seen(self, panel: Panel) -> None:
        """Nobody knows, and nobody claims to."""
        panel.waldur.answer = TooSlow()
        panel.button("Share calendar").click().run()
        panel.press("Share publicly")

        assert panel.waldur.posts == [Action.SHARE]
        assert "Outcome unknown" in panel.words
        assert "It may have been done" in panel.words
        assert "Look again" in panel.labels

    def test_cut_off_by_a_restart(self, panel: Panel, database: Path) -> None:
        """What a process left half done is Outcome unknown, and the buttons work again."""
        with closing(Journal(f"sqlite:///{database}", holder="another-host:1:1")) as other:
            other.begin(
                server=SERVER,
                offering_uuid=UUID,
                offering_name=NAME,
                action=Action.SHARE,
                person_uuid="2" * 32,
                person_name="jaan",
                seen=0,
                before=None,
            )
        with closing(sqlite3.connect(database)) as connection, connection:
            connection.execute("UPDATE calendar_action SET lease_until = '2000-01-01 00:00:00'")
        panel.again()

        assert "Outcome unknown" in panel.words
        assert "stopped before its outcome was known" in panel.words
        assert panel.working == LABELS[:2]

    def test_a_reading_that_fails_is_not_repeated_with_each_click(self, panel: Panel) -> None:
        """The age of what is shown is said; another try is a person's decision."""
        panel.waldur.broken = TooSlow(path="/api/booking-offerings/")
        panel.press("Sync calendar")
        reads = panel.waldur.reads
        panel.again()

        assert "is older than this action" in panel.words
        assert panel.waldur.reads == reads

        panel.waldur.broken, panel.waldur.calendar_now = None, PUBLIC
        panel.press("Read again")
        assert "is older than this action" not in panel.words
        assert panel.at.code[0].value == LINK

    def test_signed_out(self, panel: Panel) -> None:
        """A token that died ends the sign-in; the gate takes over."""
        panel.waldur.answer = SignedOut(status=401)
        panel.waldur.broken = SignedOut(status=401)
        panel.press("Sync calendar")

        assert "Sign in to see this page." in panel.words
        assert panel.desk.sign_ins.get(panel.who.id) is None
        assert panel.entry.outcome is Outcome.REFUSED


class TestGoogleAccount:
    """A provider without a Google account: said beside the buttons, which still work."""

    @pytest.mark.parametrize(("connected", "said"), [(False, 2), (True, 0), (None, 0)])
    def test_beside_the_buttons(
        self,
        open_panel: Callable[[], Panel],
        waldur: FakeWaldur,
        connected: bool | None,
        said: int,
    ) -> None:
        """Only what is known is said, beside each button that can be pressed."""
        waldur.calendar_now = PUBLIC
        waldur.accounts = [
            GoogleCredentials(uuid="a" * 32, customer_uuid=PROVIDER, connected=connected)
        ]
        panel = open_panel().draw()

        assert panel.working == [LABELS[0], LABELS[2]]
        assert panel.words.count(NOT_CONNECTED) == said
        assert waldur.asked_for_accounts == 1

    @pytest.mark.parametrize("error", [Forbidden(status=403), TooSlow(), Unreachable()])
    def test_a_failure_is_no_statement(
        self, open_panel: Callable[[], Panel], waldur: FakeWaldur, error: WaldurError
    ) -> None:
        """The panel works on, and the server is not asked again with every click."""
        waldur.accounts = error
        panel = open_panel().draw().again()

        assert panel.working == LABELS[:2]
        assert NOT_CONNECTED not in panel.words
        assert waldur.asked_for_accounts == 1

    def test_a_refused_token_signs_out(
        self, open_panel: Callable[[], Panel], waldur: FakeWaldur
    ) -> None:
        """As it does wherever else the server says so."""
        waldur.accounts = SignedOut(status=401)

        assert "Sign in to see this page." in open_panel().draw().words


def break_record(database: Path) -> None:
    """Takes the table away, as a failing database would."""
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DROP TABLE calendar_action")
