"""The running product: what one process shares between all people it serves."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import timedelta
from typing import Any, TypeVar

from bookings.calendars.afterwards import settle
from bookings.calendars.journal import DatabaseError, Journal
from bookings.calendars.retention import forget
from bookings.calendars.runner import Runner
from bookings.calendars.runs import Runs
from bookings.every import DAY_SECONDS, Every
from bookings.portfolio import Portfolio
from bookings.reviews import Reviews
from bookings.settings import Settings
from bookings.sign_ins import SignIn, SignIns
from bookings.waldur.client import ServerFacts, WaldurClient
from bookings.waldur.errors import WaldurError
from bookings.waldur.models import Person

Made = TypeVar("Made")
LOADERS = 8
"""Threads of a server that load portfolios; each person has four requests at most."""
ASKERS = 16
"""Threads of a server for questions besides: a page may wait for the answer, which should take
no longer than the server does."""
SWEEP_SECONDS = 60.0
"""Between two looks for sign-ins that are over: so much longer their tokens stay in memory."""
CLOSING_SECONDS = 5.0
"""How long questions on their way are waited for at the end; their connections are closed then."""
DEMO_PERSON = "staff"
DEMO_PASSWORD = "demo"  # noqa: S105 - the demo server's own, on a loopback port of this process

_log = logging.getLogger(__name__)


class _Pools:
    """Threads of one kind, for each server its own: a slow one holds up nobody at another."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._lock = threading.Lock()
        self._of: dict[str, ThreadPoolExecutor] = {}
        self._closed = False

    def of(self, server: str) -> ThreadPoolExecutor:
        """The threads of a server; raises RuntimeError once closed, as their `submit` does."""
        with self._lock:
            if self._closed:
                raise RuntimeError("The desk is closed.")
            if server not in self._of:
                self._of[server] = ThreadPoolExecutor(self._most, thread_name_prefix=self._name)
            return self._of[server]

    def close(self) -> None:
        """Begins no more work. Work on its way ends by itself."""
        with self._lock:
            self._closed = True
            for pool in self._of.values():
                pool.shutdown(wait=False, cancel_futures=True)


