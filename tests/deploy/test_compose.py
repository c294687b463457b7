"""compose.yaml: valid by the published schema, with the properties that an installation relies on."""

import json
import os
import re
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft201909Validator

from integrations.local.simulators.esign.keys import DevelopmentKeys, new_key
from integrations.settings import load_settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APP_SERVICES = {name: service for name, service in SERVICES.items() if name.startswith("app")}
# mongodb-init runs once; its result is the exit code, not a health check.
PERMANENT_SERVICES = [name for name in SERVICES if name != "mongodb-init"]
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<text>[^}]*))?\}")
SECRET = re.compile(r"PASSWORD|SECRET|KEY|AUTH|TOKEN")

KEYS = DevelopmentKeys(new_key(), new_key())
ENVIRONMENT = {
    "MONGODB_APP_PASSWORD": "k2J9xQ7mZ4tB8nW1",
    "REDIS_PASSWORD": "p5R3vY6cH0sD2fG8",
    "JWT_SECRET": "v8Nq3Zr6Lw1Xc9Bt4Hs7Kd2Pf5Gj0MyUa8E",
    "ADMIN_PASSWORD": "T4k-Wm9-Zr2-Qx7",
    "MINIPROGRAM_APPID": "wx0123456789abcdef",
    "MINIPROGRAM_APPSECRET": "9f86d081884c7d659a2feaa0c55ad015",
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


def substituted(value: str) -> str:
    def replacement(found: re.Match[str]) -> str:
        return ENVIRONMENT.get(found["name"]) or (found["text"] or "" if found["kind"] == "-" else "")

    return VARIABLE.sub(replacement, value)


def environment_of(service: dict[str, Any]) -> dict[str, str]:
    return {name: substituted(value) for name, value in service["environment"].items()}


def test_the_file_is_valid_by_the_schema_of_the_compose_specification() -> None:
    schema = json.loads((Path(__file__).parent / "schema/compose-spec.json").read_text())

    assert [error.message for error in Draft201909Validator(schema).iter_errors(COMPOSE)] == []


def test_the_schema_finds_a_misspelt_key() -> None:
    schema = json.loads((Path(__file__).parent / "schema/compose-spec.json").read_text())
    misspelt = {**COMPOSE, "services": {**SERVICES, "redis": {**SERVICES["redis"], "restarts": "always"}}}

    assert not Draft201909Validator(schema).is_valid(misspelt)


@pytest.mark.parametrize("name", PERMANENT_SERVICES)
def test_every_permanent_service_is_restarted_and_has_a_health_check(name: str) -> None:
    assert SERVICES[name]["restart"] == "unless-stopped"
    assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@pytest.mark.parametrize("name", APP_SERVICES)
def test_the_health_check_of_the_app_is_its_readiness(name: str) -> None:
    assert "/health/ready" in APP_SERVICES[name]["healthcheck"]["test"][-1]


def test_there_are_two_app_services() -> None:
    assert len(APP_SERVICES) == 2


def test_every_secret_comes_from_the_environment_and_the_error_of_a_missing_one_names_it() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if not SECRET.search(name):
                continue
            variable = VARIABLE.fullmatch(value)
            assert variable, f"{name} has a literal value"
            assert variable["kind"] == "-" or variable["name"] in (variable["text"] or "")


@pytest.mark.parametrize("name", APP_SERVICES)
def test_the_settings_of_the_app_are_accepted_in_production(name: str, tmp_path: Path) -> None:
    environment = environment_of(APP_SERVICES[name])

    settings = load_settings(environment, tmp_path)

    assert settings.app_env == "production"
    assert set(environment) - {name for name, _, _ in settings.variables()} <= {"WORKER_NAME"}


@pytest.mark.parametrize("name", APP_SERVICES)
def test_the_app_trusts_forwarded_addresses_of_nginx_only(name: str) -> None:
    nginx = SERVICES["nginx"]["networks"]["inner"]["ipv4_address"]

    assert APP_SERVICES[name]["environment"]["TRUSTED_PROXIES"] == nginx


def test_only_nginx_publishes_a_port_and_only_the_relay_is_on_the_hosts_network() -> None:
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["nginx"]
    assert [name for name, service in SERVICES.items() if "network_mode" in service] == ["coturn"]


def test_the_relay_is_optional_and_reaches_no_private_address(tmp_path: Path) -> None:
    secret, former = "r3Xq8Zt5Lw1Vc9Bn4Hs7Kd2Pf5Gj0MyU", "q2Wp7Ys4Kv0Ub8Am3Gr6Jc1Oe4Fi9LxT"
    script = (ROOT / "deploy/coturn/start.sh").read_text().replace("/tmp/", f"{tmp_path}/")  # noqa: S108
    without_the_relay = script.replace("exec turnserver", "exec true")
    environment = {"PATH": os.environ["PATH"], "TURN_SECRET": secret, "TURN_PREVIOUS_SECRET": former}

    subprocess.run(["/bin/sh", "-c", without_the_relay], env=environment, check=True, timeout=10)
    written = tmp_path / "turnserver.conf"
    settings = written.read_text().splitlines()
    missing = subprocess.run(
        ["/bin/sh", "-c", without_the_relay],
        env={"PATH": os.environ["PATH"]},
        check=False,
        capture_output=True,
        timeout=10,
    )

    assert SERVICES["coturn"]["profiles"] == ["turn"]
    assert {f"static-auth-secret={secret}", f"static-auth-secret={former}", "use-auth-secret"} <= set(settings)
    for network in ("10.0.0.0", "127.0.0.0", "169.254.0.0", "172.16.0.0", "192.168.0.0", "fc00::", "fe80::"):
        assert any(line.startswith(f"denied-peer-ip={network}-") for line in settings), network
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert b"TURN_SECRET" in missing.stderr


@pytest.mark.parametrize("name", ["mongodb", "redis"])
def test_stores_keep_their_data_on_named_volumes(name: str) -> None:
    volumes = {volume.partition(":")[0] for volume in SERVICES[name]["volumes"] if not volume.startswith(".")}

    assert volumes
    assert volumes <= set(COMPOSE["volumes"])


def test_nginx_maps_exactly_the_names_of_the_app_services_to_upstreams() -> None:
    text = (ROOT / "deploy/nginx/upstreams.conf").read_text()
    names = {name: service["environment"]["WORKER_NAME"] for name, service in APP_SERVICES.items()}

    mapped = dict(re.findall(r'"~\^(\w+)\\\.":? (\w+);', text))

    assert mapped == {name: name for name in names.values()}
    assert set(re.findall(r"server (\w+):8000 ", text)) == set(names)
    assert dict(re.findall(r"upstream (\w+) \{ server (\w+):8000; \}", text)) == {
        process_name: service for service, process_name in names.items()
    }


def test_mounted_paths_and_the_dockerfile_exist() -> None:
    mounted = [volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])]

    assert all((ROOT / path).exists() for path in mounted if path.startswith("."))
    assert (ROOT / APP_SERVICES["app1"]["build"]["dockerfile"]).exists()
