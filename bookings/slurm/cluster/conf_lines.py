"""The partition lines of slurm.conf, as `_parse_partitionname` (read_config.c) reads them.

A line PartitionName=DEFAULT is a template for the lines below it; a further one adds to it.
"""

import re
from collections.abc import Iterator

from bookings.slurm.cluster.texts import Gathering, Said
from bookings.slurm.cluster.values import COMPARED, PARAMETERS
from bookings.slurm.limits import limit_of

_OTHER_PARAMETERS = frozenset(
    {
        "allocnodes", "allowaccounts", "allowgroups", "allowqos", "alternate", "default",
        "denyaccounts", "denyqos", "disablerootjobs", "hidden", "lln", "nodes", "oversubscribe",
        "overtimelimit", "powerdownonidle", "preemptmode", "priorityjobfactor", "resumetimeout",
        "rootonly", "selecttypeparameters", "shared", "state", "suspendtime", "suspendtimeout",
        "topology", "tresbillingweights",
    }
)  # fmt: skip
"""Parameters of partitions that Waldur has no limit for, in small letters."""
_NOT_INHERITED = ("exclusive_user", "exclusive_topo")
"""Read from a partition's own line only, whatever DEFAULT says (observed; read_config.c)."""
_MOST_NAMED, _MOST_SHOWN = 5, 100
"""How many included files are named, and how many signs of each."""
_NO_SETTING = "it is not Name=value; slurmctld does not start with it"
_TWICE = "its name came before; slurmctld does not start with two of a name"

# The same as keyvalue_pattern of SLURM's parse_config.c: spaces around = are allowed.
_SETTING = re.compile(r"\s*([A-Za-z0-9_.]+)\s*[-*+/]?=\s*(?:\"([^\"]*)\"|(\S+))(?=\s|$)", re.ASCII)
_WORD = re.compile(r"\S+", re.ASCII)
_INCLUDE = re.compile(r"\s*include\s+(.*)", re.ASCII | re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"\\.|(#)", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def read_conf_lines(text: str, gathering: Gathering) -> None:
    """Gather the partitions of lines of slurm.conf."""
    template: dict[str, Said] = {}
    included: list[str] = []
    others = 0
    for number, line in _logical_lines(text):
        if not line.strip():
            continue
        if match := _INCLUDE.fullmatch(line):
            included.append(f"{match[1].strip()[:_MOST_SHOWN]} (line {number})")
            continue
        first = _SETTING.match(line)
        if not first:
            gathering.leave(number, line.strip(), "it is not Name=value")
        elif first[1].lower() == "partitionname":
            name = first[3] or first[2]
            said = _settings(line, first.end(), number, gathering)
            _take(name, said, number, template, gathering)
        else:
            others += 1
    if included:
        named = ", ".join(included[:_MOST_NAMED])
        more = len(included) - _MOST_NAMED
        gathering.notes.append(
            f"Included files are not read here: {named}{f' and {more} more' * (more > 0)}."
        )
    if others:
        count = "1 other line is" if others == 1 else f"{others} other lines are"
        gathering.notes.append(f"{count} not about partitions, and left aside.")


def _logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines as SLURM joins them: comments cut off, a backslash at the end goes on."""
    start, parts = 0, list[str]()
    for number, line in enumerate(text.split("\n"), start=1):
        start = start or number
        kept = _without_comment(line)
        bare = kept.rstrip()
        if (len(bare) - len(bare.rstrip("\\"))) % 2:
            parts.append(bare[:-1])
            continue
        yield start, _ESCAPED.sub(r"\1", "".join([*parts, kept]))
        start, parts = 0, []
    if parts:
        yield start, _ESCAPED.sub(r"\1", "".join(parts))


def _without_comment(line: str) -> str:
    if "#" not in line:
        return line
    starts = (match.start() for match in _COMMENT.finditer(line) if match[1])
    return line[: next(starts, len(line))]


def _settings(line: str, at: int, number: int, gathering: Gathering) -> dict[str, Said]:
    said: dict[str, Said] = {}
    while match := _SETTING.match(line, at) or _WORD.search(line, at):
        at = match.end()
        text = match[0].strip()
        if match.re is _WORD:
            gathering.leave_word(number, text, _NO_SETTING)
            continue
        key = match[1].lower()
        # The older Priority sets the tier too, and wins over PriorityTier (observed).
        limit = limit_of("priority_tier") if key == "priority" else PARAMETERS.get(key)
        if limit is None:
            if key not in _OTHER_PARAMETERS:
                gathering.leave(number, text, "it is no parameter that is known here")
            continue
        name = key if key == "priority" else limit.field
        if name in said:
            gathering.leave(number, text, "the same is said before it; SLURM takes this one")
        said[name] = gathering.say(limit, match[3] or match[2] or "", number, in_conf=True)
    return said


def _take(
    name: str, said: dict[str, Said], number: int, template: dict[str, Said], gathering: Gathering
) -> None:
    if not name:
        gathering.leave(number, "PartitionName=", "it has no name")
    elif name.upper() == "DEFAULT":
        for field in _NOT_INHERITED:
            note = f"{limit_of(field).slurm} of a DEFAULT line has no effect in SLURM."
            if said.pop(field, None) and note not in gathering.notes:
                gathering.notes.append(note)
        template |= said
    else:
        # What no line says is not set.
        whole = {limit.field: Said() for limit in COMPARED} | template | said
        if "priority" in whole:
            whole["priority_tier"] = whole.pop("priority")
        gathering.add(name, number, whole, twice=_TWICE)
