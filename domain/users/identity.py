"""Identities of a mini-program user: openid and unionid, as WeChat tells them and as an account holds them."""

from domain.shared.model import Model


class WeChatIdentity(Model):
    """The person that WeChat names for a login code. `union_id` is empty unless the app belongs to an open-platform
    account."""

    app_id: str
    open_id: str
    union_id: str = ""


class Identity(Model):
    """One openid that leads to an account. Fields are named as WeChat and the documents name them."""

    appid: str
    openid: str
    unionid: str = ""

    @property
    def key(self) -> str:
        return identity_key(self.appid, self.openid)


def identity_key(app_id: str, open_id: str) -> str:
    """The unique key of an openid: WeChat gives the same person another openid in each app."""
    return f"{app_id}:{open_id}"


class IdentityDigests(Model):
    """Keyed digests of the openids, phone and name of a deleted account: enough to recognise it, not to read them."""

    openid: tuple[str, ...] = ()
    phone: str = ""
    username: str = ""
