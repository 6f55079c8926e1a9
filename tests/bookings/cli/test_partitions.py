"""The reviews without a browser, as a person types them."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from bookings.cli import app
from bookings.slurm.limits import LIMITS
from demo.people import TOKENS
from demo.server import RunningDemo, running
from tests.bookings.cli.commands import run, write

ROOT = Path(__file__).parents[3]
RECORDED = ROOT.parent / "shared" / "slurm" / "truth.jsonl"
SOUND = {"partition_name": "batch", "max_time": 60, "default_time": 30, "def_mem_per_cpu": 1000}
NODES = '{"count": 16, "cpus": 64, "sockets": 2, "memory_mb": 256000, "gpus": 0}'


# --- audit ----------------------------------------------------------------------------------


def test_audit_prints_a_line_a_finding() -> None:
    """With exactly the members that are promised."""
    code, lines, _ = run(
        "audit", "--partitions", "-", stdin=json.dumps([{**SOUND, "max_nodes": 0}])
    )

    assert code == 0
    assert lines[0] == {
        "partition": "batch",
        "rule": "A08",
        "severity": "error",
        "fields": ["max_nodes"],
        "message": lines[0]["message"],
    }
    assert list(lines[0]) == ["partition", "rule", "severity", "fields", "message"]


@pytest.mark.parametrize(
    ("limits", "fail_on", "code"),
    [
        ({"max_nodes": 0}, "error", 1),
        ({"max_nodes": 0}, "warning", 1),
        ({"min_nodes": 2}, "error", 0),
        ({"min_nodes": 2}, "warning", 1),
        ({"req_resv": True}, "warning", 0),
        ({}, "warning", 0),
    ],
)
def test_audit_fails_from_the_given_severity_on(
    limits: dict[str, Any], fail_on: str, code: int
) -> None:
    """Remarks never fail it."""
    text = json.dumps([{**SOUND, **limits}])

    assert run("audit", "--partitions", "-", "--fail-on", fail_on, stdin=text)[0] == code


def test_audit_names_the_offering(tmp_path: Path) -> None:
    """Where it is known; in a table it comes first, without its UUID."""
    offering = {"uuid": "1" * 32, "name": "Cluster 1", "partitions": [{**SOUND, "max_nodes": 0}]}
    file = write(tmp_path, "o.json", json.dumps(offering))
    _, [line], _ = run("audit", "--partitions", file)
    result = CliRunner().invoke(app, ["audit", "--partitions", file, "--format", "table"])

    assert list(line)[:5] == ["partition", "rule", "severity", "fields", "message"]
    assert (line["offering_uuid"], line["offering"]) == ("1" * 32, "Cluster 1")
    assert result.stdout.splitlines()[1].split()[1] == "offering"
    assert "Cluster 1" in result.stdout
    assert "1" * 32 not in result.stdout


def test_audit_uses_nodes(tmp_path: Path) -> None:
    """Rules that need them speak once they are given, from JSON or from sinfo."""
    partitions = write(tmp_path, "p.json", json.dumps([{**SOUND, "min_nodes": 17}]))
    for text in (NODES, "batch*|16|64|2|32|256000|(null)"):
        nodes = write(tmp_path, "nodes", text)
        _, lines, _ = run("audit", "--partitions", partitions, "--nodes", nodes)

        assert "A09" in {line["rule"] for line in lines}
    assert "A09" not in {line["rule"] for line in run("audit", "--partitions", partitions)[1]}


def test_a_table_is_for_people() -> None:
    """A name cannot steer the terminal it is shown on."""
    text = json.dumps([{**SOUND, "partition_name": "\x1b[31mred[/]", "max_nodes": 0}])
    result = CliRunner().invoke(
        app, ["audit", "--partitions", "-", "--format", "table"], input=text
    )

    assert result.exit_code == 0
    assert "?[31mred[/]" in result.stdout
    assert "\x1b" not in result.stdout


# --- fit ------------------------------------------------------------------------------------


def test_fit_answers_in_order(tmp_path: Path) -> None:
    """One line a case, with the verdict, the reason and SLURM's words."""
    cases = [
        {"partition": {**SOUND, "max_nodes": 2}, "job": {"nodes": 2}},
        {"partition": {**SOUND, "max_nodes": 2}, "job": {"nodes": 3}},
    ]
    nodes = write(tmp_path, "nodes.json", NODES)
    text = "\n".join(map(json.dumps, cases))
    code, lines, _ = run("fit", "--cases", "-", "--nodes", nodes, stdin=text)

    assert code == 0
    assert [(line["accepted"], line["reason_code"]) for line in lines] == [
        (True, "ACCEPT"),
        (False, "NODES"),
    ]
    assert "Node count specification invalid" in lines[1]["message"]


