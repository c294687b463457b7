"""What the first process does before app processes start: servers, simulators, secrets, the database."""

import logging
import os
import secrets
import shutil
import socket
import sys
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path

from pydantic import SecretStr

from domain.shared.actor import SYSTEM
from domain.shared.authority import Role
from domain.shared.errors import Conflict
from domain.shared.text import Text
from integrations.local.embedded.stack import EmbeddedStack
from integrations.local.kept_files import kept_secret
from integrations.local.processes.child import Child
from integrations.local.processes.supervisor import forward_output
from integrations.local.simulators.esign import SIMULATED_APP_ID, development_keys
from integrations.local.simulators.wechat import SIM_PROGRAM
from integrations.local.simulators.zego import SIM_PROJECT
from integrations.settings import Settings, SettingsRefused
from integrations.settings.groups import revealed
from integrations.wiring.areas import wire_areas
from integrations.wiring.infrastructure import open_infrastructure

ADMIN = "admin"
SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  # only for a directory that `mkdtemp` makes
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
    except OSError:  # whoever needs the directory will say what is wrong with it
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
    if settings.tokens.jwt_secret is None:  # never in production: load_settings refuses that
        settings = settings.with_group("tokens", jwt_secret=kept_secret(data / "jwt-secret", _ALL_LOG_IN_AGAIN))
    return settings


async def start_simulators(known: Settings, data: Path, port: int, stack: AsyncExitStack) -> Settings:
    """Simulators of the providers that are not configured; they end with `stack`. `port`: where they report to."""
    if not known.wechat.miniprogram_appid and not known.wechat.wechat_api_base:
        known = known.with_group(
            "wechat",
            wechat_api_base=await _simulator("wechat", stack),
            miniprogram_appid=SIM_PROGRAM.app_id,
            miniprogram_appsecret=SIM_PROGRAM.secret,
        )
    if not known.esign.is_configured:  # never in production: load_settings refuses that
        directory = data / "esign"
        keys = development_keys(directory)
        known = known.with_group(
            "esign",
            app_id=SIMULATED_APP_ID,
            host=await _simulator("esign", stack, "--directory", str(directory.absolute())),
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
            api_base=await _simulator("zego", stack, "--callback-url", callback_url),
        )
    return known


async def _simulator(name: str, stack: AsyncExitStack, *arguments: str) -> str:
    """Its address."""
    port = _free_port()
    command = [sys.executable, "-m", f"integrations.local.simulators.{name}", "--port", str(port), *arguments]
    simulator = await Child.start(command, forward_output, cwd=_ROOT)
    stack.push_async_callback(simulator.stop, 3.0)
    return f"http://127.0.0.1:{port}"


async def prepare_database(known: Settings) -> str | None:
    """Indexes and the first administrator; the password to show, if one was made up just now."""
    async with open_infrastructure(known) as base:
        areas = wire_areas(base, known)
        await areas.prepare_stores()
        staff = areas.services.staff.sessions
        try:
            if not await staff.is_empty():
                return None
            given = revealed(known.accounts.admin_password)
            password = given or secrets.token_urlsafe(12)
            await staff.create(ADMIN, "管理员", password, Role.ADMIN, SYSTEM)
        except Conflict:  # another machine of the same installation was first
            return None
        finally:
            await areas.close()
        return None if given else password


def process_environment(known: Settings, data: Path, host: str, port: int, count: int) -> dict[str, str]:
    """The settings of the app processes. Secrets travel by environment, never by command line."""
    values: dict[str, str] = {}
    for name, _, value in known.variables():
        text = revealed(value) if isinstance(value, SecretStr) else str(value)
        if value is not None and text:
            values[name] = text
    values |= {"HOST": host, "PORT": str(port), "WORKERS": str(count)}
    if count > 1:  # each process counts for itself; /metrics adds their files up
        values["PROMETHEUS_MULTIPROC_DIR"] = str(new_metrics_directory(data))
    return values


def new_metrics_directory(data: Path) -> Path:
    """An empty directory, in memory where the system has a place for that.

    App processes map these files: one that writes to a new page of a mapped file on a full disk is killed.
    """
    remove_metrics_directory(data)
    link = data / "metrics"
    if not os.access(SHARED_MEMORY, os.W_OK):
        link.mkdir(parents=True)
        return link.resolve()
    directory = Path(tempfile.mkdtemp(prefix="homecare-metrics-", dir=SHARED_MEMORY))
    link.symlink_to(directory)  # the next start finds it, also after a crash
    return directory


def remove_metrics_directory(data: Path) -> None:
    link = data / "metrics"
    if link.is_symlink():
        directory = link.readlink()
        link.unlink()
        if directory.parent == SHARED_MEMORY:
            shutil.rmtree(directory, ignore_errors=True)
    else:
        shutil.rmtree(link, ignore_errors=True)


def reserve_port(host: str, port: int) -> tuple[int, socket.socket]:
    """The port, and a socket bound to it that does not listen: app processes join it by SO_REUSEPORT."""
    holder = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        probe = socket.socket(holder.family)
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host, port))  # without SO_REUSEPORT: somebody else's listener is an error here
        chosen = probe.getsockname()[1]
        probe.close()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        holder.bind((host, chosen))
    except OSError as error:
        holder.close()
        raise SettingsRefused([f"HOST/PORT: 无法监听 {host}:{port} / cannot listen there ({error.strerror})"]) from None
    return chosen, holder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
