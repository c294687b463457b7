"""The settings groups. A class gets its own group or plain values of it, never the whole.

A field's environment variable is its group's prefix and its name, in upper case. The descriptions are what
`check-config` prints.
"""

import shutil
from collections.abc import Iterator
from datetime import time
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings, SettingsConfigDict

from domain.shared.ip_addresses import IpNetwork, parse_networks
from domain.shared.working_time import WorkingHours
from domain.statistics.retention import MIN_DAYS
from integrations.settings.addresses import origin_of
from integrations.zego.configuration import ZegoConfiguration

Profile = Literal["dev", "test", "production"]

WECHAT_URL = "https://api.weixin.qq.com"
ZEGO_URL = "https://rtc-api.zego.im"


def revealed(secret: SecretStr | None) -> str:
    """The plain text; empty if there is none."""
    return secret.get_secret_value() if secret else ""


class SettingsGroup(BaseSettings):
    model_config = SettingsConfigDict(frozen=True, extra="ignore", case_sensitive=False, env_ignore_empty=True)

    @classmethod
    def variable_of(cls, field: str) -> str:
        """The environment variable of a field."""
        return f"{cls.model_config.get('env_prefix') or ''}{field}".upper()


class HttpSettings(SettingsGroup):
    host: str = Field("127.0.0.1", description="监听地址 address to listen on")
    port: int = Field(8000, ge=0, le=65535, description="监听端口 port to listen on")
    worker_name: str = Field(
        "", pattern=r"^[a-z0-9]*$", description="代理后的工作进程名 name of this app process in the proxy's table"
    )
    public_url: str = Field(
        "",
        description="对外网址, 链接的开头 (空: 取自 ESIGN_NOTIFY_URL) begins links; empty: from ESIGN_NOTIFY_URL",
    )
    service_secret: SecretStr | None = Field(None, description="机器调用密钥 secret of machine callers")
    cors_origin: str = Field("", description="允许跨域的页面来源, 逗号分隔 origins that may call the API")
    trusted_proxies: str = Field("", description="可信代理网段 networks whose X-Forwarded-For counts")
    rate_limit_factor: float = Field(1.0, gt=0, le=1000, description="限流倍数 multiplies all rate limits")
    connections_per_address: int = Field(
        500, ge=1, description="每个地址的连接数上限 connections of one address to one app process"
    )
    metrics_token: SecretStr | None = Field(
        None,
        description="/metrics 的 Bearer 令牌 (空: 生产环境仅限本机) its bearer token; empty: local in production",
    )
    slow_request_ms: int = Field(3000, ge=1, description="慢请求阈值 threshold of slow requests")

    @property
    def origins(self) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.cors_origin.split(",") if part.strip())

    @property
    def proxies(self) -> tuple[IpNetwork, ...]:
        return parse_networks(self.trusted_proxies)


class StoreSettings(SettingsGroup):
    mongodb_uri: SecretStr | None = Field(
        None, description="MongoDB 连接 (空: 内置服务) MongoDB; empty: the embedded one"
    )
    mongodb_database: str = Field("homecare", description="数据库名 database name")
    redis_url: SecretStr | None = Field(None, description="Redis 连接 (空: 内置服务) Redis; empty: the embedded one")
    login_log_days: int = Field(
        400, ge=MIN_DAYS, le=36_500, description="登录记录保留天数 days that rows of the login log are kept"
    )
    embedded_data_dir: Path | None = Field(
        None, description="内置服务的数据目录 (由 run.py 填写) data of the embedded servers; run.py fills it in"
    )


class TokenSettings(SettingsGroup):
    jwt_secret: SecretStr | None = Field(None, description="令牌签名密钥, ≥32 字节 key that signs tokens, ≥ 32 bytes")
    jwt_previous_secret: SecretStr | None = Field(None, description="轮换期间的旧密钥 the former key during a rotation")
    staff_token_seconds: int = Field(1800, ge=60, le=7200, description="员工令牌有效期 life of a staff access token")
    user_token_seconds: int = Field(1800, ge=60, le=7200, description="用户令牌有效期 life of a user's access token")

    @property
    def keys(self) -> list[str]:
        """The present key first."""
        return [key.get_secret_value() for key in (self.jwt_secret, self.jwt_previous_secret) if key]


