"""A machine that gets its secrets as files (``HUB_SECRETS``) loads with them, makes none, and says which is missing."""

import shutil
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import make_url

from contracts.samples import stored_sample
from hub.contracts.model import Catalogue
from hub.ingest.collect import collect_files
from hub.ingest.ingest import ingest_delivery
from hub.settings import Settings, SettingsError, read_settings
from hub.vault.hub_keys import KeyProblem, Purpose, add_version, read_keys
from hub.warehouse.engine import open_warehouse
from hub.warehouse.roles import Role
from ingest.deliveries import assert_nothing_is_lost, ledger_rows, raw_rows, take_in
from permissions import permissions_hold
from store.s3 import Bucket

HUB = str(Path(sys.executable).parent / "hub")
FEED = "true_vision_reports"


def content(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Bytes and times of all files below a folder."""
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns) for path in found}


@pytest.fixture
def worker(bucket_hub: Settings, tmp_path: Path) -> Settings:
    """Another machine of the hub, with what it needs of the secrets."""
    read_keys(bucket_hub)
    given = tmp_path / "given"
    given.mkdir(mode=0o700)
    shutil.copytree(bucket_hub.secrets / "roles", given / "roles")
    for path in (*bucket_hub.secrets.glob("*.keys"), *bucket_hub.secrets.glob("*.key")):
        if path.name != "backup.keys":
            shutil.copy(path, given)
    home = tmp_path / "worker"
    server = make_url(bucket_hub.warehouse_url or "").set(username=None, password=None).render_as_string()
    return replace(
        bucket_hub,
        home=home,
        drop=home / "drop",
        sandbox=home / "sandbox",
        secrets_folder=given,
        warehouse_url=server,
    )


def environment(worker: Settings, bucket: Bucket) -> dict[str, str]:
    return {**bucket.environment(worker), "HUB_SECRETS": str(worker.secrets)}


def test_a_delivery_that_one_machine_has_landed_is_loaded_by_another(
    bucket_hub: Settings, bucket: Bucket, worker: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    contract, given = catalogue.contracts[FEED], content(worker.secrets)
    good = stored_sample(contract, "good").read_bytes()
    path = bucket_hub.home / "good.csv"
    path.write_bytes(good)
    (receipt,) = collect_files(bucket_hub, engine, contract, [path])
    result = ingest_delivery(worker, open_warehouse(worker, Role.LOADER), contract, receipt.delivery_id)
    assert result.rows_accepted > 0
    assert_nothing_is_lost(engine, contract)
    # Tokens are those of the hub: the same rows again, at home, are duplicates.
    again = take_in(bucket_hub, engine, contract, good + b"\n", "again.csv")
    assert again.rows_duplicate == again.rows_read == result.rows_read
    assert len(raw_rows(engine, contract)) == result.rows_accepted
    assert content(worker.secrets) == given
    assert [one for one in content(worker.home) if not one.startswith("logs/")] == []
    assert len(bucket.names()) == 2


def test_the_command_loads_there_too_and_leaves_no_secret_behind(
    bucket: Bucket, worker: Settings, engine: sa.Engine, catalogue: Catalogue, tmp_path: Path
) -> None:
    given = content(worker.secrets)
    path = tmp_path / "good.csv"
    path.write_bytes(stored_sample(catalogue.contracts[FEED], "good").read_bytes())
    command = [HUB, "ingest", FEED, str(path)]
    done = subprocess.run(command, env=environment(worker, bucket), capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert [row.status for row in ledger_rows(engine)] == ["loaded"]
    assert content(worker.secrets) == given
    secrets = {data.split()[-1] for data, _ in given.values()}
    for name, (data, _) in content(worker.home).items():
        assert not any(one in data for one in secrets), name
    assert all(not stat.S_IMODE(one.stat().st_mode) & 0o077 for one in (worker.home, *worker.home.rglob("*")))


@pytest.mark.parametrize("purpose", [Purpose.PERSON, Purpose.RECORD, Purpose.MASTER])
def test_a_key_that_was_not_given_is_named_and_none_is_made(
    purpose: Purpose, worker: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    (worker.secrets / f"{purpose.value}.keys").unlink()
    given = content(worker.secrets)
    with pytest.raises(KeyProblem) as problem:
        take_in_anywhere(worker, catalogue)
    assert str(worker.secrets) in str(problem.value)
    assert "\n" not in str(problem.value)
    assert content(worker.secrets) == given
    assert not list(worker.home.rglob("*.keys"))
    assert [row.status for row in ledger_rows(engine)] in ([], ["received"])


def take_in_anywhere(worker: Settings, catalogue: Catalogue) -> None:
    worker.home.mkdir(exist_ok=True)
    contract = catalogue.contracts[FEED]
    warehouse = open_warehouse(worker, Role.LOADER)
    take_in(worker, warehouse, contract, stored_sample(contract, "good").read_bytes())


@pytest.mark.parametrize("name", ["roles/force_BTP", "roles/hub_publisher", "backup.keys"])
def test_what_a_load_does_not_use_may_be_missing(
    name: str, worker: Settings, engine: sa.Engine, catalogue: Catalogue
) -> None:
    (worker.secrets / name).unlink(missing_ok=True)
    worker.secrets.chmod(0o500)
    with permissions_hold():
        take_in_anywhere(worker, catalogue)
    assert [row.status for row in ledger_rows(engine)] == ["loaded"]


def test_no_new_key_is_made_on_such_a_machine(worker: Settings, bucket: Bucket, engine: sa.Engine) -> None:
    given = content(worker.secrets)
    for purpose in Purpose:
        with pytest.raises(KeyProblem):
            add_version(worker, purpose, 2)
    command = [HUB, "keys", "rotate", "person"]
    done = subprocess.run(command, env=environment(worker, bucket), capture_output=True, text=True, check=False)
    assert done.returncode > 0
    assert done.stderr.strip().count("\n") == 0, done.stderr
    assert content(worker.secrets) == given
    with engine.connect() as connection:
        assert connection.scalar(sa.text("select 1")) == 1


def test_a_folder_for_secrets_lies_outside_of_the_home_and_goes_with_a_server_of_its_own(tmp_path: Path) -> None:
    home, given, nowhere = tmp_path / "home", tmp_path / "given", tmp_path / "nowhere"
    given.mkdir()
    inside = home / "secrets"
    inside.mkdir(parents=True)
    server = {"HUB_HOME": str(home), "HUB_WAREHOUSE_URL": "postgresql://127.0.0.1:1/hub"}
    assert read_settings({**server, "HUB_SECRETS": str(given)}).secrets == given
    wrong = [
        {**server, "HUB_SECRETS": str(inside)},
        {**server, "HUB_SECRETS": str(nowhere)},
        {"HUB_HOME": str(home), "HUB_SECRETS": str(given)},
    ]
    for one in wrong:
        with pytest.raises(SettingsError, match="HUB_SECRETS") as problem:
            read_settings(one)
        assert "\n" not in str(problem.value)
