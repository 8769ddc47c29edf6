"""What a provider is told about content that it is asked to remove: why it is held to be illegal or harmful, who says
so, and that they believe it. With the exact addresses, which are the package's objects, it is what article 16(2) of the
Digital Services Act (Regulation (EU) 2022/2065) asks of a notice.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from hub.dispatch.offered import Offered
from hub.dispatch.recipients import Recipient

DUTY = "removal"
CRIME = "crime"
BASES = {"dsa_article16_notice": "Regulation (EU) 2022/2065 (Digital Services Act), article 16"}
"""By route, the law by which a notice is given."""
GOOD_FAITH = "{notifier} believes in good faith that what this notice says is accurate and complete."
STRAND_NAMES = {"transgender": "transgender identity"}
REPORTED = (
    "It was reported {times} to the hub, which takes reports from those who were attacked, from witnesses and from the"
    " police, as content that shows hostility {because}."
)
ILLEGAL = (
    "By what is known the hub holds it to be a hate crime under the law of England and Wales ({basis}). Threatening,"
    " abusive or grossly offensive communications can be offences by the Public Order Act 1986, the Malicious"
    " Communications Act 1988, the Communications Act 2003 and the Online Safety Act 2023, and hostility makes an"
    " offence more serious (Sentencing Act 2020, section 66). No court has decided on it."
)
HARMFUL = "The hub does not hold it to be a crime. It harms the people it attacks, and can break the provider's rules."


def notice_of(one: Offered, recipient: Recipient) -> dict[str, Any] | None:
    """The notice that a package is; None where its recipient is not asked to remove anything."""
    if recipient.notices is None or one.row["duty"] != DUTY:
        return None
    is_crime = one.row["incident_class"] == CRIME
    return {
        "kind": "illegal_content" if is_crime else "harmful_content",
        "basis": BASES.get(one.route) if is_crime else None,
        "reasons": _reasons(one.row, is_crime=is_crime),
        "notifier": {"name": recipient.notices.notifier, "email": recipient.notices.contact},
        "good_faith": GOOD_FAITH.format(notifier=recipient.notices.notifier),
    }


def _reasons(row: Mapping[str, Any], *, is_crime: bool) -> str:
    times = "once" if row["count_reports"] == 1 else f"{row['count_reports']} times"
    reported = REPORTED.format(times=times, because=_because(row["strands"]))
    return f"{reported} {ILLEGAL.format(basis=row['class_basis']) if is_crime else HARMFUL}"


def _because(strands: Sequence[str]) -> str:
    names = [STRAND_NAMES.get(one, one.replace("_", " ")) for one in strands]
    if not names:
        return "to people for who they are"
    return f"because of {', '.join(names[:-1])}{' and ' if names[1:] else ''}{names[-1]}"
