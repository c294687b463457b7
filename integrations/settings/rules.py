"""Rules about settings: what is always wrong, and what is unsafe in production. One line for each variable at fault."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from domain.shared.password_strength import weakness_of
from integrations.esign.signatures import private_key, public_key
from integrations.settings.addresses import (
    is_guest_link,
    is_https,
    is_loopback,
    is_origin,
    is_too_broad,
    is_web_address,
    may_be_redirected_to,
)
from integrations.settings.groups import (
    CosSettings,
    EsignSettings,
    HttpSettings,
    InterviewSettings,
    OcrSettings,
    Settings,
    TokenSettings,
    revealed,
)
from integrations.settings.guessable import is_guessable
from integrations.zego.configuration import is_simulated, turn_problems, zego_problems

MIN_KEY_BYTES: Final = 32
_MIN_TOKEN_LENGTH: Final = 16
_MIN_STORE_PASSWORD_LENGTH: Final = 8
_MIN_ADMIN_PASSWORD_LENGTH: Final = 12
_BUCKET: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,49}-[0-9]{6,12}")
_REGION: Final = re.compile(r"[a-z]{2,4}-[a-z]+(?:-[a-z0-9]+)*")
_PLACEHOLDERS: Final = ("change", "example", "your-", "secret-here", "xxxx", "placeholder")


def problems_of(settings: Settings) -> list[str]:
    problems = _always_wrong(settings)
    return problems + _unsafe_in_production(settings) if settings.is_production else problems


def _always_wrong(settings: Settings) -> list[str]:
    problems = _bad_tokens(settings.tokens) + _bad_http(settings.http)
    if settings.esign.is_configured:
        problems += _bad_esign(settings.esign)
    problems += _bad_tencent(settings.cos, settings.ocr)
    if settings.files.ffmpeg not in ("auto", "off") and settings.files.ffmpeg_program is None:
        problems.append("FILES_FFMPEG: 程序不存在 / no such program")
    zego, calls = settings.zego, settings.calls
    problems += zego_problems(zego.app_id, zego.server_secret, zego.callback_secret)
    problems += turn_problems(calls.stun_urls, calls.turn_urls, calls.turn_secret, calls.turn_previous_secret)
    return problems + _bad_interviews(settings.interviews, production=settings.is_production)


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
    elif not all(map(is_origin, http.origins)):  # `null` is the origin of any sandboxed frame
        problems.append("CORS_ORIGIN: 须形如 https://crm.example.com, 无路径 / must look like that, without a path")
    if http.public_url and not is_origin(http.public_url):
        problems.append("PUBLIC_URL: 须形如 https://crm.example.com, 无路径 / must look like that, without a path")
    try:
        _ = http.proxies
    except ValueError as error:
        problems.append(f"TRUSTED_PROXIES: {error}")
    return problems


def _bad_interviews(interviews: InterviewSettings, *, production: bool) -> list[str]:
    problems = []
    if interviews.invite_secret and len(revealed(interviews.invite_secret).encode()) < MIN_KEY_BYTES:
        problems.append(f"INTERVIEW_INVITE_SECRET: 少于 {MIN_KEY_BYTES} 字节 / shorter than {MIN_KEY_BYTES} bytes")
    if "{code}" not in interviews.guest_url:
        problems.append("INTERVIEW_GUEST_URL: 须包含 {code} / must contain {code}")
    if "{roomId}" not in interviews.guest_page:
        problems.append("INTERVIEW_GUEST_PAGE: 须包含 {roomId} / must contain {roomId}")
    for name, address in (
        ("INTERVIEW_GUEST_URL", interviews.guest_url),
        ("INTERVIEW_GUEST_PAGE", interviews.guest_page),
    ):
        if not is_guest_link(address, production=production):
            problems.append(
                f"{name}: 须为以 / 开头的路径或 https 网址 / must be a path such as /guest or an https address"
            )
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
    if esign.notify_url and not is_web_address(esign.notify_url):
        problems.append("ESIGN_NOTIFY_URL: 不是网址 / not a web address")
    return problems


def _bad_tencent(cos: CosSettings, ocr: OcrSettings) -> list[str]:
    problems = []
    if cos.is_configured:
        problems += [f"{name}: 未设置 / not set" for name, value in cos.required.items() if not value]
    if bool(ocr.secret_id) != bool(ocr.secret_key):
        missing = "OCR_SECRET_KEY" if ocr.secret_id else "OCR_SECRET_ID"
        problems.append(f"{missing}: 未设置 / not set")
    if cos.bucket and not _BUCKET.fullmatch(cos.bucket):
        problems.append("COS_BUCKET: 须形如 crm-1250000000 / must look like that")
    if cos.region and not _REGION.fullmatch(cos.region):
        problems.append("COS_REGION: 须形如 ap-guangzhou / must look like that")
    for name, address in (("COS_ENDPOINT", cos.endpoint), ("OCR_ENDPOINT", ocr.endpoint)):
        if address and not is_origin(address):
            problems.append(f"{name}: 须形如 https://host, 无路径 / must look like that, without a path")
    return problems


def _unsafe_in_production(settings: Settings) -> list[str]:
    wechat = settings.wechat
    problems = [
        f"{name}: 未设置 / not set"
        for name, value in (
            ("JWT_SECRET", settings.tokens.jwt_secret),
            ("MINIPROGRAM_APPID", wechat.miniprogram_appid),
            ("MINIPROGRAM_APPSECRET", wechat.miniprogram_appsecret),
        )
        if not value
    ]
    problems += _weak_secrets(settings) + _weak_store_passwords(settings)
    if has_weak_admin_password(settings):
        problems.append(
            f"ADMIN_PASSWORD: 过于简单 / too easy to guess ({_MIN_ADMIN_PASSWORD_LENGTH} characters at least)"
        )
    if wechat.accept_unverified_openid:
        problems.append("ACCEPT_UNVERIFIED_OPENID: 生产环境必须关闭 / must be off")
    if not settings.esign.is_configured:  # with some of them set, the missing ones are named above
        problems += _bad_esign(settings.esign)
    return problems + _unsafe_http(settings.http) + _unsafe_addresses(settings)


def _weak_secrets(settings: Settings) -> list[str]:
    problems = []
    for name, secret, length in _secrets_of(settings):
        text = revealed(secret)
        if not text:
            continue
        if len(text) < length:
            problems.append(f"{name}: 少于 {length} 个字符 / shorter than {length} characters")
        elif any(mark in text.lower() for mark in _PLACEHOLDERS):
            problems.append(f"{name}: 仍是示例值 / still the example's value")
        elif is_guessable(text):
            problems.append(f"{name}: 过于简单 / too easy to guess")
    return problems


def _secrets_of(settings: Settings) -> Iterator[tuple[str, SecretStr | None, int]]:
    """Name, value and least length; 0 where every profile checks the length."""
    for name, key in _signing_keys(settings.tokens):  # both verify tokens: a weak former key opens as much
        yield name, SecretStr(key), 0
    yield "SERVICE_SECRET", settings.http.service_secret, MIN_KEY_BYTES
    yield "METRICS_TOKEN", settings.http.metrics_token, _MIN_TOKEN_LENGTH
    yield "MINIPROGRAM_APPSECRET", settings.wechat.miniprogram_appsecret, _MIN_TOKEN_LENGTH
    yield "ESIGN_ACCOUNT_KEY", settings.esign.account_key, 0
    yield "COS_SECRET_KEY", settings.cos.secret_key, _MIN_TOKEN_LENGTH
    yield "OCR_SECRET_KEY", settings.ocr.secret_key, _MIN_TOKEN_LENGTH
    yield "ZEGO_SERVER_SECRET", settings.zego.server_secret, 0
    yield "ZEGO_CALLBACK_SECRET", settings.zego.callback_secret, 0
    yield "TURN_SECRET", settings.calls.turn_secret, 0
    yield "TURN_PREVIOUS_SECRET", settings.calls.turn_previous_secret, _MIN_TOKEN_LENGTH
    yield "INTERVIEW_INVITE_SECRET", settings.interviews.invite_secret, 0


def _weak_store_passwords(settings: Settings) -> list[str]:
    problems = []
    for name, store in (("MONGODB_URI", settings.stores.mongodb_uri), ("REDIS_URL", settings.stores.redis_url)):
        password = urlsplit(revealed(store)).password
        if password and _is_weak(password, _MIN_STORE_PASSWORD_LENGTH):
            problems.append(f"{name}: 密码过于简单 / its password is too easy to guess")
    return problems


def _unsafe_http(http: HttpSettings) -> list[str]:
    problems = []
    if any(origin.startswith("http:") for origin in http.origins):
        problems.append("CORS_ORIGIN: 必须是 https / must be https")
    if http.public_url and not is_https(http.public_url):
        problems.append("PUBLIC_URL: 必须是 https / must be https")
    try:
        broad = [str(network) for network in http.proxies if is_too_broad(network)]
    except ValueError:  # named above
        broad = []
    if broad:
        problems.append(
            f"TRUSTED_PROXIES: {', '.join(broad)} 过宽, 他人可伪造来源地址 / too broad: strangers could forge addresses"
        )
    return problems


def _unsafe_addresses(settings: Settings) -> list[str]:
    problems = []
    for name, address in (
        ("WECHAT_API_BASE", settings.wechat.wechat_api_base),
        ("ESIGN_HOST", settings.esign.host),
        ("ZEGO_API_BASE", settings.zego.api_base),
        ("COS_ENDPOINT", settings.cos.endpoint),
        ("OCR_ENDPOINT", settings.ocr.endpoint),
    ):
        if is_loopback(address):
            problems.append(f"{name}: 生产环境不能使用模拟器 / a simulator cannot serve production")
        elif address and not is_https(address):
            problems.append(f"{name}: 必须是 https 网址 / must be an https address")
    zego = settings.zego.configuration
    if zego and is_simulated(zego):
        problems.append("ZEGO_SERVER_SECRET: 是模拟器的公开密钥 / the simulator's, which everybody knows")
    if settings.esign.notify_url and not is_https(settings.esign.notify_url):
        problems.append("ESIGN_NOTIFY_URL: 必须是 https / must be https")
    if settings.esign.redirect_url and not may_be_redirected_to(settings.esign.redirect_url):
        problems.append(
            "ESIGN_REDIRECT_URL: 必须是 https 网址或应用链接 / must be an https address or a link to an app"
        )
    return problems


def has_weak_admin_password(settings: Settings) -> bool:
    password = revealed(settings.accounts.admin_password)
    return bool(password) and _is_weak(password, _MIN_ADMIN_PASSWORD_LENGTH)


def _is_weak(password: str, least: int) -> bool:
    return len(password) < least or weakness_of(password, ("admin",)) is not None