@pytest.mark.parametrize(
    ("partition", "accepted", "code", "words"),
    [
        ({}, True, "ACCEPT", "within the recorded limits; hardware unknown"),
        ({"max_nodes": "many"}, None, "UNKNOWN", "max_nodes"),
        ({"max_nodes": 1}, False, "NODES", "Node count specification invalid"),
    ],
)
def test_fit_says_what_its_answer_leaves_open(
    partition: dict[str, Any], accepted: bool | None, code: str, words: str
) -> None:
    """Without nodes nobody knows whether the job has room on them."""
    case = {"partition": {**SOUND, **partition}, "job": {"nodes": 2}}
    _, [line], said = run("fit", "--cases", "-", stdin=json.dumps(case))

    assert (line["accepted"], line["reason_code"], said) == (accepted, code, "")
    assert words in line["message"]


def test_fit_says_what_it_does_not_judge() -> None:
    """What a job asks for under an unknown name, once for all cases; null asks for nothing."""
    jobs = [{"nodez": 5000, "mem": "900T"}, {"mem": "1G", "gres": "gpu:1"}, {"qos": None}]
    text = "\n".join(json.dumps({"partition": SOUND, "job": job}) for job in jobs)
    code, lines, said = run("fit", "--cases", "-", stdin=text)

    assert (code, len(lines)) == (0, 3)
    assert said == "not known, and not judged, of the jobs: mem, nodez, gres\n"


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded cases are not here")
def test_fit_knows_all_that_recorded_cases_ask_for() -> None:
    """Nothing is said of them."""
    code, lines, said = run("fit", "--cases", str(RECORDED))

    assert (code, said) == (0, "")
    assert len(lines) == len(RECORDED.read_text().splitlines())


# --- reconcile ------------------------------------------------------------------------------

SCONTROL = "PartitionName=batch MaxTime=01:00:00 DefaultTime=00:30:00 DefMemPerCPU={memory}\n"


@pytest.mark.parametrize(("memory", "code"), [(1000, 0), (2000, 1)])
def test_reconcile_fails_when_anything_differs(tmp_path: Path, memory: int, code: int) -> None:
    """Every limit is a line; what agrees is a match."""
    partitions = write(tmp_path, "p.json", json.dumps([SOUND]))
    cluster = write(tmp_path, "scontrol.txt", SCONTROL.format(memory=memory))
    status, lines, _ = run("reconcile", "--partitions", partitions, "--cluster", cluster)

    assert status == code
    assert list(lines[0]) == ["partition", "field", "waldur", "cluster", "status"]
    by_field = {line["field"]: line["status"] for line in lines}
    assert by_field["max_time"] == "match"
    assert by_field["def_mem_per_cpu"] == ("match" if code == 0 else "differs")


def test_reconcile_asks_which_offering_where_names_repeat(tmp_path: Path) -> None:
    """Two clusters may have a partition of the same name; one text speaks of one of them."""
    offerings = [
        {"uuid": digit * 32, "name": f"Cluster {digit}", "partitions": [SOUND]} for digit in "12"
    ]
    partitions = write(tmp_path, "o.json", json.dumps(offerings))
    cluster = write(tmp_path, "scontrol.txt", SCONTROL.format(memory=1000))
    command = ("reconcile", "--partitions", partitions, "--cluster", cluster)

    code, _, said = run(*command)
    assert (code, "--offering" in said) == (2, True)
    assert run(*command, "--offering", "Cluster 2")[0] == 0
    assert run(*command, "--offering", "1" * 32)[0] == 0
    assert run(*command, "--offering", "Cluster 3")[0] == 2


def test_reconcile_asks_for_the_uuid_where_offerings_have_one_name(tmp_path: Path) -> None:
    """The name alone would mix two clusters."""
    offerings = [{"uuid": digit * 32, "name": "Cluster", "partitions": [SOUND]} for digit in "12"]
    partitions = write(tmp_path, "o.json", json.dumps(offerings))
    cluster = write(tmp_path, "scontrol.txt", SCONTROL.format(memory=1000))
    command = ("reconcile", "--partitions", partitions, "--cluster", cluster, "--offering")

    code, _, said = run(*command, "Cluster")
    assert (code, "name one with its UUID" in said) == (2, True)
    assert run(*command, "1" * 32)[0] == 0


