"""Settings: an unsafe production configuration is refused, and the message names every wrong variable."""

import random
from pathlib import Path

import pytest

from integrations.local.simulators.esign.keys import DevelopmentKeys, new_key
from integrations.settings import EsignSettings, SettingsRefused, load_settings
from integrations.settings.guessable import is_guessable

KEYS = DevelopmentKeys(new_key(), new_key())
SIGNING = {
    "ESIGN_APP_ID": "123456789",
    "ESIGN_HOST": "https://esign.example",
    "ESIGN_PRIVATE_KEY": KEYS.merchant_private_pem,
    "ESIGN_PUBLIC_KEY": KEYS.platform_public_pem,
    "ESIGN_NOTIFY_URL": "https://crm.example/api/esign/callback",
    "ESIGN_COMPANY_NAME": "安心家政",
    "ESIGN_COMPANY_ACCOUNT": "agency",
    "ESIGN_SEAL_NO": "seal",
    "ESIGN_ACCOUNT_KEY": "vT4mWq8ZpL2xR6nB9cJ3hF7kS1dG5yUa",
}
SAFE = {
    **SIGNING,
    "APP_ENV": "production",
    "JWT_SECRET": "k3yR9v7Q2mX5tB8wLzC4nH6jF1dS0aPgUo",
    "MINIPROGRAM_APPID": "wx0000000000000001",
    "MINIPROGRAM_APPSECRET": "b1946ac92492d2347c6235b4d2611184",
    "ADMIN_PASSWORD": "Zebra-7-Lamp-Quartz",
}
COS = {
    "COS_SECRET_ID": "AKIDexample0000",
    "COS_SECRET_KEY": "q7Zr2Kx9Wm4Tb8LcVn3Pd6Hs",
    "COS_BUCKET": "crm-1250000000",
    "COS_REGION": "ap-guangzhou",
}


def test_a_bucket_of_the_provider_is_accepted(tmp_path: Path) -> None:
    settings = load_settings({**SAFE, **COS}, tmp_path)

    assert settings.cos.address == "https://crm-1250000000.cos.ap-guangzhou.myqcloud.com"


