"""What a job asks for, in scripts, on command lines and in files."""

import re
import shlex
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings.slurm.jobs import (
    Job,
    Parsed,
    read_job,
    read_memory,
    read_sbatch,
    read_time,
    sbatch_header,
)

# A busy machine may take long over one example.

a_count = st.none() | st.integers(1, 10**9)
an_amount = st.none() | st.integers(0, 10**12)


@st.composite
def jobs(draw: st.DrawFn) -> Job:
    """Jobs that sbatch takes."""
    nodes, more = draw(a_count), draw(st.none() | st.integers(1, 50))
    memory = draw(st.sampled_from(["mem_per_node", "mem_per_cpu", "mem_per_gpu"]))
    asked: dict[str, Any] = {
        "nodes": nodes,
        "max_nodes": nodes + more if nodes and more else None,
        "ntasks": draw(a_count),
        "cpus_per_task": draw(a_count),
        "ntasks_per_node": draw(a_count),
        memory: draw(an_amount),
        "time": draw(st.none() | st.integers(0, 10**7)),
        "gpus": draw(st.none() | st.integers(0, 10**6)),
        "gpus_per_node": draw(st.none() | st.integers(0, 10**6)),
    }
    return Job(**asked)


def job_of(text: str) -> Job:
    """The job of a text that is read completely."""
    parsed = read_sbatch(text)
    assert parsed.unread == ()

    return parsed.job


# Times and amounts


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("90", 90),
        ("90:30", 91),
        ("90:00", 90),
        ("0:10", 1),
        ("1:00:00", 60),
        ("00:30:01", 31),
        ("1-0", 1440),
        ("2-12", 3600),
        ("1-0:30", 1470),
        ("1-00:00:01", 1441),
        (" 7-00:00:00 ", 10080),
        ("UNLIMITED", 0),
        ("infinite", 0),
        ("-1", 0),
        ("0", 0),
    ],
)
def test_time(text: str, minutes: int) -> None:
    """Every form of sbatch is read, seconds count as a whole minute, 0 is unlimited."""
    assert minutes == read_time(text)


@pytest.mark.parametrize(
    "text", ["", "x", "1-", "-5", "1:2:3:4", "1.5", "1-2-3", "1h", "9" * 5000, "١"]
)
def test_no_time(text: str) -> None:
    """Anything else is no time."""
    with pytest.raises(ValueError, match=r"is not a time\.$"):
        read_time(text)


@pytest.mark.parametrize(
    ("text", "megabytes"),
    [
        ("4000", 4000),
        ("4000M", 4000),
        ("4G", 4096),
        ("4GB", 4096),
        ("4g", 4096),
        ("512K", 1),
        ("1025K", 2),
        ("1T", 1048576),
        ("1P", 1073741824),
        (" 0 ", 0),
    ],
)
def test_memory(text: str, megabytes: int) -> None:
    """Amounts count by 1024 and are rounded up to MB."""
    assert megabytes == read_memory(text)


@pytest.mark.parametrize("text", ["", "G", "-4G", "1.5G", "4GiB", "4 G", "4X", "9" * 5000])
def test_no_memory(text: str) -> None:
    """Anything else is no amount."""
    with pytest.raises(ValueError, match=r"is not an amount of memory\.$"):
        read_memory(text)


# Mappings


def test_job_of_a_mapping() -> None:
    """A mapping with the fields of a job is one; what is missing is not asked for."""
    item = {"nodes": 2, "ntasks": None, "mem_per_cpu": 0, "time": 0, "reservation": True, "x": 1}

    assert Job(nodes=2, mem_per_cpu=0, time=0, reservation=True) == read_job(item)
    assert Job() == read_job({})


def test_spelled_values() -> None:
    """Times, amounts of memory and a reservation may be spelled as for sbatch."""
    item = {"time": "1-00:00:00", "mem_per_node": "4G", "reservation": "maintenance"}

    assert Job(time=1440, mem_per_node=4096, reservation=True) == read_job(item)


