"""Calendar actions over many offerings, in the record that the dashboard keeps too."""

import contextlib
import itertools
import secrets
import signal
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bookings.calendars.actions import Action, Outcome
from bookings.calendars.on_record import OnRecord
from bookings.calendars.preflight import (
    Plan,
    Verdict,
    connected_by_customer,
    named,
    plan_of,
)
from bookings.cli import selection
from bookings.cli.server import connected, load
from bookings.cli.terminal import (
    FOUND,
    NOTHING,
    Format,
    Output,
    fail,
    in_terminal,
    is_terminal,
    tell,
    write,
)
from bookings.database import DatabaseError
from bookings.settings import Settings
from bookings.waldur.errors import Forbidden, Gone, WaldurError
from bookings.waldur.models import Person

if TYPE_CHECKING:
    from bookings.calendars.run_record import Run
    from bookings.calendars.runs import Runs
    from bookings.waldur.client import WaldurClient

app = typer.Typer(
    no_args_is_help=True,
    help="Sync, share and unshare Google calendars, once each, and say what became of it.",
)

TICK_SECONDS = 0.05
"""Between looks at whether a person wants a run to end. Meanwhile some more are sent."""
TICKS_OF_PROGRESS = 10
MOST_LISTED = 1000
"""Runs, the newest."""
_IN_TABLE = ("offering", "state", "http_status", "words", "remark", "next_step")