class AccountSettings(SettingsGroup):
    admin_password: SecretStr | None = Field(None, description="首个管理员密码 password of the first administrator")
    password_scheme: Literal["bcrypt", "argon2id"] = Field(
        "bcrypt", description="密码哈希算法 (登录时更新旧哈希) scheme of password hashes; a log-in renews former ones"
    )
    password_rounds: int = Field(11, ge=10, le=15, description="bcrypt 强度 cost of password hashes")


class WeChatSettings(SettingsGroup):
    accept_unverified_openid: bool | None = Field(
        None, description="是否信任客户端提交的 openid/phone trust openid and phone in a body (never in production)"
    )
    miniprogram_appid: str = Field("", description="小程序 AppID")
    miniprogram_appsecret: SecretStr | None = Field(None, description="小程序 AppSecret")
    wechat_api_base: str = Field(
        "", description="微信接口地址 (空: 模拟器/官方) WeChat API; empty: simulator or official"
    )

    @property
    def api_base(self) -> str:
        return self.wechat_api_base or WECHAT_URL


class StaffMiniprogramSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="STAFF_MINIPROGRAM_")

    appid: str = Field("", description="员工小程序 AppID (空: 不启用) of the staff mini-program; empty: off")
    appsecret: SecretStr | None = Field(None, description="员工小程序 AppSecret")


class EsignSettings(SettingsGroup):
    """The provider of signatures. All of `required` are set, or none: then the simulator signs."""

    model_config = SettingsConfigDict(env_prefix="ESIGN_")

    app_id: str = Field("", description="爱签 AppId (空: 模拟器) AppId with 爱签; empty: simulator")
    host: str = Field("", description="爱签接口地址 address of its API")
    private_key: SecretStr | None = Field(None, description="我方 RSA 私钥, PEM 或 PKCS#8 base64 our RSA private key")
    public_key: str = Field("", description="爱签回调公钥 the provider's public key, for its callbacks")
    notify_url: str = Field("", description="回调地址 https://<us>/api/esign/callback, for the provider")
    redirect_url: str = Field("", description="签署后跳转 where signers land afterwards (may be empty)")
    timeout_seconds: float = Field(30, gt=0, le=120, description="爱签接口超时 patience with one call to it")
    company_name: str = Field("", description="机构名称 the agency's name on contracts")
    company_account: str = Field("", description="机构在爱签的账号 the agency's account there")
    seal_no: str = Field("", description="机构印章编号 the agency's seal there")
    account_key: SecretStr | None = Field(
        None, description="由身份证号生成签署账号的密钥, ≥32 字符, 不可更改 makes signers' accounts; must never change"
    )

    @property
    def required(self) -> dict[str, object]:
        """By variable: what signing needs."""
        names = (
            *("app_id", "host", "private_key", "public_key", "notify_url"),
            *("company_name", "company_account", "seal_no", "account_key"),
        )
        return {self.variable_of(name): getattr(self, name) for name in names}

    @property
    def is_configured(self) -> bool:
        return any(self.required.values())


class ZegoSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="ZEGO_")

    app_id: int | None = Field(None, description="即构 AppID (空: 模拟器) AppID with ZEGO; empty: simulator")
    server_secret: SecretStr | None = Field(None, description="即构 ServerSecret, 32 字符 32 characters")
    callback_secret: SecretStr | None = Field(None, description="即构回调密钥 proves ZEGO's callbacks")
    api_base: str = Field("", description="即构接口地址 (空: 官方) host of its API; empty: the general one")

    @property
    def configuration(self) -> ZegoConfiguration | None:
        """None: not configured; rooms then go from browser to browser."""
        if self.app_id is None:
            return None
        return ZegoConfiguration(
            self.app_id,
            self.server_secret or SecretStr(""),
            self.callback_secret or SecretStr(""),
            self.api_base or ZEGO_URL,
        )


