"""What people may type into the forms of DAGs. Airflow keeps it in its own database."""

from typing import Any

from airflow.sdk import Param

UUID_PATTERN = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
PERSON_PATTERN = f"{UUID_PATTERN}|^t[0-9]+_[0-9a-f]{{40}}$|{UUID_PATTERN[:-1]}:[a-z][a-z0-9]{{0,19}}$"
"""A person's id, the token of a value, or the id of a quarantined row with one of its subjects."""

_BETWEEN = r"[\s().\[\]/\u00ad\u00b7\u200b-\u200d\u2010-\u2015\u2060\u2212-]{0,3}"
"""What parts the groups of a number: spaces, brackets, dots, slashes, dashes of any kind, and what nobody sees."""
_NO_NUMBER = (
    r"(?![0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-)"  # an id
    r"(?![0-3][0-9][./-][01][0-9][./-](?:19|20)[0-9]{2}(?![0-9]))"  # a day
    r"(?![0-2][0-9]\.[0-5][0-9]\W{1,3}[0-2][0-9]\.[0-5][0-9](?![.0-9]))"  # hours
    r"(?!0\.)"  # a share
)
_BEGINS = rf"(?<![\w-])(?<![0-9][.:/]){_NO_NUMBER}"
"""Not within an id, a token, a day or a time."""
PHONES = (
    rf"\+(?:{_BETWEEN}[0-9]){{7}}",
    rf"{_BEGINS}0(?:{_BETWEEN}[0-9]){{7}}",
    rf"{_BEGINS}44(?:{_BETWEEN}[0-9]){{9,10}}(?![0-9])",
)
"""International, national, and this country's code without its plus."""
NO_CONTACT = rf"^(?![\s\S]*@)(?![\s\S]*({'|'.join(PHONES)}))"
"""Text without an e-mail address or a telephone number."""

LEAST_REASON = 10
KEPT = "Kept for good: no names, e-mail addresses or telephone numbers, please"


def reason(title: str) -> Any:
    """A field for why something is decided, in which no e-mail address and no telephone number is taken."""
    return Param(type="string", minLength=LEAST_REASON, pattern=NO_CONTACT, title=title, description=KEPT)


def reason_in_answer(title: str) -> Any:
    """The same in the form of an answer. Airflow checks that form before anybody has seen it, so it may be empty; where
    a reason is needed, the operator says so."""
    return Param(
        None, type=["null", "string"], minLength=LEAST_REASON, pattern=NO_CONTACT, title=title, description=KEPT
    )
