"""What a person's roles let them see, in sentences.

Observed on a Waldur 7.0.7 server: `/api/booking-offerings/` shows everything to staff, an
organisation's offerings to its CUSTOMER.OWNER, and nothing to anybody else: 200 with an empty
list, never 403. A CUSTOMER.MANAGER, an offering manager and global support read the same
offerings at `/api/marketplace-provider-offerings/`.
"""

from bookings.waldur.models import Person

_WORDS = {
    "CUSTOMER.OWNER": "Owner",
    "CUSTOMER.MANAGER": "Service manager",
    "CUSTOMER.SUPPORT": "Support",
    "OFFERING.MANAGER": "Offering manager",
    "PROJECT.ADMIN": "Project administrator",
    "PROJECT.MANAGER": "Project manager",
    "PROJECT.MEMBER": "Project member",
}


def roles_of(person: Person) -> list[str]:
    """Each role as a line; a role that this product does not know keeps the server's name."""
    lines = []
    if person.is_staff:
        lines.append("Staff")
    if person.is_support:
        lines.append("Global support")
    for each in person.permissions:
        role = _WORDS.get(each.role_name, each.role_name)
        lines.append(f"{role} of {each.scope_name}" if each.scope_name else role)
    return lines or ["No role"]


def explain(person: Person, *, own: int, read_only: int) -> str:
    """Why this person sees what they see, and which role would show more."""
    if person.is_staff:
        return (
            f"As staff you see all booking offerings of the server ({own:,}) and may act on "
            "their calendars."
        )
    if own and read_only:
        return (
            f"You see {own:,} booking offerings of organisations you own and may act on their "
            f"calendars. {read_only:,} more you may only read."
        )
    if own:
        return (
            f"You see the booking offerings of organisations you own ({own:,}) and may act on "
            "their calendars. Offerings of other organisations are not listed for you."
        )
    if read_only:
        return (
            f"You may read {read_only:,} booking offerings through your role, but not act on "
            "their calendars. For that, ask for the role Owner of the organisation."
        )
    return (
        "The server lists no booking offering for you. It shows them to staff, to owners of the "
        "organisation that provides them and, for reading, to its service managers. Nothing is "
        "wrong with your sign-in; ask an owner of the organisation for one of these roles."
    )
