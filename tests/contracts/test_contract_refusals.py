"""A contract that cannot be used is refused by name: the message says which key is wrong, and other feeds stay."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from contracts.samples import EXPECTATIONS
from hub.contracts.model import read_catalogue, read_contract
from hub.contracts.values import ContractRefused

Document = dict[str, Any]


@pytest.fixture(scope="module")
def whole() -> Document:
    text = (EXPECTATIONS / "force_responses" / "contract.yaml").read_text(encoding="utf-8")
    return dict(yaml.safe_load(text))


def write(document: Document, folder: Path) -> Path:
    path = folder / "force_responses" / "contract.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def columns(document: Document) -> list[Document]:
    return list(document["schema"][0]["properties"])


def rule(document: Document) -> Document:
    return dict(columns(document)[1]["quality"][0])


def set_rule(**changes: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        entry = columns(document)[1]["quality"][0]
        for key, value in changes.items():
            target = entry if key in ("name", "engine") else entry["implementation"]
            target[key] = value

    return change


def set_top(**changes: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document.update(changes)

    return change


def set_column(**changes: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        columns(document)[0].update(changes)

    return change


def add_custom(name: str, value: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document["customProperties"] = [item for item in document["customProperties"] if item["property"] != name]
        document["customProperties"].append({"property": name, "value": value})

    return change


def drop_custom(name: str) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document["customProperties"] = [item for item in document["customProperties"] if item["property"] != name]

    return change


PAIR_WITH_CONDITION = {
    "column_A": "kind",
    "column_B": "force_code",
    "value_pairs_set": [["outcome", "kent"]],
    "row_condition": "kind == 'outcome'",
}


def repeat_column(document: Document) -> None:
    document["schema"][0]["properties"].append(copy.deepcopy(columns(document)[0]))


def repeat_header(document: Document) -> None:
    columns(document)[1]["physicalName"] = "response_ref"


def repeat_rule(document: Document) -> None:
    columns(document)[2]["quality"] = [copy.deepcopy(rule(document))]


def add_sla(document: Document) -> None:
    document["slaProperties"].append({"property": "retention", "value": 3, "unit": "y"})


def slow_sla(document: Document) -> None:
    document["slaProperties"][0]["unit"] = "fortnight"


def without_mostly(document: Document) -> None:
    del document["schema"][0]["quality"][1]["implementation"]["kwargs"]["mostly"]


def row_count(limits: dict[str, int]) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        (rule,) = (one["implementation"] for one in document["schema"][0]["quality"] if "row_count" in str(one))
        rule["kwargs"] = limits

    return change


def share(name: str, value: Any) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document["schema"][0]["quality"][1]["customProperties"] = [{"property": name, "value": value}]

    return change


def minimum_of_a_row(document: Document) -> None:
    columns(document)[1]["quality"][0]["customProperties"] = [{"property": "minimumRows", "value": 20}]


def column_of_two(document: Document) -> None:
    columns(document)[0]["customProperties"] = [{"property": "unitOfMeasure", "value": "m"}]


def times(logical_type: str = "date", minimum: object = "2016-01-01", **custom: object) -> Callable[[Document], None]:
    """Make the first column one of another type, with these custom properties."""

    def change(document: Document) -> None:
        column = columns(document)[0]
        is_timed = logical_type in ("date", "timestamp")
        column.update(logicalType=logical_type, logicalTypeOptions={"minimum": minimum} if is_timed and minimum else {})
        column["customProperties"] = [{"property": name, "value": value} for name, value in custom.items()]

    return change


def limits(logical_type: str, **options: object) -> Callable[[Document], None]:
    return set_column(logicalType=logical_type, logicalTypeOptions=options)


def frequency(value: object) -> Callable[[Document], None]:
    def change(document: Document) -> None:
        document["slaProperties"][0]["value"] = value

    return change


def token_beside(document: Document) -> None:
    columns(document)[0]["classification"] = "personal"
    columns(document)[1].update(name="response_ref_token", quality=[])


MONTHS = {"pattern": "^20[0-9]{4}$", "format": "yyyyMM", "minimum": "2008-01-01", "maximum": 100}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (set_top(id="forces"), "id is 'forces'"),
        (set_top(retryDelay=30), "retryDelay"),
        (set_top(apiVersion="v9.9.9"), "v9.9.9"),
        (set_top(schema=[]), "schema must hold exactly one object"),
        (set_top(team={"name": "Nobody", "members": []}), "role: owner"),
        (set_top(description={"usage": "none"}), "description.purpose"),
        (set_top(name="  "), "name must be given"),
        (add_custom("operator", "PythonOperator"), "nothing reads operator"),
        (drop_custom("sender"), "customProperties.sender must be given"),
        (lambda document: document["customProperties"].extend(document["customProperties"]), "is there more than once"),
        (add_custom("joinsNothing", 3), "customProperties.joinsNothing must be str"),
        (add_custom("fileForm", {"formats": ["xml"], "rowPath": "response", "sheet": 1}), "nothing reads sheet"),
        (add_custom("fileForm", {"formats": ["xml"]}), "rowPath"),
        (add_custom("fileForm", {"formats": ["csv", "jsonl"]}), "formats"),
        (add_custom("fileForm", {"formats": ["xlsx"]}), "xlsx"),
        (add_custom("fileForm", {"formats": ["csv"], "compression": "rar"}), "rar"),
        (add_custom("fileForm", {"formats": ["jsonl"], "compression": "zip", "parts": True}), "parts is for csv"),
        (add_custom("fileForm", {"formats": ["csv"], "engine": "spark"}), "for a file in parts"),
        (add_custom("fileForm", {"formats": ["csv"], "engine": "duckdb"}), "engine knows pandas and spark"),
        (add_custom("fileForm", {"formats": ["csv"], "engineFromMegabytes": 1}), "goes with engine: spark"),
        (add_custom("recordIdentity", {"key": "response_ref"}), "separateWhenEmpty"),
        (add_custom("recordIdentity", {"separateWhenEmpty": "nowhere"}), "'nowhere'"),
        (add_custom("eventColumn", "nowhere"), "'nowhere'"),
        (add_custom("eventColumn", "kind"), "eventColumn: kind is no date or timestamp"),
        (add_custom("fileNamePattern", r"^x_(?P<period>\d+)\.xml$"), "the group period lets in"),
        (add_custom("rejectedRows", {"mostShare": 0.1}), "rejectedRows.because"),
        (add_custom("rejectedRows", {"mostShare": 20, "because": "so"}), "rejectedRows.mostShare"),
        (add_custom("rejectedRows", {"minimumRows": 0, "because": "so"}), "rejectedRows.minimumRows"),
        (add_custom("rejectedRows", {"share": 0.1, "because": "so"}), "nothing reads share"),
        (add_custom("delivery", "additions"), "customProperties.delivery knows one value, snapshot"),
        (add_custom("mostWithdrawn", 0.5), "customProperties.mostWithdrawn"),
        (set_rule(type="rows_of_a_key_agree"), "engine hub"),
        (set_rule(type="rows_of_a_key_agree", engine="hub"), "kwargs.key"),
        (set_rule(type="rows_of_a_key_agree", engine="hub", kwargs={"key": ["nowhere"]}), "'nowhere'"),
        (add_custom("fileNamePattern", "(["), "fileNamePattern"),
        (add_custom("fileNamePattern", "(?P<mood>x)"), "mood"),
        (add_sla, "slaProperties"),
        (slow_sla, "slaProperties.frequency"),
        (set_column(name="Response Ref"), "'Response Ref'"),
        (set_column(description=""), "response_ref"),
        (set_column(logicalType="time", logicalTypeOptions={}), "'time'"),
        (set_column(classification="secret"), "'secret'"),
        (set_column(colour="red"), "colour"),
        (set_column(logicalTypeOptions={"format": "uuid"}), "format"),
        (set_column(logicalType="date", logicalTypeOptions={"format": "yy-M-d"}), "yy is not read"),
        (set_column(logicalType="date", logicalTypeOptions={"format": "dd/MMM/yyyy"}), "MMM is not read"),
        (set_column(logicalType="date", logicalTypeOptions={"format": "dd/MM/yyyy HH:mm"}), "has a time of day"),
        (set_column(logicalType="timestamp", logicalTypeOptions={"format": "dd/MM/yyyy"}), "has no time of day"),
        (set_column(logicalType="integer", logicalTypeOptions={"format": "phone"}), "format"),
        (set_column(logicalType="integer", logicalTypeOptions={"multipleOf": 2}), "multipleOf"),
        (column_of_two, "unitOfMeasure"),
        (times("date", minimum=None), "response_ref: logicalTypeOptions.minimum must be given"),
        (times("timestamp", minimum=None), "response_ref: logicalTypeOptions.minimum must be given"),
        (times("date", minimum="the first"), "response_ref: logicalTypeOptions.minimum must be given"),
        (times(mayLieAhead={"days": 366}), "mayLieAhead needs days and because"),
        (times(mayLieAhead={"days": 366, "because": " "}), "mayLieAhead needs days and because"),
        (times(mayLieAhead={"days": 0, "because": "it is planned"}), "mayLieAhead.days"),
        (times(mayLieAhead={"days": 40_000, "because": "it is planned"}), "mayLieAhead.days"),
        (times("string", mayLieAhead={"days": 366, "because": "it is planned"}), "for times only"),
        (times("object", collectsHeaders="^20[0-9]{4}$"), "collectsHeaders needs"),
        (times("object", collectsHeaders=MONTHS | {"minimum": "2008"}), "collectsHeaders.minimum must be given"),
        (times("object", collectsHeaders=MONTHS | {"maximum": "many"}), "collectsHeaders.maximum"),
        (times("object", collectsHeaders=MONTHS | {"format": "yymm"}), "yymm"),
        (repeat_column, "response_ref"),
        (repeat_header, "response_ref"),
        (repeat_rule, "force_code.known"),
        (set_rule(name="Known!"), "'Known!'"),
        (set_rule(engine="soda"), "force_code.known"),
        (set_rule(severity="low"), "severity"),
        (set_rule(type="expect_good_weather"), "expect_good_weather"),
        (set_rule(meta={}), "because"),
        (set_rule(meta={"because": "it must", "owner": "me"}), "because"),
        (set_rule(kwargs={"value_set": ["a"], "mostly": 0.9}), "mostly"),
        (set_rule(kwargs={"column": "nowhere", "value_set": ["a"]}), "'nowhere'"),
        (
            set_rule(type="expect_column_pair_values_to_be_in_set", kwargs=PAIR_WITH_CONDITION),
            "row_condition is not heeded",
        ),
        (without_mostly, "needs mostly"),
        (row_count({"minimum": 1}), "are min_value and max_value"),
        (row_count({}), "are min_value and max_value"),
        (share("maximumRows", 20), "nothing reads customProperties maximumRows"),
        (share("minimumRows", 0), "whole number above zero"),
        (share("minimumRows", True), "whole number above zero"),
        (share("minimumRows", "20"), "whole number above zero"),
        (add_custom("rejectedRows", {"mostRows": 0, "because": "so"}), "rejectedRows.mostRows must be a whole number"),
        (minimum_of_a_row, "minimumRows is for rules of the delivery"),
        (set_rule(kwargs=["a"]), "cannot be read"),
        (set_rule(meta=5), "cannot be read"),
        (set_rule(meta=["because"]), "cannot be read"),
        (set_rule(kwargs={"column": ["a"], "value_set": ["a"]}), "cannot be read"),
        (add_custom("fileForm", {"formats": [["csv"]]}), "cannot be read"),
        (add_custom("recordIdentity", {"separateWhenEmpty": ["a"]}), "cannot be read"),
        (times("object", collectsHeaders=MONTHS | {"pattern": "("}), "collectsHeaders.pattern is not a regular"),
        (times("string", headerAliases=5), "headerAliases must be a list of header names"),
        (times("string", mayBeAbsent="false"), "mayBeAbsent is 'false'; it must be true or false"),
        (add_custom("fileForm", {"formats": ["csv"], "controlFile": "false"}), "controlFile is 'false'"),
        (set_column(name="ctid"), "PostgreSQL has a column of this name"),
        (set_column(name=f"a{'b' * 58}", classification="personal"), "is longer than 63"),
        (token_beside, "column of raw response_ref_token stands there twice"),
        (set_rule(type="expect_column_values_to_match_regex", kwargs={}), "kwargs.regex is not a regular"),
        (set_rule(type="expect_column_values_to_not_match_regex", kwargs={"regex": "("}), "kwargs.regex is not"),
        (set_column(logicalTypeOptions={"pattern": "("}), "logicalTypeOptions.pattern is not a regular"),
        (set_column(logicalTypeOptions={"minLength": 5, "maxLength": 4}), "the minimum 5 is above the maximum 4"),
        (limits("date", minimum="2016-W01-1"), "minimum must be given, as a day"),
        (limits("timestamp", minimum="2016-01-01", maximum="never"), "maximum must be given, as a day"),
        (limits("timestamp", minimum="2016-01-01", maximum="01/02/2027"), "maximum must be given, as a day"),
        (limits("date", minimum="2016-01-02", maximum="2016-01-01"), "is above the maximum"),
        (limits("integer", minimum=2, maximum=1), "the minimum 2 is above the maximum 1"),
        (frequency(0), "frequency needs a whole value from 1"),
        (frequency(True), "frequency needs a whole value from 1"),
    ],
)
def test_a_wrong_contract_is_refused_by_the_key_that_is_wrong(
    whole: Document, tmp_path: Path, change: Callable[[Document], None], named: str
) -> None:
    document = copy.deepcopy(whole)
    change(document)
    with pytest.raises(ContractRefused) as refusal:
        read_contract(write(document, tmp_path))
    assert named in str(refusal.value)


def test_the_contract_that_the_changes_start_from_holds(whole: Document, tmp_path: Path) -> None:
    assert read_contract(write(copy.deepcopy(whole), tmp_path)).feed == "force_responses"


def test_a_refused_contract_leaves_the_other_feeds_up(whole: Document, tmp_path: Path) -> None:
    write(whole, tmp_path)
    (tmp_path / "broken_feed").mkdir()
    (tmp_path / "broken_feed" / "contract.yaml").write_text("kind: [", encoding="utf-8")
    (tmp_path / "empty_feed").mkdir()
    (tmp_path / "Bad Name").mkdir()
    catalogue = read_catalogue(tmp_path)
    assert set(catalogue.contracts) == {"force_responses"}
    assert set(catalogue.refusals) == {"broken_feed", "empty_feed", "Bad Name"}
    assert "contract.yaml is missing" in catalogue.refusals["empty_feed"]


def test_an_unquoted_date_is_read_as_it_is_written(whole: Document, tmp_path: Path) -> None:
    document = copy.deepcopy(whole)
    limits("date", minimum="2016-01-01")(document)
    path = write(document, tmp_path)
    quoted = path.read_text(encoding="utf-8")
    path.write_text(quoted.replace("minimum: '2016-01-01'", "minimum: 2016-01-01"), encoding="utf-8")
    assert path.read_text(encoding="utf-8") != quoted
    assert read_contract(path).columns[0].minimum == "2016-01-01"


def test_all_records_may_be_withdrawn_where_the_contract_says_1(whole: Document, tmp_path: Path) -> None:
    document = copy.deepcopy(whole)
    add_custom("delivery", "snapshot")(document)
    add_custom("mostWithdrawn", 1)(document)
    assert read_contract(write(document, tmp_path)).most_withdrawn == 1
