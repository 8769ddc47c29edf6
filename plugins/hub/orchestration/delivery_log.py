"""A line in the task's log for each file: its name, what became of it, and what to do next."""

import logging

from hub.deliveries import DeliveryResult, DeliveryStatus, Receipt

LOG = logging.getLogger(__name__)

NEXT_STEPS = {
    DeliveryStatus.HELD: "a person releases or rejects it: DAG release_quarantine, delivery_id {delivery_id}",
    DeliveryStatus.REFUSED: "the sender has to send it again, mended",
    DeliveryStatus.DUPLICATE: "nothing to do",
}


def tell(result: DeliveryResult) -> None:
    """Log one delivery; a warning where somebody has to do something about it."""
    needs_somebody = result.status in (DeliveryStatus.HELD, DeliveryStatus.REFUSED) or result.rows_quarantined
    LOG.log(logging.WARNING if needs_somebody else logging.INFO, "%s", line(result))


def tell_known(receipt: Receipt) -> None:
    """Log a file whose bytes were received before."""
    LOG.info("%s: the same bytes as delivery %s, which is %s", receipt.file_name, receipt.delivery_id, receipt.status)


def line(result: DeliveryResult) -> str:
    """``<file>: <state> (<reason>); <counts>; next: <step>``. Holds no value of a row."""
    parts = [f"{result.file_name}: {result.status}" + (f" ({result.reason})" if result.reason else "")]
    if result.rows_read:
        parts.append(
            f"{result.rows_read} rows read, {result.rows_accepted} accepted, {result.rows_quarantined} quarantined, "
            f"{result.rows_duplicate} duplicate"
        )
    if result.records_new is not None:
        parts.append(
            f"{result.records_new} records new, {result.records_changed} changed, "
            f"{result.records_withdrawn} withdrawn, {result.records_unchanged} unchanged"
        )
    if step := next_step(result):
        parts.append(f"next: {step}")
    return "; ".join(parts)


def next_step(result: DeliveryResult) -> str | None:
    """What somebody is to do about a delivery; None where nothing is."""
    if result.rows_quarantined:
        return f"look at the bad rows: hub quarantine list --feed {result.feed}"
    step = NEXT_STEPS.get(result.status)
    return step.format(delivery_id=result.delivery_id) if step else None
