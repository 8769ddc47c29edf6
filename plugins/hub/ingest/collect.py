"""Feed file → landing: keep the bytes of what was dropped, and write the receipt.

A file that cannot be read or moved is named in the log and left where it is, and those after it are taken.

A dropped file is first claimed by a rename inside its folder, so that a sender who puts another file under the same
name meanwhile loses nothing, and goes only after its receipt is committed. A worker that is killed in between leaves
the claim behind; the next run takes it up and meets its own receipt, so nothing counts twice.
"""

import contextlib
import hmac
import logging
import os
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path

import sqlalchemy as sa

from hub.contracts.file_names import WITHHELD, holds_contact, shown_name, withheld_name
from hub.contracts.model import FEED_NAME, Catalogue, Contract
from hub.contracts.periods import PeriodRefused, read_period
from hub.deliveries import ControlTotal, Receipt
from hub.ingest import ledger
from hub.ingest.arrivals import Arrival, register
from hub.ingest.control_totals import CONTROL_SUFFIX, control_total, is_plain
from hub.ingest.dropped_files import CannotTake, HasGone, is_ready, taking
from hub.ingest.landing_store import land, remove_landed
from hub.settings import Settings
from hub.store import landing_files
from hub.vault.hub_keys import Purpose, read_ring
from hub.warehouse.engine import begin

MAX_NAME_BYTES = 255
DIGITS_OF_HASH = 24
KNOWN_SUFFIX = re.compile(r"\.(csv|jsonl?|xml|zip|gz|parquet|xlsx?|txt|pdf)", re.IGNORECASE)
"""What comes after the last point of an e-mail address is a part of it."""
UNKNOWN = "_unknown"
CLAIMS = ".claimed"

log = logging.getLogger(__name__)


def collect_drop(settings: Settings, engine: sa.Engine, contract: Contract) -> list[Receipt]:
    """Take every file that is ready in ``drop/<feed>/``. Files still being written are left for the next run."""
    folder = settings.drop / contract.feed
    has_control = contract.form.has_control_file
    paths = [
        path
        for path in _claimed_files(folder) + _ready_files(folder)
        if not (has_control and path.name.endswith(CONTROL_SUFFIX))
    ]

    def take(path: Path) -> Receipt | None:
        claim = _claim(folder, path)
        if claim is None:
            return None
        control = _claim_control(folder, claim) if has_control else None
        stated = control_total(control) if control else None
        receipt = _take(settings, engine, _arrival(settings, contract, claim, stated), claim)
        _clear(claim, control)
        return receipt

    return _each_that_can_be_taken(paths, take)


def _each_that_can_be_taken(paths: Iterable[Path], take: Callable[[Path], Receipt | None]) -> list[Receipt]:
    receipts = []
    for path in paths:
        try:
            receipt = take(path)
        except CannotTake as problem:
            log.warning("%s", problem)
        else:
            receipts.extend([receipt] if receipt else [])
    return receipts


def collect_files(settings: Settings, engine: sa.Engine, contract: Contract, paths: Iterable[Path]) -> list[Receipt]:
    """Land files of a feed from anywhere and write their receipts; the files stay where they are. Raises
    :class:`CannotTake` at one that cannot be read."""
    receipts = []
    for path in paths:
        receipt = _take(settings, engine, arrival_of(settings, contract, path), path)
        receipts.extend([receipt] if receipt else [])
    return receipts


def arrival_of(settings: Settings, contract: Contract, path: Path) -> Arrival:
    """What is known of a file before it is read: by its name, and by the control file beside it."""
    control = path.with_name(path.name + CONTROL_SUFFIX)
    stated = control_total(control) if contract.form.has_control_file and os.path.lexists(control) else None
    return _arrival(settings, contract, path, stated)


def collect_unknown(settings: Settings, engine: sa.Engine, catalogue: Catalogue) -> list[Receipt]:
    """Take files that were dropped outside the folder of any feed: kept, and refused with the reason.

    Files for a feed whose contract is refused stay where they are until it is mended.
    """
    if not settings.drop.is_dir():
        return []
    known = catalogue.contracts.keys() | catalogue.refusals.keys()
    receipts = _collect_strays(settings, engine, settings.drop, "")
    for folder in sorted(entry for entry in settings.drop.iterdir() if entry.is_dir() and not entry.is_symlink()):
        if folder.name not in known and folder.name != CLAIMS:
            try:
                receipts += _collect_strays(settings, engine, folder, folder.name)
            except OSError as error:
                log.warning("the drop folder %s cannot be read: %s", safe_name(shown_name(folder.name)), error.strerror)
    return receipts


def _collect_strays(settings: Settings, engine: sa.Engine, folder: Path, feed: str) -> list[Receipt]:
    def take(path: Path) -> Receipt | None:
        claim = _claim(folder, path)
        if claim is None:
            return None
        receipt = _refuse_stray(settings, engine, feed, claim)
        _clear(claim)
        return receipt

    return _each_that_can_be_taken(_claimed_files(folder) + _ready_files(folder), take)


