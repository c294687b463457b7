"""`python -m integrations.local.simulators.esign --port 9200 --directory data/esign` runs the simulator of 爱签."""

import argparse
from pathlib import Path

from aiohttp import web

from integrations.local.simulators.esign import SIMULATED_APP_ID, create_app, development_keys

parser = argparse.ArgumentParser(description="电子签模拟器 · simulates the e-sign provider on this machine")
parser.add_argument("--port", type=int, required=True)
parser.add_argument("--directory", type=Path, required=True, help="for the keys and the state of the simulator")
options = parser.parse_args()
keys = development_keys(options.directory)
web.run_app(
    create_app(
        {SIMULATED_APP_ID: keys.merchant.public_key()}, keys.platform, state_file=options.directory / "remembered.json"
    ),
    host="127.0.0.1",
    port=options.port,
    print=None,
    access_log=None,
)
