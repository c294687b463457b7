"""The commands of `run.py` besides serving."""

import argparse
import asyncio
import getpass
import secrets
import sys
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import date

from domain.shared.actor import SYSTEM
from domain.shared.credentials import MIN_PASSWORD_LENGTH
from domain.shared.errors import NotFound
from integrations.local.launch import start_embedded_servers
from integrations.logging import set_up_logging
from integrations.mongo.statistics.rebuild import rebuild_statistics as rebuild
from integrations.settings import Settings, load_settings
from integrations.settings.groups import revealed
from integrations.wiring.infrastructure import open_infrastructure
from integrations.wiring.staff import wire_staff

Job = Callable[[Settings], Awaitable[int]]


def run_command(options: argparse.Namespace) -> int:
    settings = load_settings()
    match options.command:
        case "create-admin":
            return asyncio.run(with_servers(settings, options, lambda known: create_admin(known, options)))
        case "rebuild-statistics":
            return asyncio.run(with_servers(settings, options, rebuild_statistics))
        case _:
            return check_config(settings)


def check_config(settings: Settings) -> int:
    print(f"配置可用 · The configuration is fine (APP_ENV={settings.app_env})\n")
    for name, field, value in settings.variables():
        shown = "" if value is None else str(value)  # a secret shows itself as asterisks
        print(f"{name:28} {shown or '-':28} {field.description}")
    return 0


async def with_servers(settings: Settings, options: argparse.Namespace, job: Job) -> int:
    set_up_logging("WARNING", None)
    async with AsyncExitStack() as stack:
        return await job(await start_embedded_servers(settings, options.data_dir, stack))


async def create_admin(known: Settings, options: argparse.Namespace) -> int:
    """A password that was not typed here by a person must be changed at the first log-in: others may have read it."""
    given = revealed(known.accounts.admin_password)
    typed = not given and sys.stdin.isatty()
    password = given or (getpass.getpass("密码 Password: ") if typed else secrets.token_urlsafe(12))
    if len(password) < MIN_PASSWORD_LENGTH:
        print(f"密码至少 {MIN_PASSWORD_LENGTH} 位 · at least {MIN_PASSWORD_LENGTH} characters", file=sys.stderr)
        return 1
    async with open_infrastructure(known) as base:
        area = wire_staff(base)
        await area.create_indexes()
        if options.reset:
            try:
                await area.services.passwords.set_by_username(options.username, password, SYSTEM, must_change=not typed)
            except NotFound as error:
                print(f"没有账号 {options.username} · no account {options.username} [{error.code}]", file=sys.stderr)
                return 1
        else:
            await area.services.administration.create_by_operator(
                options.username, options.name, password, options.role, SYSTEM, must_change=not typed
            )
    if not typed:
        print("首次登录须修改密码 · the password must be changed at the first log-in")
    made_up = "" if given or typed else f"  密码 password: {password}"
    print(f"完成 · done: {options.username}{made_up}")
    return 0


async def rebuild_statistics(known: Settings) -> int:
    async with open_infrastructure(known) as base:
        complete = await rebuild(base.database)
    print("统计已重算 · the statistics have been recomputed")
    if complete.since > date.min:
        print(f"  {complete.since} 之前的登录记录已清理，其统计保持原值")
        print(f"  figures before {complete.since} were kept as they were: their log rows have expired")
    if complete.refused_since > complete.since:
        print(f"  {complete.refused_since} 之前的登录失败次数保持原值")
        print(f"  counts of refused logins before {complete.refused_since} were kept as they were")
    return 0
