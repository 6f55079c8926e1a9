"""Values move one way: who may import whom, as a table."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OURS = ("bookings", "components", "demo", "pages", "app")
WIRE_VALUES = (
    "bookings.waldur.errors",
    "bookings.waldur.protocol",
    "bookings.waldur.fieldsets",
    "bookings.waldur.models",
    "bookings.waldur.options",
)
PURE = (
    *WIRE_VALUES,
    "bookings.places",
    "bookings.plain_text",
    "bookings.moments",
    "bookings.json_objects",
    "bookings.portfolio",
    "bookings.calendars",
    "bookings.frames",
    "bookings.filters",
    "bookings.slurm",
    "bookings.plans",
    "bookings.schedule",
)

# Modules (by prefix) -> (what of ours they may import, what they must not import at all).
# The first row that fits a module counts.
RULES: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (
        WIRE_VALUES,
        (*WIRE_VALUES,),
        ("httpx", "pandas", "streamlit", "sqlalchemy"),
    ),
    (
        ("bookings.waldur.listing",),
        WIRE_VALUES,
        ("httpx", "pandas", "streamlit", "sqlalchemy"),
    ),
    (
        ("bookings.waldur.client",),
        ("bookings", "bookings.waldur"),
        ("pandas", "streamlit", "sqlalchemy"),
    ),
    (
        ("bookings.portfolio",),
        ("bookings.waldur", "bookings.settings"),
        ("httpx", "pandas", "streamlit", "sqlalchemy"),
    ),
    (
        ("bookings.calendars",),
        ("bookings.waldur", "bookings.settings", "bookings.calendars", "bookings.database"),
        ("httpx", "pandas", "streamlit"),
    ),
    (
        ("bookings.database", "bookings.reviews", "bookings.migrations"),
        ("bookings.database", "bookings.migrations"),
        ("httpx", "pandas", "streamlit"),
    ),
    (
        (
            "bookings.frames",
            "bookings.filters",
            "bookings.exports",
            "bookings.activity_tables",
            "bookings.booking_tables",
            "bookings.schedule",
            "bookings.calendar_tables",
            "bookings.calendar_receipt",
            "bookings.json_objects",
            "bookings.findings",
            "bookings.sheets",
            "bookings.places",
            "bookings.marks",
            "bookings.plain_text",
            "bookings.moments",
            "bookings.slurm",
            "bookings.plans",
            "bookings.roles",
            "bookings.partition_review",
            "bookings.partition_tables",
            "bookings.partition_files",
        ),
        (*PURE, "bookings.reviews", "bookings.partition_review", "bookings.exports"),
        ("httpx", "streamlit", "bookings.waldur.client"),
    ),
    (("bookings",), ("bookings",), ("streamlit", "components", "pages", "demo")),
    (("demo",), ("demo",), ("bookings", "components", "pages", "streamlit", "pandas")),
    (
        ("components",),
        ("bookings", "components"),
        ("httpx", "bookings.waldur.client", "pages", "demo", "os"),
    ),
    (
        ("pages",),
        ("bookings", "components"),
        ("httpx", "pydeck", "os", "pages", "demo", "bookings.waldur.client"),
    ),
    (("app",), ("bookings", "components"), ("httpx", "pandas", "pydeck", "demo")),
)


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(ROOT.glob("*.py")):
        yield path.stem, path
    for folder in ("bookings", "components", "demo", "pages"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts).removesuffix(".__init__"), path


MODULES = dict(_modules())


def _imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                # `from components import session` imports components.session.
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in MODULES else node.module)
    return found


def _under(name: str, prefixes: tuple[str, ...]) -> bool:
    return any(name == prefix or name.startswith(prefix + ".") for prefix in prefixes)


@pytest.mark.parametrize("module", MODULES)
def test_a_module_imports_only_what_stands_left_of_it(module: str) -> None:
    """Each import fits the table."""
    allowed, forbidden = next(
        (allowed, forbidden) for who, allowed, forbidden in RULES if _under(module, who)
    )
    imports = _imports(MODULES[module])

    assert not {name for name in imports if _under(name, forbidden)}
    ours = {name for name in imports if name.split(".")[0] in OURS}
    assert not {name for name in ours if not _under(name, allowed) and name != module}


def test_one_module_imports_httpx() -> None:
    """The wire library stays behind one door, so that a change of it is one file."""
    importers = {name for name, path in MODULES.items() if _under("httpx", tuple(_imports(path)))}

    assert importers == {"bookings.waldur.client"}


def test_the_map_library_is_in_one_component() -> None:
    """pydeck draws in one place only."""
    importers = {name for name, path in MODULES.items() if "pydeck" in _imports(path)}

    assert importers == {"components.offering_map"}


@pytest.mark.parametrize("module", [name for name in MODULES if name.startswith("pages.")])
def test_a_page_is_a_thin_script(module: str) -> None:
    """A page defines nothing and fits two screens."""
    text = MODULES[module].read_text(encoding="utf-8")
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)

    assert len(text.splitlines()) <= 90
    assert not [node for node in ast.walk(ast.parse(text)) if isinstance(node, kinds)]


@pytest.mark.parametrize("module", MODULES)
def test_nothing_is_drawn_as_html_unchecked_or_cached_for_all(module: str) -> None:
    """No unsafe HTML, and none of Streamlit's caches, whose keys can leave out who asks."""
    text = MODULES[module].read_text(encoding="utf-8")

    for word in ("unsafe_allow_html", "unsafe_allow_javascript", "cache_data", "cache_resource"):
        assert f"{word}=" not in text
        assert f"st.{word}" not in text
