"""The configuration: typed groups of settings, read once from the environment and `.env.<APP_ENV>`, and judged."""

from integrations.settings.groups import (
    AccountSettings,
    CallSettings,
    CosSettings,
    EsignSettings,
    FileSettings,
    HttpSettings,
    InterviewSettings,
    LogSettings,
    OcrSettings,
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
    "CosSettings",
    "EsignSettings",
    "FileSettings",
    "HttpSettings",
    "InterviewSettings",
    "LogSettings",
    "OcrSettings",
    "Settings",
    "SettingsRefused",
    "StoreSettings",
    "TokenSettings",
    "WeChatSettings",
    "ZegoSettings",
    "load_settings",
]
