"""The tables of what this dashboard itself keeps, and a database that has them.

SQLite is the default: one file, readable while it is written (WAL). PostgreSQL serves several
replicas.
"""

import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from alembic import command
from alembic.config import Config
from alembic.util.exc import CommandError
from sqlalchemy import (
    JSON,
    URL,
    Boolean,
    Column,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

BUSY_SECONDS = 10.0
"""How long a writer waits for another one; for SQLite `?timeout=` in the URL overrides it."""

CONNECT_SECONDS = 10
"""How long a PostgreSQL server may take to answer; `?connect_timeout=` in the URL overrides it."""

MIGRATION_SECONDS = 120
"""How long a process waits for another one that brings a PostgreSQL database up to date."""

DRIVER = "postgresql+psycopg"
"""How SQLAlchemy calls PostgreSQL and its driver, whichever way DATABASE_URL names PostgreSQL."""

VERSION_TABLE = "booking_desk_version"
"""Not Alembic's usual name: the database may be shared with another program that uses it."""

MIGRATION_LOCK = 0x626F6F6B
"""The number of the PostgreSQL advisory lock under which one process migrates at a time."""

_WRITES = "bookings_writes"
_MIGRATIONS = Path(__file__).with_name("migrations")
# Alembic keeps the migration in progress in a module, so it bears one at a time in a process.
_ONE_AT_A_TIME = threading.Lock()


class DatabaseError(Exception):
    """What is kept cannot be read or written; the text is one sentence for people."""

    next_step: ClassVar[str] = (
        "Wait a moment and try again; if it stays so, the operator of this dashboard should "
        "check DATABASE_URL and the database behind it."
    )


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC, aware on both sides; SQLite itself keeps no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Raises ValueError for a naive moment: nobody knows when that is."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment as it was written."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Words(TypeDecorator[str]):
    """A text of a server or a person, without what a database may refuse: NUL, half characters.

    It is changed alike where it is written and where it is asked for.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text as it is stored."""
        return None if value is None else storable(value)


def storable(text: str) -> str:
    """`text` with a sign in place of each that no database holds."""
    return text.encode("utf-8", "replace").decode().replace("\0", "\N{REPLACEMENT CHARACTER}")


METADATA = MetaData()

CALENDAR_ACTION = Table(
    "calendar_action",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("server", Text, nullable=False),
    Column("offering_uuid", String(32), nullable=False),
    Column("offering_name", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("action", String(40), nullable=False),
    Column("person_uuid", String(32), nullable=False),
    Column("person_name", Text, nullable=False),
    # NULL: not known. Otherwise {"exists": …, "public": …, "backend_id": …}.
    Column("before", JSON(none_as_null=True), nullable=True),
    Column("created", UtcDateTime, nullable=False),
    Column("finished", UtcDateTime, nullable=True),
    Column("outcome", String(20), nullable=False),
    Column("open", Boolean, nullable=False),
    Column("http_status", Integer, nullable=True),
    Column("error_code", String(40), nullable=True),
    Column("words", Text, nullable=False),
    Column("remark", Text, nullable=False),
    Column("holder", Text, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False),
    # "" for an action on the calendar itself.
    Column("booking_uuid", String(32), nullable=False, server_default=""),
    Column("booking_name", Text, nullable=False, server_default=""),
    Column("run_id", Integer, nullable=True),
    # Of all tabs, people and replicas that press at once, one gets the next number.
    UniqueConstraint(
        "server", "offering_uuid", "booking_uuid", "sequence", name="calendar_action_happens_once"
    ),
    Index("calendar_action_open", "open"),
    Index("calendar_action_run", "run_id"),
)

CALENDAR_RUN = Table(
    "calendar_run",
    METADATA,
    Column("id", Integer, primary_key=True),
    # Names what a person asked for; what is asked twice is one run.
    Column("request", String(64), nullable=False, unique=True),
    Column("server", Text, nullable=False),
    Column("action", String(40), nullable=False),
    Column("person_uuid", String(32), nullable=False),
    Column("person_name", Text, nullable=False),
    Column("created", UtcDateTime, nullable=False),
    Column("finished", UtcDateTime, nullable=True),
    # "" while nobody has asked it to stop.
    Column("stop_reason", Text, nullable=False),
    Column("interrupted", Boolean, nullable=False),
    # Whether the server's state was read after an interruption.
    Column("looked", Boolean, nullable=False),
    Column("holder", Text, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False),
)

CALENDAR_RUN_ITEM = Table(
    "calendar_run_item",
    METADATA,
    Column("run_id", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("offering_uuid", String(32), nullable=False),
    Column("offering_name", Text, nullable=False),
    # What was judged before, and why; for what was not sent, why not.
    Column("verdict", String(20), nullable=False),
    Column("reason", Text, nullable=False),
    # Whether it was to be sent.
    Column("chosen", Boolean, nullable=False),
    Column("ended", Boolean, nullable=False),
    UniqueConstraint("run_id", "offering_uuid", name="calendar_run_item_once"),
)

CALENDAR_CLAIM = Table(
    "calendar_claim",
    METADATA,
    # One run at a time may have an offering.
    Column("server", Text, primary_key=True),
    Column("offering_uuid", String(32), primary_key=True),
    Column("run_id", Integer, nullable=False),
    Column("lease_until", UtcDateTime, nullable=False),
)

PARTITION_HARDWARE = Table(
    "partition_hardware",
    METADATA,
    Column("server", Text, primary_key=True),
    Column("offering_uuid", String(32), primary_key=True),
    # "" for all partitions of the offering that have none of their own.
    Column("partition_name", Words, primary_key=True),
    Column("nodes", JSON, nullable=False),
    Column("person_uuid", String(32), nullable=False),
    Column("person_name", Words, nullable=False),
    Column("changed", UtcDateTime, nullable=False),
)

ACKNOWLEDGED_FINDING = Table(
    "acknowledged_finding",
    METADATA,
    Column("server", Text, primary_key=True),
    Column("offering_uuid", String(32), primary_key=True),
    Column("partition", Words, primary_key=True),
    Column("rule", String(10), primary_key=True),
    # What was found; the finding returns when it is found differently.
    Column("fingerprint", Words, nullable=False),
    Column("reason", Words, nullable=False),
    Column("person_uuid", String(32), nullable=False),
    Column("person_name", Words, nullable=False),
    Column("created", UtcDateTime, nullable=False),
)

REVIEWED_PARTITION = Table(
    "reviewed_partition",
    METADATA,
    Column("server", Text, primary_key=True),
    Column("person_uuid", String(32), primary_key=True),
    Column("offering_uuid", String(32), primary_key=True),
    Column("partition", Words, primary_key=True),
    Column("partition_name", Words, nullable=False),
    # Waldur's field -> the value that was seen.
    Column("limits", JSON, nullable=False),
    Column("reviewed", UtcDateTime, nullable=False),
)


class Database:
    """An engine whose database has the tables; connections for reading and for writing.

    Raises DatabaseError when the address is none, its driver is missing, or the database is
    away, locked, or was migrated by a newer version of this program.
    """

    def __init__(self, database_url: str) -> None:
        self._engine = _engine(database_url)
        self._writing = self._engine.execution_options(**{_WRITES: True})
        self._reading = self._engine
        if self._engine.dialect.name == "postgresql":
            # By itself each statement would see what was committed before it.
            self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ")
        try:
            self._migrate()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Closes the connections."""
        self._engine.dispose()

    @contextlib.contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection with one consistent view, however often it reads. Raises DatabaseError."""
        with (
            _as_database_error("The records of this dashboard cannot be read."),
            self._reading.begin() as c,
        ):
            yield c

    @contextlib.contextmanager
    def writing(
        self, sentence: str = "The records of this dashboard cannot be written."
    ) -> Iterator[Connection]:
        """A transaction: all of it or nothing. Raises DatabaseError with `sentence`."""
        with _as_database_error(sentence), self._writing.begin() as connection:
            yield connection

    def _migrate(self) -> None:
        config = Config()
        config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
        with (
            _ONE_AT_A_TIME,
            self.writing("The database of this dashboard cannot be opened.") as connection,
        ):
            # SQLite's write transaction is a lock already; others need one of their own.
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{MIGRATION_SECONDS}s'")
                connection.execute(
                    text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK}
                )
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError:
                raise DatabaseError(
                    "The database was made by another version of this dashboard."
                ) from None


def _engine(database_url: str) -> Engine:
    try:
        url = make_url(database_url)
        if url.drivername in {"postgresql", "postgres"}:
            url = url.set(drivername=DRIVER)
        sqlite = url.get_backend_name() == "sqlite"
        if sqlite:
            _make_room(url)
        engine = create_engine(
            url,
            # An error text must not carry what people and servers wrote.
            hide_parameters=True,
            pool_pre_ping=not sqlite,
            connect_args=_patience(url),
        )
    except (ArgumentError, ValueError, TypeError):
        raise DatabaseError("DATABASE_URL is not the address of a database.") from None
    except ImportError as error:
        raise DatabaseError(
            f"DATABASE_URL asks for a database whose driver is not installed ({error.name})."
        ) from None
    if sqlite:
        _prepare_sqlite(engine)
    elif url.get_backend_name() == "postgresql":
        _prepare_postgresql(engine)
    return engine


def _patience(url: URL) -> dict[str, Any]:
    """How long the driver waits, where the address does not say."""
    waits: dict[str, dict[str, Any]] = {
        "sqlite": {"timeout": BUSY_SECONDS},
        "postgresql": {"connect_timeout": CONNECT_SECONDS},
    }
    given = waits.get(url.get_backend_name(), {})
    return {name: value for name, value in given.items() if name not in url.query}


def _make_room(url: URL) -> None:
    path = url.database or ":memory:"
    if ":memory:" in path or url.query.get("mode") == "memory":
        raise DatabaseError("Records in memory would be lost at the next start.")
    if not path.startswith("file:"):
        try:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        except OSError:
            raise DatabaseError("The folder of the database cannot be made.") from None


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        # The driver would open transactions by itself, and later than they are needed.
        connection.isolation_level = None
        _use_wal(connection)

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A transaction that reads before it writes fails when another writer was faster,
        # unless it takes the write lock at once.
        writes = connection.get_execution_options().get(_WRITES)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _prepare_postgresql(engine: Engine) -> None:
    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # By itself PostgreSQL waits for a lock without end, and a page with it.
        if connection.get_execution_options().get(_WRITES):
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{BUSY_SECONDS:.0f}s'")


def _use_wal(connection: Any) -> None:
    """Lets readers and a writer work at once.

    SQLite waits for locks, but not for the one that changes the mode: of several processes that
    open a new file at the same moment all but one would fail.
    """
    for attempt in Retrying(
        retry=retry_if_exception(lambda error: "locked" in str(error)),
        stop=stop_after_delay(BUSY_SECONDS),
        wait=wait_fixed(0.05),
        reraise=True,
    ):
        with attempt:
            connection.execute("PRAGMA journal_mode=WAL").close()


@contextlib.contextmanager
def _as_database_error(sentence: str) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise DatabaseError(sentence) from error
