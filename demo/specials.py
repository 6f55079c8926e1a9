"""The notable offerings: every state of a calendar, every gap in the data, hostile texts.

They come first whatever the size of the demo is, so a test or a person finds them in each.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Special:
    """One offering with something worth meeting."""

    name: str
    kind: str = "room"
    provider: str | None = "A"
    role: str = ""
    """The key under which `World.notable` finds it."""
    state: str = "Active"
    calendar: str = "none"
    """none, private, public, without id, public without id, stuck, or erred."""
    google_fails: bool = False
    poison: str = ""
    notes: tuple[str, ...] = ()
    """Of its plans."""
    rules: tuple[str, ...] = ()
    """Audit rules its partitions break."""
    centre: str = ""
    changes: dict[str, Any] = field(default_factory=dict)
    """Fields that differ from what is generated."""


SCRIPT = "<script>document.title='owned'</script>"
HOSTILE_NAMES = (
    SCRIPT,
    "<img src=http://127.0.0.1:9/x onerror=\"document.title='owned'\">",
    '=HYPERLINK("http://evil.example","x")',
    "$E=mc^2$ lab :rocket:",
    "**Markdown** [link](http://evil.example) ![](http://evil.example/x.png)",
    "   Three leading spaces",
    "Line\u2028separator in the name",
    "Zero\u200bwidth\u200bspace laboratory",
    "مختبر الليزر",
    "חדר ישיבות \u202eqaz",
    "Sauna 🧖 with a view 🌲",
    "Very long name " + "of an instrument that nobody could shorten " * 3 + "x" * 6,
    "@SUM(1+1)",
    "+1 seat",
    "-2+3",
    ":material/delete: :red[x] `code`",
    "\tTabulated\tname",
)
_HOSTILE_TEXT = (
    "<img src=x onerror=alert(1)> {{7*7}} ${7*7} [x](javascript:alert(1)) <style>*{display:none}"
)
_TAGGED = {"tags": ["=1+1", "<i>tag</i>", "normal"]}
_TRAPS = {
    "access_url": "javascript:document.title='owned'",
    "privacy_policy_link": "http://evil.example/privacy",
    "image": "http://127.0.0.1:9/image.png",
    "thumbnail": "http://127.0.0.1:9/thumbnail.png",
}
"""Addresses that a page must neither open nor load."""

_CALENDARS = (
    Special("Kalev conference room", role="private", calendar="private"),
    Special("Linda conference room", role="public", calendar="public"),
    Special("Vanemuine conference room", role="none"),
    Special("Laser lab Koit", "lab", role="without_id", calendar="without id"),
    Special("Laser lab Hämarik", "lab", role="failing", calendar="private", google_fails=True),
    Special("NMR 500 MHz Koidula", "spectrometer", role="failing_new", google_fails=True),
    Special(
        "Field station Soomaa", "field", "B", role="failing_public", calendar="public",
        google_fails=True,
    ),
    Special("Confocal microscope Tuuli", "microscope", "B", role="stuck", calendar="stuck"),
    Special("Cryo-TEM Pilvi", "microscope", "B", role="erred", calendar="erred"),
    Special(
        "Sports hall Saimaa", "sauna", "B", role="public_without_id",
        calendar="public without id",
    ),
    Special("Seminar room Fjord", "room", "C", role="no_credentials"),
    Special("Lecture hall Skjær", "room", "C", role="no_credentials_public", calendar="public"),
    Special("Sequencer Hanse", "sequencer", "E", role="empty_refresh_token", calendar="private"),
    Special("Wet lab bench Kiebitz", "lab", "D", role="not_owned", calendar="private"),
)  # fmt: skip

_RECORDS = (
    Special("Sauna Emajõgi", "sauna", role="poisonous", poison="open-ended", calendar="private"),
    Special("Sauna Peipsi", "sauna", "B", role="poisonous_null", poison="null"),
    Special("Draft telescope time", "field", role="draft", state="Draft", calendar="private"),
    Special(
        "Paused clean room Halla", "lab", role="paused", state="Paused", calendar="public",
        changes={"paused_reason": "Air handling is being replaced until the end of the month."},
    ),
    Special("Archived CNC mill", "workshop", role="archived", state="Archived"),
    Special("Unavailable beamline", "spectrometer", role="unavailable", state="Unavailable"),
    Special(
        "Retired mainframe", "hpc", role="unknown_state", state="Retired", centre="department",
        changes={"country": "XX"},
    ),
    Special("Orphaned poster printer", "workshop", None, role="no_customer"),
    Special(
        "Virmaline bench of Kratt cluster", "hpc", "A", role="child", centre="department",
        changes={
            "parent": "rich", "scope": "https://waldur.demo.invalid/api/slurm/",
            "scope_state": "ERRED", "scope_error_message": "sacctmgr: error: Connection refused",
        },
    ),
    Special(
        "Instrument booking with a project", "microscope", "D", role="project",
        changes={"project": True},
    ),
)  # fmt: skip

_PLACES = (
    Special("Drone Nullpunkt", "field", role="null_island", changes={
        "latitude": 0.0, "longitude": 0.0}),
    Special("Research vessel Half", "field", "B", role="only_latitude", changes={
        "latitude": 60.17, "longitude": None}),
    Special("XRD swapped", "spectrometer", "A", role="swapped", changes={
        "latitude": 24.7536, "longitude": 59.437, "country": "EE"}),
    Special("Weather mast", "field", "D", role="out_of_range", changes={
        "latitude": 95.0, "longitude": 12.5683}),
    Special("Loaned qPCR", "sequencer", "A", role="outside_country", changes={
        "latitude": 38.7223, "longitude": -9.1393, "country": "EE"}),
    Special("Travelling exhibition", "room", "F", role="no_country", changes={
        "country": "", "latitude": None, "longitude": None}),
)  # fmt: skip

_TARIFFS = (
    Special("Clean room with new prices", "lab", role="price_change", notes=("price change",)),
    Special("Storage by the gram", "workshop", role="tiny_price", notes=("tiny price",)),
    Special("Old price list", "spectrometer", role="archived_plans", notes=("archived only",)),
    Special("Fully booked greenhouse", "lab", "B", role="used_up", notes=("used up",)),
    Special("Free reading room", "room", "B", role="no_prices", notes=("no prices",)),
    Special("Price on request", "field", "B", role="no_plans", notes=("no plans",)),
    Special("Mass spectrometer for samples", "spectrometer", role="discount", notes=("discount",)),
    Special(
        "Members' laser lab",
        "lab",
        "D",
        role="group_plans",
        notes=("for groups", "discount without threshold"),
    ),
    Special("Flat rate that drifted", "lab", "A", role="drift", notes=("drift",)),
)
_SINGLE_KIND = (
    Special("Metered mass spectrometer", "spectrometer", "B", role="usage_only", notes=(
        "usage only",)),
    Special("Sample storage", "lab", role="limit_only", notes=("limit only",)),
)  # fmt: skip

_CLUSTERS = (
    Special("Kratt – CPU hours", "hpc", role="same_partitions", centre="university"),
    Special("Kratt – project allocation", "hpc", role="other_limits", centre="university"),
    Special(
        "Salme test cluster",
        "hpc",
        role="wrong_times",
        rules=("A01", "A02", "A03", "A05", "A06", "A31"),
    ),
    Special("Ilves sandbox", "hpc", "B", role="wrong_nodes", rules=("A07", "A08", "A11", "A26")),
    Special(
        "Hirvi memory lab",
        "hpc",
        "B",
        role="wrong_memory",
        rules=("A12", "A13", "A14", "A15", "A16", "A21", "A22", "A25"),
    ),
    Special("Skarv staging", "hpc", "D", role="wrong_names", rules=("A29", "A32", "A38", "A04")),
)

_HOSTILE = tuple(
    Special(
        name,
        "hpc" if number < 2 else ("lab", "room", "workshop")[number % 3],
        ("A", "B", "D", "A", "F", "E")[number % 6],
        role=f"hostile_{number}",
        calendar=("private", "public", "none")[number % 3],
        notes=("hostile name",) if number < 4 else (),
        centre="department" if number < 2 else "",
        changes={
            "description": _HOSTILE_TEXT,
            "full_description": f"<h1>{name}</h1>{SCRIPT}",
            "paused_reason": SCRIPT if number == 0 else "",
            **(_TRAPS if number < 3 else {}),
            **(_TAGGED if number < 3 else {}),
        },
    )
    for number, name in enumerate(HOSTILE_NAMES)
)

_TIED_PROVIDERS = "ABCDEF"
TIED_NAME = "Meeting room"
_TIED = tuple(
    Special(
        TIED_NAME, "room", _TIED_PROVIDERS[number % 6], role=f"tied_{number}",
        calendar=("none", "private", "public")[number % 3],
    )
    for number in range(24)
)  # fmt: skip

SPECIALS = (
    Special("Kratt supercomputer", "hpc", role="rich", calendar="public", centre="national"),
    *_CALENDARS,
    *_RECORDS,
    *_CLUSTERS,
    *_PLACES,
    *_TARIFFS,
    *_TIED,
    *_HOSTILE,
    *_SINGLE_KIND,
)
