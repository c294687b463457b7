"""Rules about settings: what is always wrong, and what is unsafe in production. One line for each variable at fault."""

from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from integrations.esign.signatures import private_key, public_key
from integrations.settings.groups import (
    EsignSettings,
    HttpSettings,
    InterviewSettings,
    Settings,
    TokenSettings,
    revealed,
)
from integrations.zego.configuration import is_simulated, turn_problems, zego_problems

MIN_KEY_BYTES: Final = 32
_MIN_DIFFERENT_CHARACTERS: Final = 10
"""A long row of few letters is no secret."""
_COMMON_PASSWORDS: Final = frozenset(
    {"admin", "admin123", "password", "12345678", "123456789", "changeme", "change-me", "admin888", "123456", "root"}
)
_PLACEHOLDERS: Final = ("change", "example", "your-", "secret-here", "xxxx", "placeholder")


def problems_of(settings: Settings) -> list[str]:
    problems = _always_wrong(settings)
    return problems + _unsafe_in_production(settings) if settings.is_production else problems


def _always_wrong(settings: Settings) -> list[str]:
    problems = _bad_tokens(settings.tokens) + _bad_http(settings.http)
    if settings.esign.is_configured:
        problems += _bad_esign(settings.esign)
    zego, calls = settings.zego, settings.calls
    problems += zego_problems(zego.app_id, zego.server_secret, zego.callback_secret)
    problems += turn_problems(calls.stun_urls, calls.turn_urls, calls.turn_secret, calls.turn_previous_secret)
    return problems + _bad_interviews(settings.interviews)


def _bad_tokens(tokens: TokenSettings) -> list[str]:
    return [
        f"{name}: 少于 {MIN_KEY_BYTES} 字节 / shorter than {MIN_KEY_BYTES} bytes"
        for name, key in _signing_keys(tokens)
        if len(key.encode()) < MIN_KEY_BYTES
    ]


def _bad_http(http: HttpSettings) -> list[str]:
    problems = []
    if "*" in http.origins:
        problems.append("CORS_ORIGIN: 不允许 * / a wildcard would let any page act for its visitor")
    try:
        _ = http.proxies
    except ValueError as error:
        problems.append(f"TRUSTED_PROXIES: {error}")
    return problems


def _bad_interviews(interviews: InterviewSettings) -> list[str]:
    problems = []
    if interviews.invite_secret and len(revealed(interviews.invite_secret).encode()) < MIN_KEY_BYTES:
        problems.append(f"INTERVIEW_INVITE_SECRET: 少于 {MIN_KEY_BYTES} 字节 / shorter than {MIN_KEY_BYTES} bytes")
    if "{code}" not in interviews.guest_url:
        problems.append("INTERVIEW_GUEST_URL: 须包含 {code} / must contain {code}")
    if "{roomId}" not in interviews.guest_page:
        problems.append("INTERVIEW_GUEST_PAGE: 须包含 {roomId} / must contain {roomId}")
    return problems


def _signing_keys(tokens: TokenSettings) -> list[tuple[str, str]]:
    """Both verify tokens, so a weak former key opens as much as a weak present one."""
    keys = (("JWT_SECRET", tokens.jwt_secret), ("JWT_PREVIOUS_SECRET", tokens.jwt_previous_secret))
    return [(name, key.get_secret_value()) for name, key in keys if key]


def _bad_esign(esign: EsignSettings) -> list[str]:
    problems = [f"{name}: 未设置 / not set" for name, value in esign.required.items() if not value]
    for name, parse, key in (
        ("ESIGN_PRIVATE_KEY", private_key, revealed(esign.private_key)),
        ("ESIGN_PUBLIC_KEY", public_key, esign.public_key),
    ):
        try:
            _ = key and parse(key)
        except ValueError:
            problems.append(f"{name}: 不是 RSA 密钥（PEM 或 base64） / not an RSA key in PEM or base64")
    if esign.account_key and len(revealed(esign.account_key)) < MIN_KEY_BYTES:
        problems.append("ESIGN_ACCOUNT_KEY: 少于 32 个字符 / shorter than 32 characters")
    return problems


def _unsafe_in_production(settings: Settings) -> list[str]:
    wechat, http = settings.wechat, settings.http
    problems = [
        *_missing_secret("JWT_SECRET", settings.tokens.jwt_secret),
        *_missing_secret("MINIPROGRAM_APPSECRET", wechat.miniprogram_appsecret),
    ]
    for name, key in _signing_keys(settings.tokens):
        if len(set(key)) < _MIN_DIFFERENT_CHARACTERS:
            problems.append(f"{name}: 过于简单 / too easy to guess")
    for name, store in (("MONGODB_URI", settings.stores.mongodb_uri), ("REDIS_URL", settings.stores.redis_url)):
        password = urlsplit(store.get_secret_value()).password if store else None
        if password and password.lower() in _COMMON_PASSWORDS:
            problems.append(f"{name}: 默认密码 / a default password")
    if not wechat.miniprogram_appid:
        problems.append("MINIPROGRAM_APPID: 未设置 / not set")
    if http.service_secret and len(http.service_secret.get_secret_value()) < MIN_KEY_BYTES:
        problems.append("SERVICE_SECRET: 少于 32 个字符 / shorter than 32 characters")
    if settings.accounts.admin_password and _is_weak(revealed(settings.accounts.admin_password)):
        problems.append("ADMIN_PASSWORD: 过于简单 / too easy to guess (12 characters at least)")
    if wechat.accept_unverified_openid:
        problems.append("ACCEPT_UNVERIFIED_OPENID: 生产环境必须关闭 / must be off")
    if not settings.esign.is_configured:  # with some of them set, the missing ones are named above
        problems += _bad_esign(settings.esign)
    return problems + _unsafe_addresses(settings)


def _missing_secret(name: str, secret: SecretStr | None) -> list[str]:
    if secret is None:
        return [f"{name}: 未设置 / not set"]
    if any(mark in secret.get_secret_value().lower() for mark in _PLACEHOLDERS):
        return [f"{name}: 仍是示例值 / still the example's value"]
    return []


def _unsafe_addresses(settings: Settings) -> list[str]:
    problems = []
    for name, address in (
        ("WECHAT_API_BASE", settings.wechat.wechat_api_base),
        ("ESIGN_HOST", settings.esign.host),
        ("ZEGO_API_BASE", settings.zego.api_base),
    ):
        if urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1"):
            problems.append(f"{name}: 生产环境不能使用模拟器 / a simulator cannot serve production")
    zego = settings.zego.configuration
    if zego and is_simulated(zego):
        problems.append("ZEGO_SERVER_SECRET: 是模拟器的公开密钥 / the simulator's, which everybody knows")
    if zego and urlsplit(zego.api_base).scheme != "https":
        problems.append("ZEGO_API_BASE: 必须是 https / must be https")
    if settings.esign.notify_url and urlsplit(settings.esign.notify_url).scheme != "https":
        problems.append("ESIGN_NOTIFY_URL: 必须是 https / must be https")
    return problems


def _is_weak(password: str) -> bool:
    return len(password) < 12 or password.lower() in _COMMON_PASSWORDS or len(set(password)) < 5
