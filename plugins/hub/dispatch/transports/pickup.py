"""A folder from which the recipient takes its files, on a disk of this machine or on an SFTP server.

``<id>.json`` appears whole, and once for each id, just after ``<id>.pdf`` for people and, where the recipient takes it,
``<id>.xarf.jsonl``; all end with ``.pgp`` where they are encrypted. They are written under ``.staging``, marked there
as whole, and only then renamed. A process that is killed in between leaves either no mark, and all are written again,
or a mark. With a mark, a file that is still in staging is written again and renamed; one that is not was renamed
before, even if the recipient has taken it away. Marks stay for good, so a hub that was restored does not send again
what it had sent since.

The recipient moves a file away, or puts ``<id>.received`` beside it; answers go into ``answers``.
"""

import hashlib
import itertools
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from hub.dispatch.package import SCHEMA
from hub.dispatch.transports import AnswersLeft, Parcel, Receipt, TransientFault
from hub.store.folder import sync

STAGING, ANSWERS = ".staging", "answers"
BESIDE = (".pdf", ".xarf.jsonl")
"""Files that are made from a document, and lie beside it."""
FORMS = (*BESIDE, ".json")
"""Of each document; what proves that it was delivered is the last."""
ENDINGS = PLAIN, ENCRYPTED = ("", ".pgp")
LONGEST_RECEIPT = 1024**2
FOREIGN = "a file with answers names another than the recipient"
PACKAGE = "package"


class Files(Protocol):
    """The files of such a folder, by their paths in it. What cannot be done raises OSError, or
    :class:`~hub.dispatch.transports.TransientFault` where more is to be said."""

    place: str
    """What it is called in proofs and problems."""

    def prepare(self) -> None:
        """Make sure that files can be put there, that it is the right place, and that there is a folder for answers."""

    def put(self, path: str, content: bytes) -> None:
        """Write a file; it is on the disk, the name too, when this returns. Killed before, it may leave a part."""

    def rename(self, path: str, to: str) -> None:
        """Give a file another name at once; one of that name is replaced."""

    def exists(self, path: str) -> bool:
        """Whether there is anything of that name."""

    def names(self) -> Collection[str]:
        """What lies in the folder itself; nothing where there is none."""

    def start_of(self, path: str) -> bytes | None:
        """The first :data:`LONGEST_RECEIPT` bytes of a file; None where it is no plain one."""

    def whole_answers(self) -> Collection[str]:
        """The names of plain files among the answers that nobody writes to any more."""

    def fetch_answers(self, name: str, to: Path) -> bool:
        """Copy a file with answers; False where it was changed meanwhile."""

    def remove(self, path: str) -> None:
        """Take a file away, where there is one: the recipient may have done so just now."""

    def close(self) -> None:
        """End a connection, where there is one."""


