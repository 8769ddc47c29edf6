"""Who takes dispatches: one contract a recipient, ``recipients/<code>/recipient.yaml``, in the manner of feeds.

A contract that cannot be used is refused by name, with the line and the rule, and the others go on.
"""

import functools
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from email_validator import EmailNotValidError, validate_email

from hub.dispatch.certificates import read_any
from hub.dispatch.encryption import CertificateRefused
from hub.dispatch.smime import is_x509

CONTRACT_FILE = "recipient.yaml"
USUAL_DAYS = 14
SCHEMA = Path(__file__).with_name("recipient.schema.json")


class RecipientRefused(ValueError):
    """A recipient's contract cannot be used; the message names line and rule."""


@dataclass(frozen=True)
class Claim:
    """Allocations that are a recipient's: to one target, by these routes or (None) by all."""

    target_kind: str
    target_code: str
    routes: frozenset[str] | None

    def covers(self, target_kind: str, target_code: str, route: str) -> bool:
        is_target = (self.target_kind, self.target_code) == (target_kind, target_code)
        return is_target and (self.routes is None or route in self.routes)

    def overlaps(self, other: "Claim") -> bool:
        is_same = (self.target_kind, self.target_code) == (other.target_kind, other.target_code)
        return is_same and (self.routes is None or other.routes is None or bool(self.routes & other.routes))


@dataclass(frozen=True)
class Code:
    """The recipient's word for one of the hub's codes, from a day to a day (None: still)."""

    list_name: str
    ours: str
    theirs: str
    valid_from: date
    valid_to: date | None

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class AnswerLink:
    """By which a recipient of mails answers on a page: the ``address`` of the exchange as it knows it, the mailbox to
    which each link's code goes, and for how many days a link holds."""

    address: str
    code_to: str
    days: int


@dataclass(frozen=True)
class Notices:
    """Who notifies a provider of content, the mailbox that answers for it, and whether the provider takes XARF."""

    notifier: str
    contact: str
    takes_xarf: bool


@dataclass(frozen=True)
class Recipient:
    """One recipient of allocations made from ``valid_from`` on. ``approval`` and ``urgent_routes`` are routes; None for
    ``approval`` means every route. One that ``is_simulated`` does not exist: the hub answers for
    it. ``delivers`` are feeds that it may hand in at the exchange, ``certificates`` files of certificates, OpenPGP or
    of a mail X.509: what goes out is encrypted to them, and where there are none it is not."""

    code: str
    name: str
    kind: str
    owner: str
    valid_from: date
    claims: tuple[Claim, ...]
    transport: Mapping[str, Any]
    approval: frozenset[str] | None = frozenset()
    urgent_routes: frozenset[str] = frozenset()
    takes_simulated: bool = False
    is_simulated: bool = False
    takes_persons: bool = False
    retention_days: int | None = None
    codes: tuple[Code, ...] = ()
    delivers: frozenset[str] = frozenset()
    certificates: tuple[Path, ...] = ()
    notices: Notices | None = None

    @property
    def answer_link(self) -> AnswerLink | None:
        """How it answers by links that are mailed to it; None where it does not."""
        said = self.transport.get("answer_link")
        return AnswerLink(said["address"].rstrip("/"), said["code_to"], said.get("days", USUAL_DAYS)) if said else None

    @property
    def is_smime(self) -> bool:
        """Whether mails to it are encrypted to X.509 certificates."""
        return bool(self.certificates) and is_x509(self.certificates[0])

    def needs_approval(self, route: str) -> bool:
        return self.approval is None or route in self.approval

    def their_code(self, list_name: str, ours: str, day: date) -> str | None:
        """What it calls one of the hub's codes on a day; None where its contract says nothing."""
        found = (one.theirs for one in self.codes if (one.list_name, one.ours) == (list_name, ours) and one.holds(day))
        return next(found, None)


@dataclass(frozen=True)
class Recipients:
    """All recipients by code, and why a contract is refused, by its folder."""

    contracts: Mapping[str, Recipient] = field(default_factory=dict)
    refusals: Mapping[str, str] = field(default_factory=dict)

    def of(self, target_kind: str, target_code: str, route: str) -> Recipient | None:
        """Whose an allocation is."""
        found = (
            one for one in self.contracts.values() if any(c.covers(target_kind, target_code, route) for c in one.claims)
        )
        return next(found, None)


def read_recipients(folder: Path) -> Recipients:
    """All contracts under ``recipients/``. Two that claim the same allocations are both refused."""
    contracts: dict[str, Recipient] = {}
    refusals: dict[str, str] = {}
    for one in sorted(path for path in folder.glob("*") if path.is_dir()):
        try:
            contracts[one.name] = read_recipient(one / CONTRACT_FILE)
        except RecipientRefused as refusal:
            refusals[one.name] = str(refusal)
    for code, other in list(_claimed_twice(contracts.values())):
        refusals[code] = f"{other} claims some of the same allocations"
        del contracts[code]
    return Recipients(contracts, refusals)


def _claimed_twice(recipients: Iterable[Recipient]) -> Iterator[tuple[str, str]]:
    known = list(recipients)
    for one in known:
        rivals = (other for other in known if other is not one and _overlap(one, other))
        if rival := next(rivals, None):
            yield one.code, rival.code


def _overlap(one: Recipient, other: Recipient) -> bool:
    return any(a.overlaps(b) for a in one.claims for b in other.claims)


