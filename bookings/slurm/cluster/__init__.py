"""What a SLURM cluster says of its partitions, read into Waldur's fields and units.

Three forms are told apart: what `scontrol show partition` prints (one line each with -o, or in
blocks), its `--json`, and lines of slurm.conf. Nothing of a text is dropped: what cannot be read
is listed with its line.
"""

import re

from bookings.slurm.cluster.conf_lines import read_conf_lines
from bookings.slurm.cluster.scontrol import read_scontrol
from bookings.slurm.cluster.scontrol_json import read_scontrol_json
from bookings.slurm.cluster.texts import (
    SCONTROL,
    SCONTROL_JSON,
    SLURM_CONF,
    ClusterPartition,
    ClusterText,
    Gathering,
    Unread,
)

__all__ = [
    "SCONTROL",
    "SCONTROL_JSON",
    "SLURM_CONF",
    "ClusterPartition",
    "ClusterText",
    "Unread",
    "read_cluster",
]

# Words that scontrol prints and slurm.conf does not take; or a name alone on its line, and more
# of its partition on the next.
_PRINTED = re.compile(
    r"^[^#\n]*?(?<!\S)(?:TotalNodes=|TotalCPUs=|JobDefaults=|QoS=N/A(?!\S))|"
    r"^[ \t]*PartitionName=[^\s#\\]+[ \t\r]*\n[ \t]+[A-Za-z]\w*=",
    re.ASCII | re.MULTILINE,
)
# scontrol prints no templates.
_TEMPLATE = re.compile(r"^\s*PartitionName=DEFAULT(?!\S)", re.ASCII | re.MULTILINE | re.IGNORECASE)


def read_cluster(text: str) -> ClusterText:
    """The partitions a text speaks of, whichever its form. Never raises."""
    text = text.removeprefix("\ufeff")
    if not text.strip():
        return ClusterText(notes=("The text is empty.",))
    gathering = Gathering()
    if text.lstrip()[0] in "[{":
        form = SCONTROL_JSON
        read_scontrol_json(text, gathering)
    elif _PRINTED.search(text) and not _TEMPLATE.search(text):
        form = SCONTROL
        read_scontrol(text, gathering)
    else:
        form = SLURM_CONF
        read_conf_lines(text, gathering)
    if not gathering.partitions:
        gathering.notes.append("No partition was found.")
    return gathering.text(form)
