"""Runs simulators until SIGTERM, all in one process.

python -m integrations.local.simulators --wechat 9100 --esign 9200 --directory data/esign --zego 9300 \
    --tencent 9400
"""

import argparse
import asyncio
import signal
from pathlib import Path

from aiohttp import web

from integrations.local.simulators.esign.app import create_app as esign_app
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID, development_keys
from integrations.local.simulators.tencent.app import create_app as tencent_app
from integrations.local.simulators.wechat.app import create_app as wechat_app
from integrations.local.simulators.zego.app import create_app as zego_app


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description="第三方服务的模拟器 · simulators of the providers on this machine")
    made.add_argument("--wechat", type=int, metavar="PORT", help="微信接口 · WeChat's server API")
    made.add_argument("--esign", type=int, metavar="PORT", help="爱签电子签 · the e-sign provider")
    made.add_argument("--directory", type=Path, help="电子签的密钥与状态 · keys and state of the e-sign simulator")
    made.add_argument("--zego", type=int, metavar="PORT", help="即构音视频 · ZEGO's cloud")
    made.add_argument("--callback-url", default="", help="即构回调的地址 · address of ZEGO's callbacks; empty: none")
    made.add_argument("--tencent", type=int, metavar="PORT", help="腾讯云 COS 与 OCR · Tencent Cloud")
    return made


def applications(options: argparse.Namespace) -> dict[int, web.Application]:
    """By port."""
    apps: dict[int, web.Application] = {}
    if options.wechat:
        apps[options.wechat] = wechat_app()
    if options.esign:
        keys, state = development_keys(options.directory), options.directory / "remembered.json"
        apps[options.esign] = esign_app({SIMULATED_APP_ID: keys.merchant.public_key()}, keys.platform, state_file=state)
    if options.zego:
        apps[options.zego] = zego_app(callback_url=options.callback_url)
    if options.tencent:
        apps[options.tencent] = tencent_app()
    return apps


async def run(apps: dict[int, web.Application]) -> None:
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    runners = [web.AppRunner(app, access_log=None) for app in apps.values()]
    try:
        for port, runner in zip(apps, runners, strict=True):
            await runner.setup()
            await web.TCPSite(runner, "127.0.0.1", port).start()
        await stopped.wait()
    finally:
        await asyncio.gather(*(runner.cleanup() for runner in runners))


if __name__ == "__main__":
    made = parser()
    options = made.parse_args()
    if options.esign and not options.directory:
        made.error("--esign needs --directory")
    if not (options.wechat or options.esign or options.zego or options.tencent):
        made.error("one of --wechat, --esign, --zego, --tencent is required")
    asyncio.run(run(applications(options)))
