"""Identifiers and addresses as a Waldur server writes them: 32 hex digits, absolute URLs."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from random import Random

BASE = "https://waldur.demo.invalid"
"""Stands for the server's own address in stored data; answers carry the request's host instead."""

_NAMESPACE = uuid.UUID("6f3c5e52-7f39-4a0e-9a58-2b8f0d2f7c11")


def fresh_uuid(rng: Random) -> str:
    """A random version 4 identifier in the 32 digits of the wire."""
    return uuid.UUID(int=rng.getrandbits(128), version=4).hex


def named_uuid(*names: str) -> str:
    """The same identifier for the same names, in every process and for every seed."""
    return uuid.uuid5(_NAMESPACE, "/".join(names)).hex


def link(collection: str, identifier: str) -> str:
    """The address of one object of a collection."""
    return f"{BASE}/api/{collection}/{identifier}/"


def media(rng: Random) -> str:
    """The address of an uploaded file, which hides the file's name."""
    return f"{BASE}/api/media/{rng.getrandbits(128):032x}/"


def instant(moment: datetime) -> str:
    """A moment with microseconds, the form of `created` and `modified`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def slot_instant(moment: datetime) -> str:
    """A moment in whole seconds, the form of booked slots."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def schedule_instant(moment: datetime) -> str:
    """A moment with milliseconds, the form in which the calendar editor stores availability."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + (
        f"{moment.microsecond // 1000:03d}Z"
    )
