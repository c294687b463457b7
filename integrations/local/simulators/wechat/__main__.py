"""`python -m integrations.local.simulators.wechat --port 9100` runs the WeChat simulator until SIGTERM."""

import argparse

from aiohttp import web

from integrations.local.simulators.wechat import create_app

parser = argparse.ArgumentParser(description="微信接口模拟器 · simulates WeChat's server API on this machine")
parser.add_argument("--port", type=int, required=True)
web.run_app(create_app(), host="127.0.0.1", port=parser.parse_args().port, print=None, access_log=None)
