"""Fixtures for every test: no setting of the person's own environment reaches one."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).parents[1]
OUR_VARIABLES = (
    "WALDUR_API_URL",
    "WALDUR_CA_BUNDLE",
    "DATABASE_URL",
    "SESSION_IDLE_MINUTES",
    "SESSION_HOURS",
    "CALENDAR_PATIENCE_SECONDS",
    "JOURNAL_RETENTION_DAYS",
    "DEMO_OFFERINGS",
)
for _name in OUR_VARIABLES:
    os.environ.pop(_name, None)

# A busy machine is no failure, and a run leaves nothing behind.
settings.register_profile(
    "steady", deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("steady")


@pytest.fixture(scope="session")
def root() -> Path:
    """The folder of the project."""
    return ROOT
