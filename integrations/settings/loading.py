"""Reads the settings and refuses what must not be used, naming every variable at fault."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from integrations.settings.groups import Settings, SettingsGroup
from integrations.settings.rules import problems_of


class SettingsRefused(Exception):
    """The configuration must not be used; `problems` has a line for each variable at fault."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


def load_settings(environ: Mapping[str, str] | None = None, directory: Path = Path()) -> Settings:
    """Read and judge the configuration. Raises SettingsRefused with every problem at once."""
    values = dict(os.environ if environ is None else environ)
    file = directory / f".env.{values.get('APP_ENV', 'dev')}"
    settings = _read(values, file if file.is_file() else None)
    problems = problems_of(settings)
    if problems:
        raise SettingsRefused(problems)
    return settings


def _read(values: Mapping[str, str], file: Path | None) -> Settings:
    given: dict[str, Any] = {"app_env": values["APP_ENV"]} if values.get("APP_ENV") else {}
    problems: list[str] = []
    for name, field in Settings.model_fields.items():
        group = field.annotation
        if isinstance(group, type) and issubclass(group, SettingsGroup):
            # pydantic-settings reads os.environ itself; values given explicitly win, which is how tests pass theirs.
            known = {
                each: values[group.variable_of(each)]
                for each in group.model_fields
                if values.get(group.variable_of(each))
            }
            try:
                given[name] = group(_env_file=file, **known)  # type: ignore[arg-type]  # parsed by pydantic
            except ValidationError as error:
                problems += _lines(error, group.variable_of)
    try:
        settings = Settings.model_validate(given) if not problems else None
    except ValidationError as error:
        problems += _lines(error, str.upper)
    if settings is None or problems:
        raise SettingsRefused(problems)
    return settings


def _lines(error: ValidationError, variable_of: Callable[[str], str]) -> list[str]:
    return [
        f"{variable_of('.'.join(map(str, item['loc'])))}: {item['msg']}" for item in error.errors(include_input=False)
    ]
