"""The three actions on an offering's Google calendar, as pure rules.

What the server does and refuses was observed on a Waldur 7.0.7 server: it accepts an action with
202 and works on it two or more seconds later; whether the work succeeded shows only in `public`
and in the first `backend_id`. A failure at Google changes nothing that can be read.
"""

from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit

from bookings.waldur.errors import Busy, CalendarBusy, Refused, SignedOut, WaldurError, by_code
from bookings.waldur.models import GoogleCalendar, Offering


class Action(StrEnum):
    """A calendar action; the value is the last part of its address."""

    SYNC = "google_calendar_sync"
    SHARE = "share_google_calendar"
    UNSHARE = "unshare_google_calendar"

    @property
    def label(self) -> str:
        """What the button says."""
        return _LABELS[self]


_LABELS = {
    Action.SYNC: "Sync calendar",
    Action.SHARE: "Share calendar",
    Action.UNSHARE: "Unshare calendar",
}

SETTLING_SECONDS = 5.0
"""For so long the server may work on what it accepted and nobody watches: it takes 3 to 5 s."""


class CalendarStatus(StrEnum):
    """The state of an offering's calendar in words."""

    NONE = "no calendar"
    PRIVATE = "private"
    PUBLIC = "public"
    WITHOUT_ID = "created but without id"
    """The first creation is queued, or has failed at Google: the server does not tell which."""
    NOT_PUBLIC = "not public"
    """The provider endpoint tells no more to people who may only read the offering."""
    UNKNOWN = "unknown"
    """The server did not say; this is not the same as no calendar."""


class Outcome(StrEnum):
    """What is known of an action that was asked for."""

    SENDING = "Sending"
    ACCEPTED = "Accepted"
    """The server queued the work. It is not done yet, and may fail."""
    CONFIRMED = "Confirmed"
    """The change was read back from the server."""
    NOT_CONFIRMED = "Not confirmed"
    """Accepted, but the change was not seen while it was waited for."""
    REFUSED = "Refused"
    """Certainly not done: the server said no, or was never reached."""
    UNKNOWN = "Outcome unknown"
    """It may have been done: the answer was lost or was a server error."""

    @property
    def final(self) -> bool:
        """Whether the word alone says that nobody works on it any more.

        Accepted is the end for a sync of an existing calendar, and Outcome unknown is not the
        end while the state is being read again. For these `Entry.open` tells.
        """
        return self in {Outcome.CONFIRMED, Outcome.NOT_CONFIRMED, Outcome.REFUSED}


@dataclass(frozen=True, slots=True)
class Judgement:
    """Whether a button works, and one sentence: why not, or a remark (may be "") if it does."""

    allowed: bool
    reason: str


# --- state ----------------------------------------------------------------------------------


def status_of(offering: Offering) -> CalendarStatus:
    """The calendar's status, from whichever of its fields the server sent.

    Rows of the provider endpoint carry `google_calendar_is_public` and `google_calendar_link`
    only: there, not public does not tell a private calendar from one that has no id.
    """
    if "googlecalendar" in offering.model_fields_set:
        return _status(offering.googlecalendar)
    public = offering.google_calendar_is_public
    if public or (public is None and offering.google_calendar_link):
        return CalendarStatus.PUBLIC
    return CalendarStatus.UNKNOWN if public is None else CalendarStatus.NOT_PUBLIC


def _status(calendar: GoogleCalendar | None) -> CalendarStatus:
    if calendar is None:
        return CalendarStatus.NONE
    if calendar.public:
        # A public calendar whose id the server lost can still be read by anyone.
        return CalendarStatus.PUBLIC
    if calendar.public is None:
        return CalendarStatus.UNKNOWN
    return CalendarStatus.PRIVATE if calendar.backend_id else CalendarStatus.WITHOUT_ID


def public_link(offering: Offering) -> str | None:
    """The address at which anyone can read the calendar, or None.

    Only a complete http(s) address counts. The link of a public calendar without an id is no
    link: the server builds it from the missing id (`…?src=None`).
    """
    if status_of(offering) is not CalendarStatus.PUBLIC:
        return None
    calendar = offering.googlecalendar
    if calendar is not None and not calendar.backend_id:
        return None
    link = calendar.http_link if calendar is not None else offering.google_calendar_link
    return link if link and _is_web_address(link) else None


def _is_web_address(link: str) -> bool:
    if not link.isprintable() or " " in link:
        return False
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def state_sentence(calendar: GoogleCalendar | None) -> str:
    """The state of a calendar that was just read, as a sentence for the record."""
    return {
        CalendarStatus.NONE: "There is no calendar.",
        CalendarStatus.PRIVATE: "The calendar is private.",
        CalendarStatus.PUBLIC: "The calendar is public.",
        CalendarStatus.WITHOUT_ID: "The calendar is created but has no id.",
        CalendarStatus.UNKNOWN: "The server does not say whether the calendar is public.",
    }[_status(calendar)]


# --- before ---------------------------------------------------------------------------------


def judge(
    action: Action,
    status: CalendarStatus,
    *,
    read_only: bool,
    in_flight: Action | None = None,
    connected: bool | None = None,
) -> Judgement:
    """May this button be pressed, and why (not)?

    `read_only` is for offerings a person sees but does not own. `in_flight` is the action that
    is being worked on: the server takes one per calendar. A status of which not all is known
    forbids nothing, the server decides. Nor does a provider without a Google account
    (`connected` False), as an account may have been connected since that was read; None is not
    known.
    """
    if read_only:
        return Judgement(
            False,
            "You can read this offering but not act on its calendar; "
            "an owner of its organisation or staff can.",
        )
    if in_flight is not None:
        return Judgement(
            False, f"“{in_flight.label}” is not finished yet; the server takes one at a time."
        )
    verdict = _BY_STATUS.get((action, status), Judgement(True, ""))
    if verdict.allowed and connected is False:
        return Judgement(True, NOT_CONNECTED)
    return verdict


