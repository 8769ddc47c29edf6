"""Links by which somebody without a system answers one dispatch, once. A link is a token for that dispatch alone, and
holds only together with a code that is told apart from it."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from hub.dispatch import ledger
from hub.exchange.tables import TOKENS
from hub.exchange.tokens import PURPOSE, SECRET_BYTES, Scope, hash_of
from hub.settings import Settings
from hub.vault import audit

PREFIX = "hubl_"
"""By it, a search for secrets in files and logs finds a link."""
DIGITS_OF_A_CODE = 8
MOST_WRONG_CODES = 5
"""After so many ``exchange_bearer()`` lets nobody in by a link."""


class NothingToAnswer(ValueError):
    """There is no such dispatch that has left the hub; its id is named."""


@dataclass(frozen=True)
class IssuedLink:
    """A new link; ``token`` and ``code`` are told to its recipient by two ways, and kept nowhere."""

    token_id: uuid.UUID
    recipient: str
    token: str
    code: str
    expires_at: datetime

    @property
    def path(self) -> str:
        """Of its page at the exchange."""
        return f"/answer/{self.token}"


def hash_of_code(token: str, code: str) -> str:
    """By which the hub knows a code. Without the token, which it does not keep, nobody can find the code by trying."""
    return hashlib.sha256(f"{token} {code}".encode()).hexdigest()


def issue_link(
    settings: Settings, engine: sa.Engine, dispatch_id: uuid.UUID, now: datetime, *, days: int, by: str
) -> IssuedLink:
    """Make a link to a dispatch that holds for so many days. ``engine`` is the owner's. Raises
    :class:`NothingToAnswer`."""
    with engine.connect() as connection:
        found = ledger.sent(connection, dispatch_id=dispatch_id)
    if not found:
        raise NothingToAnswer(f"there is no dispatch {dispatch_id} that was sent")
    code = f"{secrets.randbelow(10**DIGITS_OF_A_CODE):0{DIGITS_OF_A_CODE}}"
    token = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    link = IssuedLink(uuid.uuid4(), found[0].recipient, token, code, now + timedelta(days=days))
    said = {"token_id": str(link.token_id), "dispatch_id": str(dispatch_id), "recipient": link.recipient, "days": days}
    audit.append(settings, audit.Entry(by, "issue answer link", PURPOSE, said))
    with engine.begin() as connection:
        connection.execute(
            sa.insert(TOKENS).values(
                token_id=link.token_id,
                recipient=link.recipient,
                token_sha256=hash_of(token),
                scopes=[Scope.ANSWER, Scope.READ],
                issued_at=now,
                issued_by=by,
                expires_at=link.expires_at,
                dispatch_id=dispatch_id,
                code_sha256=hash_of_code(token, code),
            )
        )
    return link
