"""Who may sign in: four accounts, their roles, tokens, and the lock-out after wrong passwords."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from demo.links import link, named_uuid
from demo.providers import PROVIDER_BY_KEY, Provider

PASSWORD = "demo"  # noqa: S105
ALLOWED_FAILURES = 4
LOCKOUT_SECONDS = 600.0
"""Counted from the last failure that was counted; tries during the lock do not extend it."""
LOCKED_OUT = "Username is locked out. Try in 10 minutes."
BAD_CREDENTIALS = "Invalid username/password."

OWNER_ROLE = "CUSTOMER.OWNER"
MANAGER_ROLE = "CUSTOMER.MANAGER"


@dataclass(frozen=True)
class Account:
    """A person with an account."""

    username: str
    full_name: str
    is_staff: bool = False
    owns: tuple[str, ...] = ()
    manages: tuple[str, ...] = ()

    @property
    def uuid(self) -> str:
        """The account's identifier."""
        return named_uuid("user", self.username)

    def is_member(self, provider: Provider | None) -> bool:
        """Whether the person has any role in this organisation."""
        return provider is not None and provider.key in self.owns + self.manages

    def may_book_for(self, provider: Provider | None) -> bool:
        """Whether booking-offerings shows this organisation's offerings: staff and owners only."""
        return self.is_staff or (provider is not None and provider.key in self.owns)

    def may_provide(self, provider: Provider | None) -> bool:
        """Whether the provider endpoints show them: a service manager is enough there."""
        return self.is_staff or self.is_member(provider)


ACCOUNTS = {
    account.username: account
    for account in (
        Account("staff", "Signe Staff", is_staff=True),
        Account("owner", "Olev Owner", owns=("A", "B", "C")),
        Account("manager", "Mari Manager", manages=("A",)),
        Account("nobody", "Niilo Nobody"),
    )
}


def _token(username: str, generation: int) -> str:
    text = f"demo-token:{username}" + (f":{generation}" if generation else "")
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


TOKENS: dict[str, str] = {username: _token(username, 0) for username in ACCOUNTS}
"""The tokens of a fresh server, the same in every run."""


class Tokens:
    """The tokens in force; a dead one is told from one that never was."""

    def __init__(self) -> None:
        self._generation = dict.fromkeys(ACCOUNTS, 0)
        self._live = {token: username for username, token in TOKENS.items()}
        self._expired: set[str] = set()

    def of(self, username: str) -> str:
        """The account's token; a sign-in before expiry returns the same one again."""
        for token, holder in self._live.items():
            if holder == username:
                return token
        self._generation[username] += 1
        token = _token(username, self._generation[username])
        self._live[token] = username
        return token

    def holder(self, token: str) -> Account | None:
        """Whose token this is, if it is in force."""
        username = self._live.get(token)
        return None if username is None else ACCOUNTS[username]

    def has_expired(self, token: str) -> bool:
        """Whether the token is answered with `Token has expired.`."""
        return token in self._expired

    def revoke(self, username: str, *, expired: bool = False) -> None:
        """End the account's token, as if withdrawn or, with `expired`, as if it were too old."""
        token = self.of(username)
        del self._live[token]
        if expired:
            self._expired.add(token)


class Lockout:
    """Counts wrong passwords by username and client address."""

    def __init__(self, clock: Callable[[], float], seconds: float = LOCKOUT_SECONDS) -> None:
        self._clock = clock
        self._seconds = seconds
        self._failures: dict[tuple[str, str], tuple[int, float]] = {}
        self._lock = threading.Lock()

    def is_locked(self, username: str, address: str) -> bool:
        """Whether a sign-in is refused whatever the password is."""
        return self._count(username, address) >= ALLOWED_FAILURES

    def record_failure(self, username: str, address: str) -> None:
        """Count one wrong password."""
        with self._lock:
            count = self._count(username, address)
            self._failures[username, address] = (count + 1, self._clock())

    def clear(self, username: str, address: str) -> None:
        """Forget the failures, after a sign-in that worked."""
        with self._lock:
            self._failures.pop((username, address), None)

    def _count(self, username: str, address: str) -> int:
        count, last = self._failures.get((username, address), (0, 0.0))
        return count if self._clock() - last < self._seconds else 0


def person_item(account: Account, token: str) -> dict[str, Any]:
    """The answer of `users/me`; staff marks are there for staff viewers only (observed)."""
    item: dict[str, Any] = {
        "url": link("users", account.uuid),
        "uuid": account.uuid,
        "username": account.username,
        "slug": account.username,
        "full_name": account.full_name,
        "native_name": "",
        "job_title": "",
        "email": f"{account.username}@demo.invalid",
        "phone_number": "",
        "organization": "",
        "civil_number": None,
        "description": "",
        "is_active": True,
        "token": token,
        "token_lifetime": 3600,
        "registration_method": "default",
        "date_joined": "2024-02-05T08:15:00.000000Z",
        "agreement_date": "2024-02-05T08:15:30.000000Z",
        "preferred_language": "en",
        "permissions": [
            _permission(account, role, PROVIDER_BY_KEY[key])
            for role, keys in ((OWNER_ROLE, account.owns), (MANAGER_ROLE, account.manages))
            for key in keys
        ],
        "affiliations": [],
        "first_name": account.full_name.split()[0],
        "last_name": account.full_name.split()[-1],
        "identity_provider_name": "",
        "image": None,
    }
    if account.is_staff:
        item["is_staff"] = True
        item["is_support"] = False
    return item


def _permission(account: Account, role: str, provider: Provider) -> dict[str, Any]:
    return {
        "uuid": named_uuid("permission", account.username, role, provider.key),
        "user_uuid": account.uuid,
        "user_name": account.full_name,
        "created": "2024-02-05T08:20:00.000000Z",
        "expiration_time": None,
        "role_name": role,
        "role_uuid": named_uuid("role", role),
        "scope_type": "customer",
        "scope_uuid": provider.uuid,
        "scope_name": provider.name,
        "customer_uuid": provider.uuid,
        "customer_name": provider.name,
    }
