"""What reporters are told, in words that anybody understands. No message says what was reported, nor names a person: it
may be read by somebody else, so its subject says nothing of hate or crime either.
"""

from datetime import date, datetime
from enum import StrEnum

from hub.reporters.due import LONDON, Fact

ANSWER = "If something here is wrong, or you no longer want these messages, answer this one; a person reads it."
REVIEW = (
    "You can ask them to explain the decision. If they decided to stop, you can in many cases ask for it to be looked"
    " at again: this is called the Victims' Right to Review."
)
DETAILS = "They have your name and how to reach you from us only if you agreed to that."


class Kind(StrEnum):
    """What a message is about."""

    RECEIVED = "received"
    PASSED_ON = "passed_on"
    NOT_FOR_POLICE = "not_for_police"
    OUTCOME = "outcome"


def subject_of(fact: Fact) -> str:
    """The subject of a message."""
    return f"About your report {fact.report_ref}" if fact.report_ref else "About your report"


def words_of(kind: Kind, fact: Fact, help_words: str) -> str:
    """A message. ``help_words`` say who helps."""
    reference = f"Its reference is {fact.report_ref}." if fact.report_ref else ""
    of_when = f"your report of {_day(fact.reported_at)}"
    told = {
        Kind.RECEIVED: [
            f"Thank you for {of_when}. We have it. {reference}".strip(),
            "We find out who is responsible for it and pass it on to them. We tell you when we have.",
        ],
        Kind.PASSED_ON: [f"This is about {of_when}. {reference}".strip(), *_passed_on(fact)],
        Kind.NOT_FOR_POLICE: [
            f"This is about {of_when}. {reference}".strip(),
            "We have read it, and it is not something that the police deal with. So we have not passed it on to a"
            " force. That does not say that it did you no harm. What you told us is counted, without your name.",
            "If you think that this is wrong, or if more has happened, answer this message.",
        ],
        Kind.OUTCOME: [
            f"This is about {of_when}. {reference}".strip(),
            f"{_target(fact)} has told us how the case ended: {fact.outcome_name}.",
            REVIEW,
        ],
    }[kind]
    return "\n\n".join([*told, "Somebody to talk to:\n" + help_words, ANSWER]) + "\n"


def _passed_on(fact: Fact) -> list[str]:
    if fact.target_kind == "community_hub":
        return [
            "By what we know it is not a crime. It went to those who work with the communities that are attacked like"
            " this, so that it is known there and counts."
        ]
    if fact.target_kind == "other_country":
        return [
            "By what we know it was done from abroad. It went to those who work with the police of other countries."
        ]
    due = f" They are to tell us by {_day(fact.due_at)} that they have it." if fact.due_at else ""
    return [f"It is with {_target(fact)} since {_day(fact.allocated_at)}.{due}", DETAILS]


def _target(fact: Fact) -> str:
    return fact.target_name or "the body that is responsible"


def _day(moment: datetime | date | None) -> str:
    """A day in London."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(LONDON).date()
    return "an unknown day" if moment is None else f"{moment:%-d %B %Y}"