class Desk:
    """Settings, sign-ins, journal and worker threads of one process.

    `open` starts the embedded demo Waldur where no server is configured, and begins to end
    sign-ins that are over, and to forget old entries of the journal where that is set; `close`
    ends all of it. `clock` and `sweep` (seconds) are there for tests.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        clock: Callable[[], float] = time.monotonic,
        sweep: float = SWEEP_SECONDS,
    ) -> None:
        self.settings = settings
        self.servers: tuple[str, ...] = settings.waldur_api_url
        self.sign_ins = SignIns(
            idle=settings.session_idle_minutes * 60.0,
            age=settings.session_hours * 3600.0,
            clock=clock,
        )
        self.journal = Journal(settings.database_url)
        self.reviews = Reviews(settings.database_url)
        self.runner = Runner(self.journal, patience=float(settings.calendar_patience_seconds))
        self.runs = Runs(self.runner)
        self._loaders = _Pools(LOADERS, "load")
        self._askers = _Pools(ASKERS, "ask")
        self._demo: subprocess.Popen[str] | None = None
        self._sweep = sweep
        self._regular: list[Every] = []
        self._asked: set[Future[Any]] = set()
        self._lock = threading.Lock()

    def open(self) -> None:
        """Starts the demo where no server is configured; opening twice starts one."""
        keep = timedelta(days=self.settings.journal_retention_days)
        with self._lock:
            if not self._regular:
                self._regular.append(Every(self._sweep, self.sign_ins.sweep, name="sweep"))
                if keep:
                    erase = Every(DAY_SECONDS, lambda: forget(self.journal, keep), name="forget")
                    self._regular.append(erase)
            if not self.servers:
                self._demo, address = _start_demo(self.settings.demo_offerings)
                self.servers = (address,)

    def close(self) -> None:
        """Ends the threads and the demo. A POST on its way is waited for and recorded."""
        self.runner.close()
        self.runs.close()
        for each in self._regular:
            each.close()
        self._loaders.close()
        self._askers.close()
        self.sign_ins.close()
        # What is still asked may write to the record, which would open it anew.
        wait(self._questions(), CLOSING_SECONDS)
        self.journal.close()
        self.reviews.close()
        if self._demo is not None:
            self._demo.terminate()
            self._demo.wait(10)
            if self._demo.stdout:
                self._demo.stdout.close()
            if self._demo.stdin:
                self._demo.stdin.close()

    def client(self, server: str, token: str | None = None) -> WaldurClient:
        """A client of one of the configured servers; raises ValueError for any other."""
        if server not in self.servers:
            raise ValueError("not one of the configured servers")
        bundle = self.settings.waldur_ca_bundle
        return WaldurClient(server, token, ca_bundle=str(bundle) if bundle else None)

    def in_background(self, server: str, work: Callable[[], Made]) -> "Future[Made]":
        """Has a server asked what a page need not wait for.

        Neither the lists that are being loaded nor another server hold it up.
        """
        question = self._askers.of(server).submit(work)
        with self._lock:
            self._asked.add(question)
        question.add_done_callback(self._forget)
        return question

    def _forget(self, question: "Future[Any]") -> None:
        with self._lock:
            self._asked.discard(question)

    def _questions(self) -> "set[Future[Any]]":
        with self._lock:
            return set(self._asked)

    def sign_in_with_token(self, server: str, token: str) -> SignIn:
        """Checks that the server is a Waldur and whose the token is, and begins a sign-in."""
        return self._begin(server, token, self._facts(server))

    def sign_in_with_password(self, server: str, username: str, password: str) -> SignIn:
        """The same, for a token got by username and password."""
        facts = self._facts(server)
        anonymous = self.client(server)
        try:
            token = anonymous.sign_in(username, password)
        finally:
            anonymous.close()
        return self._begin(server, token, facts)

    def _facts(self, server: str) -> ServerFacts:
        # Asked without the token: what is not a Waldur must not get to see one.
        anonymous = self.client(server)
        try:
            return anonymous.facts()
        finally:
            anonymous.close()

    def _begin(self, server: str, token: str, facts: ServerFacts) -> SignIn:
        client = self.client(server, token)
        try:
            person = client.me()
            portfolio = Portfolio(client, person, self._loaders.of(server))
            portfolio.want("light")
            self.in_background(server, lambda: self._look_after_restart(client, person))
            return self.sign_ins.begin(client, person, facts, portfolio)
        except BaseException:
            client.close()
            raise

    def _look_after_restart(self, client: WaldurClient, person: Person) -> None:
        """Finds out what became of what ended with an earlier process, or without a certain end.

        A token is needed to ask, so that it waits for the person who asked for it.
        """
        read: list[int] = []
        # The next sign-in tries again, and the page of the run offers to.
        try:
            read = self.runs.look_after_restart(client, person)
        except (WaldurError, DatabaseError) as error:
            _log.warning("The state after a restart was not read: %s", type(error).__name__)
        try:
            settle(self.runner, client, person, but_runs=read)
        except (WaldurError, DatabaseError) as error:
            _log.warning("What has no certain end was not read: %s", type(error).__name__)


def _start_demo(offerings: int) -> tuple[subprocess.Popen[str], str]:
    """The demo Waldur as a process of its own, and its address.

    It ends when this process does, however that happens: its standard input closes then.
    """
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [
            *(sys.executable, "-m", "demo", "--port", "0", "--exit-with-parent"),
            *("--offerings", str(offerings)),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    line = process.stdout.readline() if process.stdout else ""
    if not line.startswith("READY "):
        process.kill()
        raise RuntimeError("The embedded demo Waldur did not start.")
    return process, line.split()[1]