def test_a_cluster_that_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    """However many lines it has."""
    cluster = tmp_path / "picture.png"
    cluster.write_bytes(b"\x89PNG\r\n\x00\xff\n" * 100)
    code, lines, said = run("reconcile", "--partitions", "-", "--cluster", str(cluster), stdin="[]")

    assert (code, lines, said.count("\n")) == (2, [], 1)
    assert "picture.png: no partition can be read in it" in said


def test_lines_of_a_cluster_that_cannot_be_read_are_told_up_to_a_number(tmp_path: Path) -> None:
    """And how many more there are."""
    text = SCONTROL.format(memory=1000) + "nonsense\n" * 100
    cluster = write(tmp_path, "scontrol.txt", text)
    partitions = json.dumps([SOUND])
    code, _, said = run("reconcile", "--partitions", "-", "--cluster", cluster, stdin=partitions)

    assert code == 1
    assert said.count("\n") == 21
    assert said.endswith("scontrol.txt: 80 more lines cannot be read\n")


# --- partitions -----------------------------------------------------------------------------


def test_partitions_are_written_in_three_forms() -> None:
    """Lines of slurm.conf, CSV that no spreadsheet runs, and JSON that is read back."""
    text = json.dumps([{**SOUND, "cpu_bind": 5, "qos": "=1+1"}])

    def written(form: str) -> str:
        result = CliRunner().invoke(
            app, ["partitions", "--partitions", "-", "--format", form], input=text
        )
        assert result.exit_code == 0
        return result.stdout

    conf = [
        line for line in written("slurm-conf").splitlines() if line and not line.startswith("#")
    ]
    assert len(conf) == 1
    assert conf[0].startswith("PartitionName=batch ")
    assert "MaxTime=60" in conf[0] or "MaxTime=01:00:00" in conf[0]
    header, row = written("csv").splitlines()
    assert header.split(",")[3:] == [limit.field for limit in LIMITS]
    assert "'=1+1" in row
    assert json.loads(written("json"))[0]["cpu_bind"] == 5


def test_each_offering_has_its_section_of_slurm_conf() -> None:
    """Two clusters may have a partition of the same name, and neither is left out."""
    offerings = [
        {"uuid": digit * 32, "name": f"Cluster {digit}", "partitions": [SOUND]} for digit in "12"
    ]
    result = CliRunner().invoke(
        app, ["partitions", "--partitions", "-"], input=json.dumps(offerings)
    )

    assert result.exit_code == 0
    assert result.stdout.count("\nPartitionName=batch ") == 2
    assert "Cluster 2" in result.stdout
    assert "left out" not in result.stdout


@pytest.mark.parametrize("named", ["Cluster 2", "2" * 32])
@pytest.mark.parametrize("form", ["slurm-conf", "csv", "json"])
def test_partitions_of_one_offering_are_written(tmp_path: Path, named: str, form: str) -> None:
    """By its name or UUID."""
    offerings = [
        {"uuid": digit * 32, "name": f"Cluster {digit}", "partitions": [SOUND]} for digit in "12"
    ]
    file = write(tmp_path, "o.json", json.dumps(offerings))
    command = ["partitions", "--partitions", file, "--format", form, "--offering"]
    result = CliRunner().invoke(app, [*command, named])

    assert result.exit_code == 0
    assert "Cluster 2" in result.stdout
    assert "Cluster 1" not in result.stdout
    assert CliRunner().invoke(app, [*command, "Cluster 3"]).exit_code == 2


def test_a_number_beyond_all_bounds_is_written_as_text() -> None:
    """JSON has no Infinity."""
    result = CliRunner().invoke(
        app,
        ["partitions", "--partitions", "-", "--format", "json"],
        input='{"partition_name": "batch", "max_nodes": 1e400}',
    )

    [partition] = json.loads(result.stdout, parse_constant=pytest.fail)
    assert partition["max_nodes"] == "Infinity"


# --- the server, and bad input --------------------------------------------------------------


@pytest.fixture(scope="module")
def demo() -> Iterator[RunningDemo]:
    """A server with every special offering."""
    with running(offerings=100, login=0) as server:
        yield server


