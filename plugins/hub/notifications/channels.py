"""The channels by which people are told, from ``notifications.yaml`` in the hub's home.

A channel is one receiver. Its address holds passwords or tokens, so it is in a file of its own under
``secrets/channels``; the YAML names it, and says whose messages it takes and from which severity on::

    mail:
      owners: [hub, "hub-*"]        # patterns; everybody's where it is left out
      from_severity: warning        # the default; or notice, urgent
      sender: hub@hub.example       # of mail alone
      to: desk@hub.example          # one address, of a list or a mailbox
    teams: {from_severity: urgent}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import yaml
from email_validator import EmailNotValidError, validate_email

from hub.notifications.kinds import Severity
from hub.settings import Settings

KEYS = frozenset({"owners", "from_severity", "secret", "sender", "to"})


class ChannelsRefused(ValueError):
    """``notifications.yaml`` or the address of a channel cannot be used; the message names the key and no secret."""


@dataclass(frozen=True)
class Channel:
    """One receiver. ``secret`` is the file with its address; ``sender`` and ``to`` are of mail alone."""

    name: str
    owners: tuple[str, ...]
    from_severity: Severity
    secret: Path
    sender: str | None
    to: str | None

    def takes(self, owner: str, severity: Severity) -> bool:
        """Whether a message for this owner goes by it."""
        return severity.rank >= self.from_severity.rank and any(fnmatchcase(owner, one) for one in self.owners)

    def address(self) -> str:
        """Where it is, secrets and all: ``smtp://user:password@host:587``, or an address of Apprise. Read each time, so
        that a changed one holds at once. Raises :class:`ChannelsRefused`."""
        try:
            return self.secret.read_text().strip()
        except (OSError, UnicodeDecodeError):
            raise ChannelsRefused(f"{self.name}: its address cannot be read from {self.secret}") from None


def read_channels(settings: Settings) -> dict[str, Channel]:
    """The channels by name; none where there is no file. Raises :class:`ChannelsRefused`."""
    try:
        document = yaml.safe_load(settings.notifications.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        raise ChannelsRefused(f"{settings.notifications} is not YAML that can be read") from None
    if not isinstance(document, dict):
        raise ChannelsRefused(f"{settings.notifications} must name channels: see docs/operating.md")
    return {str(name): _channel(settings, str(name), said) for name, said in document.items()}


def _channel(settings: Settings, name: str, said: Any) -> Channel:
    values: Mapping[str, Any] = {} if said is None else said
    if not isinstance(values, dict):
        raise ChannelsRefused(f"{name}: must have keys of its own")
    if unknown := sorted(map(str, values.keys() - KEYS)):
        raise ChannelsRefused(f"{name}: unknown key {', '.join(unknown)}; there are {', '.join(sorted(KEYS))}")
    owners, severity = values.get("owners", ["*"]), values.get("from_severity", Severity.WARNING)
    if not isinstance(owners, list) or not owners or not all(isinstance(one, str) for one in owners):
        raise ChannelsRefused(f"{name}: owners must be a list of names or patterns")
    if severity not in list(Severity):
        raise ChannelsRefused(f"{name}: from_severity must be {', '.join(Severity)}")
    file = values.get("secret", name)
    if not isinstance(file, str) or Path(file).name != file:
        raise ChannelsRefused(f"{name}: secret must be the name of a file under secrets/channels")
    sender, to = (_mail_address(name, key, values.get(key)) for key in ("sender", "to"))
    if (sender is None) != (to is None):
        raise ChannelsRefused(f"{name}: mail needs both sender and to")
    return Channel(name, tuple(owners), Severity(severity), settings.secrets / "channels" / file, sender, to)


def _mail_address(name: str, key: str, value: Any) -> str | None:
    if value is None:
        return None
    try:
        return validate_email(str(value), check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        raise ChannelsRefused(f"{name}: {key} must be one e-mail address") from None
