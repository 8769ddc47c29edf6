"""How often a delivery broke which rule → a page of Great Expectations' Data Docs: counts and shares, never a value.

Chunks are validated one by one and their counts added up, so no result of Great Expectations is of a whole delivery:
it is put together from the sums. A rule is shown by its name and reason, as in quarantine and error files.
"""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from hub.contracts.model import Contract
from hub.contracts.rules import COMPUTED_BY_THE_HUB
from hub.ingest.validation.chunks import reasons_of_rows
from hub.ingest.validation.expectations import load_great_expectations, new_context

STYLE = Path(__file__).with_name("page_style")
OF_THE_HUB = "expect_column_values_to_be_of_type"
"""Stands for a rule that the hub computes itself. Of an expectation with a description, nothing else is shown."""


@dataclass(frozen=True)
class Validated:
    """A delivery whose rows were validated ``at`` a time: of each rule, how many rows were held against it and how many
    break it."""

    contract: Contract
    delivery_id: uuid.UUID
    at: datetime
    rule_counts: Mapping[str, Sequence[int]]


class PageMissing(RuntimeError):
    """Great Expectations, which only logs what it cannot show, wrote no page; the message says of which delivery."""


def write_pages(validated: Iterable[Validated], folder: Path) -> dict[uuid.UUID, Path]:
    """Write a page for each delivery somewhere under ``folder``; where it is, by delivery. Raises
    :class:`PageMissing`."""
    gx = load_great_expectations()
    resources = gx.data_context.types.resource_identifiers
    context = new_context(plugins_directory=STYLE)
    store = {"class_name": "TupleFilesystemStoreBackend", "base_directory": str(folder)}
    context.add_data_docs_site("hub", {"class_name": "SiteBuilder", "store_backend": store})
    expected = []
    for one in validated:
        suite = resources.ExpectationSuiteIdentifier(one.contract.feed)
        run = gx.core.RunIdentifier(run_name=str(one.delivery_id), run_time=one.at)
        key = resources.ValidationResultIdentifier(suite, run, "delivery")
        context.validation_results_store.add(key, _results(one))
        expected.append(one.delivery_id)
    context.build_data_docs(build_index=False)
    pages = {uuid.UUID(path.parts[-3]): path for path in folder.glob("validations/*/*/*/*.html")}
    if missing := [str(one) for one in expected if one not in pages]:
        raise PageMissing(f"there is no page of {', '.join(missing)}")
    return pages


def _results(delivery: Validated) -> Any:
    gx = load_great_expectations()
    results = [_result(delivery.contract, name, *counts) for name, counts in sorted(delivery.rule_counts.items())]
    kept = sum(result.success for result in results)
    return gx.core.ExpectationSuiteValidationResult(
        success=kept == len(results),
        results=results,
        suite_name=delivery.contract.feed,
        statistics={
            "evaluated_expectations": len(results),
            "successful_expectations": kept,
            "unsuccessful_expectations": len(results) - kept,
            "success_percent": 100 * kept / len(results) if results else None,
        },
        meta={
            "great_expectations_version": gx.__version__,
            "run_id": gx.core.RunIdentifier(run_name=str(delivery.delivery_id), run_time=delivery.at),
            # A feed is the data asset, a delivery one batch of it. The page takes the name from here.
            "batch_spec": {"data_asset_name": delivery.contract.feed},
        },
    )


def _result(contract: Contract, name: str, looked_at: int, failed: int) -> Any:
    """One rule's result. One about the delivery is kept where so many rows keep it as the contract asks for."""
    gx = load_great_expectations()
    rules = {rule.name: rule for rule in (*contract.row_rules, *contract.delivery_rules)}
    because = {name: reason for name, (reason, _) in reasons_of_rows(contract).items()}
    because |= {rule.name: rule.because for rule in contract.agreement_rules}
    because |= {rule.name: rule.because for rule in contract.delivery_rules}
    rule = rules.get(name)
    shown: dict[str, Any] = {"type": OF_THE_HUB, "kwargs": {"column": name.rpartition(".")[0], "type_": ""}}
    if rule is not None and rule.expectation not in COMPUTED_BY_THE_HUB:
        shown = {"type": rule.expectation, "kwargs": rule.kwargs}
    needed, least = (1.0, 1) if rule is None else (rule.mostly, rule.minimum_rows)
    configuration = gx.expectations.expectation_configuration.ExpectationConfiguration
    return gx.core.ExpectationValidationResult(
        success=looked_at < least or (looked_at - failed) / looked_at >= needed,
        expectation_config=configuration(**shown, description=": ".join(filter(None, (name, because.get(name))))),
        result={
            "element_count": looked_at,
            "unexpected_count": failed,
            "unexpected_percent": 100 * failed / looked_at if looked_at else 0.0,
        },
    )