def _refuse_stray(settings: Settings, engine: sa.Engine, folder: str, path: Path) -> Receipt | None:
    """Land a file that belongs to no feed and refuse it. None when the file has gone meanwhile."""
    feed = folder if FEED_NAME.match(folder) and not holds_contact(folder) else UNKNOWN
    reason = "no feed has this name" if folder else "the file was dropped outside the folder of a feed"
    return _take(settings, engine, Arrival(feed=feed, file_name=_kept_name(settings, path.name), refusal=reason), path)


def safe_name(name: str) -> str:
    """A file name that can be printed and stored: control, format and undecodable characters become ``?``."""
    kept = (char if unicodedata.category(char)[0] != "C" else "?" for char in name)
    return "".join(kept)[:255]


def _kept_name(settings: Settings, name: str, pattern: re.Pattern[str] | None = None) -> str:
    """The name under which the hub keeps a file, says it and shows it: a keyed hash where it holds a contact."""
    if not holds_contact(name, pattern):
        return safe_name(name)
    key = read_ring(settings, Purpose.PERSON).secret
    digest = hmac.digest(key, os.fsencode(name), "sha256").hex()[:DIGITS_OF_HASH]
    return f"{WITHHELD}{digest}{known_suffix(name)}"


def known_suffix(name: str) -> str:
    """The end of a file's name, where it is one of a kind of file; else it may hold anything."""
    suffix = Path(name).suffix
    return suffix if KNOWN_SUFFIX.fullmatch(suffix) else ""


def _ready_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if is_ready(path)) if folder.is_dir() else []


def _claimed_files(folder: Path) -> list[Path]:
    """Files that a worker claimed and did not finish."""
    return sorted((folder / CLAIMS).glob("*/*"))


def _claim(folder: Path, path: Path) -> Path | None:
    """Move a file aside under its own name; None when another worker was faster. Raises :class:`CannotTake`."""
    if path.parent != folder:
        return path
    place = folder / CLAIMS / secrets.token_hex(8)
    with taking(path):
        place.mkdir(parents=True)
        try:
            return path.rename(place / path.name)
        except OSError as error:
            place.rmdir()
            if isinstance(error, FileNotFoundError):
                return None
            raise


def _claim_control(folder: Path, claim: Path) -> Path | None:
    """Move the control file of a claimed file aside too, so that it is not taken for that of a file which comes under
    the same name meanwhile, nor the other way round. None where there is none."""
    if len(os.fsencode(claim.name + CONTROL_SUFFIX)) > MAX_NAME_BYTES:
        return None
    control = claim.with_name(claim.name + CONTROL_SUFFIX)
    # Once another file of this name lies there, what lies beside it is no longer ours.
    if not control.exists() and not (folder / claim.name).exists() and is_plain(folder / control.name):
        with taking(control), contextlib.suppress(FileNotFoundError):
            (folder / control.name).rename(control)
    return control if control.exists() else None


def _clear(claim: Path, control: Path | None = None) -> None:
    with taking(claim):
        if control is not None:
            control.unlink(missing_ok=True)
        claim.unlink(missing_ok=True)
    with contextlib.suppress(FileNotFoundError):
        claim.parent.rmdir()


def _take(settings: Settings, engine: sa.Engine, arrival: Arrival, path: Path) -> Receipt | None:
    if arrival.refusal and (said := withheld_name(arrival.file_name)):
        arrival = replace(arrival, refusal=f"{arrival.refusal}; {said}")
    try:
        landed = land(settings, arrival.feed, path)
    except HasGone:
        return None
    with begin(engine) as connection:
        receipt = register(connection, landing_files(settings), arrival, landed)
        if ledger.are_bytes_destroyed(connection, receipt.delivery_id):
            remove_landed(settings, [landed.name])  # what was destroyed once does not come back with the same bytes
        return receipt


def _arrival(settings: Settings, contract: Contract, path: Path, stated: ControlTotal | None) -> Arrival:
    arrival = Arrival(
        feed=contract.feed,
        file_name=_kept_name(settings, path.name, contract.file_name_pattern),
        sender=contract.sender,
        contract_version=contract.version,
        refusal=_refusal(path),
        stated=stated,
    )
    found = contract.file_name_pattern.search(path.name) if contract.file_name_pattern else None
    if found is None:
        return arrival
    groups = {name: text for name, text in found.groupdict().items() if text}
    start, end = _period(groups.get("period"))
    sequence = groups.get("sequence", "")
    return replace(
        arrival,
        sender=groups.get("sender", contract.sender),
        sequence_number=int(sequence) if sequence.isascii() and sequence.isdigit() and len(sequence) < 18 else None,
        period_start=start,
        period_end=end,
        part=groups.get("part"),
    )


def _period(text: str | None) -> tuple[date | None, date | None]:
    """First and last day of the period in a file's name. One that cannot be read is said when the file is loaded."""
    try:
        return read_period(text or "")
    except PeriodRefused:
        return None, None


def _refusal(path: Path) -> str | None:
    if path.is_symlink():
        return "a symbolic link, not a file"
    if not path.is_file():
        return "not a regular file"
    if "\\" in path.name or ".." in path.name or safe_name(path.name) != path.name:
        return "the file's name holds control characters or leads elsewhere"
    return None
