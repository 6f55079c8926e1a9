"""The error tree: every error says what, where and the next step."""

import re

import pytest

from bookings.waldur import errors


def tree(error: type[errors.WaldurError]) -> list[type[errors.WaldurError]]:
    found = [error]
    for child in error.__subclasses__():
        found += tree(child)
    return found


EVERY = tree(errors.WaldurError)


def outline(error: type[errors.WaldurError], depth: int = 0) -> list[tuple[int, str]]:
    found = [(depth, error.__name__)]
    for child in error.__subclasses__():
        found += outline(child, depth + 1)
    return found


def test_the_docstring_is_the_tree() -> None:
    """The module's docstring names every class, in order and at its depth."""
    lines = re.findall(r"^( *)[*+-] (\w+)", errors.__doc__ or "", re.MULTILINE)
    drawn = [(len(indent) // 2, name) for indent, name in lines]

    assert outline(errors.WaldurError) == drawn


@pytest.mark.parametrize("error", EVERY)
def test_every_error_speaks_for_itself(error: type[errors.WaldurError]) -> None:
    """Each class has its own code, its own sentence and its own next step."""
    own = vars(error)

    assert {"code", "what", "next_step"} <= own.keys()
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", own["code"])
    assert own["what"].endswith(".")
    assert own["next_step"].endswith(".")
    assert "Refresh" not in own["next_step"]  # not every place has that button


@pytest.mark.parametrize("name", ["code", "what", "next_step"])
def test_no_two_errors_say_the_same(name: str) -> None:
    """Codes, sentences and next steps are all different."""
    said = [getattr(error, name) for error in EVERY]

    assert len(said) == len(set(said))


@pytest.mark.parametrize("error", EVERY)
def test_by_code_finds_every_error(error: type[errors.WaldurError]) -> None:
    """A code leads back to its class."""
    assert error is errors.by_code(error.code)


@pytest.mark.parametrize("code", ["", "no-such-code", "SIGNED-OUT"])
def test_by_code_knows_no_other(code: str) -> None:
    """A code that nobody has is None."""
    assert errors.by_code(code) is None


def test_where_is_for_a_support_person() -> None:
    """Method, path and status are shown; the status only where there is one."""
    assert errors.Gone(path="/api/x/", status=404).where == "GET /api/x/ → 404"
    assert errors.Unreachable(method="POST", path="/api/x/").where == "POST /api/x/"


def test_the_servers_words_follow_the_sentence() -> None:
    """Text of an error is its sentence and, where given, the server's reason."""
    assert str(errors.Refused(words="No.")) == "The server refused this. No."
    assert str(errors.Refused()) == "The server refused this."


def test_a_request_counts_as_sent_unless_it_is_certain_that_it_was_not() -> None:
    """`sent` is True by default."""
    assert errors.TooSlow().sent
    assert not errors.Unreachable(sent=False).sent
