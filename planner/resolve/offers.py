"""How often a login was offered in vain: registries lock accounts after a few wrong passwords."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from planner.resolve.auth_files import Login

# The second time is for a registry that refuses one repository as if the login were wrong.
_TRIES = 2


class Offers:
    """What became of logins at one registry, by the realm that they were shown to (empty for the registry itself).

    One that was accepted is good for the run: what is refused after that is the repository.
    """

    def __init__(self) -> None:
        self._accepted: set[tuple[str, Login]] = set()
        self._refused = Counter[tuple[str, Login]]()
        self._locks: dict[tuple[str, Login], asyncio.Lock] = {}

    def spent(self, realm: str, login: Login) -> bool:
        """Whether it is not to be offered again."""
        return self._refused[realm, login] >= _TRIES and (realm, login) not in self._accepted

    @asynccontextmanager
    async def turn(self, realm: str, login: Login) -> AsyncIterator[None]:
        """One question at a time until it is known what the login is good for; whether it is spent may change here."""
        if (realm, login) in self._accepted or self.spent(realm, login):
            yield
        else:
            async with self._locks.setdefault((realm, login), asyncio.Lock()):
                yield

    def accepted(self, realm: str, login: Login) -> None:
        """It opened something that is closed to strangers."""
        self._accepted.add((realm, login))

    def refused(self, realm: str, login: Login) -> None:
        """It opened nothing."""
        self._refused[realm, login] += 1
