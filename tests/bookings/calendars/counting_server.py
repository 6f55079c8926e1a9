"""A small Waldur over real HTTP that counts, spoils answers as told, and can stop the clock.

It knows the truth about every calendar: how often it was asked to change it, what it answered,
and what the calendar is.
"""

import json
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar
from urllib.parse import urlsplit

TOKEN = "0123456789abcdef0123" * 2
BUSY = "The calendar cannot be updated."
ALREADY = "The calendar is public already."
LIST = "/api/booking-offerings/"
ACCOUNTS = "/api/google-auth/"
BOOKINGS = "/api/booking-resources/"
SLOW_SECONDS = 20.0
"""The longest that a slow answer is held back; a test ends it earlier."""


class Fault(StrEnum):
    """What becomes of one POST."""

    LOST = "the answer is lost after the work"
    BAD_GATEWAY = "502 before the work"
    BAD_GATEWAY_AFTER = "502 after the work"
    RESET = "the connection is reset before the work"
    HALF = "half an answer after the work"
    SLOW = "the answer comes too late, after the work"
    SLOW_BEFORE = "the work comes too late"
    BUSY = "refused as busy"
    NO = "refused"
    FAILS = "accepted, and fails at Google"
    SIGNED_OUT = "401"


class Point(StrEnum):
    """Where a request is."""

    CONNECTED = "a connection was taken"
    LISTED = "the list was asked for"
    ACCOUNTS = "the Google accounts were asked for"
    BOOKINGS = "the bookings were asked for"
    ARRIVED = "a POST arrived"
    WORKED = "its work was queued"
    ANSWERED = "it was answered"
    READ = "a calendar is being read"


_GETS = {LIST: Point.LISTED, ACCOUNTS: Point.ACCOUNTS, BOOKINGS: Point.BOOKINGS}


@dataclass
class Calendar:
    """One offering's calendar, as the server has it."""

    uuid: str
    public: bool = False
    due: float | None = None
    """When it becomes public."""
    posts: int = 0
    accepted: int = 0
    """202 that were queued."""
    answered: int = 0
    """202 that were sent."""
    refused: int = 0
    faults: list[Fault] = field(default_factory=list)
    """Of its next POSTs, in order."""

    def settle(self, now: float) -> None:
        """Does the work whose time has come."""
        if self.due is not None and self.due <= now:
            self.public, self.due = True, None