@pytest.mark.parametrize(
    ("item", "reason"),
    [
        (None, "The job is NoneType, not an object."),
        ([], "The job is list, not an object."),
        ({"nodes": "2"}, "nodes of the job is not a whole number."),
        ({"nodes": True}, "nodes of the job is not a whole number."),
        ({"ntasks": 1.0}, "ntasks of the job is not a whole number."),
        ({"nodes": 0}, f"nodes of the job is not between 1 and {2**63 - 1}."),
        ({"time": -1}, f"time of the job is not between 0 and {2**63 - 1}."),
        ({"mem_per_cpu": 2**63}, f"mem_per_cpu of the job is not between 0 and {2**63 - 1}."),
        ({"time": "soon"}, "'soon' is not a time."),
        ({"mem_per_node": ""}, "Nothing is not an amount of memory."),
        ({"reservation": 1}, "reservation of the job is neither true nor false."),
        ({"nodes": 3, "max_nodes": 2}, "max_nodes is less than nodes."),
        (
            {"mem_per_node": 1, "mem_per_cpu": 1},
            "--mem, --mem-per-cpu and --mem-per-gpu exclude each other.",
        ),
    ],
)
def test_no_job(item: Any, reason: str) -> None:
    """What is no job is refused with one sentence."""
    with pytest.raises(ValueError, match=f"^{re.escape(reason)}$"):
        read_job(item)


# Scripts

SCRIPT = """\
#!/bin/bash
# A comment
#SBATCH --nodes=2 -c 4      # of 8
##SBATCH --nodes=9

#SBATCH --job-name="a b" --mail-type=END
#SBATCH -p batch
module load x
"""


def test_script() -> None:
    """The options of a script are read, a comment behind them is not, others are named."""
    assert Parsed(
        Job(nodes=2, cpus_per_task=4), "batch", ("--job-name", "--mail-type")
    ) == read_sbatch(SCRIPT)


def test_below_the_first_command() -> None:
    """sbatch stops at the first command, and what stands below it is listed."""
    parsed = read_sbatch(SCRIPT + "#SBATCH --nodes=5\nsrun -n 99 ./x\n")

    assert parsed.job == Job(nodes=2, cpus_per_task=4)
    assert [(each.line, each.text, each.reason) for each in parsed.unread] == [
        (9, "#SBATCH --nodes=5", "below the first command, where sbatch does not read it")
    ]


def test_command_line_beats_script() -> None:
    """Options of the command line beat those of the script below it."""
    parsed = read_sbatch("$ sbatch -N 3 \\\n  --time 1-0 job.sh -n 7\n" + SCRIPT)

    assert parsed.job == Job(nodes=3, cpus_per_task=4, time=1440)
    assert parsed.unread == ()


