"""`make bench`: measures side by side in one run and prints ratios, which other machines share.

Seconds depend on the machine; what is compared is measured in turns in the same process.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from random import Random

from streamlit.testing.v1 import AppTest

from bookings.desk import Desk
from bookings.filters import OFFERING_FILTERS, PLAN_FILTERS, Criteria, apply
from bookings.frames import in_order, offerings_frame, partitions_frame, plans_frame
from bookings.partition_review import review
from bookings.partition_tables import REVIEW_FILTERS, grouped, with_findings
from bookings.plans.audit import audit_plans
from bookings.plans.basket import Basket, Wanted
from bookings.plans.billing import whole_month
from bookings.plans.quotes import plans_of, quotes
from bookings.portfolio import GroupState, Portfolio, Snapshot
from bookings.settings import Settings
from bookings.sign_ins import SignIn
from bookings.slurm.fit import judge
from bookings.slurm.hardware import Hardware, Nodes
from bookings.slurm.jobs import Job
from bookings.waldur import fieldsets
from bookings.waldur.client import BOOKING_OFFERINGS, WaldurClient
from bookings.waldur.models import Offering
from components import session
from demo.partitions import centre_partitions
from demo.people import TOKENS
from demo.plans import HPC_MEASURES, build_components, build_plans
from demo.server import running

ROUNDS = 5
OBSERVED_OFFERINGS = 268
"""As many as the server had on which the costs of fields were measured."""
MANY = 10_000
PARTITIONS = 5_000
PER_OFFERING = 10
PRICED = 5_000
SHELL = Path(__file__).parents[1] / "components" / "shell.py"


def main() -> None:
    """Prints the four tables."""
    print("| against a server that takes 50 ms a full item | seconds | ratio |")
    print("|---|---|---|")
    for row in _loading():
        print("| {} | {:.2f} | {:.2f} |".format(*row))
    print()
    print(f"| {MANY:,} offerings in memory | milliseconds | ratio |")
    print("|---|---|---|")
    for name, seconds, ratio in _memory():
        print(f"| {name} | {seconds * 1000:.0f} | {ratio:.2f} |")
    print()
    print(f"| {PARTITIONS:,} partitions in memory | milliseconds | ratio |")
    print("|---|---|---|")
    for name, seconds, ratio in _partitions():
        print(f"| {name} | {seconds * 1000:.0f} | {ratio:.2f} |")
    print()
    print(f"| plans of {PRICED:,} offerings in memory | milliseconds | ratio |")
    print("|---|---|---|")
    for name, seconds, ratio in _plans():
        print(f"| {name} | {seconds * 1000:.0f} | {ratio:.2f} |")


def _loading() -> list[tuple[str, float, float]]:
    with (
        running(offerings=OBSERVED_OFFERINGS, slow=True) as demo,
        ThreadPoolExecutor(8) as pool,
    ):
        client = WaldurClient(demo.url, TOKENS["staff"])
        person = client.me()
        answer, usable, complete = [], [], []
        for _ in range(3):
            answer.append(_seconds(lambda: _light_answer(client)))
            portfolio = Portfolio(client, person, pool)
            started = time.perf_counter()
            portfolio.want("partitions", "plans")
            portfolio.wait(lambda s: s.state("light").status == "loaded", 120)
            usable.append(time.perf_counter() - started)
            portfolio.wait(lambda s: not s.loading, 120)
            complete.append(time.perf_counter() - started)
        base = statistics.median(answer)
        return [
            ("the server's own light answer", base, 1.0),
            ("light table in the portfolio", statistics.median(usable), _over(usable, base)),
            ("partitions and plans in too", statistics.median(complete), _over(complete, base)),
        ]


def _light_answer(client: WaldurClient) -> None:
    client.offerings_page(BOOKING_OFFERINGS, fieldsets.LIGHT, page=1, page_size=300)


def _memory() -> list[tuple[str, float, float]]:
    snapshot = _snapshot_of(MANY)
    frame = offerings_frame(snapshot)
    build, search, choose = [], [], []
    for _ in range(ROUNDS):
        build.append(_seconds(lambda: offerings_frame(snapshot)))
        search.append(_seconds(lambda: apply(OFFERING_FILTERS, Criteria({"q": "lab"}), frame)))
        criteria = Criteria({"state": ("Active",), "partitions": True})
        choose.append(_seconds(lambda c=criteria: apply(OFFERING_FILTERS, c, frame)))
    base = statistics.median(build)
    return [
        ("the table is built", base, 1.0),
        ("a search in it", statistics.median(search), _over(search, base)),
        ("two filters on it", statistics.median(choose), _over(choose, base)),
    ]


def _partitions() -> list[tuple[str, float, float]]:
    """The page of partitions at its largest, step by step and as one whole run."""
    snapshot = _of_partitions()
    nodes = Hardware((Nodes(16, 64, 2, 256_000),))
    found = review(in_order(snapshot), {}, {})
    frame = with_findings(partitions_frame(snapshot), found)
    job = Job(nodes=2, ntasks_per_node=32, cpus_per_task=2, mem_per_cpu=2000, time=1440)
    text = {"q": "gpu"}
    limits = {"max_time": (1440.0, None), "def_mem_per_cpu.is": ("not set",)}
    steps: dict[str, Callable[[], object]] = {
        "the table is built": lambda: partitions_frame(snapshot),
        "every rule judges": lambda: review(in_order(snapshot), {}, {}),
        "a search in it": lambda: apply(REVIEW_FILTERS, Criteria(text), frame),
        "two limits filter it": lambda: apply(REVIEW_FILTERS, Criteria(limits), frame),
        "grouped by name": lambda: grouped(frame, "Partition name"),
        "a job is judged in each": lambda: [
            judge(record.partition, job, nodes) for record in found.records
        ],
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            times[name].append(_seconds(step))
    searches = ("gpu", "batch", "cluster 7", "long", "centre 3")
    times["the page answers a filter, all of its run"] = _page_runs(
        snapshot, "partitions", searches
    )
    base = statistics.median(times["the table is built"])
    return [(name, statistics.median(each), _over(each, base)) for name, each in times.items()]


def _of_partitions() -> Snapshot:
    rng = Random(1)
    offerings = []
    for number in range(PARTITIONS // PER_OFFERING):
        items = [
            item for _ in range(3) for item in centre_partitions(rng, "university", newer=True)
        ]
        offerings.append(
            Offering.model_validate(
                {
                    "uuid": f"{number:032x}",
                    "name": f"Cluster {number}",
                    "customer_name": f"Centre {number % 20}",
                    "partitions": (items * PER_OFFERING)[:PER_OFFERING],
                }
            )
        )
    return _loaded(offerings, "partitions")


def _plans() -> list[tuple[str, float, float]]:
    """The page of plans at its largest, step by step and as one whole run."""
    snapshot = _of_plans()
    plans = list(plans_of(snapshot.offerings))
    now = datetime.now(UTC)
    wanted = (Wanted("cpu_hours", Decimal(1000)), Wanted("storage", Decimal(10)))
    basket = Basket(wanted, *whole_month(now))
    frame = plans_frame(snapshot, "EUR")
    steps: dict[str, Callable[[], object]] = {
        "the table is built": lambda: plans_frame(snapshot, "EUR"),
        "every rule judges": lambda: audit_plans(snapshot.offerings, Decimal(10)),
        "a search in it": lambda: apply(PLAN_FILTERS, Criteria({"q": "academic"}), frame),
        "a basket is priced on each": lambda: quotes(plans, basket, now),
    }
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            times[name].append(_seconds(step))
    searches = ("academic", "industry", "cluster 7", "basic", "centre 3")
    times["the page answers a filter, all of its run"] = _page_runs(snapshot, "plans", searches)
    base = statistics.median(times["the table is built"])
    return [(name, statistics.median(each), _over(each, base)) for name, each in times.items()]


def _of_plans() -> Snapshot:
    rng = Random(1)
    offerings = []
    for number in range(PRICED):
        uuid = f"{number:032x}"
        components = build_components(rng, HPC_MEASURES)
        plans = build_plans(rng, uuid, components, HPC_MEASURES, ("month", "quarter"))
        offerings.append(
            Offering.model_validate(
                {
                    "uuid": uuid,
                    "name": f"Cluster {number}",
                    "customer_name": f"Centre {number % 20}",
                    "state": "Active",
                    "components": components,
                    "plans": plans,
                }
            )
        )
    return _loaded(offerings, "plans")


def _loaded(offerings: list[Offering], group: str) -> Snapshot:
    loaded = GroupState("loaded", as_of=datetime.now(UTC))
    return Snapshot(
        offerings=tuple(offerings), groups={"light": loaded, group: loaded}, rows_version=1
    )


class _Loaded(Portfolio):
    """A portfolio in which everything is there and nothing moves."""

    def __init__(self, who: SignIn, pool: ThreadPoolExecutor, snapshot: Snapshot) -> None:
        super().__init__(who.client, who.person, pool)
        self._loaded = snapshot

    def want(self, *groups: str) -> None:
        """Nothing is missing."""

    def snapshot(self) -> Snapshot:
        """What is there."""
        return self._loaded


def _page_runs(snapshot: Snapshot, page_key: str, searches: tuple[str, ...]) -> list[float]:
    """Seconds of whole runs of the page, each with another filter, without the browser."""
    with (
        running(offerings=0, login=0) as demo,
        tempfile.TemporaryDirectory() as folder,
        ThreadPoolExecutor(1) as pool,
    ):
        desk = Desk(
            Settings(
                waldur_api_url=demo.url,
                database_url=f"sqlite:///{folder}/desk.sqlite",
                _env_file=None,
            )
        )
        try:
            who = desk.sign_in_with_token(desk.servers[0], TOKENS["staff"])
            who.portfolio.wait(lambda s: s.state("light").status == "loaded", 60)
            who.portfolio = _Loaded(who, pool, snapshot)
            session.install(desk, identify=lambda: who.id)
            page = AppTest.from_file(SHELL, default_timeout=120)
            page.switch_page(f"../pages/{page_key}.py").run()
            runs = []
            for text in searches:
                search = next(each for each in page.text_input if each.label == "Search")
                runs.append(_seconds(lambda s=search, t=text: s.input(t).run()))
                if page.exception:
                    raise SystemExit(page.exception[0].value)
            return runs
        finally:
            session.install(None)
            desk.close()


def _snapshot_of(count: int) -> Snapshot:
    with running(offerings=count) as demo, ThreadPoolExecutor(8) as pool:
        client = WaldurClient(demo.url, TOKENS["staff"])
        portfolio = Portfolio(client, client.me(), pool)
        portfolio.want("partitions", "plans")
        return portfolio.wait(lambda s: s.state("light").status == "loaded" and not s.loading, 300)


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _over(values: list[float], base: float) -> float:
    return statistics.median(values) / base


if __name__ == "__main__":
    main()
