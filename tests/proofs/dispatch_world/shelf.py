"""A recipient that takes files from a folder, here or on its SFTP server, and looks at it the whole time."""

import random
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Self

from proofs.dispatch_world.keys import KeyRing
from proofs.dispatch_world.record import Record

LOOKS_EVERY = 0.03
LAZY = 0.25
"""Of the packages so many lie there for some turns before they are taken."""
LEAVES_A_RECEIPT = 0.4


class Shelf:
    """Takes each file as soon as it is seen, or after some turns; it moves it away or puts a receipt beside it. A file
    that it has moved away is new to it when it appears again: it does not look at ids."""

    def __init__(
        self, recipient: str, record: Record, folder: Path, ring: KeyRing | None, hand_over: Callable[[Path], None]
    ) -> None:
        self.recipient, self.record, self.folder, self.ring = recipient, record, folder, ring
        self.hand_over = hand_over
        self.chance = random.Random(recipient)
        self.receipts: dict[str, str] = {}
        self.taken_away: set[str] = set()
        self.is_diligent = False
        self._seen: dict[str, tuple[int, int]] = {}
        self.lock = threading.Lock()
        self._ended = threading.Event()

    @property
    def ending(self) -> str:
        return ".json" if self.ring is None else ".json.pgp"

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._look_all_the_time, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _look_all_the_time(self) -> None:
        while not self._ended.wait(LOOKS_EVERY):
            with self.lock:
                self.look()

    def look(self) -> None:
        """Take what is due."""
        for path in sorted(self.folder.glob(f"*-*-*-*{self.ending}")):
            name = path.name.removesuffix(self.ending)
            if name in self.receipts:
                continue
            first, lag = self._seen.setdefault(name, (self.record.turn, self._lag()))
            if self.is_diligent or self.record.turn >= first + lag:
                self._take(path, name, is_fresh=self.record.turn == first)

    def _lag(self) -> int:
        return self.chance.randint(1, 3) if self.chance.random() < LAZY else 0

    def _take(self, path: Path, name: str, *, is_fresh: bool) -> None:
        beside = path.with_name(path.name.replace(".json", ".pdf"))
        try:
            text = self._read(path, is_fresh=is_fresh)
            page = self._read(beside, is_fresh=is_fresh)
        except FileNotFoundError:
            if path.exists():
                self.record.note_wrong(f"{self.recipient} sees {path.name} without its PDF")
                self._seen[name] = (self.record.turn + 1, 0)
            return  # the hub has taken it back just now
        except ValueError as wrong:
            self.record.note_wrong(f"{self.recipient} cannot read {path.name}: {wrong}")
            self._seen[name] = (self.record.turn + 1, 0)
            return
        if not (page.startswith(b"%PDF-") and b"%%EOF" in page[-32:]):
            self.record.note_wrong(f"{self.recipient} sees half of a PDF: {beside.name}")
        try:
            self._keep(path, beside, name, text)
        except ValueError:
            self.record.note_wrong(f"{self.recipient} sees half of {path.name}")

    def _keep(self, path: Path, beside: Path, name: str, text: bytes) -> None:
        """The document is in hand from here on, whatever becomes of the file."""
        if name in self.taken_away:
            self.record.note_wrong(f"{self.recipient} finds {name} again after it was moved away")
        self.record.came(self.recipient, name, text.decode())
        if "." not in name and self.chance.random() < LEAVES_A_RECEIPT:
            words = f"{self.recipient} has {name}"
            receipt = self.folder / f"{name}.received"
            draft = self.folder / f".{name}.received"
            draft.write_text(words)
            self.hand_over(draft)
            draft.rename(receipt)
            self.receipts[name] = words
        else:
            path.unlink(missing_ok=True)
            beside.unlink(missing_ok=True)
            self.taken_away.add(name)

    def _read(self, path: Path, *, is_fresh: bool) -> bytes:
        content = path.read_bytes()
        return content if self.ring is None else self.ring.read(content, strictly=is_fresh)
