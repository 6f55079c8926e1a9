"""What every test of the command line needs."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing of this machine's own settings reaches the command."""
    monkeypatch.delenv("WALDUR_API_URL", raising=False)
    monkeypatch.delenv("WALDUR_API_TOKEN", raising=False)
    monkeypatch.chdir(tmp_path)
