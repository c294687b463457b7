"""Who is calling: proof from WeChat takes the place of trust in what a client says about itself."""

from domain.shared.model import Model
from domain.users.errors import PhoneCodeRequired, WxCodeRequired
from domain.users.identity import WeChatIdentity
from domain.users.ports import IdentityProvider


class Claim(Model):
    """What a client sends about itself: one-time codes, which prove something, or bare values, which do not."""

    code: str = ""
    phone_code: str = ""
    openid: str = ""
    phone: str = ""


class PhoneProof(Model):
    phone: str
    verified: bool
    """False: taken on trust (development); such a number opens nothing that belongs to staff."""


class Proof(Model):
    identity: WeChatIdentity | None
    """None: a trusted caller named the account by its phone only."""
    phone: PhoneProof | None = None
    proven: bool
    """By WeChat, or by a machine that knows the secret; False: taken on trust (development)."""


class Proofs:
    """`accept_unverified` is for development; production never sets it."""

    def __init__(self, provider: IdentityProvider, accept_unverified: bool) -> None:
        self._provider = provider
        self._accept_unverified = accept_unverified

    @property
    def app_id(self) -> str:
        return self._provider.app_id

    async def of(self, claim: Claim, from_machine: bool) -> Proof:
        """Raises WxCodeRequired, and what IdentityProvider raises. Codes are used up."""
        trusted = from_machine or self._accept_unverified
        identity: WeChatIdentity | None = None
        proven = from_machine
        if claim.code:
            identity = await self._provider.exchange_code(claim.code)
            proven = True
        elif claim.openid and trusted:
            identity = WeChatIdentity(app_id=self._provider.app_id, open_id=claim.openid)
        elif not (claim.phone and trusted):
            raise WxCodeRequired
        phone = await self.phone_or_none(claim, identity.open_id if identity else "", from_machine)
        if identity is None and phone is None:
            raise WxCodeRequired
        return Proof(identity=identity, phone=phone, proven=proven)

    async def of_phone(self, claim: Claim, open_id: str, from_machine: bool = False) -> PhoneProof:
        """Raises PhoneCodeRequired when the claim proves no phone, and what IdentityProvider raises."""
        phone = await self.phone_or_none(claim, open_id, from_machine)
        if phone is None:
            raise PhoneCodeRequired
        return phone

    async def phone_or_none(self, claim: Claim, open_id: str, from_machine: bool) -> PhoneProof | None:
        """The phone that the claim proves; what a client merely says about its phone is not heard."""
        if claim.phone_code and open_id:
            number = await self._provider.phone_number(claim.phone_code, open_id)
            return PhoneProof(phone=number, verified=True)
        if claim.phone and (from_machine or self._accept_unverified):
            return PhoneProof(phone=claim.phone, verified=from_machine)
        return None
