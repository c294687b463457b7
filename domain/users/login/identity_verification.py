"""Verifies what a client claims about its identity: WeChat verifies codes, bare values need a trusted caller."""

from domain.shared.model import Model
from domain.users.errors import PhoneCodeRequired, WxCodeRequired
from domain.users.identity import WeChatIdentity
from domain.users.ports import IdentityProvider


class Claim(Model):
    """A client's statement about itself: one-time codes, which can be verified, or bare values, which cannot."""

    code: str = ""
    phone_code: str = ""
    openid: str = ""
    phone: str = ""


class PhoneNumber(Model):
    """A phone number that an account may be linked to."""

    number: str
    is_verified: bool
    """False: accepted without proof (development). An unverified number never makes its owner a staff member."""


class VerifiedIdentity(Model):
    """The identity that a claim stands for. At least one of `wechat` and `phone` is present."""

    wechat: WeChatIdentity | None
    """None: a trusted caller named the account by its phone only."""
    phone: PhoneNumber | None = None
    is_verified: bool
    """Proven by WeChat, or sent by a machine that knows the secret. False: accepted without proof (development)."""


class IdentityVerifier:
    """`accept_unverified` accepts bare openids and phones from every client; production never sets it."""

    def __init__(self, provider: IdentityProvider, accept_unverified: bool) -> None:
        self._provider = provider
        self._accept_unverified = accept_unverified

    @property
    def app_id(self) -> str:
        return self._provider.app_id

    async def verify(self, claim: Claim, from_machine: bool) -> VerifiedIdentity:
        """Uses up the codes of the claim. Raises WxCodeRequired, and what IdentityProvider raises."""
        trusted = from_machine or self._accept_unverified
        wechat: WeChatIdentity | None = None
        is_verified = from_machine
        if claim.code:
            wechat = await self._provider.exchange_code(claim.code)
            is_verified = True
        elif claim.openid and trusted:
            wechat = WeChatIdentity(app_id=self._provider.app_id, open_id=claim.openid)
        elif not (claim.phone and trusted):
            raise WxCodeRequired
        phone = await self.phone_of(claim, wechat.open_id if wechat else "", from_machine)
        if wechat is None and phone is None:
            raise WxCodeRequired
        return VerifiedIdentity(wechat=wechat, phone=phone, is_verified=is_verified)

    async def verify_phone(self, claim: Claim, open_id: str, from_machine: bool = False) -> PhoneNumber:
        """Raises PhoneCodeRequired when the claim proves no phone, and what IdentityProvider raises."""
        phone = await self.phone_of(claim, open_id, from_machine)
        if phone is None:
            raise PhoneCodeRequired
        return phone

    async def phone_of(self, claim: Claim, open_id: str, from_machine: bool) -> PhoneNumber | None:
        """The phone that the claim proves, or None. A bare phone of an untrusted caller is ignored."""
        if claim.phone_code and open_id:
            number = await self._provider.phone_number(claim.phone_code, open_id)
            return PhoneNumber(number=number, is_verified=True)
        if claim.phone and (from_machine or self._accept_unverified):
            return PhoneNumber(number=claim.phone, is_verified=from_machine)
        return None