NOT_CONNECTED = (
    "The provider has no Google account connected, so the server is going to refuse this; "
    "the page Calendars has the way to connect one."
)

_BY_STATUS = {
    (Action.SYNC, CalendarStatus.NONE): Judgement(True, "This creates the calendar at Google."),
    (Action.SYNC, CalendarStatus.WITHOUT_ID): Judgement(
        True, "The calendar never got an id; this tries again to create it at Google."
    ),
    (Action.SHARE, CalendarStatus.NONE): Judgement(
        True, "This creates the calendar at Google and makes it public."
    ),
    (Action.SHARE, CalendarStatus.PUBLIC): Judgement(False, "The calendar is public already."),
    (Action.UNSHARE, CalendarStatus.NONE): Judgement(
        False, "There is no calendar that could be made private."
    ),
    (Action.UNSHARE, CalendarStatus.PRIVATE): Judgement(False, "The calendar is private already."),
    (Action.UNSHARE, CalendarStatus.WITHOUT_ID): Judgement(
        False, "The calendar is private already; it has no id yet."
    ),
    **{
        (action, status): Judgement(
            True, "The calendar's status is not known here; the server decides."
        )
        for action in Action
        for status in (CalendarStatus.NOT_PUBLIC, CalendarStatus.UNKNOWN)
    },
}


# --- after ----------------------------------------------------------------------------------


def confirms(
    action: Action, before: GoogleCalendar | None, after: GoogleCalendar | None
) -> bool | None:
    """Does the change from `before` to `after` show that the action was done?

    None means that no state could ever show it: a sync of a calendar that has an id leaves no
    trace, and a calendar that was public before says nothing about a later share.
    A calendar of None is one that does not exist.
    """
    if action is Action.SYNC:
        if before is not None and before.backend_id:
            return None
        return after is not None and bool(after.backend_id)
    wanted = action is Action.SHARE
    was = before.public if before is not None else False
    if was is wanted:
        return None
    return after is not None and after.public is wanted


def outcome_of(error: WaldurError) -> Outcome:
    """What an error of the POST tells: Refused where it is certainly not done, else unknown.

    A 5xx, a timeout, a broken connection and an unreadable answer can all come after the work
    was queued.
    """
    answered_no = error.status is not None and 300 <= error.status < 500
    return Outcome.REFUSED if answered_no or not error.sent else Outcome.UNKNOWN


NO_CREDENTIALS = "no-google-credentials"
ALREADY_SO = "already-so"
NO_CALENDAR = "no-calendar"
BUSY_CODES = frozenset({CalendarBusy.code, Busy.code})
"""Refusals after which the same can be tried again."""

_REASONS = {
    "google credentials do not exist": NO_CREDENTIALS,
    "is public already": ALREADY_SO,
    "is private already": ALREADY_SO,
    "calendar does not exist": NO_CALENDAR,
}
"""English words of the server's refusals; the client asks for English."""


def code_of(error: WaldurError) -> str:
    """The error's code, made finer where the server's reason asks for another next step."""
    if isinstance(error, Refused):
        words = error.words.lower()
        for reason, code in _REASONS.items():
            if reason in words:
                return code
    return error.code


_REFUSED = "Read the server's reason; nothing was changed."
_AFTER_REFUSAL = {
    Refused.code: _REFUSED,
    NO_CREDENTIALS: "Connect a Google account in Waldur, in the settings of the organisation's "
    "service provider, then press the button again.",
    ALREADY_SO: "Nothing needs to be done; press Refresh to see the calendar as it is now.",
    NO_CALENDAR: "Press “Sync calendar” first; that creates the calendar.",
    CalendarBusy.code: "An earlier action is still queued or running; wait a minute, look at the "
    "status, and only then press again.",
}

_NEXT_STEPS = {
    Outcome.SENDING: "Wait for the server's answer; there is no need to press again.",
    Outcome.ACCEPTED: "Wait a few seconds; the server works on it and Google needs a moment.",
    Outcome.CONFIRMED: "Nothing more needs to be done.",
    Outcome.NOT_CONFIRMED: "It is still queued or it failed at Google: look again in a minute, "
    "then check the Google account of the service provider.",
    Outcome.REFUSED: _REFUSED,
    Outcome.UNKNOWN: "It may have been done: look at the calendar's status before you press again.",
}

_NEXT_STEPS_OF_SYNC = {
    Outcome.ACCEPTED: "Look at the calendar at Google in a minute; the server does not report "
    "when a sync is done.",
    Outcome.UNKNOWN: "It may have been done: look at the calendar at Google before you press "
    "again; one sync more does no harm.",
}

_SIGNED_OUT = "Sign in again, then look at the calendar's status before you press again."


def next_step(action: Action, outcome: Outcome, error_code: str | None) -> str:
    """What a person should do now, in one sentence. `error_code` is as code_of gives it."""
    if error_code == SignedOut.code and outcome is not Outcome.CONFIRMED:
        return _SIGNED_OUT
    if outcome is Outcome.REFUSED and error_code is not None:
        error = by_code(error_code)
        general = error.next_step if error is not None else _REFUSED
        return _AFTER_REFUSAL.get(error_code, general)
    if action is Action.SYNC and outcome in _NEXT_STEPS_OF_SYNC:
        return _NEXT_STEPS_OF_SYNC[outcome]
    return _NEXT_STEPS[outcome]