def test_a_complete_production_configuration_is_accepted(tmp_path: Path) -> None:
    settings = load_settings(SAFE, tmp_path)

    assert not settings.trusts_openid


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"JWT_SECRET": ""}, "JWT_SECRET"),
        ({"JWT_SECRET": "short"}, "JWT_SECRET"),
        ({"JWT_SECRET": "change-me-change-me-change-me-change-me"}, "JWT_SECRET"),
        ({"JWT_SECRET": "ab" * 20}, "JWT_SECRET"),
        ({"JWT_PREVIOUS_SECRET": "short"}, "JWT_PREVIOUS_SECRET"),
        ({"MONGODB_URI": "mongodb://user:password@mongo:27017/"}, "MONGODB_URI"),
        ({"REDIS_URL": "redis://:123456@redis:6379/0"}, "REDIS_URL"),
        ({"MINIPROGRAM_APPSECRET": ""}, "MINIPROGRAM_APPSECRET"),
        ({"MINIPROGRAM_APPID": ""}, "MINIPROGRAM_APPID"),
        ({"ADMIN_PASSWORD": "admin123"}, "ADMIN_PASSWORD"),
        ({"ACCEPT_UNVERIFIED_OPENID": "true"}, "ACCEPT_UNVERIFIED_OPENID"),
        ({"CORS_ORIGIN": "*"}, "CORS_ORIGIN"),
        ({"SERVICE_SECRET": "abc"}, "SERVICE_SECRET"),
        ({"COS_BUCKET": "crm-1250000000"}, "COS_SECRET_ID"),
        ({**COS, "COS_SECRET_KEY": ""}, "COS_SECRET_KEY"),
        ({**COS, "COS_SECRET_KEY": "k" * 32}, "COS_SECRET_KEY"),
        ({**COS, "COS_BUCKET": "Crm"}, "COS_BUCKET"),
        ({**COS, "COS_REGION": "../evil"}, "COS_REGION"),
        ({**COS, "COS_ENDPOINT": "http://127.0.0.1:9400"}, "COS_ENDPOINT"),
        ({**COS, "COS_ENDPOINT": "https://cos.example/path"}, "COS_ENDPOINT"),
        ({"OCR_SECRET_ID": "AKID"}, "OCR_SECRET_KEY"),
        ({"OCR_ENDPOINT": "http://ocr.example"}, "OCR_ENDPOINT"),
        ({"FILES_VIDEO_MB": "0"}, "FILES_VIDEO_MB"),
        ({"FILES_FFMPEG": "/usr/bin/no-such-program"}, "FILES_FFMPEG"),
        ({"LOGIN_LOG_DAYS": "89"}, "LOGIN_LOG_DAYS"),
        ({"WECHAT_API_BASE": "http://127.0.0.1:9000"}, "WECHAT_API_BASE"),
        ({"ESIGN_HOST": "http://127.0.0.1:9000"}, "ESIGN_HOST"),
        ({"ESIGN_NOTIFY_URL": "http://crm.example/api/esign/callback"}, "ESIGN_NOTIFY_URL"),
        ({"ESIGN_ACCOUNT_KEY": "short"}, "ESIGN_ACCOUNT_KEY"),
        ({"ESIGN_PRIVATE_KEY": "no key at all"}, "ESIGN_PRIVATE_KEY"),
        ({"MINIPROGRAM_APPSECRET": "x"}, "MINIPROGRAM_APPSECRET"),
        ({"JWT_SECRET": "a" * 40}, "JWT_SECRET"),
        ({"JWT_SECRET": "0123456789" * 4}, "JWT_SECRET"),
        ({"JWT_PREVIOUS_SECRET": "password" * 4}, "JWT_PREVIOUS_SECRET"),
        ({"SERVICE_SECRET": "s" * 32}, "SERVICE_SECRET"),
        ({"METRICS_TOKEN": "x"}, "METRICS_TOKEN"),
        ({"METRICS_TOKEN": "x" * 40}, "METRICS_TOKEN"),
        ({"ESIGN_ACCOUNT_KEY": "k" * 32}, "ESIGN_ACCOUNT_KEY"),
        ({"TURN_SECRET": "x" * 32}, "TURN_SECRET"),
        ({"TURN_SECRET": "q7Zr2Kx9Wm4Tb8Lc", "TURN_PREVIOUS_SECRET": "x"}, "TURN_PREVIOUS_SECRET"),
        ({"INTERVIEW_INVITE_SECRET": "i" * 32}, "INTERVIEW_INVITE_SECRET"),
        ({"MONGODB_URI": "mongodb://user:a@mongo:27017/"}, "MONGODB_URI"),
        ({"REDIS_URL": "redis://:aaaaaaaaaaaa@redis:6379/0"}, "REDIS_URL"),
        ({"ADMIN_PASSWORD": "passwordpassword"}, "ADMIN_PASSWORD"),
        ({"ADMIN_PASSWORD": "123456789012"}, "ADMIN_PASSWORD"),
        ({"ADMIN_PASSWORD": "aaaaaaaaaaaaaaaa"}, "ADMIN_PASSWORD"),
        ({"ADMIN_PASSWORD": "woaini5201314"}, "ADMIN_PASSWORD"),
        ({"PASSWORD_SCHEME": "md5"}, "PASSWORD_SCHEME"),
        ({"WECHAT_API_BASE": "http://api.weixin.qq.com"}, "WECHAT_API_BASE"),
        ({"WECHAT_API_BASE": "api.weixin.qq.com"}, "WECHAT_API_BASE"),
        ({"ESIGN_HOST": "http://esign.example"}, "ESIGN_HOST"),
        ({"ESIGN_HOST": "ftp://esign.example"}, "ESIGN_HOST"),
        ({"ESIGN_NOTIFY_URL": "https:/crm.example/api/esign/callback"}, "ESIGN_NOTIFY_URL"),
        ({"WECHAT_API_BASE": "https://0.0.0.0/"}, "WECHAT_API_BASE"),
        ({"WECHAT_API_BASE": "https://[::ffff:127.0.0.1]/"}, "WECHAT_API_BASE"),
        ({"ESIGN_REDIRECT_URL": "javascript:alert(1)"}, "ESIGN_REDIRECT_URL"),
        ({"ESIGN_REDIRECT_URL": "http://crm.example/signed"}, "ESIGN_REDIRECT_URL"),
        ({"ADMIN_PASSWORD": "Password123!"}, "ADMIN_PASSWORD"),
        ({"CORS_ORIGIN": "https://crm.example:99999"}, "CORS_ORIGIN"),
        ({"TRUSTED_PROXIES": "::fffe:0:0/95"}, "TRUSTED_PROXIES"),
        ({"CORS_ORIGIN": "null"}, "CORS_ORIGIN"),
        ({"PASSWORD_ROUNDS": "9"}, "PASSWORD_ROUNDS"),
        ({"CORS_ORIGIN": "https://crm.example, null"}, "CORS_ORIGIN"),
        ({"CORS_ORIGIN": "https://crm.example/"}, "CORS_ORIGIN"),
        ({"CORS_ORIGIN": "https://*.example"}, "CORS_ORIGIN"),
        ({"CORS_ORIGIN": "crm.example"}, "CORS_ORIGIN"),
        ({"CORS_ORIGIN": "http://crm.example"}, "CORS_ORIGIN"),
        ({"TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": "10.0.0.1, ::/0"}, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": "0.0.0.0/1,128.0.0.0/1"}, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": "8.0.0.0/6"}, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": "::ffff:0:0/96"}, "TRUSTED_PROXIES"),
        ({"TRUSTED_PROXIES": "2000::/3"}, "TRUSTED_PROXIES"),
        ({"PUBLIC_URL": "http://crm.example"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "javascript:alert(1)"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://crm.example/app"}, "PUBLIC_URL"),
        ({"INTERVIEW_GUEST_URL": "javascript:alert('{code}')"}, "INTERVIEW_GUEST_URL"),
        ({"INTERVIEW_GUEST_URL": "java\tscript:alert('{code}')"}, "INTERVIEW_GUEST_URL"),
        ({"INTERVIEW_GUEST_URL": "http://crm.example/{code}"}, "INTERVIEW_GUEST_URL"),
        ({"INTERVIEW_GUEST_URL": "http://127.0.0.1:8000/{code}"}, "INTERVIEW_GUEST_URL"),
        ({"INTERVIEW_GUEST_URL": "//crm.example/{code}"}, "INTERVIEW_GUEST_URL"),
        ({"INTERVIEW_GUEST_PAGE": "javascript:alert('{roomId}')"}, "INTERVIEW_GUEST_PAGE"),
        ({"INTERVIEW_GUEST_PAGE": "https://{roomId}.example/"}, "INTERVIEW_GUEST_PAGE"),
        *(({name: ""}, name) for name in EsignSettings().required),
    ],
)
def test_production_refuses_an_unsafe_value_and_names_its_variable(
    tmp_path: Path, change: dict[str, str], variable: str
) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings({**SAFE, **change}, tmp_path)

    assert [problem for problem in refused.value.problems if problem.startswith(f"{variable}:")]


