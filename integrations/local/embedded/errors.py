"""What a person reads when the embedded stack cannot start: the reason, what to install, which variable to set."""

import platform
from dataclasses import dataclass


@dataclass(frozen=True)
class Substitute:
    """The server to install when the embedded one is not to be had."""

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


MONGODB = Substitute("MongoDB", "MongoDB 7 / 8", "MONGODB_URI", "mongodb://127.0.0.1:27017/homecare")
REDIS = Substitute("Redis", "Redis 7 / Valkey 8", "REDIS_URL", "redis://127.0.0.1:6379/0")


class EmbeddedServerFailed(Exception):
    """Its text is complete, in both languages, and meant for the terminal."""

    def __init__(self, text_zh: str, text_en: str) -> None:
        super().__init__(f"{text_zh}\n{text_en}")


class ProgramMissing(EmbeddedServerFailed):
    def __init__(self, package: str, substitute: Substitute) -> None:
        here = f"Python {platform.python_version()}, {platform.system()} {platform.machine()}"
        super().__init__(
            f"内置 {substitute.name} 无法启动：没有找到 {package} 的程序（当前环境：{here}，可能没有对应的安装包）。"
            f"{substitute.advice_zh}",
            f"The embedded {substitute.name} cannot start: the program of {package} was not found "
            f"({here}; there may be no wheel for it). {substitute.advice_en}",
        )


class StartFailed(EmbeddedServerFailed):
    def __init__(self, substitute: Substitute, reason: str) -> None:
        super().__init__(
            f"内置 {substitute.name} 启动失败：{reason}。若无法解决：{substitute.advice_zh}",
            f"The embedded {substitute.name} did not start: {reason}. "
            f"If that cannot be put right: {substitute.advice_en}",
        )


class DirectoryInUse(EmbeddedServerFailed):
    def __init__(self, directory: object, holder: str) -> None:
        who_zh = f"进程 {holder}" if holder else "上一次启动留下的服务"
        who_en = f"process {holder}" if holder else "servers that an earlier start left behind"
        super().__init__(
            f"数据目录 {directory} 正被{who_zh}使用。请先停止它，或用 --data-dir 指定另一个目录。",
            f"The data directory {directory} is in use by {who_en}. Stop that first, or give another with --data-dir.",
        )


class DirectoryUnusable(EmbeddedServerFailed):
    def __init__(self, directory: object, reason: str) -> None:
        super().__init__(
            f"数据目录 {directory} 无法使用：{reason}。请检查权限，或用 --data-dir 指定另一个目录。",
            f"The data directory {directory} cannot be used: {reason}. Check its permissions, or give another with "
            f"--data-dir.",
        )
