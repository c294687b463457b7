"""The configuration of ZEGO, and validation of the ZEGO_*, STUN_* and TURN_* settings."""

from dataclasses import dataclass
from typing import Final

from pydantic import SecretStr

from integrations.zego.token04 import SECRET_BYTES, Token04

SIMULATED_SECRET: Final = "0123456789abcdef0123456789abcdef"  # noqa: S105  # the simulator's, which is public
MIN_CALLBACK_SECRET_LENGTH: Final = 8
MIN_TURN_SECRET_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class ZegoConfiguration:
    app_id: int
    server_secret: SecretStr
    callback_secret: SecretStr
    api_base: str

    @property
    def tokens(self) -> Token04:
        return Token04(self.app_id, self.server_secret.get_secret_value())


def is_simulated(zego: ZegoConfiguration) -> bool:
    return zego.server_secret.get_secret_value() == SIMULATED_SECRET


def zego_problems(app_id: int | None, server_secret: SecretStr | None, callback_secret: SecretStr | None) -> list[str]:
    """Either all three are set, or none of them."""
    given = {"ZEGO_APP_ID": app_id, "ZEGO_SERVER_SECRET": server_secret, "ZEGO_CALLBACK_SECRET": callback_secret}
    if not any(given.values()):
        return []
    problems = [f"{name}: 未设置 / not set" for name, value in given.items() if not value]
    if app_id is not None and not 0 < app_id < 2**32:
        problems.append("ZEGO_APP_ID: 不是有效的 AppID / not an AppID")
    if server_secret and len(server_secret.get_secret_value().encode()) != SECRET_BYTES:
        problems.append(f"ZEGO_SERVER_SECRET: 须为 {SECRET_BYTES} 个字符 / must have {SECRET_BYTES} characters")
    if callback_secret and len(callback_secret.get_secret_value()) < MIN_CALLBACK_SECRET_LENGTH:
        problems.append("ZEGO_CALLBACK_SECRET: 过短 / too short")
    return problems


def turn_problems(
    stun_urls: str, turn_urls: str, turn_secret: SecretStr | None, turn_previous_secret: SecretStr | None
) -> list[str]:
    problems = []
    if any(not url.startswith(("stun:", "stuns:")) for url in comma_separated(stun_urls)):
        problems.append("STUN_URLS: 须以 stun: 开头 / each must begin with stun:")
    if any(not url.startswith(("turn:", "turns:")) for url in comma_separated(turn_urls)):
        problems.append("TURN_URLS: 须以 turn: 或 turns: 开头 / each must begin with turn: or turns:")
    if comma_separated(turn_urls) and turn_secret is None:
        problems.append("TURN_SECRET: 未设置 / not set, and TURN_URLS is")
    if turn_secret and len(turn_secret.get_secret_value()) < MIN_TURN_SECRET_LENGTH:
        problems.append(f"TURN_SECRET: 少于 {MIN_TURN_SECRET_LENGTH} 个字符 / shorter than that many characters")
    if turn_previous_secret and turn_previous_secret == turn_secret:
        problems.append("TURN_PREVIOUS_SECRET: 与 TURN_SECRET 相同 / is TURN_SECRET itself")
    return problems


def comma_separated(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
