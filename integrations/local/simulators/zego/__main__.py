"""`python -m integrations.local.simulators.zego --port 9300` runs the ZEGO simulator until SIGTERM."""

import argparse

from aiohttp import web

from integrations.local.simulators.zego import create_app

parser = argparse.ArgumentParser(description="即构音视频模拟器 · simulates ZEGO's cloud on this machine")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--callback-url", default="", help="address of the callbacks; empty: none are sent")
options = parser.parse_args()
web.run_app(
    create_app(callback_url=options.callback_url), host="127.0.0.1", port=options.port, print=None, access_log=None
)
