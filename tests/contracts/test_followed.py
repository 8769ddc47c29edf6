"""What a contract says of rows that are followed: it is read whole, and refused where the others could be lost."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.samples import EXPECTATIONS
from hub.contracts.model import read_contract
from hub.contracts.values import ContractRefused

Document = dict[str, Any]
FEED = "provider_statements"


@pytest.fixture(scope="module")
def whole() -> Document:
    return dict(yaml.safe_load((EXPECTATIONS / FEED / "contract.yaml").read_text(encoding="utf-8")))


def custom(document: Document, name: str) -> Document:
    return next(one for one in document["customProperties"] if one["property"] == name)


def column(document: Document, name: str) -> Document:
    return next(one for one in document["schema"][0]["properties"] if one["name"] == name)


def set_followed(**changes: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        custom(document, "followed")["value"] |= changes

    return change


def set_column(name: str, **changes: Any) -> Callable[[Document], None]:
    return lambda document: column(document, name).update(changes)


def without_sender(document: Document) -> None:
    document["customProperties"].remove(custom(document, "senderColumn"))


def as_snapshot(document: Document) -> None:
    document["customProperties"].append({"property": "delivery", "value": "snapshot"})


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (set_followed(because=" "), "followed.because must say why"),
        (set_followed(colour="red"), "followed has the keys"),
        (set_followed(anyOf=[]), "followed.anyOf is a list"),
        (set_followed(anyOf=[{}]), "an entry without a value would follow every row"),
        (set_followed(anyOf=[{"kind": "A"}]), "kind is not in followed.columns"),
        (set_followed(columns={"category": ["rank"], "keyword": ["category"]}), "column 'rank' is not in the schema"),
        (set_followed(sumBy=["source_identity"]), "source_identity is personal"),
        (set_followed(sumBy=[]), "followed.sumBy is a list of columns"),
        (set_followed(day="category"), "category is no date or timestamp"),
        (set_followed(day="end_date_account_restriction"), "is not required"),
        (without_sender, "followed needs senderColumn"),
        (as_snapshot, "followed is for no snapshot"),
        (set_column("uuid", unique=False), "a primary key of one column"),
        (set_column("platform_uid", unique=True), "platform_uid is unique"),
        (set_column("content_type", logicalType="object"), "content_type is an object"),
    ],
)
def test_a_rule_that_would_lose_rows_or_values_is_refused(
    whole: Document, tmp_path: Path, change: Callable[[Document], None], named: str
) -> None:
    document = copy.deepcopy(whole)
    change(document)
    if named == "content_type is an object":
        column(document, "content_type").pop("quality")
    path = tmp_path / FEED / "contract.yaml"
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    with pytest.raises(ContractRefused) as refusal:
        read_contract(path)
    assert named in str(refusal.value)


def test_a_sum_is_of_one_sender_and_day() -> None:
    followed = read_contract(EXPECTATIONS / FEED / "contract.yaml").followed
    assert followed is not None
    assert (followed.sender, followed.day) == ("platform_name", "created_at")
    assert followed.sum_by[0] == "platform_name"
