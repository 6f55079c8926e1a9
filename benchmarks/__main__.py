"""`make bench`: measures side by side in one run and prints ratios, which other machines share.

Seconds depend on the machine; what is compared is measured in turns in the same process.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from streamlit.testing.v1 import AppTest

from bookings.booking_tables import BOOKING_FILTERS, bookings_frame
from bookings.calendar_tables import calendars_frame
from bookings.calendars.actions import Action
from bookings.calendars.journal import Journal
from bookings.calendars.preflight import plan_of
from bookings.calendars.run_record import Item, RunRecord
from bookings.desk import Desk
from bookings.filters import OFFERING_FILTERS, PLAN_FILTERS, Criteria, apply
from bookings.frames import in_order, offerings_frame, partitions_frame, plans_frame
from bookings.partition_review import review
from bookings.partition_tables import REVIEW_FILTERS, grouped, with_findings
from bookings.plain_text import MOST_MARKUP, plain_text
from bookings.plans.audit import audit_plans
from bookings.plans.basket import Basket, Wanted
from bookings.plans.billing import whole_month
from bookings.plans.quotes import plans_of, quotes
from bookings.portfolio import GroupState, Portfolio, Snapshot
from bookings.schedule.conflicts import find_conflicts
from bookings.schedule.ics import calendar_file
from bookings.schedule.times import times_of_bookings
from bookings.schedule.utilisation import days_between, utilisation
from bookings.settings import Settings
from bookings.sign_ins import SignIn
from bookings.slurm.fit import judge
from bookings.slurm.hardware import Hardware, Nodes
from bookings.slurm.jobs import Job
from bookings.waldur import fieldsets
from bookings.waldur.client import BOOKING_OFFERINGS, WaldurClient
from bookings.waldur.models import Booking, Offering
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
BOOKED = 5_000
OFFERED = 100
SHELL = Path(__file__).parents[1] / "components" / "shell.py"


def main() -> None:
    """Prints the tables."""
    print("| against a server that takes 50 ms a full item | seconds | ratio |")
    print("|---|---|---|")
    for row in _loading():
        print("| {} | {:.2f} | {:.2f} |".format(*row))
    print()
    for what, measure in (
        (f"{MANY:,} offerings", _memory),
        (f"{PARTITIONS:,} partitions", _partitions),
        (f"plans of {PRICED:,} offerings", _plans),
        (f"{BOOKED:,} bookings of {OFFERED} offerings", _bookings),
        (f"calendars of {MANY:,} offerings", _calendars),
        (f"{MOST_MARKUP:,} signs of markup", _markup),
    ):
        print(f"| {what} in memory | milliseconds | ratio |")
        print("|---|---|---|")
        for name, seconds, ratio in measure():
            print(f"| {name} | {seconds * 1000:.0f} | {ratio:.2f} |")
        print()


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
    text = {"q": "lab"}
    chosen = {"state": ("Active",), "partitions": True}
    return _compared(
        _in_turns(
            {
                "the table is built": lambda: offerings_frame(snapshot),
                "a search in it": lambda: apply(OFFERING_FILTERS, Criteria(text), frame),
                "two filters on it": lambda: apply(OFFERING_FILTERS, Criteria(chosen), frame),
            }
        )
    )


def _markup() -> list[tuple[str, float, float]]:
    """What was written to hold up a reader takes about as long as what was written to be read."""
    pieces = {
        "prose is read": "<p>Opening hours &amp; rules</p> ",
        "beginnings of tags": "<a ",
        "beginnings of attributes": '<a x="',
        "beginnings of comments": "<!--",
    }
    texts = {name: (piece * MOST_MARKUP)[:MOST_MARKUP] for name, piece in pieces.items()}
    return _compared(_in_turns({name: partial(plain_text, text) for name, text in texts.items()}))


def _partitions() -> list[tuple[str, float, float]]:
    """The page of partitions at its largest, step by step and as one whole run."""
    snapshot = _of_partitions()
    nodes = Hardware((Nodes(16, 64, 2, 256_000),))
    found = review(in_order(snapshot), {}, {})
    frame = with_findings(partitions_frame(snapshot), found)
    job = Job(nodes=2, ntasks_per_node=32, cpus_per_task=2, mem_per_cpu=2000, time=1440)
    text = {"q": "gpu"}
    limits = {"max_time": (1440.0, None), "def_mem_per_cpu.is": ("not recorded",)}
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
    times = _in_turns(steps)
    searches = ("gpu", "batch", "cluster 7", "long", "centre 3")
    times["the page answers a filter, all of its run"] = _page_runs(
        snapshot, "partitions", searches
    )
    return _compared(times)


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
    times = _in_turns(steps)
    searches = ("academic", "industry", "cluster 7", "basic", "centre 3")
    times["the page answers a filter, all of its run"] = _page_runs(snapshot, "plans", searches)
    return _compared(times)


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


def _bookings() -> list[tuple[str, float, float]]:
    """What the page of bookings works out, step by step."""
    now = datetime(2026, 11, 24, 12, tzinfo=UTC)
    listed = _of_bookings(now)
    times = times_of_bookings(listed)
    found = find_conflicts(times)
    frame = bookings_frame(listed, now, conflicts=found.counts())
    days = days_between(date(2026, 11, 1), date(2026, 11, 30), ZoneInfo("Europe/Tallinn"))
    text = {"q": "crystal"}
    return _compared(
        _in_turns(
            {
                "the table is built": lambda: bookings_frame(listed, now, conflicts=found.counts()),
                "a search in it": lambda: apply(BOOKING_FILTERS, Criteria(text), frame),
                "conflicts are found": lambda: find_conflicts(times_of_bookings(listed)),
                "how much of a month is booked": lambda: utilisation(times, days),
                "all of them as a calendar file": lambda: calendar_file(
                    times, "https://waldur.example/", now
                ),
            }
        )
    )


def _of_bookings(now: datetime) -> list[Booking]:
    rng = Random(1)
    listed = []
    for number in range(BOOKED):
        start = now + timedelta(hours=rng.randrange(-2000, 2000))
        end = start + timedelta(hours=rng.randrange(1, 48))
        offering = rng.randrange(OFFERED)
        listed.append(
            Booking.model_validate(
                {
                    "uuid": f"{number:032x}",
                    "name": rng.choice(("Crystal growth", "Course", "Maintenance", "Beam time")),
                    "state": rng.choice(("OK", "OK", "Creating", "Terminated")),
                    "offering_uuid": f"{offering:032x}",
                    "offering_name": f"Lab {offering}",
                    "customer_name": f"Centre {number % 20}",
                    "created": (start - timedelta(days=9)).isoformat(),
                    "slots": [{"start": start.isoformat(), "end": end.isoformat()}],
                }
            )
        )
    return listed


def _calendars() -> list[tuple[str, float, float]]:
    """The table of calendars, and a run over all of them on record, in SQLite."""
    snapshot = _snapshot_of(MANY)
    offerings = snapshot.offerings
    rows = offerings_frame(snapshot)
    now = datetime.now(UTC)
    plan = plan_of(Action.SYNC, offerings)
    items = [
        Item(
            place,
            step.offering.uuid,
            step.offering.name,
            step.foreseen.verdict,
            step.foreseen.reason,
            chosen=True,
            ended=False,
        )
        for place, step in enumerate(plan.steps)
    ]
    with tempfile.TemporaryDirectory() as folder:
        journal = Journal(f"sqlite:///{folder}/desk.sqlite")
        record = RunRecord(journal)

        def begin() -> None:
            run, _ = record.begin(
                request=str(time.perf_counter_ns()),
                server="https://waldur.example/",
                action=Action.SYNC,
                person_uuid="a" * 32,
                person_name="olivia",
                items=items,
            )
            newest.append(run.id)
            record.finish(run.id)

        newest: list[int] = []
        times = _in_turns(
            {
                "the table is built": lambda: calendars_frame(rows, offerings, (), {}, (), now),
                "an action is judged for each": lambda: plan_of(Action.SYNC, offerings),
                "a run over all is put on record, and ended": begin,
                "it is read": lambda: record.run(newest[-1]),
            }
        )
        journal.close()
    return _compared(times)


def _in_turns(steps: Mapping[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Seconds of each step, measured one after the other in each of some rounds."""
    times: dict[str, list[float]] = {name: [] for name in steps}
    for _ in range(ROUNDS):
        for name, step in steps.items():
            times[name].append(_seconds(step))
    return times


def _compared(times: Mapping[str, list[float]]) -> list[tuple[str, float, float]]:
    """The median of each step, and its ratio to the first, mostly the building of a table."""
    base = statistics.median(next(iter(times.values())))
    return [(name, statistics.median(each), _over(each, base)) for name, each in times.items()]


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