@pytest.mark.parametrize(
    ("text", "job"),
    [
        ("sbatch -N4 -n 8 job.sh", Job(nodes=4, ntasks=8)),
        ("sbatch --nodes 4 --ntasks=8", Job(nodes=4, ntasks=8)),
        ("SLURM_CONF=/x /usr/bin/sbatch -QN4 x", Job(nodes=4)),
        ("srun -N 2-4 ./x -N 9", Job(nodes=2, max_nodes=4)),
        ("salloc --nodes=3-3", Job(nodes=3)),
        ("-N 2 -n 4", Job(nodes=2, ntasks=4)),
        ("sbatch --ntasks-per-n=2 x", Job(ntasks_per_node=2)),
        ("sbatch --tasks-per-node=2 x", Job(ntasks_per_node=2)),
        ("sbatch --mem=4G x", Job(mem_per_node=4096)),
        ("sbatch --mem-per-cpu=512K x", Job(mem_per_cpu=1)),
        ("sbatch --mem-per-gpu 1T -G 2 x", Job(mem_per_gpu=1048576, gpus=2)),
        ("sbatch -t 90:30 x", Job(time=91)),
        ("sbatch --gpus=a100:2,v100:1 x", Job(gpus=3)),
        ("sbatch --gpus-per-node=a100:2 x", Job(gpus_per_node=2)),
        ("sbatch --gres=gpu:a100:2 x", Job(gpus_per_node=2)),
        ("sbatch --gres=gpu x", Job(gpus_per_node=1)),
        ("sbatch --gres=gres/gpu=2 x", Job(gpus_per_node=2)),
        ("sbatch --gres=none x", Job()),
        ("sbatch --reservation=r x", Job(reservation=True)),
        ("sbatch -n 1 -n 2 x", Job(ntasks=2)),
        ("sbatch --wrap 'srun -n 9' -n 2", Job(ntasks=2)),
        ("sbatch -v --nice --nice=5 -n 2 x", Job(ntasks=2)),
        ("sbatch -- -n 2", Job()),
        ("\ufeff#SBATCH -n 2\r\n#SBATCH -N 2\r\n", Job(nodes=2, ntasks=2)),
        ("", Job()),
        ("me@login:~$ sbatch -N 2 x.sh", Job(nodes=2)),
        ("[me@login1 my dir]$ sbatch -N 2 x.sh", Job(nodes=2)),
        ("(base) me@login ~ % sbatch -N 2 x.sh", Job(nodes=2)),
        ("root@login:/srv# srun -N 2 x", Job(nodes=2)),
        ("> sbatch -N 2 x.sh", Job(nodes=2)),
        ("sudo -E time sbatch -N 2 x.sh", Job(nodes=2)),
        ("A=1 env B=2 sbatch -N 2 x.sh", Job(nodes=2)),
        ("#!/bin/sh\n# sbatch -N 2 x\n#SBATCH -N 3", Job(nodes=3)),
        ("# a note\nsbatch -n 2 x", Job(ntasks=2)),
    ],
)
def test_options(text: str, job: Job) -> None:
    """Long, short, shortened and joined options are read up to the first other word."""
    assert job == job_of(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("#SBATCH -n many", "'many' is not a whole number."),
        ("#SBATCH -n 0", "0 is less than 1."),
        ("#SBATCH -N 4-2", "4 is more than 2."),
        ("#SBATCH -N 4k", "'4k' is not a whole number."),
        ("#SBATCH --time=soon", "'soon' is not a time."),
        ("#SBATCH --nodes", "its value is missing"),
        ("#SBATCH -N", "its value is missing"),
        ("#SBATCH --no-such=1", "not an option of sbatch"),
        ("#SBATCH --mem-per=1", "not an option of sbatch"),
        ("#SBATCH -Y", "-Y is not an option of sbatch"),
        ("#SBATCH word", "not an option"),
        ("#SBATCH --job-name='x", "the quotes do not close (No closing quotation)"),
        (" #SBATCH -n 2", "not at the start of its line, so sbatch does not read it"),
        ("#SBATCH --exclusive", "not considered here, though it can change the result"),
        ("#SBATCH --gres=tmp:1", "Only GPUs are considered here."),
        ("sbatch -r 1 x", "-r is not an option of sbatch"),
        ("#SBATCH -n " + "2" * 20_000, "longer than 20000 signs"),
        ("SBATCH --time=5", "no sbatch command and no #SBATCH line"),
        ("echo hello", "no sbatch command and no #SBATCH line"),
        ("# sbatch -N 2 x", "no sbatch command and no #SBATCH line"),
        ("#!/bin/sh\necho\nsrun -n 2 x", "no sbatch command and no #SBATCH line"),
    ],
)
def test_unread_options(text: str, reason: str) -> None:
    """What cannot be read, or matters and is not considered, is listed and not guessed at."""
    parsed = read_sbatch(text)

    assert parsed.job == Job()
    assert [(1, reason)] == [(each.line, each.reason) for each in parsed.unread]


