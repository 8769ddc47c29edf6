"""Tokens of recipients: made once and told once, kept as a hash, with scopes and an end."""

import hashlib
import secrets
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from hub.exchange.tables import TOKENS
from hub.settings import Settings
from hub.vault import audit

PREFIX = "hubx_"
"""By it, a search for secrets in files and logs finds a token."""
SECRET_BYTES = 32
PURPOSE = "exchange with recipients"


class Scope(StrEnum):
    """What a token lets its recipient do."""

    READ = "read"
    ANSWER = "answer"
    DELIVER = "deliver"


@dataclass(frozen=True)
class Issued:
    """A new token; ``token`` is told to its recipient and kept nowhere."""

    token_id: uuid.UUID
    token: str
    expires_at: datetime


def hash_of(token: str) -> str:
    """By which the hub knows a token. It is as random as a key, so one round of SHA-256 is enough."""
    return hashlib.sha256(token.encode()).hexdigest()


def issue(
    settings: Settings,
    engine: sa.Engine,
    recipient: str,
    scopes: Collection[Scope],
    now: datetime,
    *,
    days: int,
    by: str,
) -> Issued:
    """Make a token for a recipient that holds for so many days. ``engine`` is the owner's."""
    issued = Issued(uuid.uuid4(), PREFIX + secrets.token_urlsafe(SECRET_BYTES), now + timedelta(days=days))
    said = {"token_id": str(issued.token_id), "recipient": recipient, "scopes": sorted(scopes), "days": days}
    audit.append(settings, audit.Entry(by, "issue exchange token", PURPOSE, said))
    with engine.begin() as connection:
        connection.execute(
            sa.insert(TOKENS).values(
                token_id=issued.token_id,
                recipient=recipient,
                token_sha256=hash_of(issued.token),
                scopes=sorted(scopes),
                issued_at=now,
                issued_by=by,
                expires_at=issued.expires_at,
            )
        )
    return issued


def revoke(settings: Settings, engine: sa.Engine, token_id: uuid.UUID, now: datetime, *, by: str) -> bool:
    """End a token at once; False where there is none that holds."""
    holds = (TOKENS.c.token_id == token_id) & TOKENS.c.revoked_at.is_(None)
    with engine.begin() as connection:
        if connection.execute(sa.select(TOKENS.c.token_id).where(holds)).first() is None:
            return False
        audit.append(settings, audit.Entry(by, "revoke exchange token", PURPOSE, {"token_id": str(token_id)}))
        connection.execute(sa.update(TOKENS).where(holds).values(revoked_at=now))
    return True


def all_tokens(engine: sa.Engine) -> list[sa.Row[Any]]:
    """Every token but its hash, the newest first."""
    columns = [column for column in TOKENS.columns if column.name not in ("token_sha256", "code_sha256")]
    with engine.connect() as connection:
        return list(connection.execute(sa.select(*columns).order_by(TOKENS.c.issued_at.desc())))
