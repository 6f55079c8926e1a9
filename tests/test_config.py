"""Settings of Streamlit that close traps, and conventions of the project's own files."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from bookings.settings import Settings

ROOT = Path(__file__).parents[1]
OURS = {"bookings", "components", "demo", "pages"}


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    """What .streamlit/config.toml sets."""
    return tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("section", "option", "value"),
    [
        ("browser", "gatherUsageStats", False),
        ("client", "showErrorDetails", "none"),
        ("client", "showErrorLinks", False),
        ("client", "disableDataExport", True),
        ("client", "toolbarMode", "minimal"),
        ("runner", "magicEnabled", False),
        ("server", "headless", True),
        ("server", "enableStaticServing", True),
        ("server", "fileWatcherType", "none"),
    ],
)
def test_streamlit_is_set_up_safely(
    config: dict[str, Any], section: str, option: str, value: object
) -> None:
    """Each option that closes a trap has the value that closes it."""
    assert config[section][option] == value


def test_fonts_and_pictures_come_from_this_host(config: dict[str, Any]) -> None:
    """Every file that the theme names is one of ours and exists."""
    for face in config["theme"]["fontFaces"]:
        assert face["url"].startswith("app/static/")
        assert (ROOT / "components" / face["url"].removeprefix("app/")).is_file()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_primary_colour_can_be_read(config: dict[str, Any], scheme: str) -> None:
    """As what is behind the white text of chips and buttons, and as the text of an open tab.

    The contrast of WCAG 2. On a dark background no colour has the 4.5 for both; an open tab is
    underlined as well.
    """
    theme = config["theme"][scheme]
    primary = luminance(theme["primaryColor"])

    assert (1 + 0.05) / (primary + 0.05) >= 4.5
    lighter, darker = sorted((primary, luminance(theme["backgroundColor"])), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= (4.5 if scheme == "light" else 4)


def luminance(colour: str) -> float:
    """The relative luminance of "#rrggbb" by WCAG 2: 0 for black, 1 for white."""
    shares = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (
        each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("page", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.stem)
def test_every_page_has_the_second_lock(page: Path) -> None:
    """A page asks for the sign-in itself before it draws; only the sign-in page need not."""
    text = page.read_text(encoding="utf-8")
    lock = "session.current()" if page.stem == "connection" else "session.require()"

    assert lock in text


def test_only_pages_are_in_the_folder_of_pages() -> None:
    """Streamlit takes each file there for a page."""
    from components.navigation import ENTRIES

    assert {path.stem for path in (ROOT / "pages").iterdir() if path.suffix == ".py"} == {
        entry.key for entry in ENTRIES
    }


def test_every_setting_is_in_the_readme() -> None:
    """The table of the README names each variable with its default, and no other."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", readme, flags=re.MULTILINE))

    assert set(rows) == {name.upper() for name in Settings.model_fields}
    for name, field in Settings.model_fields.items():
        if field.default and not isinstance(field.default, tuple):
            assert str(field.default) in rows[name.upper()]


def test_every_error_is_in_the_readme() -> None:
    """The table of the README has each sentence as the product says it."""
    from bookings.waldur.errors import WaldurError

    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    kinds = [WaldurError]
    while kinds:
        kind = kinds.pop()
        kinds.extend(kind.__subclasses__())

        assert kind is WaldurError or kind.what.rstrip(".") in readme
    assert WaldurError.__subclasses__()


def test_requirements_are_pinned() -> None:
    """Each requirement names one version, and so does what they bring with them."""
    for name in ("requirements.txt", "requirements-dev.txt", "constraints.txt"):
        lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
        named = [line for line in lines if line and not line.startswith(("#", "-r ", "-c "))]

        assert named
        for line in named:
            assert re.fullmatch(r"[A-Za-z0-9_.-]+(\[[a-z]+\])?==[0-9][0-9A-Za-z.]*", line), line


def test_what_is_imported_is_required() -> None:
    """No import of the product rests on what another package happens to bring."""
    required = re.findall(
        r"^([\w.-]+)", (ROOT / "requirements.txt").read_text(encoding="utf-8"), flags=re.MULTILINE
    )
    names = {name.lower().replace("-", "_") for name in required} | OURS
    files = [ROOT / "app.py", *(path for each in OURS for path in (ROOT / each).rglob("*.py"))]
    imported = {name: path for path in files for name in imports_of(path)}

    assert "streamlit" in imported
    assert not [
        f"{path.relative_to(ROOT)}: {name}"
        for name, path in imported.items()
        if name.lower() not in names | sys.stdlib_module_names
    ]


def imports_of(path: Path) -> set[str]:
    """The packages that a file imports, by their first name."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {each.name.partition(".")[0] for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def test_no_secret_is_in_the_repository() -> None:
    """Neither settings of a person nor a database is tracked."""
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()

    assert not [name for name in tracked if re.search(r"(^|/)\.env$|secrets\.toml|\.sqlite", name)]
