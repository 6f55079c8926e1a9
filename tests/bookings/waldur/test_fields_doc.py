"""docs/fields.md names every field and its place; the models know every published field."""

import json
import re
from pathlib import Path

import pytest

from bookings.sheets import TABS as TABS_OF_THE_PAGE
from bookings.waldur import fieldsets, models, options
from bookings.waldur.models import Record

TABS = (
    "Summary", "Plans", "Components", "Partitions", "Software", "Calendar", "Bookings",
    "Location", "Access", "Documents", "Raw",
)  # fmt: skip
PAGES = (
    "Overview", "Offerings table", "Partitions", "Plans", "Map", "Calendars", "Bookings",
    "Activity", "Connection",
)  # fmt: skip
PLACES = {*PAGES, *(f"Offering › {tab}" for tab in TABS)}
ROW = re.compile(r"^\| `(\w+)` \| (\w+) \| (.+) \|$", re.MULTILINE)
OUR_NAMES = {
    "BasePublicPlan": "Plan",
    "MergedPluginOptions": "PluginOptions",
    "NestedEndpoint": "Endpoint",
    "NestedOfferingFile": "OfferingFile",
    "NestedPartition": "Partition",
    "NestedPlanComponent": "PlanComponent",
    "NestedRole": "Role",
    "NestedScreenshot": "Screenshot",
    "NestedSoftwareCatalog": "SoftwareCatalog",
    "NestedTag": "Tag",
}
"""Schemas that have another name here."""


def records() -> dict[str, type[Record]]:
    return {
        value.__name__: value
        for module in (models, options)
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, Record) and value is not Record
    }


@pytest.fixture(scope="module")
def text(root: Path) -> str:
    """The document."""
    return (root / "docs" / "fields.md").read_text("utf-8")


def test_the_table_names_every_field_once(text: str) -> None:
    """Neither a field without a place nor a row without a field."""
    rows = [(model, field) for field, model, _ in ROW.findall(text)]
    fields = [(name, field) for name, model in records().items() for field in model.model_fields]

    assert sorted(rows) == sorted(fields)
    assert len(rows) == text.count("\n| ") - 1


def test_every_place_exists(text: str) -> None:
    """A place is a tab of the offering's page or another page, each named once."""
    for field, model, where in ROW.findall(text):
        places = where.split("; ")

        assert set(places) <= PLACES, (model, field)
        assert len(places) == len(set(places)), (model, field)


def test_no_secret_has_a_place(text: str) -> None:
    """What is never asked for is named as such, and in no row."""
    assert not {field for field, _, _ in ROW.findall(text)} & {*fieldsets.NEVER, "token"}
    assert all(f"`{field}`" in text for field in fieldsets.NEVER)


def test_every_published_field_has_a_model(root: Path) -> None:
    """Each property of each schema is a field of the model of that schema."""
    published = root.parent / "shared" / "booking-openapi-8.0.0.json"
    if not published.is_file():
        pytest.skip("the published schema is not at hand")
    schemas = json.loads(published.read_text("utf-8"))["components"]["schemas"]
    ours = records()
    absent = [
        (name, field)
        for name, schema in schemas.items()
        for field in schema.get("properties", ())
        if field not in ours[OUR_NAMES.get(name, name)].model_fields
    ]

    assert absent == []
    assert set(OUR_NAMES) <= set(schemas)


def test_the_table_and_the_tabs_agree(text: str) -> None:
    """Each field of an offering stands in the tab that the table names."""
    shown = {line.field: tab for tab, lines in TABS_OF_THE_PAGE.items() for line in lines}
    for field, model, places in ROW.findall(text):
        if model == "Offering":
            assert f"Offering › {shown[field]}" in places, field
