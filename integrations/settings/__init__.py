"""The configuration: typed groups of settings, read once from the environment and `.env.<APP_ENV>`, and judged."""

from integrations.settings.groups import (
    AccountSettings,
    CallSettings,
    EsignSettings,
    FileSettings,
    HttpSettings,
    InterviewSettings,
    LogSettings,
    Settings,
    StoreSettings,
    TokenSettings,
    WeChatSettings,
    ZegoSettings,
)
from integrations.settings.loading import SettingsRefused, load_settings

__all__ = [
    "AccountSettings",
    "CallSettings",
    "EsignSettings",
    "FileSettings",
    "HttpSettings",
    "InterviewSettings",
    "LogSettings",
    "Settings",
    "SettingsRefused",
    "StoreSettings",
    "TokenSettings",
    "WeChatSettings",
    "ZegoSettings",
    "load_settings",
]
