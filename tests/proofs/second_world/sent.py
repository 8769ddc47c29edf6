"""What a made-up sender sends: records, and what the hub has to say of each."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

type Cells = Mapping[str, object]
"""By header; texts, and in JSON truth values and lists of texts too. What is None is not given."""


@dataclass(frozen=True)
class Record:
    """A record of a file, or what stands in its place."""

    cells: Cells
    kind: str = "clean"
    """What has been done to it, in words."""
    may_break: frozenset[str] = frozenset()
    """The rules that are right to reject it; one of them must. None: it must be accepted."""
    is_repeated: bool = False
    """It was sent before, to the letter: it is counted as duplicate, or its key is refused the second time."""
    line: bytes | None = field(default=None, repr=False)
    """What the file has in its place, where that is no longer its cells."""

    def changed(self, kind: str, rules: frozenset[str], /, **cells: object) -> "Record":
        """The same record with other cells."""
        return replace(self, kind=kind, may_break=rules, cells={**self.cells, **cells})

    def written_as(self, kind: str, rules: frozenset[str], line: bytes) -> "Record":
        """The same record as a line that a sender spoiled."""
        return replace(self, kind=kind, may_break=rules, line=line)

    @property
    def is_wrong(self) -> bool:
        """Whether it must be rejected."""
        return bool(self.may_break)

    def is_met_by(self, rule: str | None) -> bool:
        """Whether what the hub said is right: the rule by which it rejected the record, or none."""
        if rule is None:
            return not self.is_wrong or self.is_repeated
        return any(fnmatchcase(rule, one) for one in self.may_break)