class PickUp:
    """The transport by such a folder. ``is_foreign`` says of a file with answers whether it answers for somebody else;
    ``readable`` makes the PDF of a document, ``xarf`` the reports of a notice (None for any other), and both appear
    just before it; ``encrypt`` encrypts all, or raises :class:`~hub.dispatch.transports.TransientFault`."""

    def __init__(
        self,
        files: Files,
        *,
        is_foreign: Callable[[Path], bool] = lambda _: False,
        readable: Callable[[str], bytes] | None = None,
        xarf: Callable[[str], bytes | None] | None = None,
        encrypt: Callable[[bytes], bytes] | None = None,
    ) -> None:
        self.files, self.is_foreign, self.readable, self.encrypt = files, is_foreign, readable, encrypt
        self.xarf = xarf

    def send(self, parcel: Parcel) -> Receipt:
        """Let the document lie in the folder, once. What still lies of a package goes with its withdrawal, when
        persons in it were erased, or once a newer one is there."""
        whole, ending = f"{STAGING}/{parcel.name}.whole", ENCRYPTED if self.encrypt is not None else PLAIN
        with self._faults():
            self._prepare()
            if parcel.document != PACKAGE:
                self._take_back(str(parcel.dispatch_id))
            elif parcel.supersedes is not None:
                self._clear_staging(parcel.supersedes)
            is_new = not self.files.exists(whole)
            self._stage_all(parcel, is_new=is_new)
            if is_new:
                self.files.put(whole, b"")
            for form in FORMS:
                name = f"{parcel.name}{form}{ending}"
                if self.files.exists(f"{STAGING}/{name}"):
                    self.files.rename(f"{STAGING}/{name}", name)
            other = PLAIN if ending == ENCRYPTED else ENCRYPTED
            if not is_new and self.files.exists(f"{parcel.name}.json{other}"):
                ending = other  # it was put there by an earlier attempt, when the contract said otherwise
            for version in _versions_before(parcel):
                self._take_back(version)
        of_what = "SHA-256" if ending == PLAIN else "SHA-256 of what is encrypted, without persons,"
        return Receipt(f"{parcel.name}.json{ending} lies in {self.files.place}, {of_what} {parcel.sha256}", False)

    def _stage_all(self, parcel: Parcel, *, is_new: bool) -> None:
        """Where the package itself is left of an earlier attempt, what goes beside it may lie in the folder already:
        all are made again, so that they agree."""
        is_left = any(self.files.exists(f"{STAGING}/{parcel.name}.json{one}") for one in ENDINGS)
        made = dict(self._forms(parcel.text))
        for form, ending in itertools.product(FORMS, ENDINGS):
            if form not in made:  # an earlier attempt made it, when the contract asked for it
                self.files.remove(f"{STAGING}/{parcel.name}{form}{ending}")
        for form, content in made.items():
            self._stage(f"{parcel.name}{form}", content, is_new=is_new or is_left)
        if is_left and not is_new:
            for form, one in itertools.product(BESIDE, ENDINGS):
                self.files.remove(f"{parcel.name}{form}{one}")

    def _forms(self, text: str) -> Iterator[tuple[str, bytes]]:
        if self.readable is not None:
            yield ".pdf", self.readable(text)
        if self.xarf is not None and (reports := self.xarf(text)) is not None:
            yield ".xarf.jsonl", reports
        yield ".json", text.encode()

    def _stage(self, name: str, content: bytes, *, is_new: bool) -> None:
        """Write a file that was not renamed yet. One that an earlier attempt left is written again: the keys or the
        contract may have changed since."""
        left = [one for one in ENDINGS if self.files.exists(f"{STAGING}/{name}{one}")]
        if not (is_new or left):
            return
        ending, content = (PLAIN, content) if self.encrypt is None else (ENCRYPTED, self.encrypt(content))
        self.files.put(f"{STAGING}/{name}{ending}", content)
        for one in left:  # only now: were nothing left when this process is killed, it would count as renamed
            if one != ending:
                self.files.remove(f"{STAGING}/{name}{one}")

    def _take_back(self, name: str) -> None:
        """Remove a package of which an attempt came to nothing, or that the recipient has not taken: it has put no
        receipt beside it."""
        self._clear_staging(name)
        if not self.files.exists(f"{name}.received"):
            for one in _names_of(name):
                self.files.remove(one)

    def _clear_staging(self, name: str) -> None:
        """Remove what an attempt that came to nothing has left of a package that is not sent any more."""
        for one in _names_of(name):
            self.files.remove(f"{STAGING}/{one}")

    def deliveries(self, sent: Collection[uuid.UUID], /) -> Mapping[uuid.UUID, str]:
        """What the recipient has moved away or put a receipt beside. Where a fault ends the look, what was found by
        then counts, and the next look goes on from there."""
        found: dict[uuid.UUID, str] = {}
        with self._faults():
            names = self.files.names() if sent else ()
        for one in sent:
            try:
                with self._faults():
                    proof = self._proof(one, names)
            except TransientFault:
                if found:
                    break
                raise
            if proof is not None:
                found[one] = proof
        return found

    def _proof(self, one: uuid.UUID, names: Collection[str]) -> str | None:
        receipt = f"{one}.received"
        said = self.files.start_of(receipt) if receipt in names else None
        if said is not None:
            whole = "" if len(said) < LONGEST_RECEIPT else f" of its first {LONGEST_RECEIPT} bytes"
            return f"{receipt}, SHA-256{whole} {_sha256(said)}"
        is_there = any(f"{one}.json{ending}" in names for ending in ENDINGS)
        if not is_there and self.files.exists(f"{STAGING}/{one}.whole"):
            return f"{one}.json was taken from {self.files.place}"
        return None

    def collect_answers(self, drop: Path, /) -> int:
        """Each file goes into the drop folder whole, under its own name; one that waits there is not replaced. One that
        cannot be collected keeps no other back."""
        count, problems = 0, dict[str, None]()
        with self._faults():
            names = sorted(self.files.whole_answers())
        for name in names:
            try:
                with self._faults():
                    count += self._collect(name, drop)
            except TransientFault as fault:
                problems[str(fault)] = None
        if problems:
            raise AnswersLeft("; ".join(problems), count)
        return count

    def _collect(self, name: str, drop: Path) -> bool:
        """Whether the file is in the drop folder now. It is on the disk there before it is taken away here."""
        target, part = drop / name, drop / f".{name}"
        if target.exists():
            return False
        drop.mkdir(parents=True, exist_ok=True)
        if not self.files.fetch_answers(name, part):
            part.unlink()
            return False
        if self.is_foreign(part):
            part.unlink()
            raise TransientFault(FOREIGN)
        sync(part)
        part.rename(target)
        sync(drop)
        self.files.remove(f"{ANSWERS}/{name}")
        return True

    def close(self) -> None:
        """End the connection, where there is one."""
        self.files.close()

    def _prepare(self) -> None:
        self.files.prepare()
        schema = SCHEMA.read_bytes()
        if not self.files.exists(SCHEMA.name) or self.files.start_of(SCHEMA.name) != schema:
            self.files.put(f"{STAGING}/{SCHEMA.name}", schema)
            self.files.rename(f"{STAGING}/{SCHEMA.name}", SCHEMA.name)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """What the system refuses may pass."""
        try:
            yield
        except OSError as error:
            raise TransientFault(f"{self.files.place}: {error.strerror}") from None


def _versions_before(parcel: Parcel) -> Iterator[str]:
    if parcel.document == PACKAGE and parcel.supersedes is not None:
        yield from (parcel.supersedes, *parcel.earlier)


def _names_of(name: str) -> list[str]:
    return [f"{name}{form}{ending}" for form in FORMS for ending in ENDINGS]


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
