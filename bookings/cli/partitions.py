"""Reviews of SLURM partitions that Waldur records."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any

import typer

from bookings.cli.server import loaded
from bookings.cli.terminal import (
    FOUND,
    NOTHING,
    Format,
    Output,
    bad_input,
    fail,
    in_terminal,
    name_of,
    one_standard_input,
    read_file,
    say,
    tell,
    write,
)
from bookings.json_objects import UnreadableFile, read_objects
from bookings.slurm import audit as audits
from bookings.slurm import fit as fits
from bookings.slurm import reconcile as reconciling
from bookings.slurm.cluster import read_cluster
from bookings.slurm.hardware import Hardware, Pasted, hardware_of, read_nodes
from bookings.slurm.jobs import KNOWN_KEYS, read_job
from bookings.slurm.records import Record, of_offerings, read_partition, read_records

app = typer.Typer()

MOST_UNREAD = 20
"""Lines of a file that are told one by one."""
_IN_TABLE = ("offering", "partition", "rule", "severity", "fields", "message")


class PartitionFormat(StrEnum):
    """How partitions are written."""

    SLURM_CONF = "slurm-conf"
    CSV = "csv"
    JSON = "json"


class FailOn(StrEnum):
    """From which severity on a finding makes the command fail."""

    ERROR = "error"
    WARNING = "warning"


Partitions = Annotated[
    str | None,
    typer.Option(
        "--partitions",
        metavar="FILE",
        help="JSON list of partitions, or of offerings as the API gives them, or JSON lines.",
    ),
]
NodesFile = Annotated[
    str | None,
    typer.Option(
        "--nodes",
        metavar="FILE",
        help='What sinfo -o "%P|%D|%c|%X|%Y|%m|%G" or scontrol show node -o prints, or JSON with '
        "count, cpus, sockets, memory_mb and gpus.",
    ),
]
ClusterOffering = Annotated[
    str, typer.Option(help="Name or UUID of the cluster's offering, where there are several.")
]


@app.command()
def audit(
    partitions: Partitions = None,
    nodes: NodesFile = None,
    output: Output = None,
    fail_on: Annotated[
        FailOn | None, typer.Option("--fail-on", help="Exit with 1 from this severity on.")
    ] = None,
) -> None:
    """Say what is wrong with partitions; a line a finding."""
    one_standard_input(partitions, nodes)
    records = _records(partitions)
    known = _nodes(nodes)

    def of_record(record: Record) -> Hardware | None:
        return hardware_of(known, record.name) if known else None

    found = audits.audit_all(records, of_record)
    items = [audits.as_item(record, finding) for record, finding in found]
    if in_terminal(output):
        items = [{key: item.get(key) for key in _IN_TABLE} for item in items]
    write(items, output)
    worst = audits.worst(finding for _, finding in found)
    reached = (
        worst is not None
        and fail_on is not None
        and worst.rank <= audits.Severity(fail_on.value).rank
    )
    raise typer.Exit(FOUND if reached else NOTHING)


@app.command()
def fit(
    cases: Annotated[
        str,
        typer.Option(
            metavar="FILE", help='JSON lines {"partition": {…}, "job": {…}}, one a question.'
        ),
    ],
    nodes: NodesFile = None,
    enforce: Annotated[
        fits.Enforce, typer.Option(help="EnforcePartLimits of the cluster.")
    ] = fits.Enforce.ALL,
) -> None:
    """Say whether slurmctld would accept jobs; a JSON line a case, in their order."""
    one_standard_input(cases, nodes)
    known = _nodes(nodes)
    answers: list[Mapping[str, Any]] = []
    unknown: dict[str, None] = {}
    with bad_input(cases):
        for place, item in read_objects(read_file(cases)):
            partition = read_partition(f"{place}, partition", item.get("partition"))
            job = item.get("job")
            if not isinstance(job, Mapping):
                raise UnreadableFile(f"{place}: it has no job")
            asked_for = {key for key, value in job.items() if value is not None}
            unknown.update(dict.fromkeys(sorted(asked_for - KNOWN_KEYS)))
            try:
                asked = read_job(job)
            except ValueError as error:
                raise UnreadableFile(f"{place}, job: {error}") from None
            hardware = hardware_of(known, partition.partition_name) if known else None
            answers.append(fits.truth_line(fits.judge(partition, asked, hardware, enforce)))
    if unknown:
        tell(f"not known, and not judged, of the jobs: {', '.join(unknown)}")
    write(answers, Format.JSONL)


@app.command()
def reconcile(
    cluster: Annotated[
        str,
        typer.Option(
            metavar="FILE",
            help="What scontrol show partition prints (also with -o or --json), or slurm.conf.",
        ),
    ],
    partitions: Partitions = None,
    offering: ClusterOffering = "",
    output: Output = None,
) -> None:
    """Compare what Waldur records with what the cluster says; a line a limit."""
    one_standard_input(cluster, partitions)
    records = _of_one_cluster(_records(partitions), offering)
    said = read_cluster(read_file(cluster))
    if not said.partitions:
        why = "".join(f"; line {each.line}: {each.reason}" for each in said.unread[:1])
        fail(f"{name_of(cluster)}: no partition can be read in it{why}")
    for note in said.notes:
        tell(note)
    for each in said.unread[:MOST_UNREAD]:
        tell(f"{name_of(cluster)}, line {each.line}: {each.reason} ({each.text})")
    if len(said.unread) > MOST_UNREAD:
        tell(f"{name_of(cluster)}: {len(said.unread) - MOST_UNREAD} more lines cannot be read")
    comparisons = reconciling.reconcile([record.partition for record in records], said)
    write([reconciling.as_item(each) for each in comparisons], output)
    agree = all(each.status is reconciling.Status.MATCH for each in comparisons)
    raise typer.Exit(NOTHING if agree and not said.unread else FOUND)


@app.command("partitions")
def show_partitions(
    partitions: Partitions = None,
    offering: ClusterOffering = "",
    output: Annotated[
        PartitionFormat, typer.Option("--format", help="How they are written.")
    ] = PartitionFormat.SLURM_CONF,
) -> None:
    """Write partitions as lines of slurm.conf, a section an offering, as CSV or as JSON."""
    # Loaded where they are needed: pandas alone takes a second.
    from bookings.partition_files import to_csv, to_json, to_slurm_conf

    records = _records(partitions)
    if offering:
        records = _of_offering(records, offering)
    if output is PartitionFormat.SLURM_CONF:
        say(to_slurm_conf(records).rstrip("\n"))
    elif output is PartitionFormat.CSV:
        say(to_csv(records).rstrip("\n"))
    else:
        say(to_json(records))


# --- input ----------------------------------------------------------------------------------


def _records(file: str | None) -> list[Record]:
    if file is None:
        offerings, _ = loaded("partitions", "--partitions")
        return of_offerings(offerings)
    with bad_input(file):
        records = read_records(read_file(file))
    return records


def _nodes(file: str | None) -> Pasted | None:
    if file is None:
        return None
    read = read_nodes(read_file(file))
    for note in read.notes:
        tell(note)
    if read.unread:
        first = read.unread[0]
        fail(f"{name_of(file)}, line {first.line}: {first.reason}")
    if not read.hardware:
        fail(f"{name_of(file)}: no nodes can be read in it")
    return read


def _of_offering(records: list[Record], offering: str) -> list[Record]:
    wanted = offering.replace("-", "").lower()
    chosen = [each for each in records if offering == each.offering or wanted == each.offering_uuid]
    return chosen or fail("no partition belongs to the offering that --offering names")


def _of_one_cluster(records: list[Record], offering: str) -> list[Record]:
    chosen = _of_offering(records, offering) if offering else records
    homes: dict[str, set[str]] = {}
    for each in chosen:
        homes.setdefault(each.name, set()).add(each.offering_uuid)
    if any(len(uuids) > 1 for uuids in homes.values()):
        how = "its UUID" if offering else "--offering"
        fail(f"several offerings have a partition of the same name; name one with {how}")
    return chosen
