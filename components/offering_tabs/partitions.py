"""SLURM limits side by side, one column a partition; and the software that comes with them."""

import streamlit as st

from bookings.sheets import COLUMNS, Line
from bookings.slurm.limits import LIMITS, MEMORY_CONVENTION, Unit
from bookings.waldur.models import Partition, SoftwareCatalog
from components import navigation
from components.offering_tabs import sheet
from components.offering_tabs.sheet import Opened

_WITH_UNIT = {Unit.MINUTES, Unit.SECONDS, Unit.MEGABYTES, Unit.MASK}
_LIMITS = {limit.field: limit for limit in LIMITS}


def show(opened: Opened) -> None:
    """Draws the tab of partitions."""
    if not opened.has("partitions"):
        return
    partitions = opened.offering.partitions
    if not partitions:
        st.caption("None recorded. Only offerings of a SLURM cluster have partitions.")
        return
    st.caption(
        "Limits as recorded in Waldur, which does not enforce them. A limit that is not recorded "
        "is not unlimited: the cluster may have its own."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        exact = st.toggle(
            "Exact values",
            key="offering.partitions.exact",
            persist_state="session",
            help="The numbers as the server has them, in the unit beside the limit's name.",
        )
        differing = st.toggle(
            "Only what differs",
            key="offering.partitions.differing",
            persist_state="session",
            disabled=len(partitions) < 2,
            help="Leaves out limits that are the same in every partition.",
        )
    lines, empty = sheet.split_by_use(partitions, COLUMNS[Partition][1:])
    if differing and len(partitions) > 1:
        lines = [x for x in lines if x.field != "uuid" and _differs(x, partitions)]
    if lines:
        sheet.show_side_by_side(
            opened,
            partitions,
            lines,
            key="offering.partitions.table",
            corner="Limit",
            heads=[each.partition_name for each in partitions],
            help=MEMORY_CONVENTION,
            labels=_with_unit if exact else lambda line: line.label,
            exact=exact,
        )
    else:
        st.info("All partitions have the same limits.", icon=":material/equal:")
    if empty:
        st.caption(f"Recorded for no partition: {', '.join(line.label for line in empty)}.")
    navigation.link(
        "partitions", "Compare with the partitions of other offerings",
        {"q": opened.offering.uuid}, icon=":material/dns:",
    )  # fmt: skip


def _differs(line: Line, partitions: tuple[Partition, ...]) -> bool:
    first, *others = (getattr(each, line.field) for each in partitions)
    return any(other != first for other in others)


def _with_unit(line: Line) -> str:
    limit = _LIMITS.get(line.field)
    return f"{line.label} ({limit.unit})" if limit and limit.unit in _WITH_UNIT else line.label


def show_software(opened: Opened) -> None:
    """Draws the tab of software."""
    if opened.has("software_catalogs"):
        catalogues = opened.offering.software_catalogs
        sheet.show_records(opened, catalogues, COLUMNS[SoftwareCatalog])