class CallSettings(SettingsGroup):
    """STUN and TURN servers for calls between browsers."""

    stun_urls: str = Field("", description="STUN 地址, 逗号分隔 stun: addresses for calls between browsers")
    turn_urls: str = Field("", description="TURN 地址, 逗号分隔 turn: and turns: addresses")
    turn_secret: SecretStr | None = Field(None, description="coturn static-auth-secret: 签发 TURN 凭证 signs them")
    turn_previous_secret: SecretStr | None = Field(
        None, description="轮换期间的旧值, 仅供 coturn 继续接受 the former one: coturn goes on accepting it"
    )


class InterviewSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="INTERVIEW_")

    invite_secret: SecretStr | None = Field(
        None, description="面试邀请签名密钥 (空: 由 JWT_SECRET 派生) signs invitations; empty: derived from JWT_SECRET"
    )
    guest_url: str = Field(
        "/interview/{roomId}#{code}",
        description="邀请链接: 路径或 https, 含 {code} invitation link: a path or https, with {code} (and {roomId})",
    )
    guest_page: str = Field(
        "/interview/{roomId}#{code}", description="/api/interview/i/{code} 跳转到的页面 page which that link leads to"
    )


class OfficeSettings(SettingsGroup):
    working_hours: str = Field(
        "09:00-18:00",
        pattern=r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d$",
        description="工作时间 (北京时间) working hours, in the time of Beijing",
    )
    first_response_minutes: int = Field(
        30, ge=1, le=4800, description="分配后首次跟进时限 (工作分钟) working minutes until the first follow-up"
    )

    @field_validator("working_hours")
    @classmethod
    def _ends_later(cls, text: str) -> str:
        starts, ends = text.split("-")
        if starts >= ends:
            raise ValueError("开始须早于结束 / the end must be later than the start")
        return text

    @property
    def hours(self) -> WorkingHours:
        return WorkingHours(*(time.fromisoformat(each) for each in self.working_hours.split("-")))


class FileSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="FILES_")

    dir: Path | None = Field(
        None, description="文件目录 (空: 数据目录下) folder of files; empty: in the data directory"
    )
    image_mb: int = Field(20, ge=1, le=100, description="图片大小上限 (MB) size of a picture")
    image_megapixels: int = Field(50, ge=1, le=100, description="图片像素上限 (百万) pixels of a picture, in millions")
    file_mb: int = Field(50, ge=1, le=500, description="文件大小上限 (MB) size of a document")
    video_mb: int = Field(200, ge=1, le=2000, description="视频大小上限 (MB) size of a video")
    record_mb: int = Field(1024, ge=1, description="单条记录的文件总量 (MB) all files of one record")
    total_gb: int = Field(500, ge=1, description="文件总量上限 (GB) all files together")
    ffmpeg: str = Field(
        "auto",
        min_length=1,
        description="转换视频的 ffmpeg: auto (已安装则用), off, 路径 converts videos: auto (if installed), off, a path",
    )
    draft_days: int = Field(7, ge=1, le=365, description="未关联文件保留天数 days that a file without a record is kept")

    @property
    def ffmpeg_program(self) -> str | None:
        """The absolute path; None if there is none, or it shall not be used."""
        found = None if self.ffmpeg == "off" else shutil.which("ffmpeg" if self.ffmpeg == "auto" else self.ffmpeg)
        return str(Path(found).absolute()) if found else None


