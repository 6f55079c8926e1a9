"""What several tests of the wire need."""

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(scope="session")
def sample() -> Callable[[str], Any]:
    """Reads a sample answer the way the wire is read."""

    def read(name: str) -> Any:
        return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"), parse_float=Decimal)

    return read
