"""Access tokens of one mini-program: the stable kind and the legacy kind, which are independent of each other."""

import secrets
from dataclasses import dataclass

from integrations.local.simulators.wechat.errors import Refusal, missing_parameter

LIFETIME_SECONDS = 7200
OVERLAP_SECONDS = 300
"""When a token is replaced, the old one and the new one both work for this long."""
FORCED_REFRESHES_PER_DAY = 20
SECONDS_BETWEEN_FORCED_REFRESHES = 30


@dataclass
class Token:
    value: str
    expires_at: float
    superseded_at: float | None = None


class AccessTokenIssuer:
    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._stable: Token | None = None
        self._legacy: Token | None = None
        self._forced_at: list[float] = []

    def stable(self, now: float, force: bool) -> dict[str, object]:
        """Repeats one token until its last five minutes. A forced refresh revokes the old token at once."""
        if force:
            self._allow_forced(now)
            if self._stable is not None:
                self._stable.superseded_at = now
            self._stable = self._issue(now)
        elif (
            self._stable is None
            or self._stable.expires_at - now <= OVERLAP_SECONDS
            or self._stable.superseded_at is not None
        ):
            self._stable = self._issue(now)
        return _response(self._stable, now)

    def legacy(self, now: float) -> dict[str, object]:
        """Every call supersedes the token of the call before, which keeps working for the overlap."""
        if self._legacy is not None:
            self._legacy.superseded_at = now + OVERLAP_SECONDS
        self._legacy = self._issue(now)
        return _response(self._legacy, now)

    def knows(self, value: str) -> bool:
        return value in self._tokens

    def check(self, value: str, now: float) -> None:
        token = self._tokens.get(value)
        if token is None or (token.superseded_at is not None and token.superseded_at <= now):
            raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
        if token.expires_at <= now:
            raise Refusal(42001, "access_token expired")

    def revoke_all(self, now: float) -> None:
        """Revoke every token, as an operator does after a leak."""
        for token in self._tokens.values():
            token.superseded_at = now

    def _issue(self, now: float) -> Token:
        # Expired tokens are kept for a day: they get another errcode than tokens that never existed.
        self._tokens = {value: token for value, token in self._tokens.items() if token.expires_at > now - 86_400}
        token = Token(secrets.token_urlsafe(100), now + LIFETIME_SECONDS)
        self._tokens[token.value] = token
        return token

    def _allow_forced(self, now: float) -> None:
        self._forced_at = [at for at in self._forced_at if at > now - 86_400]
        if len(self._forced_at) >= FORCED_REFRESHES_PER_DAY:
            raise Refusal(45009, "reach max api daily quota limit")
        if self._forced_at and now - self._forced_at[-1] < SECONDS_BETWEEN_FORCED_REFRESHES:
            raise Refusal(45011, "api minute-quota reach limit, must slower")
        self._forced_at.append(now)


def _response(token: Token, now: float) -> dict[str, object]:
    return {"access_token": token.value, "expires_in": int(token.expires_at - now)}


def app_id_of_token(token_issuers: dict[str, AccessTokenIssuer], value: str, now: float) -> str:
    """The app id of the mini-program that issued the token. Raises Refusal when the token is not valid."""
    if not value:
        raise missing_parameter(41001, "access_token")
    for app_id, issuer in token_issuers.items():
        if issuer.knows(value):
            issuer.check(value, now)
            return app_id
    raise Refusal(40001, "invalid credential, access_token is invalid or not latest")