class CosSettings(SettingsGroup):
    """Object storage of Tencent. All of `required` are set, or none: then files are in a folder."""

    model_config = SettingsConfigDict(env_prefix="COS_")

    secret_id: str = Field("", description="腾讯云 SecretId (空: 文件存于文件夹) SecretId; empty: files in a folder")
    secret_key: SecretStr | None = Field(None, description="腾讯云 SecretKey")
    bucket: str = Field("", description="存储桶, 含 APPID, 如 crm-1250000000 the bucket with its APPID")
    region: str = Field("", description="地域, 如 ap-guangzhou its region")
    endpoint: str = Field("", description="存储桶网址 (空: 官方) address of the bucket; empty: the official one")

    @property
    def required(self) -> dict[str, object]:
        """By variable: what the storage needs."""
        return {self.variable_of(name): getattr(self, name) for name in ("secret_id", "secret_key", "bucket", "region")}

    @property
    def is_configured(self) -> bool:
        return any(self.required.values())

    @property
    def address(self) -> str:
        return self.endpoint or f"https://{self.bucket}.cos.{self.region}.myqcloud.com"


class OcrSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="OCR_")

    secret_id: str = Field("", description="腾讯云 SecretId, 用于身份证识别 (空: 模拟器) SecretId; empty: simulator")
    secret_key: SecretStr | None = Field(None, description="腾讯云 SecretKey")
    endpoint: str = Field("", description="识别接口地址 (空: 官方) address of the API; empty: the official one")
    daily_limit: int = Field(100, ge=0, le=10_000, description="每人每日识别次数 recognitions a person and day")


class LogSettings(SettingsGroup):
    model_config = SettingsConfigDict(env_prefix="LOG_")

    level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="日志级别 log level")
    dir: Path | None = Field(None, description="日志目录 (空: 标准输出) directory of log files; empty: standard output")


class Settings(BaseModel):
    """All groups, for the composition root and the command line alone."""

    model_config = ConfigDict(frozen=True)

    app_env: Profile = Field("dev", description="运行环境 profile: dev, test, production")
    http: HttpSettings = Field(default_factory=HttpSettings)
    stores: StoreSettings = Field(default_factory=StoreSettings)
    tokens: TokenSettings = Field(default_factory=TokenSettings)
    accounts: AccountSettings = Field(default_factory=AccountSettings)
    wechat: WeChatSettings = Field(default_factory=WeChatSettings)
    staff_miniprogram: StaffMiniprogramSettings = Field(default_factory=StaffMiniprogramSettings)
    esign: EsignSettings = Field(default_factory=EsignSettings)
    zego: ZegoSettings = Field(default_factory=ZegoSettings)
    calls: CallSettings = Field(default_factory=CallSettings)
    interviews: InterviewSettings = Field(default_factory=InterviewSettings)
    office: OfficeSettings = Field(default_factory=OfficeSettings)
    files: FileSettings = Field(default_factory=FileSettings)
    cos: CosSettings = Field(default_factory=CosSettings)
    ocr: OcrSettings = Field(default_factory=OcrSettings)
    logs: LogSettings = Field(default_factory=LogSettings)

    @property
    def is_production(self) -> bool:
        return self.app_env == "production"

    @property
    def trusts_openid(self) -> bool:
        """A bare openid or phone in a body counts as proof. Never in production."""
        wished = self.wechat.accept_unverified_openid
        return not self.is_production if wished is None else wished

    @property
    def public_url(self) -> str:
        """Where people reach this installation. Links are never made from a request: its `Host` is the client's."""
        return self.http.public_url or origin_of(self.esign.notify_url)

    def variables(self) -> Iterator[tuple[str, FieldInfo, Any]]:
        """Every environment variable: its name, its declaration, its value."""
        yield "APP_ENV", type(self).model_fields["app_env"], self.app_env
        for _, group in self:
            if isinstance(group, SettingsGroup):
                for name, field in type(group).model_fields.items():
                    yield group.variable_of(name), field, getattr(group, name)

    def with_group(self, name: str, **values: object) -> "Settings":
        """These settings, with some values of one group replaced. Raises ValidationError."""
        group: SettingsGroup = getattr(self, name)
        return self.model_copy(update={name: type(group).model_validate({**group.model_dump(), **values})})
