"""What a text says of partitions, and what of it could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bookings.slurm.cluster.values import PER_NODE_WINS, Refused, word_value
from bookings.slurm.limits import Limit

SCONTROL = "scontrol"
SCONTROL_JSON = "scontrol JSON"
SLURM_CONF = "slurm.conf"

MOST_SHOWN = 200
"""Signs that are kept of a piece that could not be read."""


@dataclass(frozen=True, slots=True)
class ClusterPartition:
    """One partition of a cluster, in Waldur's fields and units.

    In `values`, None is SLURM's own "not set". A field that is absent is not said: an older SLURM
    does not have it, the form does not carry it, or a setting that excludes it won. A field that
    is absent but in `written` was said and cannot be read.
    """

    name: str
    values: Mapping[str, Any]
    """By Waldur's field: int, bool, str or None."""
    written: Mapping[str, str]
    """By Waldur's field, as the cluster wrote it: "7-00:00:00"."""
    total_nodes: int | None = None
    total_cpus: int | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """A piece of the text that could not be read or has no effect, and why."""

    line: int
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class ClusterText:
    """Everything a text says, and what of it could not be read."""

    partitions: tuple[ClusterPartition, ...] = ()
    unread: tuple[Unread, ...] = ()
    notes: tuple[str, ...] = ()
    """Sentences on what was left aside."""
    form: str = ""
    """SCONTROL, SCONTROL_JSON or SLURM_CONF; empty for an empty text."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a text says of one field: the word, and its value unless it cannot be read."""

    word: str = ""
    value: Any = None
    is_readable: bool = True


@dataclass(slots=True)
class Gathering:
    """What is gathered while a text is read."""

    partitions: dict[str, ClusterPartition] = field(default_factory=dict)
    unread: list[Unread] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self, form: str) -> ClusterText:
        """All that was gathered."""
        partitions = tuple(self.partitions.values())
        return ClusterText(partitions, tuple(self.unread), tuple(self.notes), form)

    def leave(self, line: int, text: str, reason: str) -> None:
        """List a piece of the text as unread."""
        shown = text if len(text) <= MOST_SHOWN else text[:MOST_SHOWN] + "…"
        self.unread.append(Unread(line, shown, reason))

    def leave_word(self, line: int, word: str, reason: str) -> None:
        """List a word as unread, together with such words before it on its line."""
        last = self.unread[-1] if self.unread else None
        if last is None or (last.line, last.reason) != (line, reason):
            self.leave(line, word, reason)
        elif len(last.text) <= MOST_SHOWN:
            self.unread.pop()
            self.leave(line, f"{last.text} {word}", reason)

    def say(self, limit: Limit, word: str, line: int, *, in_conf: bool = False) -> Said:
        """What a word says of a limit; listed as unread where it says nothing."""
        try:
            return Said(word, word_value(limit, word, in_conf=in_conf))
        except Refused as refused:
            self.leave(line, f"{limit.slurm}={word}", str(refused))
            return Said(word, is_readable=refused.is_unset)

    def add(
        self,
        name: str,
        line: int,
        said: Mapping[str, Said],
        *,
        totals: tuple[int | None, int | None] = (None, None),
        twice: str = "its name came before",
    ) -> None:
        """Keep a partition; one whose name was there before is listed as unread."""
        if name in self.partitions:
            self.leave(line, f"PartitionName={name}", twice)
            return
        self.partitions[name] = ClusterPartition(
            name,
            {field: each.value for field, each in said.items() if each.is_readable},
            {field: each.word for field, each in said.items() if each.word},
            *totals,
            line,
        )


def settle_pairs(said: dict[str, Said]) -> None:
    """Of two that exclude each other one is shown; the other is not set, or lost and not said."""
    for loser, winner in PER_NODE_WINS.items():
        shown = said.get(winner)
        if shown is None and loser in said:
            said[winner] = Said()
        elif shown is not None and shown.is_readable and shown.value is None:
            said.setdefault(loser, Said())
        elif shown is not None:
            said.pop(loser, None)
