"""The deployment: the compose file, the image, and the systemd unit."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.configuration import run_command
from typer.testing import CliRunner

from hub.backup.places import backup_places
from hub.cli.main import app
from hub.local.run_folder import run_folder
from hub.settings import read_settings

PROJECT = read_settings({}).project
COMPOSE = PROJECT / "docker-compose.yaml"
SERVICES: dict[str, Any] = yaml.safe_load(COMPOSE.read_text())["services"]
PASSWORDS = {"HUB_POSTGRES_PASSWORD": "p-of-postgres", "HUB_REDIS_PASSWORD": "p-of-redis"}
PINNED = re.compile(r"^[\w./-]+:(\$\{HUB_VERSION:-)?\d+\.\d+(\.\d+)?[\w.-]*\}?$")


def _compose(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    docker = shutil.which("docker")
    if docker is None:
        pytest.skip("docker is missing (Debian: apt-get install docker-cli docker-compose)")
    command = [docker, "compose", "--file", str(COMPOSE), "--env-file", "/dev/null", *arguments]
    environment = {"PATH": str(Path(docker).parent), "HOME": "/nonexistent", **environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if "is not a docker command" in done.stderr or "unknown shorthand flag" in done.stderr:
        pytest.skip("docker has no compose (Debian: apt-get install docker-compose)")
    return done


def test_docker_compose_accepts_the_file_without_a_remark() -> None:
    done = _compose("config", "--quiet", environment=PASSWORDS)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("missing", PASSWORDS)
def test_a_password_that_is_missing_is_named(missing: str) -> None:
    given = {name: value for name, value in PASSWORDS.items() if name != missing}
    done = _compose("config", "--quiet", environment=given)
    assert done.returncode != 0
    assert f"set {missing} in .env" in done.stderr


def _doors(environment: dict[str, str]) -> dict[str, str]:
    """Address of this machine by service that can be reached from outside of its network."""
    services = json.loads(_compose("config", "--format", "json", environment=environment).stdout)["services"]
    return {name: port["host_ip"] for name, service in services.items() for port in service.get("ports", [])}


def test_the_ui_and_three_services_are_the_only_doors_and_stay_on_the_loopback_address() -> None:
    assert _doors(PASSWORDS) == dict.fromkeys(("api-server", "metrics", "exchange", "dashboards"), "127.0.0.1")


def test_services_stay_on_the_loopback_address_when_the_ui_does_not() -> None:
    doors = _doors(PASSWORDS | {"HUB_BIND": "192.0.2.1"})
    assert doors == {"api-server": "192.0.2.1"} | dict.fromkeys(("metrics", "exchange", "dashboards"), "127.0.0.1")


def test_workers_are_counted_by_a_variable() -> None:
    done = _compose("config", "--format", "json", environment=PASSWORDS | {"HUB_WORKERS": "5"})
    assert json.loads(done.stdout)["services"]["worker"]["deploy"]["replicas"] == 5


def test_every_part_of_airflow_has_a_service() -> None:
    assert set(SERVICES) == {
        "postgres", "redis", "prepare", "api-server", "scheduler", "dag-processor", "triggerer", "worker", "sandbox",
        "metrics", "exchange", "dashboards",
    }  # fmt: skip


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_limited_pinned_and_watched(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"\d+[MG]", service["deploy"]["resources"]["limits"]["memory"])
    assert PINNED.match(service["image"]), f"{service['image']} is not pinned to a version"
    assert service["restart"]
    if name != "prepare":  # it runs once and ends
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_no_password_is_in_an_environment_or_a_command() -> None:
    services = json.loads(_compose("config", "--format", "json", environment=PASSWORDS).stdout)["services"]
    for name, service in services.items():
        assert not any(password in json.dumps(service) for password in PASSWORDS.values()), name


def test_a_service_has_the_files_of_the_secrets_that_it_uses() -> None:
    services = json.loads(_compose("config", "--format", "json", environment=PASSWORDS).stdout)["services"]
    for name, service in services.items():
        used = set(re.findall(r"/run/secrets/(\w+)", json.dumps(service)))
        # Superset connects as roles that look on, whose passwords are in its own volume.
        assert used or name == "dashboards"
        assert {secret["source"] for secret in service.get("secrets", ())} == used, name


@pytest.mark.parametrize("password", ["plain", "a%s b'c\"d$HOME"])
@pytest.mark.parametrize("option", ["BROKER_URL", "RESULT_BACKEND"])
def test_airflow_is_told_the_brokers_address_by_a_command(option: str, password: str, tmp_path: Path) -> None:
    command = SERVICES["worker"]["environment"][f"AIRFLOW__CELERY__{option}_CMD"].replace("$$", "$")
    (tmp_path / "redis_password").write_text(password)
    told = run_command(command.replace("/run/secrets", str(tmp_path)))
    assert told.startswith(f"redis://:{password}@redis:6379/")


@pytest.mark.parametrize("image", ["Dockerfile", "dashboards/Dockerfile"])
def test_the_image_runs_as_an_ordinary_user_from_pinned_bases(image: str) -> None:
    lines = (PROJECT / image).read_text().splitlines()
    assert [line for line in lines if line.startswith("USER ")] == ["USER hub"]
    base = next(line.split("=", 1)[1] for line in lines if line.startswith("ARG PYTHON_IMAGE="))
    assert PINNED.match(base)
    assert {line.split()[1] for line in lines if line.startswith("FROM ")} == {"${PYTHON_IMAGE}"}


def test_the_example_environment_names_every_variable_and_no_secret() -> None:
    used = set(re.findall(r"\$\{(HUB_\w+)", COMPOSE.read_text())) - {"HUB_VERSION"}
    given = dict(
        line.split("=", 1) for line in (PROJECT / ".env.example").read_text().splitlines() if line[:1] not in ("#", "")
    )
    assert set(given) == used
    assert all(not value for name, value in given.items() if "PASSWORD" in name)


def test_only_the_service_that_prepares_knows_the_administrator() -> None:
    addresses = {
        name: service["environment"]["HUB_WAREHOUSE_URL"]
        for name, service in SERVICES.items()
        if "HUB_WAREHOUSE_URL" in (service.get("environment") or {})
    }
    assert [name for name, address in addresses.items() if "@" in address] == ["prepare"]
    with_password = [name for name, service in SERVICES.items() if "postgres_password" in service.get("secrets", [])]
    assert with_password == ["postgres", "prepare"]
    assert len(addresses) == 10


def test_superset_has_no_volume_of_the_hub_but_its_own() -> None:
    assert SERVICES["dashboards"]["volumes"] == ["hub-dashboards:/var/lib/hub-dashboards"]
    assert "hub-dashboards:/var/lib/hub/dashboards" in SERVICES["prepare"]["volumes"]
    # What one image makes, the other must own.
    made = [(PROJECT / image).read_text() for image in ("Dockerfile", "dashboards/Dockerfile")]
    assert all("--uid 50000" in text and "/dashboards" in text for text in made)


def test_erasures_and_heads_of_the_audit_log_are_kept_in_volumes_of_their_own() -> None:
    done = _compose("config", "--format", "json", environment=PASSWORDS | {"HUB_BACKUP": "/srv/hub-backup"})
    services = json.loads(done.stdout)["services"]
    made = (PROJECT / "Dockerfile").read_text()
    for name, service in services.items():
        if not service["image"].startswith("hate-crime-hub"):
            continue
        given = {name: value for name, value in service["environment"].items() if "WAREHOUSE" not in name}
        places = backup_places(settings := read_settings({"HUB_HOME": "/var/lib/hub", **given}))
        assert settings.audit_head_copy is not None, name
        mounted = {volume["target"]: volume["source"] for volume in service["volumes"]}
        folders = [*map(str, (settings.home, places.folder, places.keys, settings.audit_head_copy.parent))]
        assert len({mounted[folder] for folder in folders}) == len(folders), name
        assert mounted[str(places.folder)] == "/srv/hub-backup"
        assert all(folder in made for folder in folders), "a volume that the image does not know belongs to root"


def test_the_systemd_unit_watches_the_supervisor_and_starts_no_samples() -> None:
    text = (PROJECT / "scripts" / "hate-crime-hub.service").read_text()
    lines = [line.partition("=") for line in text.splitlines() if "=" in line and not line.startswith("#")]
    unit = {name: value for name, _, value in lines if name != "Environment"}
    environment = dict(value.split("=", 1) for name, _, value in lines if name == "Environment")
    settings = read_settings(environment)
    assert unit["PIDFile"] == str(run_folder(settings).pid_file)
    assert (unit["Type"], unit["Restart"], unit["StartLimitIntervalSec"]) == ("forking", "always", "0")
    backup_places(settings)
    arguments = unit["ExecStart"].split()[1:]
    assert arguments == ["run", "--samples", "none"]
    assert CliRunner().invoke(app, [*arguments, "--help"]).exit_code == 0


def test_every_process_shares_the_pick_up_folders() -> None:
    image = (PROJECT / "Dockerfile").read_text()
    [pickup] = re.findall(r"HUB_PICKUP=(\S+)", image)
    assert f"install --directory --owner hub --group hub --mode 0710 {pickup}" in image
    of_the_hub = [one for one in SERVICES.values() if "hub-drop:/var/lib/hub-drop" in one.get("volumes", [])]
    assert of_the_hub
    assert all(f"${{HUB_PICKUP:-hub-pickup}}:{pickup}" in one["volumes"] for one in of_the_hub)
