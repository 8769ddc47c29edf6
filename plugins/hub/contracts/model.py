"""What a feed promises: its contract in the Open Data Contract Standard (ODCS v3.1), read from
``expectations/<feed>/contract.yaml``.

A contract is checked against the standard's own JSON schema, and against the custom properties that the hub knows;
an unknown key anywhere refuses it, so that there is no key that nothing reads. A refused contract is named and
leaves the other feeds up.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from open_data_contract_standard.model import OpenDataContractStandard, SchemaProperty

from hub.contracts.column_names import refuse_clashing_names
from hub.contracts.document import read_document
from hub.contracts.files import (
    USUAL_REJECTED_ROWS,
    Cadence,
    FileForm,
    Identity,
    RejectedRows,
    read_cadence,
    read_file_form,
    read_rejected_rows,
)
from hub.contracts.followed import Followed, read_followed, refuse_unfollowable
from hub.contracts.periods import PeriodRefused, refuse_unreadable
from hub.contracts.rules import (
    AgreementRule,
    ContractRefused,
    Rule,
    derive_rules,
    is_agreement,
    read_agreement,
    read_rule,
)
from hub.contracts.values import Column, FileFormat, read_column

FEED_NAME = re.compile(r"^[a-z][a-z0-9_]{2,50}$")
SNAPSHOT = "snapshot"
MOST_WITHDRAWN = 0.5
"""The share of records that an issue of the whole table may lack before a person looks at it, where none is given."""
FILE_NAME_GROUPS = frozenset({"sender", "sequence", "period", "part"})


@dataclass(frozen=True)
class Contract:
    """One feed's promises, ready for the stages.

    ``row_rules`` validate single rows (a failing row is quarantined), ``agreement_rules`` the rows of one key,
    ``delivery_rules`` the delivery as a whole (it is held). ``file_name_pattern`` may carry the groups ``sender``,
    ``sequence``, ``period`` and ``part``; a name that does not match it is taken all the same. ``sender_column``
    says who sent a row, where one file brings the rows of several. ``key_columns`` identify a record over time.
    ``most_withdrawn`` is set where each file is the whole table of its sender: an issue that lacks a larger share of
    the records before it is held. ``joins_nothing`` says why no model reads the feed's rows, where none is to. Where
    not all rows are ``followed``, the others are kept in the archive and counted.
    """

    feed: str
    title: str
    version: str
    purpose: str
    owner: str
    sender: str
    form: FileForm
    columns: tuple[Column, ...]
    identity: Identity
    row_rules: tuple[Rule, ...]
    delivery_rules: tuple[Rule, ...]
    cadence: Cadence
    event_column: str | None
    sender_column: str | None
    file_name_pattern: re.Pattern[str] | None
    rejected_rows: RejectedRows = USUAL_REJECTED_ROWS
    joins_nothing: str | None = None
    agreement_rules: tuple[AgreementRule, ...] = ()
    key_columns: tuple[Column, ...] = ()
    most_withdrawn: float | None = None
    followed: Followed | None = None

    @property
    def is_snapshot(self) -> bool:
        """Whether each file is the whole table of its sender."""
        return self.most_withdrawn is not None

    @property
    def personal_columns(self) -> tuple[Column, ...]:
        """Columns whose values live in the vault; raw holds ``<name>_token`` in their place."""
        return tuple(column for column in self.columns if column.is_personal)

    @property
    def subjects(self) -> dict[str, tuple[Column, ...]]:
        """The personal columns by whom their values are of, in the order of the contract."""
        names = dict.fromkeys(column.subject for column in self.personal_columns)
        return {name: tuple(one for one in self.personal_columns if one.subject == name) for name in names}

    @property
    def unique_keys(self) -> dict[str, tuple[Column, ...]]:
        """What no two records of a delivery share, by the unique column that each is named for: its value; of a column
        of the primary key the whole key, as each sender counts its own references."""
        return {one.name: self.key_columns if one in self.key_columns else (one,) for one in self.columns if one.unique}

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


@dataclass(frozen=True)
class Catalogue:
    """All feeds: the contracts that hold, and for each refused one the reason, by feed name."""

    contracts: Mapping[str, Contract]
    refusals: Mapping[str, str]


def read_catalogue(expectations: Path) -> Catalogue:
    """Read every ``<feed>/contract.yaml`` under ``expectations``. Never raises for a single bad contract."""
    contracts: dict[str, Contract] = {}
    refusals: dict[str, str] = {}
    for folder in sorted(path for path in expectations.iterdir() if path.is_dir()):
        try:
            contracts[folder.name] = read_contract(folder / "contract.yaml")
        except ContractRefused as refusal:
            refusals[folder.name] = str(refusal)
    return Catalogue(contracts, refusals)


def read_contract(path: Path) -> Contract:
    """Read one contract. Raises :class:`ContractRefused` naming the key that is wrong."""
    try:
        return _read_contract(path)
    except (AttributeError, LookupError, OSError, TypeError, ValueError) as error:
        # One key holds another kind of value than is read there: the other feeds stay.
        raise ContractRefused(f"cannot be read: {type(error).__name__}: {error}") from error


def _read_contract(path: Path) -> Contract:
    feed = path.parent.name
    if not FEED_NAME.match(feed):
        raise ContractRefused(f"feed name {feed!r} must be lower case letters, digits and underscores")
    document = read_document(path)
    standard = OpenDataContractStandard(**document)
    if standard.id != feed:
        raise ContractRefused(f"id is {standard.id!r}, but the folder is {feed!r}")
    schemas = standard.schema_ or []
    if len(schemas) != 1 or not schemas[0].properties:
        raise ContractRefused("schema must hold exactly one object, with properties")
    columns = tuple(read_column(item) for item in schemas[0].properties)
    refuse_clashing_names(columns)
    custom = _custom_properties(standard)
    form = read_file_form(custom("fileForm", dict, True))
    if {FileFormat.JSONL, FileFormat.XML} & set(form.formats) and (
        named := [one.name for one in columns if len(one.headers) > 1]
    ):
        raise ContractRefused(f"column {', '.join(named)}: nothing reads headerAliases of {form.formats[0]}")
    by_hand = [
        read_rule(entry, column.name, columns)
        for column, item in zip(columns, schemas[0].properties, strict=True)
        for entry in item.quality or []
        if not is_agreement(entry)
    ]
    agreement_rules = tuple(
        read_agreement(entry, column, columns)
        for column, item in zip(columns, schemas[0].properties, strict=True)
        for entry in item.quality or []
        if is_agreement(entry)
    )
    row_rules = (*(rule for column in columns for rule in derive_rules(column)), *by_hand)
    delivery_rules = tuple(read_rule(entry, None, columns) for entry in schemas[0].quality or [])
    _refuse_repeated_rules((*row_rules, *agreement_rules, *delivery_rules))
    contract = Contract(
        feed=feed,
        title=_required(standard.name, "name"),
        version=_required(standard.version, "version"),
        purpose=_required(standard.description.purpose if standard.description else None, "description.purpose"),
        owner=_owner(standard),
        sender=custom("sender", str, True),
        form=form,
        columns=columns,
        identity=_identity(custom("recordIdentity", dict, False), columns),
        row_rules=row_rules,
        agreement_rules=agreement_rules,
        delivery_rules=delivery_rules,
        cadence=read_cadence(standard.slaProperties or []),
        event_column=_event_column(custom("eventColumn", str, False), columns),
        sender_column=_sender_column(custom("senderColumn", str, False), columns),
        file_name_pattern=_file_name_pattern(custom("fileNamePattern", str, False)),
        rejected_rows=read_rejected_rows(custom("rejectedRows", dict, False)),
        joins_nothing=custom("joinsNothing", str, False),
        key_columns=_key_columns(schemas[0].properties, columns),
        most_withdrawn=_most_withdrawn(custom("delivery", str, False), custom("mostWithdrawn", float, False)),
        followed=read_followed(custom("followed", dict, False), columns, custom("senderColumn", str, False)),
    )
    compares_rows = contract.is_snapshot or bool(agreement_rules) or contract.identity.separate_when_empty is not None
    refuse_unfollowable(contract.followed, columns, contract.key_columns, compares_rows=compares_rows)
    return contract


def _custom_properties(standard: OpenDataContractStandard) -> Callable[[str, type, bool], Any]:
    known = {
        "sender",
        "fileForm",
        "recordIdentity",
        "eventColumn",
        "senderColumn",
        "fileNamePattern",
        "rejectedRows",
        "joinsNothing",
        "delivery",
        "mostWithdrawn",
        "followed",
    }
    names = Counter(str(item.property) for item in standard.customProperties or [])
    if repeated := sorted(name for name, count in names.items() if count > 1):
        raise ContractRefused(f"customProperties: {', '.join(repeated)} is there more than once")
    given = {str(item.property): item.value for item in standard.customProperties or []}
    if unknown := sorted(given.keys() - known):
        raise ContractRefused(f"customProperties: nothing reads {', '.join(unknown)}; known are {sorted(known)}")

    def take(name: str, kind: type, required: bool) -> Any:
        value = given.get(name)
        if value is None and not required:
            return None
        is_kind = isinstance(value, int | float) if kind is float else isinstance(value, kind)
        if not is_kind or isinstance(value, bool):
            must = "must be given, as" if value is None else "must be"
            raise ContractRefused(f"customProperties.{name} {must} {kind.__name__}")
        return value

    return take


def _owner(standard: OpenDataContractStandard) -> str:
    team = standard.team
    members = (team if isinstance(team, list) else team.members if team else None) or []
    owners = [member.username for member in members if member.role == "owner" and member.username]
    if len(owners) != 1:
        raise ContractRefused("team must have exactly one member with role: owner and a username")
    return owners[0]


def _identity(value: dict[str, Any] | None, columns: tuple[Column, ...]) -> Identity:
    """``recordIdentity: {separateWhenEmpty: column}``: rows whose named column is empty are separate records even
    where they are equal to the letter (anti-social behaviour without a Crime ID)."""
    if value is None:
        return Identity(separate_when_empty=None)
    if set(value) != {"separateWhenEmpty"}:
        raise ContractRefused("recordIdentity knows one key, separateWhenEmpty")
    return Identity(separate_when_empty=_known_column(value["separateWhenEmpty"], columns))


def _known_column(name: str | None, columns: tuple[Column, ...]) -> str | None:
    if name is not None and name not in {column.name for column in columns}:
        raise ContractRefused(f"column {name!r} is named, but schema[0].properties does not have it")
    return name


def _event_column(name: str | None, columns: tuple[Column, ...]) -> str | None:
    if _known_column(name, columns) is not None and all(one.format is None for one in columns if one.name == name):
        raise ContractRefused(f"eventColumn: {name} is no date or timestamp, so it says no day")
    return name


def _sender_column(name: str | None, columns: tuple[Column, ...]) -> str | None:
    if _known_column(name, columns) is not None and any(one.is_personal for one in columns if one.name == name):
        raise ContractRefused(f"senderColumn: {name} is personal, and senders are named openly")
    return name


def _file_name_pattern(text: str | None) -> re.Pattern[str] | None:
    if text is None:
        return None
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise ContractRefused(f"fileNamePattern is not a regular expression: {error}") from error
    if unknown := pattern.groupindex.keys() - FILE_NAME_GROUPS:
        raise ContractRefused(f"fileNamePattern: nothing reads the groups {sorted(unknown)}")
    try:
        refuse_unreadable(pattern)
    except PeriodRefused as refusal:
        raise ContractRefused(f"fileNamePattern: {refusal}") from refusal
    return pattern


def _required(value: str | None, name: str) -> str:
    if not value or not value.strip():
        raise ContractRefused(f"{name} must be given")
    return value.strip()


def _key_columns(properties: Sequence[SchemaProperty], columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns of the primary key, in its order."""
    pairs = [(item, column) for item, column in zip(properties, columns, strict=True) if item.primaryKey]
    return tuple(column for _, column in sorted(pairs, key=lambda pair: pair[0].primaryKeyPosition or 0))


def _most_withdrawn(delivery: str | None, share: float | None) -> float | None:
    if delivery not in (None, SNAPSHOT):
        raise ContractRefused(f"customProperties.delivery knows one value, {SNAPSHOT}; a feed without it adds records")
    if share is not None and (delivery is None or not 0 < share <= 1):
        raise ContractRefused(f"customProperties.mostWithdrawn is a share above 0 up to 1, of a feed with {SNAPSHOT}")
    return None if delivery is None else share or MOST_WITHDRAWN


def _refuse_repeated_rules(rules: tuple[Rule | AgreementRule, ...]) -> None:
    names = [rule.name for rule in rules]
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        raise ContractRefused(f"rule name {', '.join(repeated)} stands there twice")
