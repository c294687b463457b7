"""The simulated 爱签 as a program: `--port 9200 --directory data/esign` says where it listens and keeps its keys."""

import argparse
from pathlib import Path

from aiohttp import web

from integrations.local.simulators.esign import SIMULATED_APP_ID, create_app, development_keys

parser = argparse.ArgumentParser(description="电子签模拟器 · plays the e-sign provider on this machine")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--directory", type=Path, required=True, help="keys, and what the provider remembers")
options = parser.parse_args()
keys = development_keys(options.directory)
web.run_app(
    create_app(
        {SIMULATED_APP_ID: keys.merchant.public_key()}, keys.platform, kept_in=options.directory / "remembered.json"
    ),
    host="127.0.0.1",
    port=options.port,
    print=None,
    access_log=None,
)
