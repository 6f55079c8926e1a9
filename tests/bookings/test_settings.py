"""Settings: where they come from, what is refused, and that the README tells of each."""

import re
from pathlib import Path

import pytest
from pydantic import ValidationError

from bookings.settings import Settings

PASSWORD = "pw-Zq7"


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` of the person who runs the tests."""
    monkeypatch.chdir(tmp_path)


def test_every_setting_is_in_the_readme(root: Path) -> None:
    """The table of the README names each setting with its default, and no other."""
    table = dict(
        re.findall(r"^\| `([A-Z_]+)` \| (.*?) \|", (root / "README.md").read_text("utf-8"), re.M)
    )
    written = {name: text.strip("`") for name, text in table.items()}
    plain = {
        name.upper(): str(field.default)
        for name, field in Settings.model_fields.items()
        if field.default not in (None, ())
    }

    assert written.keys() == {name.upper() for name in Settings.model_fields}
    assert {name: written[name] for name in plain} == plain


def test_every_setting_says_what_it_is() -> None:
    """A setting without a description is not one an operator can use."""
    for name, field in Settings.model_fields.items():
        assert field.description, name


def test_nothing_set_is_the_demo() -> None:
    """Without a server the embedded demo is used."""
    settings = Settings()

    assert settings.demo
    assert settings.waldur_api_url == ()


@pytest.mark.parametrize(
    ("typed", "roots"),
    [
        ("https://waldur.example", ("https://waldur.example/",)),
        ("https://waldur.example/", ("https://waldur.example/",)),
        ("https://waldur.example/api", ("https://waldur.example/",)),
        ("https://waldur.example/api/", ("https://waldur.example/",)),
        ("HTTPS://Waldur.Example:8443/api/", ("https://waldur.example:8443/",)),
        ("https://waldur.example/cloud/api/", ("https://waldur.example/cloud/",)),
        ("https://a.example , http://b.example/api/", ("https://a.example/", "http://b.example/")),
        ("https://a.example,https://a.example/api/", ("https://a.example/",)),
        (" ,https://a.example,, ", ("https://a.example/",)),
        ("", ()),
        (" , ", ()),
    ],
)
def test_addresses_of_servers(
    typed: str, roots: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One address or several, with or without `/api/`, each once and in the typed order."""
    monkeypatch.setenv("WALDUR_API_URL", typed)

    assert Settings().waldur_api_url == roots


@pytest.mark.parametrize(
    "typed",
    [
        "waldur.example",
        "ftp://waldur.example/",
        "javascript:alert(1)",
        "https://",
        f"https://x:{PASSWORD}@b.example/",
        f"https://b.example/?token={PASSWORD}",
        f"https://waldur.example/#{PASSWORD}",
        f"https://a.example,https://x:{PASSWORD}@b.example/",
        "https://waldur.example:99999/",
        "https://waldur example/",
    ],
)
def test_a_bad_address_is_refused_and_not_repeated(
    typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The complaint names the setting and the rule; what was typed may hold a password."""
    monkeypatch.setenv("WALDUR_API_URL", typed)

    with pytest.raises(ValidationError) as caught:
        Settings()

    assert "waldur_api_url" in str(caught.value)
    assert PASSWORD not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SESSION_IDLE_MINUTES", "0"),
        ("SESSION_IDLE_MINUTES", "soon"),
        ("SESSION_HOURS", "-1"),
        ("CALENDAR_PATIENCE_SECONDS", "0"),
        ("JOURNAL_RETENTION_DAYS", "-1"),
        ("JOURNAL_RETENTION_DAYS", "36501"),
        ("DEMO_OFFERINGS", "-1"),
        ("DEMO_OFFERINGS", "10001"),
    ],
)
def test_numbers_out_of_range_are_refused(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of zero, or of nonsense, would end every sign-in or none."""
    monkeypatch.setenv(name, value)

    with pytest.raises(ValidationError, match=name.lower()):
        Settings()


def test_the_file_with_certificates_must_exist(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped path is told at the start, not at the first request."""
    bundle = tmp_path / "authority.pem"
    monkeypatch.setenv("WALDUR_CA_BUNDLE", str(bundle))

    with pytest.raises(ValidationError, match="there is no file"):
        Settings()

    bundle.write_text("")

    assert Settings().waldur_ca_bundle == bundle


@pytest.mark.parametrize("name", [field.upper() for field in Settings.model_fields])
def test_an_empty_variable_is_an_unset_one(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`NAME=` in a compose file means the default."""
    monkeypatch.setenv(name, "")

    assert Settings() == Settings(_env_file=None)


def test_the_file_and_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`.env` is read, the environment wins, and what is not ours is ignored."""
    (tmp_path / ".env").write_text(
        "WALDUR_API_URL=https://file.example\nSESSION_HOURS=3\nSOMETHING_ELSE=1\n"
    )
    monkeypatch.setenv("WALDUR_API_URL", "https://environment.example")

    settings = Settings()

    assert settings.waldur_api_url == ("https://environment.example/",)
    assert settings.session_hours == 3
    assert not settings.demo


def test_settings_do_not_change() -> None:
    """What the process started with holds until it ends."""
    with pytest.raises(ValidationError, match="frozen"):
        Settings().session_hours = 1  # type: ignore[misc]
