"""Notices of a hub that has loaded files, built and published. No notice names anybody who was attacked, also when a
force is told persons; the addresses are those in the files; and packages from before notices still name persons."""

import json

import pytest
import sqlalchemy as sa

from dispatch.notices_read import Told, printed, told, xarf_faults
from dispatch.openpgp import documents, read
from hub.dispatch import ledger
from hub.dispatch.package import SCHEMA
from models.persons_hub import Hub, found_in, personal
from models.persons_world import LONDON, World

PROVIDER = "x"
pytestmark = pytest.mark.long


def add_provider(hub: Hub, *, is_sealed: bool) -> None:
    """Let the provider itself take its notices, with XARF."""
    notices = {"notifier": "Online Hate Crime Hub", "contact": "notices@hub.example", "xarf": True}
    hub.recipient(PROVIDER, "provider", PROVIDER, encrypted=is_sealed, kind="provider", notices=notices)


def opened(hub: Hub) -> dict[str, Told]:
    """What lies in the provider's folder, in clear."""
    files = documents(hub.settings.pickup_folder / PROVIDER)
    if key := hub.keys.get(PROVIDER):
        assert all(name.endswith(".pgp") for name in files)
        files = {name.removesuffix(".pgp"): read(key, content) or b"" for name, content in files.items()}
    return told(files)


@pytest.mark.parametrize("is_sealed", [False, True], ids=["open", "sealed"])
def test_no_victim_and_no_reporter_is_in_what_a_provider_is_told(
    persons_hub: tuple[Hub, World], is_sealed: bool
) -> None:
    hub, world = persons_hub
    hub.london()
    add_provider(hub, is_sealed=is_sealed)
    hub.change_publish("is_personal_data_shareable = true")
    hub.prepare()
    hub.send()
    reports = [report for file in (*world.built, *world.unseen) for report in file.reports]
    words = personal(reports)
    texts = {report.row()["description"] for report in reports}
    found = opened(hub)
    assert len(found) > 5
    built = {report.key: report for file in world.built for report in file.reports}
    for one in found.values():
        said = one.said
        keys = [(each["feed"], each["report_ref"]) for each in said["evidence"]]
        assert found_in(one.words, words) == set()
        assert found_in(one.words, texts) == set()
        assert (said["persons"], said["persons_left_out"], said["locations"]) == ([], "not_encrypted", [])
        urls = {built[key].row()["content_url"] for key in keys if built[key].platform == PROVIDER}
        assert sorted(one.addresses) == sorted(urls)
        assert ("notice" in said) == (said["decision"]["duty"] == "removal")
        assert sorted(each["url"] for each in one.reports) == (sorted(urls) if "notice" in said else [])
        assert not any(xarf_faults(each) for each in one.reports)
    assert {"notice" in one.said for one in found.values()} >= {True}
    sealed = [hub.open(one) for one in hub.dispatches() if one.recipient == LONDON]
    assert any(each.named for each in sealed), "the force is told of them"
    assert not any("https://" in each.text + each.pdf for each in sealed)


def test_a_package_of_a_force_from_before_there_were_notices_names_whom_it_may(
    persons_hub: tuple[Hub, World],
) -> None:
    hub, _ = persons_hub
    hub.london()
    hub.prepare()
    older = "urn:hate-crime-hub:dispatch-package:1.1"
    with hub.owner.begin() as connection:
        connection.execute(
            sa.text("update ledger.dispatches set package = replace(package, :new, :old)"),
            {"new": older.replace("1.1", "1.2"), "old": older},
        )
        assert older in ledger.package_of(connection, hub.dispatches()[0].dispatch_id)
    hub.send()
    schema = json.loads((hub.folder() / SCHEMA.name).read_text())
    assert older in schema["properties"]["schema"]["enum"]
    sent = [hub.open(one) for one in hub.dispatches() if one.recipient == LONDON]
    assert {one.said["schema"] for one in sent} == {older}
    assert sum(bool(one.named) for one in sent) > 10
    assert all("notice" not in one.said for one in sent)
    assert printed(hub.document(f"{hub.dispatches()[0].dispatch_id}.pdf"))
