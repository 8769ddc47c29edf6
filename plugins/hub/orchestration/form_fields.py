"""What people may type into the forms of DAGs. Airflow keeps it in its own database."""

from typing import Any

from airflow.sdk import Param

UUID_PATTERN = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
PERSON_PATTERN = f"{UUID_PATTERN}|^t[0-9]+_[0-9a-f]{{40}}$"
"""A person's id, or the token of a value."""

PHONES = (r"\+[0-9][0-9 ()-]{7,}", r"(?<![\w-])0[0-9][0-9 ()]{7,}", r"(?<![\w-])0[0-9]{3,4}[-.][0-9]{3}")
"""None of them within an id or a token."""
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