class CountingServer:
    """So many private calendars of one provider. `hook` is called at each point with its count."""

    def __init__(self, calendars: int, *, working: float = 0.03) -> None:
        self.calendars = {f"{n:032x}": Calendar(f"{n:032x}") for n in range(1, calendars + 1)}
        self.counts: Counter[Point] = Counter()
        self.hook: Callable[[Point, int], bool] = lambda _point, _count: False
        """Gives True to have the request dropped there."""
        self.late = threading.Event()
        """Set to end the wait of slow answers."""
        self.url = ""
        self.take_no_more: Callable[[], None] = lambda: None
        """Has new connections refused from here on."""
        self._working = working
        self._lock = threading.RLock()
        self._handled = threading.Condition(self._lock)
        self._posts_in_hand = 0

    @property
    def posts(self) -> int:
        """All of them."""
        return sum(each.posts for each in self.calendars.values())

    def public(self) -> set[str]:
        """The calendars that are public now."""
        self._settle(time.monotonic())
        return {each.uuid for each in self.calendars.values() if each.public}

    def finish_work(self) -> None:
        """Does all the work that is queued, and that of POSTs which are still in hand."""
        self.late.set()
        with self._handled:
            assert self._handled.wait_for(lambda: not self._posts_in_hand, SLOW_SECONDS)
        self._settle(float("inf"))

    @contextmanager
    def in_hand(self) -> Iterator[None]:
        """While a POST is handled."""
        with self._handled:
            self._posts_in_hand += 1
        try:
            yield
        finally:
            with self._handled:
                self._posts_in_hand -= 1
                self._handled.notify_all()

    def passes(self, point: Point) -> bool:
        """Counts; False when the request is to be dropped here."""
        with self._lock:
            self.counts[point] += 1
            count = self.counts[point]
        return not self.hook(point, count)

    def item(self, uuid: str) -> dict[str, Any] | None:
        """One offering as JSON."""
        self._settle(time.monotonic())
        calendar = self.calendars.get(uuid)
        if calendar is None:
            return None
        link = f"https://calendar.google.com/calendar/embed?src={uuid}" if calendar.public else None
        return {
            "uuid": uuid,
            "name": f"Laser {int(uuid, 16)}",
            "state": "Active",
            "type": "Marketplace.Booking",
            "customer_uuid": "c" * 32,
            "customer_name": "Centre",
            "googlecalendar": {"backend_id": f"{uuid}@x", "public": calendar.public,
                               "http_link": link},
        }  # fmt: skip

    def receive(self, uuid: str) -> Fault | None:
        """Counts a POST, and gives what is to become of it."""
        calendar = self.calendars[uuid]
        with self._lock:
            calendar.posts += 1
            return calendar.faults.pop(0) if calendar.faults else None

    def work(self, uuid: str, *, fails: bool = False) -> tuple[int, Any]:
        """Queues a share, or refuses it, as a Waldur does."""
        calendar = self.calendars[uuid]
        now = time.monotonic()
        with self._lock:
            calendar.settle(now)
            if calendar.public or calendar.due is not None:
                calendar.refused += 1
                return 400, [ALREADY if calendar.public else BUSY]
            calendar.accepted += 1
            if not fails:
                calendar.due = now + self._working
            return 202, "OK"

    def _settle(self, now: float) -> None:
        with self._lock:
            for each in self.calendars.values():
                each.settle(now)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = 30
    waldur: ClassVar[CountingServer]

    def setup(self) -> None:
        super().setup()
        self.waldur.passes(Point.CONNECTED)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        """Reads."""
        waldur, path = self.waldur, urlsplit(self.path).path
        if path == "/api/users/me/":
            self._answer(200, {"uuid": "a" * 32, "username": "mari", "is_staff": True})
        elif path == "/api/configuration/":
            self._answer(200, {"WALDUR_CORE": {}})
        elif not waldur.passes(_GETS.get(path, Point.READ)):
            self._break()
        elif path in {ACCOUNTS, BOOKINGS}:
            self._answer(200, [], {"X-Result-Count": "0"})
        elif path == LIST:
            items = [waldur.item(uuid) for uuid in waldur.calendars]
            self._answer(200, items, {"X-Result-Count": str(len(items))})
        else:
            item = waldur.item(path.removeprefix(LIST).strip("/"))
            status = 404 if item is None else 200
            self._answer(status, item or {"detail": "No Offering matches the given query."})

    def do_POST(self) -> None:
        """Shares, with what is to go wrong."""
        with self.waldur.in_hand():
            self._share()

    def _share(self) -> None:
        waldur = self.waldur
        uuid, action = self.path.removeprefix(LIST).strip("/").split("/")
        assert action == "share_google_calendar"
        fault = waldur.receive(uuid)
        if not waldur.passes(Point.ARRIVED):
            self._break()
        elif fault is Fault.BAD_GATEWAY:
            self._answer(502, "<h1>Bad gateway</h1>")
        elif fault is Fault.RESET:
            self._break(reset=True)
        elif fault in {Fault.BUSY, Fault.NO}:
            waldur.calendars[uuid].refused += 1
            self._answer(400, [BUSY if fault is Fault.BUSY else "Google credentials do not exist."])
        elif fault is Fault.SIGNED_OUT:
            waldur.calendars[uuid].refused += 1
            self._answer(401, {"detail": "Invalid token."})
        else:
            if fault is Fault.SLOW_BEFORE:
                waldur.late.wait(SLOW_SECONDS)
            answer = waldur.work(uuid, fails=fault is Fault.FAILS)
            self._finish(uuid, fault, *answer)

    def _finish(self, uuid: str, fault: Fault | None, status: int, body: Any) -> None:
        waldur = self.waldur
        if not waldur.passes(Point.WORKED) or fault is Fault.LOST:
            self._break()
            return
        if fault is Fault.SLOW:
            waldur.late.wait(SLOW_SECONDS)
        if fault is Fault.BAD_GATEWAY_AFTER:
            self._answer(502, "<h1>Bad gateway</h1>")
            return
        if fault is Fault.HALF:
            self._answer(status, body, half=True)
            self._break()
            return
        waldur.calendars[uuid].answered += status == 202
        self._answer(status, body)
        waldur.passes(Point.ANSWERED)

    def _answer(
        self,
        status: int,
        body: Any,
        headers: dict[str, str] | None = None,
        *,
        half: bool = False,
    ) -> None:
        content = json.dumps(body).encode()
        try:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content[: len(content) // 2] if half else content)
        except OSError:
            self.close_connection = True  # nobody is there any more

    def _break(self, *, reset: bool = False) -> None:
        self.close_connection = True
        if reset:
            # A linger of zero makes the kernel send RST where it would send FIN.
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed, or a connection that was reset, is no error here."""


@contextmanager
def counting(calendars: int, *, working: float = 0.03) -> Iterator[CountingServer]:
    """A server on a free loopback port while the context lasts."""
    waldur = CountingServer(calendars, working=working)
    handler = type("Handler", (_Handler,), {"waldur": waldur})
    server = _Server(("127.0.0.1", 0), handler)
    waldur.url = f"http://127.0.0.1:{server.server_port}/"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()

    def close() -> None:
        server.shutdown()
        server.socket.close()

    waldur.take_no_more = close
    try:
        yield waldur
    finally:
        waldur.late.set()
        server.shutdown()
        thread.join()
        server.server_close()
