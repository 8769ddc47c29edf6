"""The text of a contract as the standard's schema allows it."""

import functools
import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from open_data_contract_standard.model import OpenDataContractStandard

from hub.contracts.values import ContractRefused


@functools.cache
def _standard() -> dict[str, Any]:
    text: str = OpenDataContractStandard.json_schema()  # type: ignore[no-untyped-call]  # the library has no hint here
    return dict(json.loads(text))


@functools.cache
def _quick_validator() -> jsonschema_rs.Draft201909Validator:
    # Every process that works on deliveries reads all contracts; the validator below takes a second for that.
    return jsonschema_rs.Draft201909Validator(_standard())


class _Loader(yaml.CSafeLoader):
    """The safe loader, in C, that leaves dates as they are written: the standard's schema knows none."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as the class it extends has it
        first: [(tag, form) for tag, form in known if tag != "tag:yaml.org,2002:timestamp"]
        for first, known in yaml.CSafeLoader.yaml_implicit_resolvers.items()
    }


def read_document(path: Path) -> dict[str, Any]:
    """What the file says. Raises :class:`ContractRefused` where it is no YAML, or not of the standard's form."""
    if not path.is_file():
        raise ContractRefused("contract.yaml is missing")
    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe one
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ContractRefused(f"contract.yaml is not YAML: {error}") from error
    if not _quick_validator().is_valid(document):
        # Only where something is wrong: what it brings with it would slow the start of every command.
        import jsonschema  # noqa: PLC0415

        problems = jsonschema.Draft201909Validator(_standard()).iter_errors(document)
        problem = jsonschema.exceptions.best_match(problems)
        raise ContractRefused(f"{problem.json_path}: {problem.message}" if problem else "is not of the standard's form")
    return dict(document)
