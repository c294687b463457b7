"""Names of devices."""

from domain.presence.model import device_of


def test_a_device_is_named_by_program_and_system() -> None:
    wechat = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) MicroMessenger/8.0.50 miniProgram/wx1"
    edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0"

    assert device_of(wechat) == "微信小程序 · iPhone"
    assert device_of(edge) == "Edge · Windows"
    assert device_of("") == "未知设备"
    assert device_of("x" * 100_000) == "未知设备"
