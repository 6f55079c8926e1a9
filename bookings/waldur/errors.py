"""What can go wrong between this product and a Waldur server.

* WaldurError
  - SignedOut             401: no token, an unknown one, or one that has expired
    + WrongPassword       401 of the sign-in endpoint
    + LockedOut           401 after too many wrong passwords
  - Forbidden             403
  - Gone                  404: unknown, deleted, or not visible to this person
  - Refused               other 4xx, with the server's words
    + CalendarBusy        400 "The calendar cannot be updated."
  - Busy                  429 or 503
  - ServerBroken          other 5xx
  - TooSlow               no answer within the time allowed
  - Unreachable           no connection
    + BrokenOff           the connection broke before the answer was complete
  - NotWaldur             something answered, but it is not a Waldur
  - UnreadableAnswer      2xx whose body is not what the protocol says

Every error can tell a person *what* happened, *where* (method and path, never a query
or a header) and the *next step*, in words that fit every place: none speaks of a button, and a
place that knows more says more. None holds a token.
"""

from typing import ClassVar


class WaldurError(Exception):
    """A request that did not give what it was asked for.

    `words` is the server's own sentence, as text, or empty. `sent` is False only where it is
    certain that the server never received the request; it matters for a POST.
    """

    code: ClassVar[str] = "error"
    what: ClassVar[str] = "The request to the Waldur server failed."
    next_step: ClassVar[str] = "Try again; if it stays so, show the details to your support."

    def __init__(
        self,
        *,
        method: str = "GET",
        path: str = "",
        status: int | None = None,
        words: str = "",
        sent: bool = True,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(self.what)
        self.method = method
        self.path = path
        self.status = status
        self.words = words
        self.sent = sent
        self.retry_after = retry_after

    @property
    def where(self) -> str:
        """Method, path and status for a support person."""
        status = f" → {self.status}" if self.status is not None else ""
        return f"{self.method} {self.path}{status}"

    def __str__(self) -> str:
        return f"{self.what} {self.words}".strip() if self.words else self.what


class SignedOut(WaldurError):
    """401: the token is missing, unknown or expired."""

    code = "signed-out"
    what = "The Waldur server does not accept this sign-in any more."
    next_step = "Sign in again; you return to where you were."


class WrongPassword(SignedOut):
    """401 of the sign-in endpoint. Unknown user and wrong password look alike."""

    code = "wrong-password"
    what = "This username and password were not accepted."
    next_step = (
        "Check both and try again. After four wrong tries the server locks the name for 10 minutes."
    )


class LockedOut(SignedOut):
    """401 after four failures; the right password is refused too."""

    code = "locked-out"
    what = "The server has locked this username after too many wrong passwords."
    next_step = "Wait 10 minutes, then try once more, or sign in with an API token."


class Forbidden(WaldurError):
    """403."""

    code = "forbidden"
    what = "Your role does not allow this."
    next_step = "Ask an owner of the organisation, or staff, to do it or to give you the role."


class Gone(WaldurError):
    """404: the server does not tell unknown from not visible."""

    code = "gone"
    what = "The server knows nothing there that you may see."
    next_step = "It may be deleted, or belong to an organisation you do not own."


class Refused(WaldurError):
    """A 4xx with a reason in the server's words."""

    code = "refused"
    what = "The server refused this."
    next_step = "Show the details to the server's administrator."


class CalendarBusy(Refused):
    """400: an earlier action of this calendar is still queued or running."""

    code = "calendar-busy"
    what = "The server refused this because the calendar is busy."
    next_step = "An earlier action is still queued or running. Wait a minute and look again."


class Busy(WaldurError):
    """429 or 503."""

    code = "busy"
    what = "The Waldur server is too busy to answer."
    next_step = "Wait a moment, then try again."


class ServerBroken(WaldurError):
    """A 5xx that is not a sign of load."""

    code = "server-broken"
    what = "The Waldur server failed while answering."
    next_step = "Try again; if it stays so, tell the server's administrator the time and the path."


class TooSlow(WaldurError):
    """No complete answer within the time this kind of request is given."""

    code = "too-slow"
    what = "The Waldur server did not answer in time."
    next_step = "It may be under load. Try again in a minute."


class Unreachable(WaldurError):
    """No connection."""

    code = "unreachable"
    what = "The Waldur server cannot be reached."
    next_step = "Check that the server is up and that its address and certificate are right."


class BrokenOff(Unreachable):
    """The connection broke after the request was sent; it may have been worked on."""

    code = "broken-off"
    what = "The connection to the Waldur server broke before its answer was complete."
    next_step = "Try again; if it stays so, something between here and the server cuts it off."


class NotWaldur(WaldurError):
    """Something answered at the address, but not as a Waldur does."""

    code = "not-waldur"
    what = "What answers at this address is not a Waldur server."
    next_step = "The operator of this dashboard should check WALDUR_API_URL."


class UnreadableAnswer(WaldurError):
    """2xx, but the body is cut off or is not the JSON the protocol promises."""

    code = "unreadable"
    what = "The Waldur server's answer could not be read."
    next_step = "Try again; if it stays so, something between here and the server alters it."


def by_code(code: str) -> type[WaldurError] | None:
    """The error class that carries `code`, or None for a code nobody has."""
    pending: list[type[WaldurError]] = [WaldurError]
    while pending:
        error = pending.pop()
        if error.code == code:
            return error
        pending.extend(error.__subclasses__())
    return None
