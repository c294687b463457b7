"""The command line of `run.py`. Only what parsing needs is imported here, so that the first word appears at once."""

import argparse
import difflib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from integrations.local import arguments
from integrations.local.terminal import StartReport

_DATA_DIR_HELP = "内置服务的数据目录，默认 ./data · data of the embedded servers"


def main(program: str, typed: Sequence[str] | None = None) -> int:
    """`program`: the path of `run.py`, which starts the app processes."""
    options = parser().parse_args(typed)
    return exit_code_of(lambda: _run(program, options))


def _run(program: str, options: argparse.Namespace) -> int:
    if options.command is None:
        report = StartReport()  # before the imports that take time
        from integrations.local.first_process import run_first_process

        return run_first_process(program, options, report)
    from integrations.local.commands import run_command

    return run_command(options)


def exit_code_of(run: Callable[[], int]) -> int:
    """Runs it; what it refuses is told on the terminal."""
    try:
        return run()
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        from domain.shared.errors import DomainError
        from integrations.local.errors import CannotStart
        from integrations.settings import SettingsRefused

        match error:
            case SettingsRefused():
                print(
                    "配置有误，无法启动 · The configuration is refused:", *error.problems, sep="\n  - ", file=sys.stderr
                )
                return os.EX_CONFIG
            case CannotStart():
                print(error, file=sys.stderr)
                return os.EX_CONFIG
            case DomainError():
                print(f"{error.shown_text.zh} · {error.shown_text.en} [{error.code}]", file=sys.stderr)
                return 1
        raise


class _Parser(argparse.ArgumentParser):
    """Names the option that was probably meant by a mistyped one; argparse would take its value for a command."""

    def parse_args(self, args=None, namespace=None):  # type: ignore[no-untyped-def]  # as in argparse
        typed = list(sys.argv[1:] if args is None else args)
        for option in typed:
            self._refuse_unknown(option.partition("=")[0])
        return super().parse_args(typed, namespace)

    def _refuse_unknown(self, option: str) -> None:
        known = sorted(_options_of(self))
        if not option.startswith("--") or any(name.startswith(option) for name in known):
            return
        close = difflib.get_close_matches(option, known, n=1)
        meant = (f"，是否要用 {close[0]}？", f"; did you mean {close[0]}?") if close else ("", "")
        self.error(f"没有选项 {option}{meant[0]} · no option {option}{meant[1]}")

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: error: {message}\n{self.format_usage()}")


def _options_of(parser: argparse.ArgumentParser) -> set[str]:
    """Of the parser and of its commands."""
    names: set[str] = set()
    for action in parser._actions:
        names.update(action.option_strings)
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                names |= _options_of(command)
    return names


def parser() -> argparse.ArgumentParser:
    made = _Parser(
        description="家政公司实时后台：不带参数即启动全部服务。 "
        "Real-time back end; without arguments it starts everything.",
        epilog="其余配置见环境变量与 .env.<APP_ENV>（run.py check-config 列出全部）。 "
        "All other settings come from the environment and .env.<APP_ENV>; `check-config` lists them.",
    )
    made.add_argument("--host", help="监听地址，默认 127.0.0.1 · address to listen on")
    made.add_argument("--port", type=arguments.port, help="监听端口，默认 8000 · port to listen on")
    made.add_argument("--workers", type=arguments.workers, default=1, help="工作进程数，默认 1 · worker processes")
    made.add_argument(
        "--demo", action="store_true", help="填充演示数据，模拟登录与签约 · demo data, simulated log-ins and signing"
    )
    made.add_argument("--data-dir", type=Path, default=Path("data"), help=_DATA_DIR_HELP)
    _add_commands(made)
    return made


def _add_commands(parser: argparse.ArgumentParser) -> None:
    commands = parser.add_subparsers(dest="command", metavar="命令 command")
    admin = _with_data(
        commands,
        "create-admin",
        "创建管理员（或其他角色的员工），或重设密码",
        "create an administrator, or another account, or reset a password",
    )
    admin.add_argument(
        "--username",
        type=arguments.username,
        default=arguments.ADMIN,
        help=f"登录用的账号，默认 {arguments.ADMIN} · the name to log in with",
    )
    admin.add_argument(
        "--name", type=arguments.name, default="管理员", help="显示的姓名，默认 管理员 · the name that others see"
    )
    admin.add_argument(
        "--role",
        type=arguments.role,
        default=arguments.ADMIN,
        help=f"角色编码，默认 {arguments.ADMIN} · the code of the role",
    )
    admin.add_argument(
        "--reset", action="store_true", help="重设已有账号的密码 · reset the password of an existing account"
    )
    commands.add_parser("check-config", help="检查配置并列出全部变量 · check the configuration, list all variables")
    _with_data(commands, "rebuild-statistics", "由用户与登录日志重算统计", "recompute the statistics from the records")


def _with_data(
    commands: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, zh: str, en: str
) -> argparse.ArgumentParser:
    """A command that opens the stores."""
    command = commands.add_parser(
        name,
        help=f"{zh} · {en}",
        description=f"{zh}；使用内置服务时请先停止 run.py。 "
        f"{en.capitalize()}; with the embedded servers stop run.py first.",
    )
    # Its default is the one before the command, which would otherwise be overwritten.
    command.add_argument("--data-dir", type=Path, default=argparse.SUPPRESS, help=_DATA_DIR_HELP)
    return command
