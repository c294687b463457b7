"""A production start with something unsafe is refused, and every variable at fault is named."""

from pathlib import Path

import pytest

from integrations.settings import SettingsRefused, load_settings

SAFE = {
    "APP_ENV": "production",
    "JWT_SECRET": "k3yR9v7Q2mX5tB8wLzC4nH6jF1dS0aPgUo",
    "MINIPROGRAM_APPID": "wx0000000000000001",
    "MINIPROGRAM_APPSECRET": "b1946ac92492d2347c6235b4d2611184",
    "ADMIN_PASSWORD": "Zebra-7-Lamp-Quartz",
}


def test_a_complete_production_configuration_is_accepted(tmp_path: Path) -> None:
    settings = load_settings(SAFE, tmp_path)

    assert not settings.trusts_openid


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"JWT_SECRET": ""}, "JWT_SECRET"),
        ({"JWT_SECRET": "short"}, "JWT_SECRET"),
        ({"JWT_SECRET": "change-me-change-me-change-me-change-me"}, "JWT_SECRET"),
        ({"MINIPROGRAM_APPSECRET": ""}, "MINIPROGRAM_APPSECRET"),
        ({"MINIPROGRAM_APPID": ""}, "MINIPROGRAM_APPID"),
        ({"ADMIN_PASSWORD": "admin123"}, "ADMIN_PASSWORD"),
        ({"ACCEPT_UNVERIFIED_OPENID": "true"}, "ACCEPT_UNVERIFIED_OPENID"),
        ({"CORS_ORIGIN": "*"}, "CORS_ORIGIN"),
        ({"SERVICE_SECRET": "abc"}, "SERVICE_SECRET"),
        ({"WECHAT_API_BASE": "http://127.0.0.1:9000"}, "WECHAT_API_BASE"),
    ],
)
def test_production_refuses_what_is_unsafe_and_names_it(tmp_path: Path, change: dict[str, str], variable: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings({**SAFE, **change}, tmp_path)

    assert [problem for problem in refused.value.problems if problem.startswith(f"{variable}:")]


def test_all_problems_come_in_one_message(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings({"APP_ENV": "production"}, tmp_path)

    assert len(refused.value.problems) >= 3


def test_development_starts_with_nothing_configured_and_trusts_openids(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path).trusts_openid


def test_the_profiles_file_is_read_and_the_environment_wins(tmp_path: Path) -> None:
    (tmp_path / ".env.test").write_text("PORT=9001\nLOG_LEVEL=WARNING\n")

    settings = load_settings({"APP_ENV": "test", "PORT": "9002"}, tmp_path)

    assert (settings.port, settings.log_level) == (9002, "WARNING")


def test_a_refusal_never_shows_the_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings({**SAFE, "JWT_SECRET": "tooshort-s3cr3t"}, tmp_path)

    assert "s3cr3t" not in str(refused.value)
