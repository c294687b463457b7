"""Services of the first process beside the app processes: embedded servers and simulators, with their secrets."""

import logging
import sys
from contextlib import AsyncExitStack
from pathlib import Path

from pydantic import SecretStr

from domain.shared.text import Text
from integrations.local.embedded.stack import EmbeddedStack
from integrations.local.kept_files import kept_secret
from integrations.local.ports import free_port
from integrations.local.processes.child import Child
from integrations.local.processes.child_output import child_output
from integrations.local.simulators.esign.keys import SIMULATED_APP_ID, development_keys
from integrations.local.simulators.tencent.state import SIM_ACCOUNT
from integrations.local.simulators.wechat.state import SIM_PROGRAM
from integrations.local.simulators.zego.state import SIM_PROJECT
from integrations.settings import Settings
from integrations.settings.groups import revealed

_ROOT = Path(__file__).resolve().parents[2]
_ALL_LOG_IN_AGAIN = Text("所有人需要重新登录", "everybody has to log in again")
_SIGNERS_FORGOTTEN = Text(
    "电子签模拟器不再认得原来的签署人", "the simulated e-sign provider no longer knows the signers"
)
log = logging.getLogger("business.launch")


def logs_off_the_terminal(settings: Settings, data: Path) -> Settings:
    """On a terminal logs go to files, or the password that is shown once would scroll away."""
    if settings.logs.dir is not None or not sys.stdout.isatty():
        return settings
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
        (data / "logs").mkdir(exist_ok=True)
    except OSError:  # the first user of the directory reports what is wrong with it
        return settings
    return settings.with_group("logs", dir=data / "logs")


async def start_embedded_servers(settings: Settings, data: Path, stack: AsyncExitStack) -> Settings:
    """The settings with every address and secret filled in; what had to be started ends with `stack`."""
    stores = settings.stores
    embedded = EmbeddedStack(data, stores.mongodb_uri is None, stores.redis_url is None, log)
    stack.push_async_callback(embedded.stop)
    addresses = await embedded.start()
    if addresses.mongodb_uri:
        settings = settings.with_group(
            "stores", mongodb_uri=addresses.mongodb_uri, embedded_data_dir=embedded.directory
        )
    if addresses.redis_url:
        settings = settings.with_group("stores", redis_url=addresses.redis_url)
    if settings.files.dir is None:
        settings = settings.with_group("files", dir=(data / "files").absolute())
    if settings.tokens.jwt_secret is None:  # never in production: load_settings refuses that
        settings = settings.with_group("tokens", jwt_secret=kept_secret(data / "jwt-secret", _ALL_LOG_IN_AGAIN))
    return settings


async def start_simulators(known: Settings, data: Path, port: int, stack: AsyncExitStack) -> Settings:
    """Simulators of the providers that are not configured, in one process that ends with `stack`.

    `port`: where they report to.
    """
    arguments: list[str] = []
    if not known.wechat.miniprogram_appid and not known.wechat.wechat_api_base:
        known = known.with_group(
            "wechat",
            wechat_api_base=_simulator("wechat", arguments),
            miniprogram_appid=SIM_PROGRAM.app_id,
            miniprogram_appsecret=SIM_PROGRAM.secret,
        )
    if not known.esign.is_configured:  # never in production: load_settings refuses that
        directory = data / "esign"
        keys = development_keys(directory)
        known = known.with_group(
            "esign",
            app_id=SIMULATED_APP_ID,
            host=_simulator("esign", arguments, "--directory", str(directory.absolute())),
            private_key=keys.merchant_private_pem,
            public_key=keys.platform_public_pem,
            notify_url=f"http://127.0.0.1:{port}/api/esign/callback",
            company_name="安心家政",
            company_account="agency-001",
            seal_no="seal-001",
            account_key=kept_secret(directory / "account-key", _SIGNERS_FORGOTTEN),
        )
    # In production interviews go from browser to browser without it.
    if known.zego.app_id is None and not known.is_production:
        callback_url = f"http://127.0.0.1:{port}/api/zego/callback"
        known = known.with_group(
            "zego",
            app_id=SIM_PROJECT.app_id,
            server_secret=SIM_PROJECT.server_secret,
            callback_secret=SIM_PROJECT.callback_secret,
            api_base=_simulator("zego", arguments, "--callback-url", callback_url),
        )
    if not known.ocr.secret_id and not known.is_production:  # in production nothing is recognised without it
        known = known.with_group(
            "ocr",
            secret_id=SIM_ACCOUNT.secret_id,
            secret_key=SIM_ACCOUNT.secret_key,
            endpoint=_simulator("tencent", arguments),
        )
    if arguments:
        command = [sys.executable, "-m", "integrations.local.simulators", *arguments]
        simulators = await Child.start(command, child_output("simulators", data), cwd=_ROOT)
        stack.push_async_callback(simulators.stop, 3.0)
    return known


def _simulator(name: str, arguments: list[str], *options: str) -> str:
    """Its address. Adds what starts it to `arguments`."""
    port = free_port()
    arguments += [f"--{name}", str(port), *options]
    return f"http://127.0.0.1:{port}"


def settings_of_app_processes(known: Settings, host: str, port: int, count: int) -> dict[str, str]:
    """By variable. Secrets among them: never for a command line."""
    values: dict[str, str] = {}
    for name, _, value in known.variables():
        text = revealed(value) if isinstance(value, SecretStr) else str(value)
        if value is not None and text:
            values[name] = text
    return values | {"HOST": host, "PORT": str(port), "WORKERS": str(count)}