@pytest.mark.parametrize(
    "change",
    [
        {"CORS_ORIGIN": "https://crm.example, https://h5.crm.example:8443"},
        {"TRUSTED_PROXIES": "172.30.77.10, 10.0.0.0/8, fd00::/8, 203.0.113.0/24, 104.16.0.0/13, 2a06:98c0::/29"},
        {"PUBLIC_URL": "https://crm.example"},
        {"ESIGN_REDIRECT_URL": "https://crm.example/signed"},
        {"ESIGN_REDIRECT_URL": "alipays://platformapi/startapp?appId=1"},
        {"WECHAT_API_BASE": "https://api.weixin.qq.com", "ESIGN_HOST": "https://esign.example/api/"},
        {"INTERVIEW_GUEST_URL": "https://crm.example/api/interview/i/{code}"},
        {"INTERVIEW_GUEST_PAGE": "https://crm.example/miniprogram/video-interview-guest.html?roomId={roomId}"},
        {"METRICS_TOKEN": "q7Zr2Kx9Wm4Tb8Lc", "SERVICE_SECRET": "4f1c9a7be2d05683f1b7c0e9a8d36452"},
        {"MONGODB_URI": "mongodb://user:k2J9xQ7mZ4@a:27017,b:27017/", "REDIS_URL": "redis://redis:6379/0"},
    ],
    ids=str,
)
def test_production_accepts_safe_values(tmp_path: Path, change: dict[str, str]) -> None:
    load_settings({**SAFE, **change}, tmp_path)


