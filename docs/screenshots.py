"""Takes the pictures of docs/screenshots/ from the running demo: `make screenshots`.

With names of pictures as arguments, only these.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "docs" / "screenshots"
CLUSTER = """PartitionName=min-over-max DefaultTime=01:00:00 MaxTime=3-00:00:00 MinNodes=8 \
MaxNodes=16 DefMemPerCPU=2000 PriorityTier=10 QoS=normal CpuBind=cores
"""


def _nothing(_: Page) -> None:
    """The page as it opens."""


def _describe_job(page: Page) -> None:
    page.get_by_text("Paste #SBATCH lines").click()
    page.get_by_label("Job script or command").fill("#SBATCH -N 2\n#SBATCH -t 1-00:00:00\n")
    page.get_by_role("button", name="Fill in").click()
    page.get_by_text("Paste #SBATCH lines").click()


def _paste_cluster(page: Page) -> None:
    page.get_by_label("What the cluster says").fill(CLUSTER)
    page.get_by_label("What the cluster says").press("Control+Enter")


def _scroll_to_tabs(page: Page) -> None:
    page.get_by_test_id("stTabs").evaluate("element => element.scrollIntoView()")


def _scroll_to_calendar(page: Page) -> None:
    page.locator("iframe[title*=calendar]").wait_for()
    # It grows to its height a moment after it is there.
    page.wait_for_timeout(3000)
    _scroll_to_tabs(page)


def _scroll_to_basket(page: Page) -> None:
    page.get_by_test_id("stDataFrame").first.locator("td").first.wait_for(state="attached")
    _scroll_to_tabs(page)


def _tick_first_row(page: Page) -> None:
    _scroll_to_basket(page)
    table = page.get_by_test_id("stDataFrame").first.bounding_box()
    if table is None:
        raise SystemExit("The basket has no table.")
    page.mouse.click(table["x"] + 17, table["y"] + 52)
    heading = page.get_by_role("heading", name="How it is worked out")
    heading.evaluate("element => element.scrollIntoView()")


def _plan_to_share(page: Page) -> None:
    page.get_by_text("All in the list", exact=True).click()
    page.get_by_text("Share", exact=True).first.click()
    page.get_by_role("button", name="Show the plan").click()
    page.get_by_text("Becomes public:").wait_for()
    heading = page.get_by_role("heading", name="Many at once")
    heading.evaluate("element => element.scrollIntoView()")


BASKET = (
    "/plans?tab=Basket&component=gpu_hours&buy=cpu_hours|core-hours|20000|CPU"
    "&buy=storage|TB|60|Project+storage"
)
PICTURES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "overview": ("/", _nothing),
    "offerings": ("/offerings", _nothing),
    "map": ("/map", _nothing),
    "partitions": ("/partitions", _nothing),
    "findings": ("/partitions?tab=Findings&worst=error", _nothing),
    "fit": ("/partitions?tab=Would+it+fit%3F&q=sandbox", _describe_job),
    "cluster": ("/partitions?tab=Cluster&partition=min-over-max", _paste_cluster),
    "plans": ("/plans", _nothing),
    "basket": (BASKET, _scroll_to_basket),
    "arithmetic": (BASKET, _tick_first_row),
    "next-month": ("/plans?tab=Next+month&q=cluster", _nothing),
    "calendars": ("/calendars", _nothing),
    "plan-of-calendars": ("/calendars?calendar=private&state=Active", _plan_to_share),
    "bookings": ("/bookings", _nothing),
    "booking-calendar": ("/bookings?tab=Calendar", _scroll_to_calendar),
    "utilisation": ("/bookings?tab=Utilisation", _scroll_to_tabs),
}
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--use-gl=angle",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
    "--ignore-gpu-blocklist",
]


@contextlib.contextmanager
def dashboard() -> Iterator[str]:
    """The dashboard on its embedded demo, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "DATABASE_URL": f"sqlite:///{folder}/desk.sqlite"}
        environment.pop("WALDUR_API_URL", None)
        process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", "streamlit", "run", "app.py", f"--server.port={port}"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.DEVNULL,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_up(f"{address}/_stcore/health")
            yield address
        finally:
            process.terminate()
            process.wait(20)


def _wait_until_up(address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=2).close()  # noqa: S310
            return
        time.sleep(0.2)
    raise SystemExit("The dashboard did not start.")


def take(page: Page, address: str, name: str, scheme: str, prepare: Callable[[Page], None]) -> None:
    """One picture, when the page has stopped working and its tables and maps are drawn."""
    page.goto(address)
    page.get_by_test_id("stStatusWidget").wait_for(state="detached")
    page.get_by_text("Offerings as of").first.wait_for()
    prepare(page)
    page.wait_for_timeout(7000)
    page.screenshot(path=TARGET / f"{name}-{scheme}.png")
    print(f"{name}-{scheme}.png")  # noqa: T201


def main() -> None:
    """All pages, or those named as arguments, light and dark."""
    wanted = sys.argv[1:] or list(PICTURES)
    TARGET.mkdir(exist_ok=True)
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    with dashboard() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
        for scheme in ("light", "dark"):
            page = browser.new_page(
                viewport={"width": 1440, "height": 900},
                color_scheme="dark" if scheme == "dark" else "light",
                timezone_id="Europe/Tallinn",
            )
            for name in wanted:
                path, prepare = PICTURES[name]
                take(page, address + path, name, scheme, prepare)
        browser.close()


if __name__ == "__main__":
    main()
