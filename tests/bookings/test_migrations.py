"""The steps of the database, each one there is: up with rows, down, and in many processes at once.

Nothing here names a step, so that a new one is tested by being there.
"""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from bookings.calendars.actions import Action, Outcome
from bookings.calendars.journal import Journal
from bookings.database import DRIVER, METADATA, VERSION_TABLE, Database

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 24, 12, 0, 5, 123456, tzinfo=UTC)
WORDS = {"action": Action.SHARE.value, "outcome": Outcome.CONFIRMED.value, "server": "https://a/"}
BY_TYPE: dict[type, Any] = {
    sa.JSON: {"exists": True, "public": True, "backend_id": "t02"},
    sa.Boolean: False,
    sa.DateTime: NOON,
    sa.Integer: 7,
    sa.String: "ä" * 10,
}


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "bookings" / "migrations"))
    return config


REVISIONS = [
    each.revision
    for each in reversed(list(ScriptDirectory.from_config(_config()).walk_revisions()))
]
HEAD = REVISIONS[-1]


class Steps:
    """A database that goes to any step, without the program's own way to it."""

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url.replace("postgresql:", f"{DRIVER}:"))

    def up(self, revision: str) -> None:
        """Applies the steps up to this one."""
        self._go(command.upgrade, revision)

    def down(self, revision: str) -> None:
        """Takes back the steps after this one."""
        self._go(command.downgrade, revision)

    def _go(self, way: Any, revision: str) -> None:
        config = _config()
        with self.engine.begin() as connection:
            config.attributes["connection"] = connection
            way(config, revision)

    def tables(self) -> list[sa.Table]:
        """The tables as they are in the database."""
        found = sa.MetaData()
        found.reflect(self.engine)
        return [each for each in found.sorted_tables if each.name != VERSION_TABLE]

    def shape(self) -> dict[str, Any]:
        """Tables with their columns, keys and indices, to be compared."""
        inspector = sa.inspect(self.engine)
        return {
            table.name: (
                {c.name: (str(c.type), c.nullable, c.primary_key) for c in table.columns},
                sorted(
                    (str(each["name"]), tuple(each["column_names"]))
                    for each in inspector.get_unique_constraints(table.name)
                ),
                sorted(
                    (str(each["name"]), tuple(map(str, each["column_names"])))
                    for each in inspector.get_indexes(table.name)
                ),
            )
            for table in self.tables()
        }

    def fill(self) -> dict[str, dict[str, Any]]:
        """Puts a row into each table and gives it."""
        rows = {}
        with self.engine.begin() as connection:
            for table in self.tables():
                rows[table.name] = {column.name: _some(column) for column in table.columns}
                connection.execute(table.insert().values(rows[table.name]))
        return rows

    def rows(self) -> dict[str, dict[str, Any]]:
        """The one row of each table."""
        with self.engine.begin() as connection:
            return {
                table.name: {
                    name: value.replace(tzinfo=UTC)
                    if isinstance(value, datetime) and value.tzinfo is None
                    else value
                    for name, value in connection.execute(table.select()).mappings().one().items()
                }
                for table in self.tables()
                if connection.execute(table.select()).first()
            }


def _some(column: "sa.Column[Any]") -> Any:
    of_its_type = next(v for kind, v in BY_TYPE.items() if isinstance(column.type, kind))
    return WORDS.get(column.name, of_its_type)


@pytest.fixture
def steps(database_url: str) -> Any:
    """The steps of an empty database, once of each kind."""
    made = Steps(database_url)
    yield made
    made.engine.dispose()


@pytest.mark.parametrize("revision", REVISIONS)
def test_an_older_database_keeps_its_rows(steps: Steps, database_url: str, revision: str) -> None:
    """Whatever version wrote them, every value is there after the next start."""
    steps.up(revision)
    before = steps.fill()
    Database(database_url).close()
    after = steps.rows()

    assert set(before) <= set(after)
    for table, row in before.items():
        assert {name: after[table][name] for name in row} == row
    journal = Journal(database_url)
    [entry] = journal.entries(servers=[WORDS["server"]])
    journal.close()
    assert (entry.id, entry.outcome, entry.created) == (7, Outcome.CONFIRMED, NOON)


def test_what_follows_an_older_database_is_numbered_on(steps: Steps, database_url: str) -> None:
    """A new action can be written after the steps, with an id that is free."""
    steps.up(REVISIONS[0])
    first = Journal(database_url)
    for seen in range(2):
        entry = first.begin(
            server="https://a/", offering_uuid="b" * 32, offering_name="", action=Action.SYNC,
            person_uuid="", person_name="", seen=seen, before=None,
        )  # fmt: skip
        first.note(entry, Outcome.REFUSED, open=False)
    found = first.entries(servers=None)
    first.close()

    assert [each.sequence for each in found] == [2, 1]


def test_every_step_can_be_taken_back(steps: Steps) -> None:
    """One by one with rows in every table, each to exactly what was there before it."""
    shapes = []
    for revision in REVISIONS:
        steps.up(revision)
        shapes.append(steps.shape())
    steps.fill()
    for revision, shape in reversed(list(zip(REVISIONS[:-1], shapes[:-1], strict=True))):
        steps.down(revision)
        assert steps.shape() == shape
        assert steps.rows().keys() <= shape.keys()
    steps.down("base")
    assert steps.shape() == {}

    steps.up(HEAD)
    with steps.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []


@pytest.mark.parametrize("revision", ["base", *REVISIONS[:1]])
def test_many_processes_take_the_steps_once(steps: Steps, database_url: str, revision: str) -> None:
    """Replicas that start at one moment, on a new or an old database, all get one that fits."""
    if revision != "base":
        steps.up(revision)
    before = steps.fill()
    code = f"""
import sys
from bookings.database import Database
print("ready", flush=True)
sys.stdin.readline()
Database({database_url!r}).close()
print("opened")
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(4)
    ]  # fmt: skip
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    assert [process.communicate(timeout=60)[0] for process in processes] == ["opened\n"] * 4
    assert set(before) <= set(steps.rows())
