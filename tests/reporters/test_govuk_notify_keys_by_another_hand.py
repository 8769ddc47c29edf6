"""Keys and templates of GOV.UK Notify as operators get them wrong: a stranger's proof of docs/updates.md."""

import json
import os
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from hub.reporters.carriers import ByMail, ByNotify, Letter, NotReady
from hub.reporters.rules import RulesRefused, read_rules
from hub.settings import read_settings
from reporters.govuk_notify import KEY, SECRET, SERVICE, TEMPLATE
from reporters.odd_notify import Server

EMAIL = "robin.sample@example.org"


def letter() -> Letter:
    return Letter(uuid.uuid4(), EMAIL, "subject", "words", datetime(2026, 12, 1, 9, tzinfo=UTC))


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as made:
        yield made


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "notify"
    path.write_text(KEY + "\n")
    return path


KEYS = {
    "no uuids": b"the_hub-one-two",
    "one uuid": f"{SERVICE}".encode(),
    "other text": b"\xff\xfe\x00" + KEY.encode("utf-16-le"),
    "two lines": f"{KEY}\n{KEY[:-1]}0\n".encode(),
    "a nul": KEY.encode() + b"\x00",
    "a line within": KEY.replace("-", "-\n", 1).encode(),
    "not ascii": KEY[:-1].encode() + "é".encode(),
    "very long": b"x" * 5_000_000,
    "blank": b" \n",
}


@pytest.mark.parametrize("content", KEYS)
def test_a_key_that_cannot_be_one_is_named_by_its_file_alone_and_nothing_is_asked(
    server: Server, key: Path, content: str
) -> None:
    key.write_bytes(KEYS[content])
    with pytest.raises(NotReady) as problem:
        ByNotify(TEMPLATE, key, server.address).take(letter())
    assert "secrets/updates/notify" in str(problem.value)
    assert problem.value.__context__ is None
    assert SECRET not in str(problem.value)
    assert server.came == []


@pytest.mark.parametrize("kind", ["folder", "pipe", "link to nothing"])
def test_what_is_no_file_is_no_key(server: Server, key: Path, kind: str) -> None:
    key.unlink()
    make: dict[str, Callable[[], object]] = {
        "folder": key.mkdir,
        "pipe": lambda: os.mkfifo(key),
        "link to nothing": lambda: key.symlink_to("nowhere"),
    }
    make[kind]()
    for carrier in (ByNotify(TEMPLATE, key, server.address), ByMail("updates@hub.example", key)):
        with pytest.raises(NotReady):
            carrier.take(letter())


@pytest.mark.parametrize("ending", ["", "\n", "\r\n", " \n\n"])
def test_how_an_editor_ends_the_key_does_not_matter(server: Server, key: Path, ending: str) -> None:
    key.write_bytes((KEY + ending).encode())
    ByNotify(TEMPLATE, key, server.address).take(letter())
    assert json.loads(server.posts[0])["email_address"] == EMAIL


@pytest.mark.parametrize(
    "template",
    [TEMPLATE.replace("-", ""), f"{{{TEMPLATE}}}", f"urn:uuid:{TEMPLATE}", f"{TEMPLATE}\n", f"{TEMPLATE}/x", 5, None,
     [TEMPLATE], TEMPLATE.upper().replace("3", "a")],
)  # fmt: skip
def test_a_template_is_refused_or_handed_on_as_notify_writes_ids(tmp_path: Path, template: object) -> None:
    settings = read_settings({"HUB_HOME": str(tmp_path)})
    said = {"since": "2026-12-01", "help": "x", "notify": {"template": template, "key": "notify"}}
    settings.updates.write_text(yaml.safe_dump(said))
    try:
        rules = read_rules(settings)
    except RulesRefused:
        return
    assert rules is not None
    assert isinstance(rules.carrier, ByNotify)
    assert rules.carrier.template == str(uuid.UUID(str(template)))