def test_memory_that_excludes() -> None:
    """Of two kinds of memory the last one counts, and it is said that sbatch refuses both."""
    parsed = read_sbatch("#SBATCH --mem=4G\n#SBATCH --mem-per-cpu=1G\n")

    assert parsed.job == Job(mem_per_cpu=1024)
    assert [(each.line, each.reason) for each in parsed.unread] == [
        (
            2,
            "--mem, --mem-per-cpu and --mem-per-gpu exclude each other, so sbatch refuses; "
            "the last one counts here.",
        )
    ]


def test_gpus_beside_others() -> None:
    """GPUs are read out of a list of resources, and the rest is said to be left."""
    parsed = read_sbatch("#SBATCH --gres=gpu:2,tmp:50G")

    assert parsed.job == Job(gpus_per_node=2)
    assert len(parsed.unread) == 1


@given(st.text())
def test_any_text(text: str) -> None:
    """Whatever is pasted, nothing is raised."""
    for prefix in ("", "#SBATCH ", "sbatch ", "#SBATCH --"):
        parsed = read_sbatch(prefix + text)

        assert all(each.line >= 1 for each in parsed.unread)


@given(st.lists(st.sampled_from(["sbatch", "-N", "4", "--mem", "=", "'", "\\\n", "\n", " ", "#"])))
def test_any_words(words: list[str]) -> None:
    """Nor does any row of the words that options are made of."""
    read_sbatch("#SBATCH " + "".join(words))
    read_sbatch("".join(words))


# Headers


def test_header() -> None:
    """The header asks for what the job asks for, in options that people know."""
    job = Job(nodes=2, max_nodes=4, ntasks_per_node=8, mem_per_node=4096, time=1500, gpus=2)

    assert sbatch_header(job, "batch") == (
        "#!/bin/bash\n"
        "#SBATCH --partition=batch\n"
        "#SBATCH --nodes=2-4\n"
        "#SBATCH --ntasks-per-node=8\n"
        "#SBATCH --mem=4096\n"
        "#SBATCH --gpus=2\n"
        "#SBATCH --time=1-01:00:00\n"
    )


def test_header_with_a_reservation() -> None:
    """The name of a reservation is not known, so the header says that it is needed."""
    header = sbatch_header(Job(reservation=True), "")

    assert header == "#!/bin/bash\n# Add --reservation with the name of the reservation.\n"


names = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1)


@given(jobs(), names.map(lambda name: f"a {name}") | names)
def test_header_comes_back(job: Job, partition: str) -> None:
    """A header is read back as the job and the partition it was made of."""
    assert Parsed(job, partition) == read_sbatch(sbatch_header(job, partition))


@given(jobs(), st.text())
def test_header_is_all_comments(job: Job, partition: str) -> None:
    """No name of a partition makes a command of a header's line."""
    header = sbatch_header(job, partition)

    assert all(line.startswith("#") for line in header.splitlines())
    assert read_sbatch(header).job == job


@pytest.mark.parametrize(
    ("text", "options"),
    [
        ("#SBATCH -N 2 -J x", ()),
        ("#SBATCH --exclusive\n#SBATCH --exclusive", ("--exclusive",)),
        ("sbatch -C 'a100 & b' -w n1 --gres=gpu:2,shard:1 job.sh",
         ("--constraint=a100 & b", "--nodelist=n1", "--gres=shard:1")),
    ],
)  # fmt: skip
def test_what_is_not_considered_is_listed(text: str, options: tuple[str, ...]) -> None:
    """With its value, once, and so that it can be read again from a link."""
    found = read_sbatch(text).not_considered

    assert found == options
    assert [read_sbatch(f"sbatch {shlex.quote(each)}").not_considered for each in found] == [
        (each,) for each in found
    ]
