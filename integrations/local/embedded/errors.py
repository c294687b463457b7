"""Errors of the embedded servers. Each text gives the reason, what to install and which variable to set."""

import platform
from dataclasses import dataclass

from domain.shared.text import Text
from integrations.local.errors import CannotStart


@dataclass(frozen=True)
class ExternalServer:
    """The server to install where the embedded one cannot run."""

    name: str
    product: str
    variable: str
    example: str

    @property
    def advice_zh(self) -> str:
        return f"请安装 {self.product}，并设置环境变量 {self.variable}，例如 {self.example}"

    @property
    def advice_en(self) -> str:
        return f"Install {self.product} and set {self.variable}, for example {self.example}"


MONGODB = ExternalServer("MongoDB", "MongoDB 7 / 8", "MONGODB_URI", "mongodb://127.0.0.1:27017/homecare")
REDIS = ExternalServer("Redis", "Redis 7 / Valkey 8", "REDIS_URL", "redis://127.0.0.1:6379/0")


class EmbeddedServerFailed(CannotStart):
    """A server, or the data directory."""


class ProgramMissing(EmbeddedServerFailed):
    def __init__(self, package: str, alternative: ExternalServer) -> None:
        platform_text = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        super().__init__(
            f"内置 {alternative.name} 无法启动：没有找到 {package} 的程序（当前环境：{platform_text}，"
            f"可能没有对应的安装包）。{alternative.advice_zh}",
            f"The embedded {alternative.name} cannot start: the program of {package} was not found "
            f"({platform_text}; there may be no wheel for it). {alternative.advice_en}",
        )


class StartFailed(EmbeddedServerFailed):
    def __init__(self, alternative: ExternalServer, reason: str) -> None:
        super().__init__(
            f"内置 {alternative.name} 启动失败：{reason}。若无法解决：{alternative.advice_zh}",
            f"The embedded {alternative.name} did not start: {reason}. If you cannot fix that: {alternative.advice_en}",
        )


class DataDirectoryInUse(EmbeddedServerFailed):
    def __init__(self, directory: object, owner: str) -> None:
        owner_zh = f"进程 {owner}" if owner else "上一次启动留下的服务"
        owner_en = f"process {owner}" if owner else "servers that an earlier start left running"
        super().__init__(
            f"数据目录 {directory} 正被{owner_zh}使用。请先停止它，或用 --data-dir 指定另一个目录。",
            f"The data directory {directory} is in use by {owner_en}. Stop it first, or choose another directory with "
            f"--data-dir.",
        )


class KeptFileDamaged(EmbeddedServerFailed):
    def __init__(self, path: object, loss: Text) -> None:
        """`loss`: what a new file would cost."""
        super().__init__(
            f"{path} 为空或不完整。请从备份恢复，或删除后重新启动：{loss.zh}。",
            f"{path} is empty or incomplete. Restore it from a backup, or delete it and start again: {loss.en}.",
        )


class DataDirectoryUnusable(EmbeddedServerFailed):
    def __init__(self, directory: object, reason: str) -> None:
        super().__init__(
            f"数据目录 {directory} 无法使用：{reason}。请检查权限，或用 --data-dir 指定另一个目录。",
            f"The data directory {directory} cannot be used: {reason}. Check its permissions, or choose another "
            f"directory with --data-dir.",
        )
