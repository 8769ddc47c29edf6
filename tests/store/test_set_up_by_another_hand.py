"""A store that cannot be used is said to be so in one clear line, which holds no secret."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from conftest import free_port
from contracts.samples import packed_sample
from hub.contracts.model import Catalogue
from hub.ingest import dropped_files
from hub.ingest.collect import collect_drop, collect_files
from hub.ingest.prepare import prepare_warehouse
from hub.settings import Settings, SettingsError, read_settings
from hub.store import StoreProblem, StoreUnavailable, landing_files
from ingest.deliveries import drop, landed_bytes, ledger_rows
from ingest.small_feeds import column, feed
from store.faulty_proxy import KEY, OF_ANOTHER_SECRET, SECRET, Fault, FaultyProxy, Plan
from store.s3 import Bucket

NOTES = feed(column("ref", required=True), name="notes")
TEXT = b"ref\nA\n"
PASSWORD = "hunter-in-an-address"
HUB = str(Path(sys.executable).parent / "hub")


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropped_files, "QUIET_SECONDS", 0.0)


def is_one_clear_line(problem: BaseException, *words: str) -> None:
    text = str(problem)
    assert "\n" not in text
    assert 20 < len(text) < 300, text
    assert not any(secret in text for secret in (SECRET, PASSWORD, KEY, OF_ANOTHER_SECRET)), text
    assert all(word in text for word in words), text


def problem_of(hub: Settings, engine: sa.Engine) -> StoreProblem:
    """What somebody is told who lands a file; the file stays where it was dropped, and the ledger knows nothing."""
    prepare_warehouse(engine, [NOTES])
    path = drop(hub, "notes", "a.csv", TEXT)
    with pytest.raises(StoreProblem) as raised:
        collect_drop(hub, engine, NOTES)
    assert ledger_rows(engine) == []
    assert [one.name for one in path.parent.rglob("*") if one.is_file()] == ["a.csv"]
    return raised.value


CREDENTIALS = {
    "an unknown key": {"access_key_id": "HUBTESTKEY99999999"},
    "a wrong secret": {"access_key_id": OF_ANOTHER_SECRET},
}


@pytest.mark.parametrize("case", CREDENTIALS)
def test_wrong_credentials(case: str, settings: Settings, engine: sa.Engine, bucket: Bucket) -> None:
    problem = problem_of(bucket.used_by(settings, **CREDENTIALS[case]), engine)
    is_one_clear_line(problem)
    assert not isinstance(problem, StoreUnavailable), "to try again would not help"
    bucket.used_by(settings)
    collect_drop(bucket.used_by(settings), engine, NOTES)
    assert len(bucket.names()) == 1


def test_a_bucket_that_is_not_there(bucket_hub: Settings, engine: sa.Engine) -> None:
    problem = problem_of(replace(bucket_hub, store_url="s3://no-such-bucket/landing"), engine)
    is_one_clear_line(problem)
    assert not isinstance(problem, StoreUnavailable)


def test_a_bucket_that_is_not_there_is_no_empty_one(hub_of_files: Settings) -> None:
    store = landing_files(replace(hub_of_files, store_url="s3://no-such-bucket/landing"))
    with pytest.raises(StoreProblem):
        list(store.files())


def test_a_server_that_is_not_there(settings: Settings, engine: sa.Engine, bucket: Bucket) -> None:
    problem = problem_of(bucket.used_by(settings, endpoint=f"http://127.0.0.1:{free_port()}"), engine)
    is_one_clear_line(problem)
    assert isinstance(problem, StoreUnavailable)


OPTIONS: dict[str, str | None] = {
    "no file": None,
    "no YAML": "endpoint: [",
    "a day that does not exist": "endpoint: 2026-02-30",
    "a list": "- endpoint",
    "a text": "endpoint",
    "nothing": "",
    "bytes": "\x00\x01",
    "an unknown option": "acces_key_id: A\nsecret_access_key: " + SECRET,
    "an option that is a list": "access_key_id: [A]\nsecret_access_key: " + SECRET,
    "an option that is a number": "access_key_id: 7\nsecret_access_key: 8",
    "an address without a scheme": f"endpoint: nowhere\naccess_key_id: A\nsecret_access_key: {SECRET}\nregion: r",
    "http without leave": f"endpoint: http://127.0.0.1:1\naccess_key_id: A\nsecret_access_key: {SECRET}\nregion: r",
    "a secret in bad YAML": f"secret_access_key: '{SECRET}\nregion: x: y",
    "code": "endpoint: !!python/object/apply:os.getcwd []",
    "keys that are numbers": "1: 2",
}


@pytest.mark.parametrize("case", OPTIONS)
def test_bad_options(case: str, hub_of_files: Settings, tmp_path: Path) -> None:
    path, text = tmp_path / "options.yaml", OPTIONS[case]
    if text is not None:
        path.write_text(text)
        path.chmod(0o600)
    with pytest.raises(StoreProblem) as raised:
        list(landing_files(replace(hub_of_files, store_options_file=path)).files())
    problem = raised.value
    is_one_clear_line(problem)
    if case not in ("nothing", "http without leave"):
        is_one_clear_line(problem, "HUB_STORE_OPTIONS_FILE")
        assert not isinstance(problem, StoreUnavailable)
    # Chained ones are printed with it where nobody catches it.
    chained, secret_in = problem, SECRET
    while chained := chained.__cause__ or chained.__context__ if not chained.__suppress_context__ else None:  # type: ignore[assignment]
        assert secret_in not in str(chained)


URLS = [
    "http://bucket/x",
    "s3:///x",
    "s3://",
    "s3:bucket",
    "bucket",
    f"s3://user:{PASSWORD}@bucket/x",
    f"s3://bucket/x?secret_access_key={PASSWORD}",
    "s3://bucket/x#y",
    "file://host/folder",
    "file://",
    "file:folder",
    "ftp://bucket",
    "s3://bu cket",
    "s3://[bucket",
    "s3://bucket:port/x",
]


@pytest.mark.parametrize("url", URLS)
def test_bad_addresses(url: str, tmp_path: Path) -> None:
    with pytest.raises((SettingsError, StoreProblem)) as raised:
        landing_files(read_settings({"HUB_HOME": str(tmp_path), "HUB_STORE_URL": url}))
    is_one_clear_line(raised.value, "HUB_STORE_URL")


@pytest.mark.long
@pytest.mark.parametrize("url", ["s3://b/../x", "s3://b//x", "s3://b/x y", "s3://B_b", "s3://b/%2e%2e/x"])
def test_odd_addresses_are_refused_or_used_as_they_are(url: str, bucket_hub: Settings, engine: sa.Engine) -> None:
    """No panic, and nothing but a problem of the store."""
    try:
        read_settings({"HUB_HOME": str(bucket_hub.home), "HUB_STORE_URL": url})
    except SettingsError:
        return
    is_one_clear_line(problem_of(replace(bucket_hub, store_url=url), engine))


@pytest.mark.parametrize("url", ["file://{home}", "file://{home}/landing", "file://{home}/x/../landing"])
def test_a_folder_in_the_home_is_no_store_outside_of_it(url: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="HUB_STORE_URL"):
        read_settings({"HUB_HOME": str(tmp_path), "HUB_STORE_URL": url.format(home=tmp_path)})


def test_a_folder_as_an_address(settings: Settings, engine: sa.Engine, tmp_path: Path) -> None:
    hub = replace(settings, store_url=f"file://{tmp_path}/a%20shared%20folder")
    prepare_warehouse(engine, [NOTES])
    path = tmp_path / "a.csv"
    path.write_bytes(TEXT)
    (receipt,) = collect_files(hub, engine, NOTES, [path])
    assert landed_bytes(hub, receipt) == TEXT
    kept = list(tmp_path.rglob(receipt.sha256))
    assert len(kept) == 1
    assert "a shared folder" in str(kept[0])
    assert not kept[0].is_relative_to(hub.home)


@pytest.mark.long
def test_a_prefix_of_several_parts_is_one_place_for_all(
    bucket_hub: Settings, engine: sa.Engine, bucket: Bucket
) -> None:
    hub = replace(bucket_hub, store_url=f"s3://{bucket.name}/of-the-hub/deep/er")
    prepare_warehouse(engine, [NOTES])
    path = hub.home / "a.csv"
    path.write_bytes(TEXT)
    (receipt,) = collect_files(hub, engine, NOTES, [path])
    assert bucket.keys() == [f"of-the-hub/deep/er/landing/{receipt.landed_name}"]
    assert [one.name for one in landing_files(hub).files()] == [receipt.landed_name]


@pytest.mark.long
def test_the_command_says_it_in_one_line(
    bucket_hub: Settings, bucket: Bucket, proxy: FaultyProxy, catalogue: Catalogue, engine: sa.Engine, tmp_path: Path
) -> None:
    prepare_warehouse(engine, catalogue.contracts.values())
    path = packed_sample(catalogue.contracts["true_vision_reports"], "good", tmp_path)
    environment = bucket.environment(bucket_hub)

    def run(**other: str) -> tuple[int, str, str]:
        command = [HUB, "ingest", "true_vision_reports", str(path)]
        done = subprocess.run(command, env={**environment, **other}, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    with proxy.failing(Plan(1.0, (Fault.BUSY,))):
        down = run()
    nowhere = run(HUB_STORE_URL="s3://no-such-bucket/x")
    wrong = run(HUB_STORE_OPTIONS_FILE=str(bucket.options(tmp_path, access_key_id="HUBTESTKEY99999999")))
    for code, out, err in (down, nowhere, wrong):
        assert (code > 0, out, err.count("\n")) == (True, "", 1), err
        assert SECRET not in err
    code, out, err = run()
    assert (code, err) == (0, "")
    assert '"loaded"' in out
