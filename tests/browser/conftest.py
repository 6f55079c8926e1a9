"""The running dashboard in a real Chromium, against a demo Waldur of this process."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from demo.people import TOKENS
from demo.server import RunningDemo, running
from tests.browser.settled import settled

ROOT = Path(__file__).parents[2]
SECONDS = 40.0
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    # The map needs WebGL, which software renders where there is no screen.
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]
WINDOW_CLOSED = re.compile(
    r"^Exception in ASGI application\nTraceback(?:(?!^Exception in ASGI).)*?"
    r"^starlette\.websockets\.WebSocketDisconnected: [^\n]*\n(?!\nDuring)",
    re.DOTALL | re.MULTILINE,
)
NewPage = Callable[..., Page]
expect.set_options(timeout=SECONDS * 1000)


def wait_until(fulfilled: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Waits for something outside the browser; fails with `what` when it does not come."""
    deadline = time.monotonic() + seconds
    while not fulfilled():
        assert time.monotonic() < deadline, f"did not happen: {what}"
        time.sleep(0.05)


class Dashboard:
    """A dashboard in a process of its own."""

    def __init__(self, folder: Path, server: str, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / f"dashboard-{port}.log"
        environment = {
            **os.environ,
            "WALDUR_API_URL": server,
            "DATABASE_URL": f"sqlite:///{folder / f'desk-{port}.sqlite'}",
            "CALENDAR_PATIENCE_SECONDS": "6",
            **settings,
        }
        with self.log.open("w") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def wait(self) -> "Dashboard":
        """Until it answers."""
        wait_until(self._answers, "the dashboard starts", 60)
        return self

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2).close()
            return True
        return False

    def stop(self) -> None:
        """Ends it; its log must hold neither a token nor a traceback through our code.

        Streamlit logs one of its own when a window closes while it is being written to, and that
        one passes through our middleware.
        """
        self._process.terminate()
        self._process.wait(30)
        log = WINDOW_CLOSED.sub("", self.log.read_text())

        ours = re.search(rf"{re.escape(str(ROOT))}/(app|bookings|components|pages)\b", log)
        assert ours is None, log[-3000:]
        assert not [name for name, token in TOKENS.items() if token in log]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for all tests of a process."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_demo() -> Iterator[RunningDemo]:
    """One server for all tests of a process; ask for `demo` instead."""
    with running(offerings=100, queueing=0.5, working=0.2, login=0) as server:
        yield server


@pytest.fixture
def demo(shared_demo: RunningDemo) -> Iterator[RunningDemo]:
    """The server, without faults and with no request noted."""
    shared_demo.clear_requests()
    yield shared_demo
    shared_demo.faults.clear()


@pytest.fixture
def own_demo() -> Iterator[RunningDemo]:
    """A server of one test, for what must not be asked: whoever signed in to the shared
    dashboard in an earlier test may still be read for.
    """
    with running(offerings=30, login=0) as server:
        yield server


@pytest.fixture(scope="session")
def dashboard(
    shared_demo: RunningDemo, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Dashboard]:
    """One dashboard for all tests of a process."""
    started = Dashboard(tmp_path_factory.mktemp("dashboard"), shared_demo.url)
    yield started.wait()
    started.stop()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Dashboard]]:
    """Starts further dashboards: `start(server_address)`."""
    with contextlib.ExitStack() as stopping:

        def begin(server: str, **settings: str) -> Dashboard:
            started = Dashboard(tmp_path, server, **settings)
            stopping.callback(started.stop)
            return started.wait()

        yield begin


@pytest.fixture
def new_page(chromium: Browser) -> Iterator[NewPage]:
    """Opens windows, each a browser of its own unless `beside` names a page.

    At the end no window may have seen an error in its console, or a request to another host.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def watch(page: Page) -> None:
        page.set_default_timeout(SECONDS * 1000)
        page.on("pageerror", lambda error: complaints.append(f"page error: {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url} console: {message.text}")
                if message.type == "error"
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                complaints.append(f"foreign request: {request.url}")
                if not re.match(r"(https?|wss?)://127\.0\.0\.1:(?!9/)|data:|blob:", request.url)
                else None
            ),
        )
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))

    def open_window(
        *, beside: Page | None = None, width: int = 1440, scheme: str = "light"
    ) -> Page:
        if beside is not None:
            page = beside.context.new_page()
        else:
            context = chromium.new_context(
                viewport={"width": width, "height": 900},
                color_scheme="dark" if scheme == "dark" else "light",
                timezone_id="Europe/Tallinn",
                accept_downloads=True,
            )
            contexts.append(context)
            page = context.new_page()
        watch(page)
        return page

    yield open_window
    for context in contexts:
        context.close()

    assert not complaints


@pytest.fixture
def page(new_page: NewPage) -> Page:
    """One window."""
    return new_page()


@pytest.fixture
def sign_in(dashboard: Dashboard) -> Callable[..., None]:
    """Opens an address and signs in on the form that stands there: `sign_in(page, "/map")`.

    Waits until the page has settled, which it does not while a slow server is still read:
    `settle=False`.
    """

    def enter(
        page: Page,
        path: str = "/",
        person: str = "staff",
        url: str = "",
        *,
        settle: bool = True,
    ) -> None:
        page.goto((url or dashboard.url) + path)
        page.get_by_label("API token").fill(TOKENS[person])
        page.get_by_role("button", name="Sign in").first.click()
        page.get_by_role("link", name="Overview").wait_for()
        if settle:
            settled(page)

    return enter
