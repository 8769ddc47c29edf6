"""What a delivery's state means, and what its owner is to do next, in words."""

from collections.abc import Iterable, Sequence

from hub.deliveries import DeliveryStatus
from hub.notifications.kinds import KINDS, Kind
from hub.page.values import Delivery

MEANINGS = {
    DeliveryStatus.RECEIVED: "The file is kept and waits for its load.",
    DeliveryStatus.LOADED: "All that the contract accepts is loaded.",
    DeliveryStatus.HELD: "The file can be read but is not plausible as a whole: nothing of it is loaded until a person "
    "decides.",
    DeliveryStatus.REFUSED: "The file cannot be taken: nothing of it is loaded.",
    DeliveryStatus.DUPLICATE: "The same bytes had come before: nothing is loaded a second time.",
    DeliveryStatus.SUPERSEDED: "A newer issue of the whole table has taken its place.",
    DeliveryStatus.WITHDRAWN: "It was loaded, and a person has taken it out again.",
}
NOTHING_TO_DO = "Nothing."
MADE_GOOD = "Nothing any more: a later file stands for it, or it came two weeks ago and nothing says for which day."
"""Of a refused delivery whose alert is closed."""


def meaning_of(delivery: Delivery) -> str:
    """What its state says of it."""
    meaning = MEANINGS[DeliveryStatus(delivery.status)]
    if delivery.has_open_rows:
        kept_out = f"{delivery.rows_quarantined:,} of {delivery.rows_read:,} rows break a rule and are kept out."
        return f"{meaning} {kept_out}"
    return meaning


def next_steps(delivery: Delivery, alerts: Iterable[str]) -> Sequence[str]:
    """What its owner is to do, given the kinds of its open alerts. Never empty."""
    alerts = list(alerts)
    if delivery.status == DeliveryStatus.REFUSED and not alerts:
        return [MADE_GOOD]
    kinds = [delivery.status, *(["quarantined"] if delivery.has_open_rows else []), *alerts]
    steps = [KINDS[kind].next_step for kind in dict.fromkeys(kinds) if kind in KINDS]
    return steps or [NOTHING_TO_DO]


def kind_of(alert: str) -> Kind | None:
    """What is known of a kind of alert; None for one of a newer hub."""
    return KINDS.get(alert)