def test_a_random_secret_is_never_taken_for_a_guessable_one() -> None:
    chosen = random.Random(11)

    for length in (16, 20, 32, 64):
        for _ in range(2_000):
            assert not is_guessable("".join(chosen.choices("0123456789abcdef", k=length)))


def test_links_begin_with_the_public_address_and_by_default_with_that_of_the_providers_callbacks(
    tmp_path: Path,
) -> None:
    assert load_settings({**SAFE, "PUBLIC_URL": "https://www.example"}, tmp_path).public_url == "https://www.example"
    assert load_settings(SAFE, tmp_path).public_url == "https://crm.example"


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({"CORS_ORIGIN": "null"}, "CORS_ORIGIN"),
        ({"PASSWORD_ROUNDS": "9"}, "PASSWORD_ROUNDS"),
        ({"PUBLIC_URL": "127.0.0.1:8000"}, "PUBLIC_URL"),
        ({"INTERVIEW_GUEST_URL": "javascript:alert('{code}')"}, "INTERVIEW_GUEST_URL"),
        ({"INTERVIEW_GUEST_URL": "http://192.168.1.5/{code}"}, "INTERVIEW_GUEST_URL"),
    ],
)
def test_development_refuses_what_is_always_wrong(tmp_path: Path, change: dict[str, str], variable: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings(change, tmp_path)

    assert [problem.partition(":")[0] for problem in refused.value.problems] == [variable]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_development_accepts_guest_links_over_http_on_loopback(tmp_path: Path, host: str) -> None:
    settings = load_settings({"INTERVIEW_GUEST_URL": f"http://{host}:8000/{{code}}"}, tmp_path)

    assert settings.interviews.guest_url.startswith(f"http://{host}")


def test_one_message_lists_all_problems(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings({"APP_ENV": "production"}, tmp_path)

    assert len(refused.value.problems) >= 3


def test_signing_is_configured_completely_or_not_at_all_in_every_profile(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings({"ESIGN_APP_ID": "123456789"}, tmp_path)

    assert {problem.split(":")[0] for problem in refused.value.problems} == {
        name for name in EsignSettings().required if name != "ESIGN_APP_ID"
    }


def test_production_without_signing_names_each_variable_that_signing_needs(tmp_path: Path) -> None:
    rest = {name: value for name, value in SAFE.items() if name not in SIGNING}

    with pytest.raises(SettingsRefused) as refused:
        load_settings(rest, tmp_path)

    assert {problem.split(":")[0] for problem in refused.value.problems} == set(EsignSettings().required)


def test_development_needs_no_configuration_and_trusts_openids(tmp_path: Path) -> None:
    assert load_settings({}, tmp_path).trusts_openid


def test_environment_variables_override_the_profiles_file(tmp_path: Path) -> None:
    (tmp_path / ".env.test").write_text("PORT=9001\nLOG_LEVEL=WARNING\n")

    settings = load_settings({"APP_ENV": "test", "PORT": "9002"}, tmp_path)

    assert (settings.http.port, settings.logs.level) == (9002, "WARNING")


def test_a_refusal_never_shows_the_secret(tmp_path: Path) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings({**SAFE, "JWT_SECRET": "tooshort-s3cr3t"}, tmp_path)

    assert "s3cr3t" not in str(refused.value)


ZEGO = {
    "ZEGO_APP_ID": "1234567890",
    "ZEGO_SERVER_SECRET": "7c1f0e9d8b6a5f4e3d2c1b0a99887766",
    "ZEGO_CALLBACK_SECRET": "5f4dcc3b5aa765d61d83",
}


def test_production_needs_no_video_provider(tmp_path: Path) -> None:
    assert load_settings(SAFE, tmp_path).zego.configuration is None


def test_a_video_provider_is_configured_completely_or_not_at_all(tmp_path: Path) -> None:
    zego = load_settings({**SAFE, **ZEGO}, tmp_path).zego.configuration

    assert zego is not None
    assert (zego.app_id, zego.api_base) == (1234567890, "https://rtc-api.zego.im")


@pytest.mark.parametrize(
    ("change", "variable"),
    [
        ({**ZEGO, "ZEGO_APP_ID": ""}, "ZEGO_APP_ID"),
        ({**ZEGO, "ZEGO_APP_ID": "4294967296"}, "ZEGO_APP_ID"),
        ({**ZEGO, "ZEGO_SERVER_SECRET": ""}, "ZEGO_SERVER_SECRET"),
        ({**ZEGO, "ZEGO_SERVER_SECRET": "7c1f0e9d"}, "ZEGO_SERVER_SECRET"),
        ({**ZEGO, "ZEGO_SERVER_SECRET": "0123456789abcdef0123456789abcdef"}, "ZEGO_SERVER_SECRET"),
        ({**ZEGO, "ZEGO_CALLBACK_SECRET": ""}, "ZEGO_CALLBACK_SECRET"),
        ({**ZEGO, "ZEGO_CALLBACK_SECRET": "short"}, "ZEGO_CALLBACK_SECRET"),
        ({**ZEGO, "ZEGO_API_BASE": "http://rtc-api-sha.zego.im"}, "ZEGO_API_BASE"),
        ({**ZEGO, "ZEGO_API_BASE": "https://127.0.0.1:9300"}, "ZEGO_API_BASE"),
        ({"STUN_URLS": "turn:turn.example"}, "STUN_URLS"),
        ({"TURN_URLS": "stun:turn.example", "TURN_SECRET": "x" * 32}, "TURN_URLS"),
        ({"TURN_URLS": "turn:turn.example"}, "TURN_SECRET"),
        ({"TURN_URLS": "turn:turn.example", "TURN_SECRET": "short"}, "TURN_SECRET"),
        ({"TURN_SECRET": "x" * 32, "TURN_PREVIOUS_SECRET": "x" * 32}, "TURN_PREVIOUS_SECRET"),
        ({"INTERVIEW_INVITE_SECRET": "short"}, "INTERVIEW_INVITE_SECRET"),
        ({"INTERVIEW_GUEST_URL": "https://crm.example/guest.html"}, "INTERVIEW_GUEST_URL"),
    ],
)
def test_wrong_values_of_video_interviews_are_named(tmp_path: Path, change: dict[str, str], variable: str) -> None:
    with pytest.raises(SettingsRefused) as refused:
        load_settings({**SAFE, **change}, tmp_path)

    assert [problem for problem in refused.value.problems if problem.startswith(f"{variable}:")]
