"""Links to Airflow's own pages, where what the page shows is decided. Airflow's forms cannot be filled in by a link, so
the page says what to give them."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from hub.dispatch.alerts import URGENT
from hub.dispatch.ledger import Dispatch
from hub.dispatch.states import ENDED, GIVEN_BACK, State
from hub.monitoring.watch import Cause
from hub.page.values import Delivery, Waiting

RUN_OF_AIRFLOW = re.compile(
    r"(manual|scheduled|asset_triggered|backfill|operator_triggered)__[0-9T:.+-]+(_[A-Za-z0-9]+)?"
)
"""The id that Airflow gives a run. A person may choose one, and could put anything into it."""


@dataclass(frozen=True)
class Action:
    """Something that a person may ask for: a DAG to trigger, and what to give its form, by field; and whether a second
    person decides."""

    what: str
    dag_id: str
    fields: tuple[tuple[str, str], ...]
    needs_another: bool = True


def answer_page(waiting: Waiting) -> str:
    """Where a question is answered, below Airflow's own address."""
    return answered_in(waiting.dag_id, waiting.run_id)


def answered_in(dag_id: str, run_id: str) -> str:
    """Where the question of a run is answered, below Airflow's own address."""
    dag = f"dags/{quote(dag_id, safe='')}"
    if RUN_OF_AIRFLOW.fullmatch(run_id):
        return f"{dag}/runs/{quote(run_id, safe='')}/required_actions"
    return f"{dag}/required_actions?response_received=false"


def page_about(cause: Cause) -> str | None:
    """Where more is said of what an alert is about, below the hub's own address; None where there is no more."""
    if cause.delivery_id is not None:
        return f"deliveries/{cause.delivery_id}"
    if cause.kind == URGENT:
        return f"dispatches/{cause.key.removeprefix(f'{URGENT}:')}"
    return "approvals" if cause.kind == "approval" else None


def actions_for(delivery: Delivery) -> list[Action]:
    """What can be asked for about a delivery; a second person decides."""
    this = ("Delivery", str(delivery.delivery_id))
    if delivery.status == "held":
        return [Action("Release or reject this delivery", "release_quarantine", (("Held delivery", this[1]),))]
    if delivery.status == "loaded":
        return [Action("Withdraw this delivery", "withdraw_delivery", (this, ("Why it must go", "your reason")))]
    return []


def changes_of(dispatch: Dispatch) -> list[Action]:
    """What can be asked for about a dispatch; that it is taken back a second person decides."""
    this, found = ("Dispatch", str(dispatch.dispatch_id)), []
    if dispatch.state is State.FAILED:
        found.append(Action("Send this dispatch again", "send_dispatch_again", (this,), needs_another=False))
    if dispatch.state not in (*ENDED, *GIVEN_BACK):
        fields = (this, ("Why it no longer holds", "your reason; the recipient is told"))
        found.append(Action("Take this dispatch back", "withdraw_dispatch", fields))
    return found


def change_of(recipient: str, *, is_paused: bool) -> Action:
    """To send nothing to a recipient for now, or to send to it again; one person decides."""
    what, change = ("Send to this recipient again", "Resume") if is_paused else ("Send it nothing for now", "Pause")
    fields = (("Recipient", recipient), ("What to do", change), ("Why", "your reason"))
    return Action(what, "pause_recipient", fields, needs_another=False)


def switch_to(publish_id: int) -> Action:
    """To let readers see a publish that is kept."""
    fields = (("Publish", str(publish_id)), ("Why readers are to see it", "your reason"))
    return Action("Let readers see this publish", "switch_publish", fields)
