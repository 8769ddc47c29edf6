"""Who is told what, and what needs no person, from ``updates.yaml`` in the hub's home; without it nobody is told.

since: 2026-12-01             # of what happened from this day on
sender: updates@hub.example   # a mailbox that somebody reads: people answer
server: mail                  # secrets/updates/mail: smtp://user:password@host:587 and the like
# notify: {template: UUID, key: NAME}   # in place of both: GOV.UK Notify, its key in secrets/updates/NAME
by_rule: [received]           # kinds that go without a person; none where it is left out
help: |                       # who helps, at the end of each message
  Victim Support, free and at any hour: 08 08 16 89 111
takes_simulated: false        # for trying: also of what rests on the hub's own samples
# simulated: true             # in place of a server: of samples alone, and nothing leaves
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import yaml
from email_validator import EmailNotValidError, validate_email

from hub.mail.server import HERE
from hub.reporters.carriers import GOV_UK_NOTIFY, ByMail, ByNotify, Carrier, ToNobody
from hub.reporters.words import Kind
from hub.settings import Settings

REQUIRED, OF_MAIL, OF_NOTIFY = ("since", "help"), ("sender", "server"), ("template", "key")
KEYS = frozenset({*REQUIRED, *OF_MAIL, "notify", "by_rule", "takes_simulated", "simulated"})


class RulesRefused(ValueError):
    """``updates.yaml`` cannot be used; the message names the key."""


@dataclass(frozen=True)
class Rules:
    """What ``updates.yaml`` says; ``carrier`` takes the messages. If ``is_simulated``, all are about samples."""

    since: date
    carrier: Carrier
    help: str
    by_rule: frozenset[Kind] = frozenset()
    takes_simulated: bool = False
    is_simulated: bool = False


def read_rules(settings: Settings) -> Rules | None:
    """The rules, or None where there is no file. Raises :class:`RulesRefused`."""
    name = settings.updates.name
    try:
        said = yaml.safe_load(settings.updates.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        raise RulesRefused(f"{name} is not YAML that can be read") from None
    if not isinstance(said, dict):
        raise RulesRefused(f"{name} must have keys: {', '.join(sorted(KEYS))}")
    if unknown := sorted(map(str, said.keys() - KEYS)):
        raise RulesRefused(f"{name}: unknown key {', '.join(unknown)}; there are {', '.join(sorted(KEYS))}")
    if missing := [key for key in REQUIRED if not said.get(key)]:
        raise RulesRefused(f"{name}: {', '.join(missing)} must be given")
    is_simulated = _yes_or_no(name, "simulated", said.get("simulated", False))
    return Rules(
        since=_day(name, said["since"]),
        carrier=_nobody(name, said) if is_simulated else _carrier(name, said, settings.secrets / "updates"),
        help=_text(name, said["help"]),
        by_rule=_kinds(name, said.get("by_rule", [])),
        takes_simulated=is_simulated or _yes_or_no(name, "takes_simulated", said.get("takes_simulated", False)),
        is_simulated=is_simulated,
    )


def _day(name: str, value: Any) -> date:
    try:
        return value if isinstance(value, date) and not isinstance(value, datetime) else date.fromisoformat(value)
    except (TypeError, ValueError):
        raise RulesRefused(f"{name}: since must be a day, as 2026-12-01") from None


def _carrier(name: str, said: Mapping[str, Any], secrets: Path) -> Carrier:
    notify, of_mail = said.get("notify"), [key for key in OF_MAIL if said.get(key)]
    if notify is None:
        if missing := [key for key in OF_MAIL if key not in of_mail]:
            raise RulesRefused(f"{name}: {', '.join(missing)} must be given, or notify")
        return ByMail(_sender(name, said["sender"]), secrets / _file(name, "server", said["server"]))
    if of_mail:
        raise RulesRefused(f"{name}: {', '.join(of_mail)} and notify exclude each other")
    if not isinstance(notify, dict) or not set(OF_NOTIFY) <= notify.keys() <= {*OF_NOTIFY, "address"}:
        raise RulesRefused(f"{name}: notify must have the keys {', '.join(OF_NOTIFY)}, and may have address")
    key, address = secrets / _file(name, "notify: key", notify["key"]), notify.get("address", GOV_UK_NOTIFY)
    return ByNotify(_template(name, notify["template"]), key, _address(name, address))


def _nobody(name: str, said: Mapping[str, Any]) -> Carrier:
    if others := [key for key in (*OF_MAIL, "notify") if key in said]:
        raise RulesRefused(f"{name}: simulated and {', '.join(others)} exclude each other")
    return ToNobody()


def _template(name: str, value: Any) -> str:
    try:
        return str(UUID(value))
    except (TypeError, ValueError, AttributeError):
        raise RulesRefused(f"{name}: notify: template must be the id of a template") from None


def _address(name: str, value: Any) -> str:
    """Addresses of people go there: over TLS, or on this machine."""
    try:
        address = urlsplit(value)
        is_one = address.scheme == "https" or (address.scheme == "http" and address.hostname in HERE)
        is_one = is_one and bool(address.hostname) and not address.username and address.port != 0
    except (TypeError, ValueError, AttributeError):
        is_one = False
    if not is_one:
        raise RulesRefused(f"{name}: notify: address must be an https address without a login")
    return str(value)


def _sender(name: str, value: Any) -> str:
    try:
        return validate_email(str(value), check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        raise RulesRefused(f"{name}: sender must be one e-mail address") from None


def _file(name: str, key: str, value: Any) -> str:
    if not isinstance(value, str) or Path(value).name != value or value in (".", ".."):
        raise RulesRefused(f"{name}: {key} must be the name of a file under secrets/updates")
    return value


def _text(name: str, value: Any) -> str:
    if not isinstance(value, str):
        raise RulesRefused(f"{name}: help must be text")
    return value.strip()


def _kinds(name: str, value: Any) -> frozenset[Kind]:
    if not isinstance(value, list) or not set(map(str, value)) <= set(Kind):
        raise RulesRefused(f"{name}: by_rule must be a list of {', '.join(Kind)}")
    return frozenset(map(Kind, value))


def _yes_or_no(name: str, key: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise RulesRefused(f"{name}: {key} must be true or false")
    return value
