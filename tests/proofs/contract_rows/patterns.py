"""Texts that meet a regular expression: the shortest, the longest, or any.

Only what contracts write is understood: literals, classes, groups, alternatives and counted repeats. A text is returned
only if the expression takes it.
"""

import json
import re
import string
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

MANY = 6
"""Repeats without an end are written this often at most."""
DRAWN_FOR_CODES = 40
NOT_BLANK = string.ascii_letters + string.digits + "-._~%/?#&=+é✓"
CLASSES = {"d": string.digits, "s": " ", "S": NOT_BLANK, "w": string.ascii_letters + string.digits + "_"}

type Times = Callable[[int, int], int]


def text_matching(rng: Random, pattern: str) -> str:
    """A text that the pattern takes: one in three times with the fewest repeats, one in three with the most."""
    fewest: Times = lambda low, _: low  # noqa: E731
    most: Times = lambda _, high: high  # noqa: E731
    for times in (rng.choice((fewest, most, rng.randint)), rng.randint, fewest):
        text = _Sampler(rng, pattern, times).alternatives()
        if re.search(pattern, text):
            return text
    raise AssertionError(f"no text was found for {pattern}")


@cache
def list_of_every_code(pattern: str) -> str | None:
    """A list of all codes that the pattern takes, where it is one of lists: JSON, or joined by a bar."""
    if not pattern.startswith(r"^\[") and r"\|" not in pattern:
        return None
    drawn = [text_matching(Random(number), pattern) for number in range(DRAWN_FOR_CODES)]
    if all(text.startswith("[") for text in drawn):
        found = json.dumps(sorted({code for text in drawn for code in json.loads(text)}))
    else:
        found = "|".join(sorted({code for text in drawn for code in text.split("|")}))
    return found if re.search(pattern, found) else None


@dataclass
class _Sampler:
    rng: Random
    pattern: str
    times: Times
    at: int = 0

    def alternatives(self) -> str:
        """One of ``a|b|c``, up to the end of the pattern or of its group."""
        found = [self._sequence()]
        while self._next() == "|":
            self.at += 1
            found.append(self._sequence())
        return self.rng.choice(found)

    def _sequence(self) -> str:
        parts: list[str] = []
        while self._next() not in {"", "|", ")"}:
            start = self.at
            first = self._piece()
            low, high = self._repeats()
            end = self.at
            parts.append(first if low else "")
            count = self.times(low, high)
            if not low and count:
                parts.append(first)
            for _ in range(count - 1):
                self.at = start
                parts.append(self._piece())
            self.at = end
        return "".join(parts)

    def _piece(self) -> str:
        letter = self._take()
        match letter:
            case "^" | "$":
                return ""
            case "(":
                if self.pattern.startswith("?:", self.at):
                    self.at += 2
                inner = self.alternatives()
                self.at += 1
                return inner
            case "[":
                return self.rng.choice(self._class())
            case "\\":
                escaped = self._take()
                return self.rng.choice(CLASSES[escaped]) if escaped in CLASSES else escaped
            case ".":
                return self.rng.choice(NOT_BLANK)
        return letter

    def _class(self) -> str:
        end = self.at
        while self.pattern[end] != "]" or self.pattern[end - 1] == "\\":
            end += 1
        inner, self.at = self.pattern[self.at : end], end + 1
        taken = re.compile(f"[{inner}]")
        return "".join(one for one in (NOT_BLANK if inner.startswith("^") else string.printable) if taken.match(one))

    def _repeats(self) -> tuple[int, int]:
        match self._next():
            case "*":
                self.at += 1
                return 0, MANY
            case "+":
                self.at += 1
                return 1, MANY
            case "?":
                self.at += 1
                return 0, 1
            case "{":
                end = self.pattern.index("}", self.at)
                low, comma, high = self.pattern[self.at + 1 : end].partition(",")
                self.at = end + 1
                return int(low), int(high or MANY) if comma else int(low)
        return 1, 1

    def _next(self) -> str:
        return self.pattern[self.at : self.at + 1]

    def _take(self) -> str:
        self.at += 1
        return self.pattern[self.at - 1]