Uuids = Annotated[
    list[str] | None, typer.Argument(metavar="UUID", help="Offerings, with or without dashes.")
]
Matching = Annotated[
    str | None,
    typer.Option(
        "--all-matching",
        metavar="EXPR",
        help="Offerings that fit the filters of a link to a view, as state=Active&calendar=private "
        "does; or such a link.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Print the plan, an offering a line, and send nothing.")
]
Wait = Annotated[
    bool,
    typer.Option(
        "--wait", help="Until each change was seen, or not within CALENDAR_PATIENCE_SECONDS."
    ),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask before calendars become public.")]


@app.command()
def sync(
    uuids: Uuids = None,
    matching: Matching = None,
    dry_run: DryRun = False,
    wait: Wait = False,
    yes: Yes = False,
    output: Output = None,
) -> None:
    """Bring calendars at Google up to date, and create missing ones."""
    _act(Action.SYNC, uuids, matching, dry_run=dry_run, wait=wait, yes=True, output=output)


@app.command()
def share(
    uuids: Uuids = None,
    matching: Matching = None,
    dry_run: DryRun = False,
    wait: Wait = False,
    yes: Yes = False,
    output: Output = None,
) -> None:
    """Make calendars public."""
    _act(Action.SHARE, uuids, matching, dry_run=dry_run, wait=wait, yes=yes, output=output)


@app.command()
def unshare(
    uuids: Uuids = None,
    matching: Matching = None,
    dry_run: DryRun = False,
    wait: Wait = False,
    yes: Yes = False,
    output: Output = None,
) -> None:
    """Make calendars private again."""
    _act(Action.UNSHARE, uuids, matching, dry_run=dry_run, wait=wait, yes=True, output=output)


@app.command()
def receipt(
    run: Annotated[
        int | None, typer.Argument(metavar="[RUN]", help="Its number; else your newest.")
    ] = None,
    listed: Annotated[bool, typer.Option("--list", help="List the runs instead.")] = False,
    output: Output = None,
) -> None:
    """Say what is known of a run; after a crash too. Reads the server, sends nothing."""
    with connected() as (settings, client, _), _runs(settings) as runs:
        person = client.me()
        _look_after_restart(runs, client, person)
        whose = None if person.is_staff else person.uuid
        headers = runs.record.runs(client.root, person_uuid=whose, limit=MOST_LISTED)
        if listed:
            write([_header(each) for each in headers], output)
            raise typer.Exit(NOTHING)
        if run is None:
            mine = runs.record.runs(client.root, person_uuid=person.uuid, limit=1)
            number = mine[0].id if mine else fail("you have had no run on this server")
        else:
            number = run if run in {each.id for each in headers} else fail(f"no run {run} of yours")
        found = _found(runs, number)
        if found.alive:
            tell(f"run {number} is being worked on")
        else:
            try:
                runs.look(client, found)
            except WaldurError as error:
                tell(f"the server's state could not be read. {error}")
            found = _found(runs, number)
        _write_receipt(found, output)
        raise typer.Exit(_status(found))


# --- a run ----------------------------------------------------------------------------------


def _act(
    action: Action,
    uuids: Sequence[str] | None,
    matching: str | None,
    *,
    dry_run: bool,
    wait: bool,
    yes: bool,
    output: Format | None,
) -> None:
    from bookings.calendar_receipt import unsent_items

    wanted = selection.wanted(uuids or (), matching)
    if not (yes or dry_run or _can_ask()):
        fail("sharing makes calendars public; without a terminal to ask at it needs --yes")
    with connected() as (settings, client, _), _runs(settings, watches=wait) as runs:
        person = client.me()
        _look_after_restart(runs, client, person)
        plan = _plan(action, wanted, runs, client, person)
        tell(plan.sentence)
        if dry_run:
            write(_plan_items(plan), output)
            refused = plan.of(Verdict.REFUSED, Verdict.CHANGED, Verdict.NOT_YOURS)
            raise typer.Exit(FOUND if refused else NOTHING)
        if not plan.of(Verdict.WILL_DO):
            # A run of nothing is no news; a cron job would fill the record with them.
            _write(unsent_items(plan), output)
            raise typer.Exit(
                FOUND if len(plan.of(Verdict.POINTLESS)) < len(plan.steps) else NOTHING
            )
        if action is Action.SHARE:
            _name_what_becomes_public(plan)
        if not yes and not _agreed(plan):
            tell("nothing was sent")
            raise typer.Exit(FOUND)
        run, stopped = _work(runs, client, plan, person)
        try:
            _write_receipt(run, output)
        except typer.Exit:
            # Something was sent, so that it is not as if the command were wrong.
            raise typer.Exit(FOUND) from None
        raise typer.Exit(FOUND if stopped else _status(run))


def _plan(
    action: Action,
    wanted: selection.Wanted,
    runs: "Runs",
    client: "WaldurClient",
    person: Person,
) -> Plan:
    journal = runs.runner.journal
    begun = journal.now()
    snapshot = load(client, person, *wanted.groups)
    uuids = [each.uuid for each in snapshot.offerings]
    latest = journal.latest_of(client.root, uuids)
    ended = journal.ended_since(client.root, uuids, begun)
    accounts = _google_accounts(client)
    known = selection.Known(list(latest.values()), accounts, lambda: client.bookings()[0])
    return plan_of(
        action,
        selection.chosen(wanted, snapshot, known),
        read_only=snapshot.read_only,
        connected=accounts,
        # What was begun or ended while the list came may not be in it.
        record=OnRecord(latest, journal.now(), as_of=begun, ended=ended),
        claimed=runs.record.claimed(client.root, uuids),
    )


def _google_accounts(client: "WaldurClient") -> dict[str, bool]:
    """Whether providers have one, by the uuid of their organisation; empty if it is not told."""
    try:
        return connected_by_customer(client.google_credentials())
    except (Forbidden, Gone):
        return {}  # not told to everybody; the plan judges without it
    except WaldurError as error:
        tell(f"whether Google accounts are connected could not be read: {error}")
        return {}


def _work(runs: "Runs", client: "WaldurClient", plan: Plan, person: Person) -> tuple["Run", bool]:
    """The run when it has ended, and whether a person stopped it."""
    with _asked_to_stop() as asked:
        run = runs.start(client, plan, person, request=secrets.token_hex(16))
        try:
            _follow(runs, run.id, person, asked)
            return _found(runs, run.id), asked.is_set()
        except DatabaseError as error:
            # Something was sent perhaps, so that it is not as if the command were wrong.
            tell(f"{error} calendar receipt {run.id} says what is known, once it can be read.")
            raise typer.Exit(FOUND) from None


def _follow(runs: "Runs", run_id: int, person: Person, asked: threading.Event) -> None:
    """Until the run has ended; passes on that it is to stop."""
    told = ""
    stopped = False
    for tick in itertools.count():
        if runs.wait(run_id, TICK_SECONDS):
            break
        if asked.is_set() and not stopped:
            # Without a record nothing is sent anyway, and this is tried again.
            with contextlib.suppress(DatabaseError):
                runs.stop(run_id, f"{person.named} at the terminal")
                if told:
                    typer.echo(err=True)
                tell("sending no more; what was sent is finished (once more: end at once)")
                stopped = True
        if tick % TICKS_OF_PROGRESS == 0:
            told = _show_progress(runs, run_id, told)
    if told:
        typer.echo(err=True)


@contextlib.contextmanager
def _asked_to_stop() -> Iterator[threading.Event]:
    """Set by the first Ctrl-C or SIGTERM; the second one ends the process."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    names = (signal.SIGINT, signal.SIGTERM)
    before = {name: signal.getsignal(name) for name in names}

    def ask(_number: int, _frame: FrameType | None) -> None:
        asked.set()
        for name in names:
            signal.signal(name, signal.SIG_DFL)

    for name in names:
        signal.signal(name, ask)
    try:
        yield asked
    finally:
        for name, handler in before.items():
            signal.signal(name, handler)


def _show_progress(runs: "Runs", run_id: int, told: str) -> str:
    """Writes how far the run is over what was `told` before, where a person looks at it."""
    if not is_terminal(sys.stderr):
        return ""
    try:
        run = runs.record.run(run_id)
    except DatabaseError:
        return told  # the run goes on, and the next look may succeed
    text = told if run is None else f"{run.done} of {run.total} have ended"
    if text != told:
        typer.echo(f"\r{text:<{len(told)}}", nl=False, err=True)
    return text


def _can_ask() -> bool:
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


def _name_what_becomes_public(plan: Plan) -> None:
    offerings = [step.offering for step in plan.of(Verdict.WILL_DO)]
    tell(f"becomes public: {len(offerings):,}")
    for line in named(offerings):
        tell(f"  {line}")


def _agreed(plan: Plan) -> bool:
    count = len(plan.of(Verdict.WILL_DO))
    calendars = "this calendar" if count == 1 else f"these {count} calendars"
    return typer.confirm(
        f"Anyone on the web will be able to read {calendars}: the title and time "
        "of every event, and possibly the name and e-mail address of who booked. Go on?",
        err=True,
    )


# --- the record -----------------------------------------------------------------------------


@contextlib.contextmanager
def _runs(settings: Settings, *, watches: bool = True) -> Iterator["Runs"]:
    """The runs on record; what is being sent at the end is waited for.

    Ends the command where the record cannot be read or written.
    """
    from bookings.calendars.journal import Journal
    from bookings.calendars.runner import Runner
    from bookings.calendars.runs import Runs

    with contextlib.ExitStack() as closing:
        try:
            journal = Journal(settings.database_url)
            closing.callback(journal.close)
            patience = float(settings.calendar_patience_seconds)
            runner = Runner(journal, patience=patience, watches=watches)
            runs = Runs(runner)
            closing.callback(runs.close)
            closing.callback(runner.close)
            yield runs
        except DatabaseError as error:
            fail(f"{error} {error.next_step}")


def _look_after_restart(runs: "Runs", client: "WaldurClient", person: Person) -> None:
    try:
        found = runs.look_after_restart(client, person)
    except WaldurError as error:
        tell(f"the server's state after an interrupted run could not be read. {error}")
        return
    for number in found:
        tell(f"run {number} was interrupted; calendar receipt {number} says what is known of it")


def _found(runs: "Runs", run_id: int) -> "Run":
    run = runs.record.run(run_id)
    return fail(f"run {run_id} is not on record any more") if run is None else run


# --- output ---------------------------------------------------------------------------------


def _plan_items(plan: Plan) -> list[Mapping[str, Any]]:
    return [
        {
            "offering_uuid": step.offering.uuid,
            "offering": step.offering.name,
            "calendar": step.status.value,
            "verdict": step.foreseen.verdict.value,
            "reason": step.foreseen.reason,
        }
        for step in plan.steps
    ]


def _header(run: "Run") -> Mapping[str, Any]:
    state = "being worked on" if run.alive else "interrupted" if run.interrupted else "ended"
    return {
        "run": run.id,
        "time": run.created.isoformat(),
        "action": run.action.value,
        "asked_by": run.person_name,
        "state": state,
        "stop_reason": run.stop_reason,
    }


def _write_receipt(run: "Run", output: Format | None) -> None:
    from bookings.calendar_receipt import receipt_items

    _write(receipt_items(run), output)
    if run.stop_reason:
        tell(run.stop_reason)


def _write(items: Sequence[Mapping[str, Any]], output: Format | None) -> None:
    if in_terminal(output):
        items = [{key: item[key] for key in _IN_TABLE} for item in items]
    write(items, output)


def _status(run: "Run") -> int:
    """0 where everything is as wanted, as far as a server can be believed."""
    from bookings.calendars.run_record import ItemState

    good = {Outcome.CONFIRMED, Outcome.ACCEPTED, ItemState.ALREADY_SO}
    wanting = [
        item
        for item in run.items
        if item.state not in good
        and not (item.state is ItemState.LEFT_OUT and item.verdict is Verdict.POINTLESS)
    ]
    return FOUND if wanting or run.alive else NOTHING


__all__ = ["app"]
