"""The kinds of notification: how much each matters, in which words, and what its owner is to do."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much something matters; a channel takes what is as severe as it asks for, or more."""

    NOTICE = "notice"
    WARNING = "warning"
    URGENT = "urgent"

    @property
    def rank(self) -> int:
        """0 for the least."""
        return list(Severity).index(self)


@dataclass(frozen=True)
class Kind:
    """``what`` is a title without a feed, ``next_step`` one sentence. ``tells_detail``: the ledger's own words about it
    are counts, days, rules and columns, so they may leave the hub; of other kinds they can name files, folders, senders
    or logins. ``asks``: it only asks for something to be done, so nobody is told once that is done."""

    severity: Severity
    what: str
    next_step: str
    tells_detail: bool = False
    asks: bool = False


NOTICE, WARNING, URGENT = Severity
ASK_FOR_IT = "Ask the sender named in the contract; the alert closes when the feed delivers."
LOOK = "hub status names them."

KINDS: Mapping[str, Kind] = {
    "due": Kind(NOTICE, "A delivery is due", ASK_FOR_IT, tells_detail=True),
    "late": Kind(WARNING, "A delivery is late", ASK_FOR_IT, tells_detail=True),
    "silent": Kind(URGENT, "A feed is silent", ASK_FOR_IT, tells_detail=True),
    "gap": Kind(WARNING, "A number is missing in a sender's sequence", f"Ask for the missing files; {LOOK}"),
    "control_total": Kind(
        WARNING,
        "The sender states another number of rows",
        "Compare with the sender, and ask for the file again.",
        tells_detail=True,
    ),
    "unread_period": Kind(
        WARNING, "The name of a file gives a period that is none", "Ask the sender what the file is of."
    ),
    "held": Kind(
        WARNING,
        "A delivery is held",
        "Look at the reason; then release or reject it: the DAG release_quarantine, or hub quarantine.",
        tells_detail=True,
    ),
    "refused": Kind(
        WARNING,
        "A delivery is refused",
        "Send the sender the reason, and the error file where the outbox has one; ask for the file again, mended.",
        tells_detail=True,
    ),
    "not_loaded": Kind(WARNING, "A received file is not loaded", "Look at the last run of the feed's DAG."),
    "quarantined": Kind(
        WARNING,
        "Rows are in quarantine",
        "hub quarantine list shows rules and reasons; correct, release or reject them, or ask for a better file.",
        tells_detail=True,
    ),
    "duplicate": Kind(NOTICE, "A file came again", "Nothing: its rows are counted as duplicates.", tells_detail=True),
    "drift": Kind(
        WARNING,
        "The rows of a sender stopped being as its own past",
        "hub drift shows before and now; ask the sender, then confirm, accept or close.",
    ),
    "refused_contract": Kind(
        URGENT,
        "A contract cannot be used",
        "Mend contract.yaml: hub feed check names the key. Its files wait.",
        tells_detail=True,
    ),
    "waiting_for_contract": Kind(
        WARNING, "Files wait for a contract", "Mend contract.yaml: hub feed check names the key.", tells_detail=True
    ),
    "unattended": Kind(WARNING, "Files lie in a drop folder and no run takes them", f"Look at the triggerer; {LOOK}"),
    "unknown_folder": Kind(NOTICE, "Files lie in a folder of no feed", f"Move or remove them; {LOOK}"),
    "subfolder": Kind(WARNING, "Files lie in a folder within a drop folder", f"Move them up; {LOOK}"),
    "unreadable": Kind(WARNING, "The hub may not read a dropped file", f"Give it the permission; {LOOK}"),
    "too_large": Kind(WARNING, "A dropped file is too large", f"Ask its sender for parts, and remove it; {LOOK}"),
    "audit_log": Kind(
        URGENT, "The audit log is not whole", "hub audit verify names the entry; keep the database as it is."
    ),
    "role_password": Kind(
        URGENT, "The password of a role was changed", "Find out who connected as it, then hub roles renew."
    ),
    "role_bounds": Kind(URGENT, "Rights or bounds of a role were changed", "Find out who did, then hub prepare."),
    "unfinished_erasure": Kind(
        URGENT, "An erasure was cut short; files may still name the person", f"Ask for the erasure again; {LOOK}"
    ),
    "approval": Kind(
        WARNING,
        "A decision waits for a second person",
        "Answer under Required actions in the UI; the person who started the run cannot.",
        tells_detail=True,
        asks=True,
    ),
    "failed_build": Kind(
        URGENT,
        "A build has failed; the published views stay as they were",
        "Have the row corrected, or correct the model; then hub build, or clear the failed task.",
        tells_detail=True,
    ),
    "failed_run": Kind(
        URGENT,
        "A DAG fails",
        "Look at the log of the failed task; clear the task when the cause is mended.",
        tells_detail=True,
    ),
    "urgent_dispatch": Kind(
        URGENT,
        "An urgent allocation goes out",
        "Call the recipient now, whatever has been sent: hub dispatch show tells what is known of it.",
        tells_detail=True,
        asks=True,
    ),
    "undelivered": Kind(
        URGENT,
        "A recipient does not take its dispatches",
        "Find out why with the recipient, then hub dispatch send --again.",
        tells_detail=True,
    ),
    "paused_recipient": Kind(
        WARNING,
        "Nothing is sent to a recipient, because a person said so",
        "The page of the recipient says why. When it is ready again: hub dispatch resume, or the DAG pause_recipient.",
        tells_detail=True,
    ),
    "untold_link": Kind(
        URGENT,
        "A recipient cannot be told how to answer",
        "Mend what hub dispatch send says, or make a link by hub exchange link and tell it yourself.",
        tells_detail=True,
    ),
    "untold_reporters": Kind(
        WARNING,
        "Messages to people who reported were given up",
        "hub updates list says why; mend it, then hub updates approve, or drop.",
        tells_detail=True,
    ),
    "refused_recipient": Kind(
        URGENT, "A recipient's contract cannot be used", "Mend recipient.yaml: hub recipient check names the line."
    ),
    "recipient_certificate": Kind(
        WARNING,
        "The certificate to which a recipient's dispatches are encrypted ends, or has ended",
        "Ask the recipient for its new one, and name it in encrypt_to beside the old: docs/dispatch.md.",
        tells_detail=True,
        asks=True,
    ),
    "letters": Kind(
        NOTICE,
        "Letters to senders about the quality of what came are written",
        "Send each to its sender.",
        tells_detail=True,
    ),
    "overdue": Kind(
        WARNING,
        "Allocations are overdue",
        "Remind the desk: publish.overdue_allocations_v1 lists them.",
        tells_detail=True,
        asks=True,
    ),
    "threat_at_desk": Kind(
        URGENT,
        "A threat to life lies with the hub's desk, and with nobody else",
        "Find a force that takes it, by telephone; publish.allocations_v1 says where it was. It ends once one answers.",
        tells_detail=True,
        asks=True,
    ),
    "overdue_threat": Kind(
        URGENT,
        "An allocation with a threat to life is overdue",
        "Call the desk now: publish.overdue_allocations_v1 lists it.",
        tells_detail=True,
        asks=True,
    ),
}
"""By the kind of an alert, or of what else the ledger knows."""
