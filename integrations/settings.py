"""Everything that can be configured: one typed, frozen object, read once from the environment and `.env.<APP_ENV>`."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.shared.ip_addresses import IpNetwork, parse_networks
from integrations.esign.signatures import private_key, public_key
from integrations.zego.configuration import ZegoConfiguration, bad_calls, bad_zego, simulated

Profile = Literal["dev", "test", "production"]

WEAKEST_KEY_BYTES = 32
ESIGN = (
    *("esign_app_id", "esign_host", "esign_private_key", "esign_public_key", "esign_notify_url"),
    *("esign_company_name", "esign_company_account", "esign_seal_no", "esign_account_key"),
)
"""Signing needs all of them, or none for the simulator."""
WECHAT_URL = "https://api.weixin.qq.com"
ZEGO_URL = "https://rtc-api.zego.im"
_COMMON_PASSWORDS = frozenset(
    {"admin", "admin123", "password", "12345678", "123456789", "changeme", "change-me", "admin888", "123456", "root"}
)
_FEWEST_CHARACTERS_OF_A_KEY = 10
"""Different ones: a long row of few letters is no secret."""
_PLACEHOLDERS = ("change", "example", "your-", "secret-here", "xxxx", "placeholder")


class SettingsRefused(Exception):
    """The configuration must not be used; `problems` has a line for each variable at fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Settings(BaseSettings):
    """Names are the environment's, in lower case; the descriptions are what `check-config` prints."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=False, env_ignore_empty=True)

    app_env: Profile = Field("dev", description="运行环境 profile: dev, test, production")
    host: str = Field("127.0.0.1", description="监听地址 address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="监听端口 port to listen on")

    worker_name: str = Field(
        "", pattern=r"^[a-z0-9]*$", description="代理后的工作进程名 name of this worker in the proxy's table"
    )

    mongodb_uri: SecretStr | None = Field(
        None, description="MongoDB 连接 (空: 内置服务) MongoDB; empty: the embedded one"
    )
    mongodb_database: str = Field("homecare", description="数据库名 database name")
    redis_url: SecretStr | None = Field(None, description="Redis 连接 (空: 内置服务) Redis; empty: the embedded one")

    jwt_secret: SecretStr | None = Field(None, description="令牌签名密钥, ≥32 字节 key that signs tokens, ≥ 32 bytes")
    jwt_previous_secret: SecretStr | None = Field(None, description="轮换期间的旧密钥 the former key during a rotation")
    staff_token_seconds: int = Field(1800, ge=60, le=7200, description="员工令牌有效期 life of a staff access token")
    user_token_seconds: int = Field(1800, ge=60, le=7200, description="用户令牌有效期 life of a user's access token")
    admin_password: SecretStr | None = Field(None, description="首个管理员密码 password of the first administrator")
    service_secret: SecretStr | None = Field(None, description="机器调用密钥 secret of machine callers")
    password_rounds: int = Field(11, ge=10, le=15, description="bcrypt 强度 cost of password hashes")

    accept_unverified_openid: bool | None = Field(
        None, description="是否信任客户端提交的 openid/phone trust openid and phone in a body (never in production)"
    )
    miniprogram_appid: str = Field("", description="小程序 AppID")
    miniprogram_appsecret: SecretStr | None = Field(None, description="小程序 AppSecret")
    wechat_api_base: str = Field(
        "", description="微信接口地址 (空: 模拟器/官方) WeChat API; empty: simulator or official"
    )

    esign_app_id: str = Field("", description="爱签 AppId (空: 模拟器) AppId with 爱签; empty: simulator")
    esign_host: str = Field("", description="爱签接口地址 address of its API")
    esign_private_key: SecretStr | None = Field(
        None, description="我方 RSA 私钥, PEM 或 PKCS#8 base64 our RSA private key"
    )
    esign_public_key: str = Field("", description="爱签回调公钥 the provider's public key, for its callbacks")
    esign_notify_url: str = Field("", description="回调地址 https://<us>/api/esign/callback, for the provider")
    esign_redirect_url: str = Field("", description="签署后跳转 where signers land afterwards (may be empty)")
    esign_timeout_seconds: float = Field(30, gt=0, le=120, description="爱签接口超时 patience with one call to it")
    esign_company_name: str = Field("", description="机构名称 the agency's name on contracts")
    esign_company_account: str = Field("", description="机构在爱签的账号 the agency's account there")
    esign_seal_no: str = Field("", description="机构印章编号 the agency's seal there")
    esign_account_key: SecretStr | None = Field(
        None, description="由身份证号生成签署账号的密钥, ≥32 字符, 不可更改 makes signers' accounts; must never change"
    )

    zego_app_id: int | None = Field(None, description="即构 AppID (空: 模拟器) AppID with ZEGO; empty: simulator")
    zego_server_secret: SecretStr | None = Field(None, description="即构 ServerSecret, 32 字符 32 characters")
    zego_callback_secret: SecretStr | None = Field(None, description="即构回调密钥 proves ZEGO's callbacks")
    zego_api_base: str = Field("", description="即构接口地址 (空: 官方) host of its API; empty: the general one")
    stun_urls: str = Field("", description="STUN 地址, 逗号分隔 stun: addresses for calls between browsers")
    turn_urls: str = Field("", description="TURN 地址, 逗号分隔 turn: and turns: addresses")
    turn_secret: SecretStr | None = Field(None, description="coturn static-auth-secret: 签发 TURN 凭证 signs them")
    turn_previous_secret: SecretStr | None = Field(
        None, description="轮换期间的旧值, 仅供 coturn 继续接受 the former one: coturn goes on accepting it"
    )
    interview_invite_secret: SecretStr | None = Field(
        None, description="面试邀请签名密钥 (空: 由 JWT_SECRET 派生) signs invitations; empty: derived from JWT_SECRET"
    )
    interview_guest_url: str = Field(
        "/interview/{roomId}#{code}", description="邀请链接模板 invitation link, with {code} (and {roomId})"
    )
    interview_guest_page: str = Field(
        "/interview/{roomId}#{code}", description="/api/interview/i/{code} 跳转到的页面 page which that link leads to"
    )

    cors_origin: str = Field("", description="允许跨域的页面来源, 逗号分隔 origins that may call the API")
    trusted_proxies: str = Field("", description="可信代理网段 networks whose X-Forwarded-For counts")
    rate_limit_factor: float = Field(1.0, gt=0, le=1000, description="限流倍数 multiplies all rate limits")
    metrics_token: SecretStr | None = Field(None, description="/metrics 的 Bearer 令牌 bearer token of /metrics")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="日志级别 log level")
    log_dir: Path | None = Field(
        None, description="日志目录 (空: 标准输出) directory of log files; empty: standard output"
    )
    slow_request_ms: int = Field(3000, ge=1, description="慢请求阈值 threshold of slow requests")

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.cors_origin.split(",") if part.strip())

    @property
    def proxies(self) -> tuple[IpNetwork, ...]:
        return parse_networks(self.trusted_proxies)

    @property
    def zego(self) -> ZegoConfiguration | None:
        """None: not configured; rooms then go from browser to browser."""
        if self.zego_app_id is None:
            return None
        return ZegoConfiguration(
            self.zego_app_id,
            self.zego_server_secret or SecretStr(""),
            self.zego_callback_secret or SecretStr(""),
            self.zego_api_base or ZEGO_URL,
        )

    @property
    def trusts_openid(self) -> bool:
        return self.app_env != "production" if self.accept_unverified_openid is None else self.accept_unverified_openid


def load_settings(environ: Mapping[str, str] | None = None, directory: Path = Path()) -> Settings:
    """Read and judge the configuration. Raises SettingsRefused with every problem at once."""
    values = dict(os.environ if environ is None else environ)
    profile = values.get("APP_ENV", "dev")
    file = directory / f".env.{profile}"
    try:
        # pydantic-settings reads os.environ itself; values given explicitly win, which is how tests pass theirs.
        known = {name: values[name.upper()] for name in Settings.model_fields if values.get(name.upper())}
        settings = Settings(_env_file=file if file.is_file() else None, **known)  # type: ignore[arg-type]  # parsed by pydantic
        _ = settings.proxies
    except ValidationError as error:
        raise SettingsRefused(
            [f"{'.'.join(map(str, item['loc'])).upper()}: {item['msg']}" for item in error.errors(include_input=False)]
        ) from None
    except ValueError as error:
        raise SettingsRefused([f"TRUSTED_PROXIES: {error}"]) from None
    problems = _always_wrong(settings)
    if settings.app_env == "production":
        problems += _unsafe_in_production(settings)
    if problems:
        raise SettingsRefused(problems)
    return settings


def _always_wrong(settings: Settings) -> list[str]:
    problems = []
    for name, key in _signing_keys(settings):
        if len(key.encode()) < WEAKEST_KEY_BYTES:
            problems.append(f"{name}: 少于 {WEAKEST_KEY_BYTES} 字节 / shorter than {WEAKEST_KEY_BYTES} bytes")
    if "*" in settings.origins:
        problems.append("CORS_ORIGIN: 不允许 * / a wildcard would let any page act for its visitor")
    if any(getattr(settings, name) for name in ESIGN):
        problems += _bad_esign(settings)
    return problems + _bad_interviews(settings)


def _bad_interviews(settings: Settings) -> list[str]:
    problems = bad_zego(settings.zego_app_id, settings.zego_server_secret, settings.zego_callback_secret)
    problems += bad_calls(settings.stun_urls, settings.turn_urls, settings.turn_secret, settings.turn_previous_secret)
    secret = settings.interview_invite_secret
    if secret and len(secret.get_secret_value().encode()) < WEAKEST_KEY_BYTES:
        problems.append(
            f"INTERVIEW_INVITE_SECRET: 少于 {WEAKEST_KEY_BYTES} 字节 / shorter than {WEAKEST_KEY_BYTES} bytes"
        )
    if "{code}" not in settings.interview_guest_url:
        problems.append("INTERVIEW_GUEST_URL: 须包含 {code} / must contain {code}")
    if "{roomId}" not in settings.interview_guest_page:
        problems.append("INTERVIEW_GUEST_PAGE: 须包含 {roomId} / must contain {roomId}")
    return problems


def _signing_keys(settings: Settings) -> list[tuple[str, str]]:
    """Both verify tokens, so a weak former key opens as much as a weak present one."""
    keys = (("JWT_SECRET", settings.jwt_secret), ("JWT_PREVIOUS_SECRET", settings.jwt_previous_secret))
    return [(name, key.get_secret_value()) for name, key in keys if key]


def _bad_esign(settings: Settings) -> list[str]:
    problems = [f"{name.upper()}: 未设置 / not set" for name in ESIGN if not getattr(settings, name)]
    for name, parse, key in (
        ("ESIGN_PRIVATE_KEY", private_key, settings.esign_private_key),
        ("ESIGN_PUBLIC_KEY", public_key, settings.esign_public_key),
    ):
        try:
            _ = key and parse(key.get_secret_value() if isinstance(key, SecretStr) else key)
        except ValueError:
            problems.append(f"{name}: 不是 RSA 密钥（PEM 或 base64） / not an RSA key in PEM or base64")
    if settings.esign_account_key and len(settings.esign_account_key.get_secret_value()) < WEAKEST_KEY_BYTES:
        problems.append("ESIGN_ACCOUNT_KEY: 少于 32 个字符 / shorter than 32 characters")
    return problems


def _unsafe_in_production(settings: Settings) -> list[str]:
    problems = []
    for name, secret in (
        ("JWT_SECRET", settings.jwt_secret),
        ("MINIPROGRAM_APPSECRET", settings.miniprogram_appsecret),
    ):
        if secret is None:
            problems.append(f"{name}: 未设置 / not set")
        elif any(mark in secret.get_secret_value().lower() for mark in _PLACEHOLDERS):
            problems.append(f"{name}: 仍是示例值 / still the example's value")
    for name, key in _signing_keys(settings):
        if len(set(key)) < _FEWEST_CHARACTERS_OF_A_KEY:
            problems.append(f"{name}: 过于简单 / too easy to guess")
    for name, store in (("MONGODB_URI", settings.mongodb_uri), ("REDIS_URL", settings.redis_url)):
        password = urlsplit(store.get_secret_value()).password if store else None
        if password and password.lower() in _COMMON_PASSWORDS:
            problems.append(f"{name}: 默认密码 / a default password")
    if not settings.miniprogram_appid:
        problems.append("MINIPROGRAM_APPID: 未设置 / not set")
    if settings.service_secret and len(settings.service_secret.get_secret_value()) < WEAKEST_KEY_BYTES:
        problems.append("SERVICE_SECRET: 少于 32 个字符 / shorter than 32 characters")
    if settings.admin_password and _is_weak(settings.admin_password.get_secret_value()):
        problems.append("ADMIN_PASSWORD: 过于简单 / too easy to guess (12 characters at least)")
    if settings.accept_unverified_openid:
        problems.append("ACCEPT_UNVERIFIED_OPENID: 生产环境必须关闭 / must be off")
    if not any(getattr(settings, name) for name in ESIGN):  # with some of them set, the missing ones are named above
        problems += _bad_esign(settings)
    for name, address in (
        ("WECHAT_API_BASE", settings.wechat_api_base),
        ("ESIGN_HOST", settings.esign_host),
        ("ZEGO_API_BASE", settings.zego_api_base),
    ):
        if urlsplit(address).hostname in ("127.0.0.1", "localhost", "::1"):
            problems.append(f"{name}: 生产环境不能使用模拟器 / a simulator cannot serve production")
    if settings.zego and simulated(settings.zego):
        problems.append("ZEGO_SERVER_SECRET: 是模拟器的公开密钥 / the simulator's, which everybody knows")
    if settings.zego and urlsplit(settings.zego.api_base).scheme != "https":
        problems.append("ZEGO_API_BASE: 必须是 https / must be https")
    if settings.esign_notify_url and urlsplit(settings.esign_notify_url).scheme != "https":
        problems.append("ESIGN_NOTIFY_URL: 必须是 https / must be https")
    return problems


def _is_weak(password: str) -> bool:
    return len(password) < 12 or password.lower() in _COMMON_PASSWORDS or len(set(password)) < 5
