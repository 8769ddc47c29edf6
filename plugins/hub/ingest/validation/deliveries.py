"""Tallies of all chunks → why a delivery as a whole is held."""

from collections.abc import Mapping, Sequence

from hub.contracts.model import Contract
from hub.contracts.rules import ROW_COUNT
from hub.deliveries import RuleTally
from hub.ingest.validation.day_month import swapped_reasons

RULES_NAMED = 3


def delivery_problems(contract: Contract, tallies: Sequence[RuleTally], rows_read: int) -> list[str]:
    """The reasons for which the delivery as a whole is not plausible; empty when it is."""
    reasons = []
    for rule in contract.delivery_rules:
        if rule.expectation == ROW_COUNT:
            low, high = rule.kwargs.get("min_value"), rule.kwargs.get("max_value")
            if (low is not None and rows_read < low) or (high is not None and rows_read > high):
                reasons.append(f"{rule.name}: {rows_read} rows, where {rule.because}")
            continue
        looked_at = sum(tally.looked_at for tally in tallies if tally.rule == rule.name)
        failed = sum(tally.failed for tally in tallies if tally.rule == rule.name)
        if looked_at >= rule.minimum_rows and (looked_at - failed) / looked_at < rule.mostly:
            share = failed / looked_at
            reasons.append(f"{rule.name}: {share:.1%} of {looked_at} rows fail, where {rule.because}")
    return [*reasons, *swapped_reasons(contract, tallies)]


def rejection_problems(contract: Contract, rows_read: int, by_rule: Mapping[str, int]) -> list[str]:
    """The reason for which a delivery with so many rejected rows (``by_rule``: by the rule that each breaks) is held;
    empty where the contract allows them."""
    limit, rejected = contract.rejected_rows, sum(by_rule.values())
    if rows_read < limit.minimum_rows or rejected <= limit.most_share * rows_read:
        return []
    said = f"{rejected} of {rows_read} rows ({rejected / rows_read:.1%}) break a rule, most often {_named(by_rule)}"
    return [f"rows.rejected: {said}; at most {100 * limit.most_share:g}% may, because {limit.because}"]


def too_many_rejected(contract: Contract, rows_read: int, by_rule: Mapping[str, int]) -> str | None:
    """The reason for which a delivery is refused of which so many rows are rejected when ``rows_read`` of them are
    read; None where the contract allows them."""
    limit, rejected = contract.rejected_rows, sum(by_rule.values())
    if rejected <= limit.most_rows:
        return None
    said = f"{rejected} of the first {rows_read} rows break a rule, most often {_named(by_rule)}"
    return f"rows.rejected: {said}; at most {limit.most_rows} may"


def _named(by_rule: Mapping[str, int]) -> str:
    most = sorted(by_rule.items(), key=lambda one: (-one[1], one[0]))[:RULES_NAMED]
    return ", ".join(f"{rule} ({count})" for rule, count in most)
