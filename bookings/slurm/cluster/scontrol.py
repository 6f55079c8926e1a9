"""What `scontrol show partition` prints: a line for each partition, or a block of lines.

Parameters are read by name: some are absent where they are not set or not known to the release,
and `CpuBind=cores  QoS=` has two spaces (observed on SLURM 22.05.8 and 25.11.7).
"""

import re
from collections.abc import Mapping

from bookings.slurm.cluster.texts import Gathering, Said, settle_pairs
from bookings.slurm.cluster.values import NOT_SET, PARAMETERS, is_digits

_Words = dict[str, tuple[str, int]]
"""By parameter in small letters: what is printed, and on which line."""

_PAIR = re.compile(r"([A-Za-z]\w*)=(.*)", re.ASCII | re.DOTALL)
_WORD = re.compile(r"\S+", re.ASCII)


def read_scontrol(text: str, gathering: Gathering) -> None:
    """Gather the partitions of a text of scontrol."""
    name, start, printed = "", 0, _Words()
    for number, line in enumerate(text.split("\n"), start=1):
        words = _WORD.findall(line)
        if not words:
            continue
        key, value = _pair(words[0])
        if key == "partitionname" and value:
            _add(name, start, printed, gathering)
            name, start, printed = value, number, _Words()
            words = words[1:]
        elif not key or not name:
            gathering.leave(number, line.strip(), "it is not of a partition")
            continue
        for word in words:
            key, value = _pair(word)
            if key:
                if key in printed:
                    gathering.leave(
                        printed[key][1], f"{word.split('=')[0]}={printed[key][0]}", "given again"
                    )
                printed[key] = value, number
            else:
                gathering.leave_word(number, word, "it is not Name=value")
    _add(name, start, printed, gathering)


def read_job_defaults(text: str, line: int, gathering: Gathering) -> dict[str, Said]:
    """What JobDefaults says: "DefCpuPerGPU=8,DefMemPerGPU=100", or "(null)" for nothing."""
    said = {"def_cpu_per_gpu": Said(), "def_mem_per_gpu": Said()}
    for word in [] if text.lower() in NOT_SET else text.split(","):
        key, value = _pair(word)
        limit = PARAMETERS.get(key)
        if limit is not None and limit.field in said:
            said[limit.field] = gathering.say(limit, value, line)
        else:
            gathering.leave_word(line, f"JobDefaults={word}", "it is no default that is known here")
    return said


def _pair(word: str) -> tuple[str, str]:
    match = _PAIR.fullmatch(word)
    return (match[1].lower(), match[2]) if match else ("", "")


def _add(
    name: str, line: int, printed: Mapping[str, tuple[str, int]], gathering: Gathering
) -> None:
    if not name:
        return
    # A partition without a binding is printed without CpuBind.
    said = {"cpu_bind": Said()}
    if "jobdefaults" in printed:
        said |= read_job_defaults(*printed["jobdefaults"], gathering)
    said |= {
        limit.field: gathering.say(limit, *printed[key])
        for key, limit in PARAMETERS.items()
        if key in printed
    }
    settle_pairs(said)
    totals = (_total(printed, "totalnodes"), _total(printed, "totalcpus"))
    gathering.add(name, line, said, totals=totals)


def _total(printed: Mapping[str, tuple[str, int]], key: str) -> int | None:
    word, _ = printed.get(key, ("", 0))
    return int(word) if is_digits(word) else None
