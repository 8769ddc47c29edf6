"""The DAGs that tell people who reported what became of it."""

from types import ModuleType
from typing import Any

from airflow.sdk import DAG

from hub.orchestration.by_the_clock import by_the_clock
from hub.orchestration.waiting_dags import Waiting, decide_what_waits
from hub.settings import Settings

OF_TELLING = """
### Tell people who reported what became of it

When something was published: writes down what each reporter is due (received, passed on, not for the police, outcome),
as `updates.yaml` in the hub's home asks for, and sends what needs no person. For the rest the run waits: **Send** lets
these messages go, **Drop** never sends them, with a reason, **Leave** lets them wait for `hub updates approve`. A run
asks about 20 at most, and only about what no run asks or has asked about. One that a person starts asks again, about
what was asked about least often, and another person answers. While 16 runs wait for an answer, no further one asks by
itself.
A message goes only where the report agrees to it at that moment, and to nobody who was marked by `hub updates stop`.

**To run it again**: trigger it; the same publish gives nothing new, and what was sent is not sent again.
"""

OF_SENDING = """
### Send what was put off

Every quarter of an hour: messages to reporters that the mail server did not take, or whose report was just changing.

**To run it again**: trigger it at any time.
"""


def tell_dag(settings: Settings) -> DAG:
    """``tell_reporters``: prepare and send, wait for a person where no rule approves, send what may go."""

    def work() -> ModuleType:
        from hub.orchestration import updating  # noqa: PLC0415

        return updating

    return decide_what_waits(
        settings,
        Waiting(
            subject="Send these messages to the people who reported?",
            go="Send",
            stop="Drop",
            stop_reason="Why they are dropped; nobody is told",
        ),
        dag_id="tell_reporters",
        description="People who reported are told what became of it; a person approves where no rule does",
        owner="hub-victim-support",
        tags=["reporters", "people"],
        documentation=OF_TELLING,
        work=work,
    )


def send_dag(settings: Settings) -> DAG:
    """``send_updates``: by the clock, because mail servers come back when they do."""

    def send() -> dict[str, Any]:
        from hub.orchestration import updating  # noqa: PLC0415

        return updating.send(settings)

    description = "Messages to reporters that were put off"
    return by_the_clock(
        "send_updates", "*/15 * * * *", "reporters", send, description=description, documentation=OF_SENDING
    )
