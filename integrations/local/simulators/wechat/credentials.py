"""Access tokens of one mini-program: the stable kind and the old kind, which know nothing of each other."""

import secrets
from dataclasses import dataclass

from integrations.local.simulators.wechat.refusals import Refusal, missing

LIFETIME = 7200
OVERLAP = 300
"""Around a replacement the old token and the new one both work for so long."""
FORCED_A_DAY = 20
SECONDS_BETWEEN_FORCED = 30


@dataclass
class Token:
    value: str
    expires_at: float
    superseded_at: float | None = None


class TokenDesk:
    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._stable: Token | None = None
        self._ordinary: Token | None = None
        self._forced_at: list[float] = []

    def stable(self, now: float, force: bool) -> dict[str, object]:
        """Repeats one token until its last five minutes; forced, the old one is dead at once."""
        if force:
            self._allow_forced(now)
            if self._stable is not None:
                self._stable.superseded_at = now
            self._stable = self._issue(now)
        elif self._stable is None or self._stable.expires_at - now <= OVERLAP or self._stable.superseded_at is not None:
            self._stable = self._issue(now)
        return _answer(self._stable, now)

    def ordinary(self, now: float) -> dict[str, object]:
        """Every call makes the token before it a thing of the past."""
        if self._ordinary is not None:
            self._ordinary.superseded_at = now + OVERLAP
        self._ordinary = self._issue(now)
        return _answer(self._ordinary, now)

    def knows(self, value: str) -> bool:
        return value in self._tokens

    def check(self, value: str, now: float) -> None:
        token = self._tokens.get(value)
        if token is None or (token.superseded_at is not None and token.superseded_at <= now):
            raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
        if token.expires_at <= now:
            raise Refusal(42001, "access_token expired")

    def kill(self, now: float) -> None:
        """What an operator does after a leak: every token is dead."""
        for token in self._tokens.values():
            token.superseded_at = now

    def _issue(self, now: float) -> Token:
        # Expired ones are remembered for a while: they are answered differently from those that never were.
        self._tokens = {value: token for value, token in self._tokens.items() if token.expires_at > now - 86_400}
        token = Token(secrets.token_urlsafe(100), now + LIFETIME)
        self._tokens[token.value] = token
        return token

    def _allow_forced(self, now: float) -> None:
        self._forced_at = [at for at in self._forced_at if at > now - 86_400]
        if len(self._forced_at) >= FORCED_A_DAY:
            raise Refusal(45009, "reach max api daily quota limit")
        if self._forced_at and now - self._forced_at[-1] < SECONDS_BETWEEN_FORCED:
            raise Refusal(45011, "api minute-quota reach limit, must slower")
        self._forced_at.append(now)


def _answer(token: Token, now: float) -> dict[str, object]:
    return {"access_token": token.value, "expires_in": int(token.expires_at - now)}


def presented(desks: dict[str, TokenDesk], value: str, now: float) -> str:
    """The AppID whose living token this is."""
    if not value:
        raise missing(41001, "access_token")
    for app_id, desk in desks.items():
        if desk.knows(value):
            desk.check(value, now)
            return app_id
    raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
