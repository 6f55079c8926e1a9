"""What a role means, in sentences that are true for it."""

import pytest

from bookings.roles import explain, roles_of
from bookings.waldur.models import Permission, Person


def person(*roles: str, staff: bool = False, support: bool = False, scope: str = "") -> Person:
    """Somebody with these roles, each in the organisation `scope`."""
    return Person(
        uuid="0" * 32,
        is_staff=staff,
        is_support=support,
        permissions=tuple(Permission(role_name=role, scope_name=scope) for role in roles),
    )


@pytest.mark.parametrize(
    ("who", "lines"),
    [
        (person(), ["No role"]),
        (person(staff=True), ["Staff"]),
        (person(staff=True, support=True), ["Staff", "Global support"]),
        (person("CUSTOMER.OWNER", scope="Lab"), ["Owner of Lab"]),
        (person("CUSTOMER.MANAGER", scope="Lab"), ["Service manager of Lab"]),
        (person("PROJECT.ADMIN"), ["Project administrator"]),
        (person("SOMETHING.NEW", scope="Lab"), ["SOMETHING.NEW of Lab"]),
        (
            person("CUSTOMER.OWNER", "OFFERING.MANAGER", scope="Lab"),
            ["Owner of Lab", "Offering manager of Lab"],
        ),
    ],
)
def test_each_role_is_a_line(who: Person, lines: list[str]) -> None:
    """In words a person uses; an unknown role keeps the server's name."""
    assert roles_of(who) == lines


@pytest.mark.parametrize(
    ("who", "own", "read_only", "words"),
    [
        (person(staff=True), 1234, 0, ["staff", "all", "1,234"]),
        (person("CUSTOMER.OWNER"), 12, 0, ["own (12)", "may act"]),
        (person("CUSTOMER.OWNER"), 12, 3400, ["12", "3,400", "only read"]),
        (person("CUSTOMER.MANAGER"), 0, 7, ["may read 7", "not act", "role Owner"]),
        (person(), 0, 0, ["lists no booking offering", "owners", "service managers", "ask"]),
        (person("CUSTOMER.OWNER"), 0, 0, ["lists no booking offering"]),
    ],
)
def test_what_somebody_sees_and_why(
    who: Person, own: int, read_only: int, words: list[str]
) -> None:
    """How many, what may be done with them, and which role would show more."""
    sentence = explain(who, own=own, read_only=read_only)

    for word in words:
        assert word in sentence
    assert sentence.endswith(".")
