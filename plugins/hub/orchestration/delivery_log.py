"""What a task says of each file in its log and in Airflow's pages: its name, what became of it, and what to do next."""

import logging

from hub.deliveries import DeliveryResult, DeliveryStatus, Receipt

LOG = logging.getLogger(__name__)

LABEL_LENGTH = 250
"""In characters; Airflow keeps no longer label of a mapped task, and a file name may have 255."""

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


def label(file_name: str, result: DeliveryResult | None = None) -> str:
    """What Airflow shows of a load: ``<file>`` while it runs, then ``<file>: <state>, <n> rows quarantined``."""
    became = f": {result.status}" if result else ""
    if result and result.rows_quarantined:
        became += f", {result.rows_quarantined} rows quarantined"
    space = LABEL_LENGTH - len(became)
    return (file_name if len(file_name) <= space else f"{file_name[: space - 1]}…") + became


def next_step(result: DeliveryResult) -> str | None:
    """What somebody is to do about a delivery; None where nothing is."""
    if result.rows_quarantined:
        return f"look at the bad rows: hub quarantine list --feed {result.feed}"
    step = NEXT_STEPS.get(result.status)
    return step.format(delivery_id=result.delivery_id) if step else None