def read_recipient(path: Path) -> Recipient:
    """One contract. Raises :class:`RecipientRefused`."""
    try:
        text = path.read_text(encoding="utf-8")
        document = yaml.safe_load(text)
    except FileNotFoundError:
        raise RecipientRefused(f"{path.name} is missing") from None
    except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
        raise RecipientRefused(f"{path.name} is not YAML that can be read: {error}") from error
    for problem in sorted(_validator().iter_errors(document), key=lambda one: list(map(str, one.absolute_path))):
        line = _line_of(text, problem.absolute_path)
        raise RecipientRefused(f"line {line}: {problem.json_path}: {problem.message} (rule: {problem.validator})")
    recipient = _recipient(document, path.parent)
    if recipient.code != path.parent.name:
        line = _line_of(text, ["code"])
        raise RecipientRefused(f"line {line}: $.code: {recipient.code} is not the name of its folder (rule: folder)")
    _refuse_codes_with_two_meanings(recipient, text)
    _refuse_certificates(recipient, text)
    _refuse_code_beside_its_link(recipient, text)
    _refuse_notices(recipient, text)
    return recipient


def _recipient(document: Mapping[str, Any], folder: Path) -> Recipient:
    approval = document.get("approval", [])
    return Recipient(
        code=document["code"],
        name=document["name"],
        kind=document["kind"],
        owner=document["owner"],
        valid_from=date.fromisoformat(document["valid_from"]),
        claims=tuple(
            Claim(one["target_kind"], one["target_code"], frozenset(one["routes"]) if "routes" in one else None)
            for one in document["allocations"]
        ),
        transport=dict(document["transport"]),
        approval=None if approval == "always" else frozenset(approval),
        urgent_routes=frozenset(document.get("urgent_routes", [])),
        takes_simulated=document.get("takes_simulated", False) or document.get("simulated", False),
        is_simulated=document.get("simulated", False),
        takes_persons=document.get("takes_persons", False),
        retention_days=document.get("retention_days"),
        delivers=frozenset(document.get("delivers", [])),
        codes=tuple(_code(one) for one in document.get("codes", [])),
        certificates=tuple(folder / name for name in document["transport"].get("encrypt_to", [])),
        notices=_notices(document.get("notices")),
    )


def _notices(said: Mapping[str, Any] | None) -> Notices | None:
    return None if said is None else Notices(said["notifier"], said["contact"], said.get("xarf", False))


def _code(said: Mapping[str, str]) -> Code:
    valid_to = said.get("valid_to")
    first, last = date.fromisoformat(said["valid_from"]), date.fromisoformat(valid_to) if valid_to else None
    return Code(said["list"], said["ours"], said["theirs"], first, last)


def _refuse_codes_with_two_meanings(recipient: Recipient, text: str) -> None:
    for place, code in enumerate(recipient.codes):
        for earlier in recipient.codes[:place]:
            is_same = (code.list_name, code.ours) == (earlier.list_name, earlier.ours)
            if is_same and (earlier.holds(code.valid_from) or code.holds(earlier.valid_from)):
                line = _line_of(text, ["codes", place])
                said = f"{code.list_name} {code.ours} has two codes on the same day"
                raise RecipientRefused(f"line {line}: $.codes[{place}]: {said} (rule: dates)")


def _refuse_notices(recipient: Recipient, text: str) -> None:
    """Providers alone are given notices, and their programs read the contact by the rules of mail, which the schema
    does not know."""
    if recipient.notices is not None:
        if recipient.kind != "provider":
            line = _line_of(text, ["notices"])
            raise RecipientRefused(f"line {line}: $.notices: only a provider is given notices (rule: notices)")
        try:
            validate_email(recipient.notices.contact, check_deliverability=False)
        except EmailNotValidError as refusal:
            line = _line_of(text, ["notices", "contact"])
            raise RecipientRefused(f"line {line}: $.notices.contact: {refusal} (rule: email)") from None


def _refuse_certificates(recipient: Recipient, text: str) -> None:
    for place, path in enumerate(recipient.certificates):
        line = _line_of(text, ["transport", "encrypt_to", place])
        try:
            read_any(path)
        except CertificateRefused as refusal:
            raise RecipientRefused(f"line {line}: {refusal} (rule: encrypt_to)") from None
        if is_x509(path) and recipient.transport["kind"] != "mail":
            raise RecipientRefused(
                f"line {line}: {path.name} is an X.509 certificate, for mail alone (rule: encrypt_to)"
            )
        if is_x509(path) != recipient.is_smime:
            said = f"{path.name} is of another kind than {recipient.certificates[0].name}: OpenPGP or X.509, not both"
            raise RecipientRefused(f"line {line}: {said} (rule: encrypt_to)")


def _refuse_code_beside_its_link(recipient: Recipient, text: str) -> None:
    """Who reads the mailbox of the links is not to find the codes there."""
    link = recipient.answer_link
    if link is not None and link.code_to.casefold() == str(recipient.transport["to"]).casefold():
        line = _line_of(text, ["transport", "answer_link", "code_to"])
        raise RecipientRefused(f"line {line}: the code would go to the mailbox of the link (rule: code_to)")


@functools.cache
def _validator() -> Any:
    import jsonschema  # noqa: PLC0415  # half a second, which no other command should pay for

    return jsonschema.Draft202012Validator(
        json.loads(SCHEMA.read_text(encoding="utf-8")), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


def _line_of(text: str, path: Iterable[Any]) -> int:
    """The line of a value, from 1; of the innermost that is there, where something is missing."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for step in path:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == step), node)
        elif isinstance(node, yaml.SequenceNode):
            node = node.value[step]
    return node.start_mark.line + 1 if node is not None else 1
