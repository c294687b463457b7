"""WeChat's server API (微信小程序服务端接口), played locally for development, demonstrations and tests.

It speaks the same wire protocol: one-time codes, errcodes in HTTP 200, JSON called text/plain, tokens that expire. A
phone of the demonstration asks `/__sim__/codes` for what the WeChat app would hand it. State is in memory.
"""

from integrations.local.simulators.wechat.app import create_app
from integrations.local.simulators.wechat.world import SIMULATED, MiniProgram

__all__ = ["SIMULATED", "MiniProgram", "create_app"]
