"""Kinds of bookable services: how they are called, described, measured and charged."""

from __future__ import annotations

from dataclasses import dataclass, field

from demo.plans import (
    FIELD_MEASURES,
    HPC_MEASURES,
    INSTRUMENT_MEASURES,
    ROOM_MEASURES,
    WORKSHOP_MEASURES,
    Measure,
)


@dataclass(frozen=True)
class Kind:
    """One kind of service."""

    category: str
    generic: str
    """What a service is called by people who have only one of them."""
    weight: float
    names: tuple[str, ...]
    """Patterns with `{place}` and `{name}`."""
    descriptions: tuple[str, ...]
    measures: tuple[Measure, ...]
    units: tuple[str, ...]
    centres: tuple[str, ...] = field(default=())
    """Kinds of computing centres; empty when the service has no partitions."""


PROPER_NAMES = (
    "Kratt", "Salme", "Virmaline", "Hirvi", "Ilves", "Kuukkeli", "Bjørk", "Skarv", "Havørn",
    "Lom", "Tyrsky", "Gaisa", "Pūce", "Stirna", "Rasa", "Eider", "Kiebitz", "Reiher", "Ooievaar",
    "Garça", "Lontra", "Sterna", "Aurora", "Polaris", "Vesi", "Halla", "Nordan", "Lark", "Merlin",
    "Okapi",
)  # fmt: skip

KINDS = {
    "hpc": Kind(
        "hpc", "Compute cluster", 0.15,
        ("{name} cluster – {place}", "{name} GPU partition", "HPC {place} {name}",
         "{name} for courses", "{name} private nodes"),
        ("CPU and GPU nodes for batch jobs.", "Reservations of whole nodes for courses and tests.",
         "General purpose cluster with a <b>parallel</b> file system."),
        HPC_MEASURES, ("month", "month", "quarter"),
        ("university", "national", "ai", "department", "arm", "industry"),
    ),
    "microscope": Kind(
        "microscopy", "Microscope", 0.14,
        ("Confocal microscope {name}", "Cryo-TEM {name}", "SEM {place} {name}",
         "Light-sheet microscope {name}", "AFM {name} – {place}"),
        ("With an operator on weekdays.", "After an introduction of two hours.",),
        INSTRUMENT_MEASURES, ("hour", "day"),
    ),
    "spectrometer": Kind(
        "spectroscopy", "Spectrometer", 0.12,
        ("NMR 600 MHz {name}", "NMR 800 MHz {place}", "Mass spectrometer {name}",
         "Raman {name} {place}", "XRD {name}"),
        ("Samples by courier are welcome.", "Booked by the half day.",),
        INSTRUMENT_MEASURES, ("hour", "half_month", "day"),
    ),
    "sequencer": Kind(
        "sequencing", "Sequencer", 0.08,
        ("Sequencer {name}", "Single-cell platform {place} {name}", "qPCR {name}"),
        ("Runs start on Tuesdays.",),
        INSTRUMENT_MEASURES, ("quantity", "day"),
    ),
    "room": Kind(
        "rooms", "Seminar room", 0.19,
        ("Meeting room {name}, {place}", "Lecture hall {name}", "Seminar room {name} ({place})",
         "Video studio {name}", "Board room {name}"),
        ("12 seats, screen and camera.", "80 seats, step-free.",),
        ROOM_MEASURES, ("hour", "day"),
    ),
    "lab": Kind(
        "labs", "Laboratory", 0.12,
        ("Laser lab {name}", "BSL-2 laboratory {place} {name}", "Clean room {name}",
         "Wet lab bench {name}", "Climate chamber {name}"),
        ("Access with a safety course.", "ISO 6, gowning included.",),
        INSTRUMENT_MEASURES, ("day", "month", "half_month"),
    ),
    "workshop": Kind(
        "workshop", "Workshop", 0.09,
        ("3D printer {name}", "Laser cutter {name}", "CNC mill {place} {name}",
         "Poster printer {name}"),
        ("Bring your own files.",),
        WORKSHOP_MEASURES, ("quantity", "hour"),
    ),
    "field": Kind(
        "field", "Field station", 0.06,
        ("Research vessel {name}", "Field station {place} {name}", "Drone {name}"),
        ("With crew. Weather permitting.",),
        FIELD_MEASURES, ("day", "quarter"),
    ),
    "sauna": Kind(
        "wellbeing", "Sauna", 0.05,
        ("Sauna {name}", "Smoke sauna {name}, {place}", "Sports hall {name}"),
        ("Towels included.", "For ten people at most.",),
        ROOM_MEASURES, ("hour", "day"),
    ),
}  # fmt: skip