def test_without_a_file_the_server_is_read(
    demo: RunningDemo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the token of the environment; the planted mistakes are found."""
    monkeypatch.setenv("WALDUR_API_URL", demo.url)
    monkeypatch.setenv("WALDUR_API_TOKEN", TOKENS["staff"])
    code, lines, said = run("audit", "--fail-on", "error")

    assert code == 1
    assert {"A01", "A07", "A12", "A16", "A29", "A38"} <= {line["rule"] for line in lines}
    assert TOKENS["staff"] not in said


@pytest.mark.parametrize(
    ("token", "words"), [("f" * 40, "does not accept"), ("", "WALDUR_API_TOKEN")]
)
def test_a_token_that_is_none_is_one_line(
    demo: RunningDemo, monkeypatch: pytest.MonkeyPatch, token: str, words: str
) -> None:
    """And exit status 2."""
    monkeypatch.setenv("WALDUR_API_URL", demo.url)
    monkeypatch.setenv("WALDUR_API_TOKEN", token)
    code, lines, said = run("audit")

    assert (code, lines) == (2, [])
    assert words in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "stdin", "words"),
    [
        (["audit", "--partitions", "missing.json"], "", "missing.json: No such file"),
        (["audit", "--partitions", "."], "", "Is a directory"),
        (["audit", "--partitions", "-"], "", "standard input: the file is empty"),
        (["audit", "--partitions", "-"], '{"partition_name": "a"}\nx', "line 2"),
        (
            ["fit", "--cases", "-"],
            '{"partition": {"partition_name": "a"}}',
            "item 1: it has no job",
        ),
        (
            ["fit", "--cases", "-"],
            '{"partition": 5, "job": {}}',
            "item 1, partition: it is a number",
        ),
        (["audit", "--partitions", "-", "--nodes", "-"], "[]", "only one FILE can be -"),
        (["fit", "--cases", "-", "--nodes", "-"], "[]", "only one FILE can be -"),
        (["reconcile", "--partitions", "-", "--cluster", "-"], "[]", "only one FILE can be -"),
        (
            ["fit", "--cases", "-"],
            '{"partition": {}, "job": {"nodes": 1}}\n{"partition": {}, "job": {"nodes": "x"}}',
            "line 2, job",
        ),
        (["reconcile", "--partitions", "-", "--cluster", "missing"], "[]", "missing: No such file"),
    ],
)
def test_bad_input_is_one_line_with_the_place(arguments: list[str], stdin: str, words: str) -> None:
    """On standard error, with exit status 2 and nothing on standard output."""
    code, lines, said = run(*arguments, stdin=stdin)

    assert (code, lines) == (2, [])
    assert words in said
    assert said.count("\n") == 1


def test_nodes_that_cannot_be_read_are_one_line(tmp_path: Path) -> None:
    """The first bad line is named."""
    nodes = write(tmp_path, "nodes.txt", "batch|16|64|2|32|256000|(null)\nbatch|many\n")
    code, lines, said = run("audit", "--partitions", "-", "--nodes", nodes, stdin="[]")

    assert (code, lines, said.count("\n")) == (2, [], 1)
    assert "nodes.txt, line 2" in said


@pytest.mark.parametrize(("option", "command"), [("--nodes", "audit"), ("--cluster", "reconcile")])
def test_a_number_that_is_too_long_is_said_without_words_of_python(
    tmp_path: Path, option: str, command: str
) -> None:
    """In each kind of file that may be JSON."""
    file = write(tmp_path, "long.json", '{"count": ' + "1" * 5000 + "}")
    code, lines, said = run(command, "--partitions", "-", option, file, stdin="[]")

    assert (code, lines, said.count("\n")) == (2, [], 1)
    assert said.endswith("a number in it has too many digits\n")


def test_it_runs_as_a_module(tmp_path: Path) -> None:
    """As the README has it, in a process of its own and with a pipe for output."""
    done = subprocess.run(
        [sys.executable, "-m", "bookings", "audit", "--partitions", "-"],
        input=json.dumps([{**SOUND, "partition_name": "käpp", "max_nodes": 0}]),
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C"},
        cwd=tmp_path,
        check=True,
    )

    assert json.loads(done.stdout.splitlines()[0])["partition"] == "käpp"
    assert done.stderr == ""
