"""What people may type into the forms of DAGs. Airflow keeps it in its own database, where no erasure looks."""

from typing import Any

from airflow.sdk import Param

UUID_PATTERN = "^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"
PERSON_PATTERN = f"{UUID_PATTERN}|^t[0-9]+_[0-9a-f]{{40}}$"
"""A person's id, or the token of a value."""

PHONES = (r"\+[0-9][0-9 ()-]{7,}", r"(?<![\w-])0[0-9][0-9 ()]{7,}", r"(?<![\w-])0[0-9]{3,4}-[0-9]{3}")
"""None of them within an id or a token."""
NO_CONTACT = rf"^(?![\s\S]*@)(?![\s\S]*({'|'.join(PHONES)}))"
"""Text without an e-mail address or a telephone number."""

LEAST_REASON = 10


def reason(title: str, *, is_optional: bool = False) -> Any:
    """A field for why something is decided, in which no e-mail address and no telephone number is taken."""
    kept = "Kept for good: no names, e-mail addresses or telephone numbers, please"
    if is_optional:
        return Param(None, type=["null", "string"], pattern=NO_CONTACT, title=title, description=kept)
    return Param("", type="string", minLength=LEAST_REASON, pattern=NO_CONTACT, title=title, description=kept)
