"""What an operator can set: environment variables, or the same names in `.env`."""

from functools import cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from bookings.waldur.protocol import api_root


class Settings(BaseSettings):
    """One frozen set of values; the attribute in upper case is the variable's name."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        # An address that is refused may hold a password; the complaint must not repeat it.
        hide_input_in_errors=True,
    )

    waldur_api_url: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Address of the Waldur server, with or without `/api/`. Several, separated "
        "by commas, are offered as a list at sign-in. Empty: the embedded demo Waldur.",
    )
    waldur_ca_bundle: Path | None = Field(
        default=None,
        description="PEM file with the certificates to trust instead of the usual authorities.",
    )
    database_url: str = Field(
        default="sqlite:///booking-desk.sqlite",
        description="SQLAlchemy address of the database that keeps the record of actions and "
        "what reviewers write down: SQLite, or PostgreSQL as `postgresql://…`.",
    )
    session_idle_minutes: int = Field(
        default=120, ge=1, description="A sign-in ends after so many minutes without use."
    )
    session_hours: int = Field(
        default=12, ge=1, description="A sign-in ends after so many hours, used or not."
    )
    calendar_patience_seconds: int = Field(
        default=60,
        ge=1,
        description="How long an accepted calendar action is watched for its visible effect.",
    )
    price_change_percent: int = Field(
        default=10,
        ge=0,
        le=1000,
        description="By how many per cent a price may change next month before it is a finding.",
    )
    journal_retention_days: int = Field(
        default=0,
        ge=0,
        le=36_500,
        description="For how many days the record of actions is kept; 0 keeps it for ever. The "
        "newest action of each calendar stays whatever its age.",
    )
    demo_offerings: int = Field(
        default=300, ge=0, le=10_000, description="How many offerings the demo Waldur invents."
    )

    @field_validator("waldur_api_url", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("waldur_api_url")
    @classmethod
    def _roots(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(api_root(address) for address in value))

    @field_validator("waldur_ca_bundle")
    @classmethod
    def _present(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_file():
            raise ValueError(f"there is no file {value}")
        return value

    @cached_property
    def demo(self) -> bool:
        """Whether the embedded demo Waldur is used, because no server is named."""
        return not self.waldur_api_url
