"""The DAGs that send allocations to their recipients, and follow what comes back."""

from types import ModuleType
from typing import Any

from airflow.sdk import DAG

from hub.orchestration.by_the_clock import by_the_clock
from hub.orchestration.waiting_dags import Waiting, decide_what_waits
from hub.settings import Settings

OF_SENDING = """
### Send allocations to their recipients

When something was published: makes a dispatch of each allocation that nobody has answered and that has a recipient
(`recipients/<code>/recipient.yaml`), withdraws what no longer holds, and hands over what is due, urgent ones first.
Where the recipient's contract asks for a person, the run then waits for one: **Send** lets these dispatches go,
**Withdraw** takes them back with a reason, **Leave** lets them wait for `hub dispatch approve`. A run asks about 200 at
most, and only about what no run asks or has asked about. One that a person starts asks again, about what was asked
about least often, and another person answers. While 16 runs wait for an answer, no further one asks by itself.

**To run it again**: trigger it; the same publish gives nothing new, and what was taken is not sent again.
"""

OF_ANSWERS = """
### Collect answers

Every five minutes: looks for receipts, hands files with answers to the feeds `force_responses` and
`provider_responses`, moves dispatches as accepted answers say, and tries again what was not taken. Then each recipient
whose contract says `simulated` answers one step further: the next run collects it.

**To run it again**: trigger it at any time; an answer changes nothing the second time.
"""


def dispatch_dag(settings: Settings) -> DAG:
    """``dispatch_allocations``: prepare and send, wait for a person where a contract asks for one, send what may go."""

    def work() -> ModuleType:
        from hub.orchestration import dispatching  # noqa: PLC0415

        return dispatching

    return decide_what_waits(
        settings,
        Waiting(
            subject="Send these dispatches?",
            go="Send",
            stop="Withdraw",
            stop_reason="Why they are withdrawn; their recipients are not told",
        ),
        dag_id="dispatch_allocations",
        description="Allocations of the newest publish go to their recipients; a person approves where asked",
        owner="hub-allocation-desk",
        tags=["dispatch", "people"],
        documentation=OF_SENDING,
        work=work,
    )


def answers_dag(settings: Settings) -> DAG:
    """``collect_answers``: by the clock, because recipients answer when they do."""

    def collect() -> dict[str, Any]:
        from hub.orchestration import dispatching  # noqa: PLC0415

        return dispatching.collect(settings)

    description = "Receipts and answers of recipients; what was not taken is tried again"
    return by_the_clock(
        "collect_answers", "*/5 * * * *", "dispatch", collect, description=description, documentation=OF_ANSWERS
    )
