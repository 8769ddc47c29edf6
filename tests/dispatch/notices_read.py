"""What a provider reads of notices, in every form: JSON, PDF, and XARF by its official schemas and the proposed one."""

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema
import jsonschema_rs
from jsonschema.protocols import Validator
from pypdf import PdfReader
from referencing import Registry, Resource

from dispatch.conftest import PROVIDER, Hub
from dispatch.notices_world import PLAIN
from dispatch.openpgp import documents
from hub.dispatch import package

PROPOSED = Path(package.__file__).with_name("xarf-content-hate_speech.schema.json")


def squeezed(text: str) -> str:
    """Without what a printed line adds or takes: blanks, and signs that show nothing."""
    return re.sub(r"[\s\u00ad\u200b\u202a-\u202e\u2060-\u2069\ufeff\x00-\x1f\x7f]", "", text)


def printed(document: bytes) -> str:
    """What can be read of a PDF, without the lines that each page repeats."""
    pages = [page.extract_text().splitlines() for page in PdfReader(io.BytesIO(document)).pages]
    repeated = {re.sub(r"\d+", "0", line) for line in pages[0]} if len(pages) > 1 else set[str]()
    for lines in pages[1:]:
        repeated &= {re.sub(r"\d+", "0", line) for line in lines}
    return squeezed("".join(line for lines in pages for line in lines if re.sub(r"\d+", "0", line) not in repeated))


def texts(said: Any) -> Iterator[str]:
    """Every text in a document, keys left out."""
    if isinstance(said, str):
        yield said
    elif isinstance(said, Mapping):
        yield from (one for value in said.values() for one in texts(value))
    elif isinstance(said, Sequence):
        yield from (one for value in said for one in texts(value))


@cache
def xarf_schemas() -> dict[str, Any]:
    """The official schemas of XARF, and the one that the hub proposes."""
    folder = resources.files("xarf") / "schemas"
    files = [folder / "xarf-core.json", folder / "types" / "content-base.json"]
    read = [json.loads(one.read_text(encoding="utf-8")) for one in files]
    return {one["$id"]: one for one in [*read, json.loads(PROPOSED.read_text())]}


@cache
def xarf_validators() -> list[Validator]:
    """By which each report has to hold, with formats as far as this library knows them."""
    known = [(name, Resource.from_contents(one)) for name, one in xarf_schemas().items()]
    registry: Registry[Any] = Registry().with_resources(known)
    formats = jsonschema.Draft202012Validator.FORMAT_CHECKER
    return [
        jsonschema.Draft202012Validator(one, registry=registry, format_checker=formats)
        for one in xarf_schemas().values()
    ]


@cache
def strict_validators() -> list[jsonschema_rs.Draft202012Validator]:
    """The same by a second library, which knows all formats."""
    registry = jsonschema_rs.Registry(list(xarf_schemas().items()))
    return [
        jsonschema_rs.Draft202012Validator(one, registry=registry, validate_formats=True)
        for one in xarf_schemas().values()
    ]


def xarf_faults(report: Mapping[str, Any]) -> list[str]:
    """What is wrong in a report, by both libraries; not that an address is no URI, which is sent as it was reported."""
    said = [f"{one.json_path}: {one.message}" for each in xarf_validators() for one in each.iter_errors(report)]
    more = [one for each in strict_validators() for one in each.iter_errors(report)]
    return said + [
        f"{one.instance_path}: {one.message}"
        for one in more
        if not (one.instance_path == ["url"] and one.message.endswith('is not a "uri"') and report["url"] not in PLAIN)
    ]


@dataclass(frozen=True)
class Told:
    """All forms in which a recipient has a package."""

    name: str
    text: str
    pdf: bytes
    xarf: bytes | None

    @property
    def said(self) -> dict[str, Any]:
        return dict(json.loads(self.text))

    @property
    def addresses(self) -> list[str]:
        return [one["address"] for one in self.said["objects"] if one["address"] is not None]

    @property
    def reports(self) -> list[dict[str, Any]]:
        """Its reports by XARF, a line each."""
        return [json.loads(line) for line in (self.xarf or b"").splitlines()]

    @property
    def words(self) -> str:
        """All that can be read of it in any form."""
        return "\n".join([*texts(self.said), printed(self.pdf), *texts(self.reports)])


def told(files: Mapping[str, bytes]) -> dict[str, Told]:
    """Each allocation's package, of the files that lie somewhere."""
    found = {}
    for name, content in files.items():
        if not re.fullmatch(r"[0-9a-f-]{36}\.json", name):
            continue
        one = name.removesuffix(".json")
        xarf = files.get(f"{one}.xarf.jsonl")
        made = Told(one, content.decode(), files[f"{one}.pdf"], xarf)
        assert made.said["dispatch"]["allocation_id"] not in found, "it lies there in two versions"
        found[made.said["dispatch"]["allocation_id"]] = made
    assert len(files) == sum(3 if one.xarf is not None else 2 for one in found.values()), sorted(files)
    return found


def lying(hub: Hub, code: str = PROVIDER) -> dict[str, Told]:
    """What lies in a recipient's folder."""
    return told(documents(hub.settings.pickup_folder / code))
