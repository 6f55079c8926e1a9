"""Answers to requests to book, as pure rules.

Observed on a Waldur 7.0.7 server: accepting answers 200 with the order's uuid and took up to 12 s;
a booking that is not in state Creating answers 409; rejecting is refused with 403 to the provider's
own people, and allowed to staff, the creator, and people with rights in the consumer's project.
"""

from enum import StrEnum

from bookings.calendars.actions import Outcome
from bookings.waldur.errors import Forbidden, Gone, Refused, SignedOut, WaldurError, by_code

WAITING_STATE = "Creating"
"""The state of a booking that waits for an answer."""
CONFLICT_STATUS = 409
NOT_WAITING = "not-waiting"
"""The code of a 409: the booking does not wait for an answer any more."""
ENDED_OTHERWISE = "ended-otherwise"
"""The code of a decision after which the booking went another way. Of one whose answer was lost
nobody knows whether it was taken before that."""


class Decision(StrEnum):
    """An answer to a request to book; the value is the last part of its address."""

    ACCEPT = "accept"
    REJECT = "reject"

    @property
    def label(self) -> str:
        """What the button says."""
        return "Accept booking" if self is Decision.ACCEPT else "Reject booking"


def may_reject(*, is_staff: bool, is_creator: bool) -> tuple[bool, str]:
    """Whether a rejection has a chance, and why not. A judgement: the server decides.

    People with rights in the consumer's project may too; who that is cannot be seen from here.
    """
    if is_staff or is_creator:
        return True, ""
    return False, (
        "The server lets staff, the person who booked and people with rights in the booking's "
        "project reject; the provider's own people are refused."
    )


def code_of(error: WaldurError) -> str:
    """The error's code, made finer for a booking that was decided already."""
    return NOT_WAITING if error.status == CONFLICT_STATUS else error.code


_DECIDED = {
    Decision.ACCEPT: frozenset({"OK", "Updating"}),
    Decision.REJECT: frozenset({"Terminated", "Terminating"}),
}


def state_sentence(state: str) -> str:
    """The state of a booking that was just read, as a sentence for the record."""
    return f"The booking's state is {state or 'not told'}."


def confirms(decision: Decision, state: str) -> bool | None:
    """Does the state of the booking now show that the decision was carried out?

    None means that it never will: the booking is in a state the decision does not lead to.
    """
    if state in _DECIDED[decision]:
        return True
    return False if state == WAITING_STATE else None


_NEXT_STEPS = {
    Outcome.SENDING: "Wait for the server's answer; there is no need to press again. It can take "
    "a quarter of a minute.",
    Outcome.ACCEPTED: "Wait a few seconds; the server works on it.",
    Outcome.CONFIRMED: "Nothing more needs to be done.",
    Outcome.NOT_CONFIRMED: "The server took it, but the booking was not seen to change: press "
    "Refresh in a minute.",
    Outcome.REFUSED: "Read the server's reason; the booking was not changed.",
    Outcome.UNKNOWN: "It may have been done: look at the booking's state before you press again.",
}
_AFTER_REFUSAL = {
    Refused.code: _NEXT_STEPS[Outcome.REFUSED],
    NOT_WAITING: "The booking does not wait for an answer any more: somebody else decided, or it "
    "was withdrawn. Press Refresh to see its state.",
    Forbidden.code: "Your role may not decide this booking. Staff, the person who booked, or "
    "somebody with rights in the booking's project can.",
    Gone.code: "The server knows no such booking that you may see. Press Refresh.",
}


def next_step(outcome: Outcome, error_code: str | None) -> str:
    """What a person should do now, in one sentence. `error_code` is as code_of gives it."""
    if error_code == SignedOut.code and outcome is not Outcome.CONFIRMED:
        return "Sign in again, then look at the booking's state before you press again."
    if outcome is Outcome.NOT_CONFIRMED and error_code == ENDED_OTHERWISE:
        return (
            "The server took it, but the booking went another way: press Refresh to see its state."
        )
    if outcome is Outcome.UNKNOWN and error_code == ENDED_OTHERWISE:
        return "The booking is in another state, whatever became of this: press Refresh to see it."
    if outcome is Outcome.REFUSED and error_code is not None:
        error = by_code(error_code)
        general = error.next_step if error is not None else _NEXT_STEPS[outcome]
        return _AFTER_REFUSAL.get(error_code, general)
    return _NEXT_STEPS[outcome]


__all__ = [
    "ENDED_OTHERWISE",
    "NOT_WAITING",
    "WAITING_STATE",
    "Decision",
    "code_of",
    "confirms",
    "may_reject",
    "next_step",
    "state_sentence",
]
