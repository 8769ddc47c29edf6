"""Texts as people and machines disguise or spoil them: homoglyphs, leetspeak, emoji, retyped pictures."""

from collections.abc import Callable
from random import Random

LOOKALIKES = dict(zip("aceopxyijABCEHKMOPTX", "асеорхуіјАВСЕНКМОРТХ", strict=True))  # noqa: RUF001
LEET = {"a": "4", "e": "3", "i": "1", "o": "0", "s": "5", "t": "7"}
EMOJI = ("😡", "🤮", "🐍", "🔥", "😂😂", "👎", "💀", "🐷", "🇬🇧", "👏")
MISREAD = (("rn", "m"), ("l", "1"), ("O", "0"), ("cl", "d"), ("i", "l"), ("e", "c"), (". ", " . "), ("'", ""))
CURLY = {'"': "”", "'": "’", "-": "–"}  # noqa: RUF001


def homoglyphs(rng: Random, text: str) -> str:
    """Letters of other alphabets that look alike."""
    return "".join(LOOKALIKES[one] if one in LOOKALIKES and rng.random() < 0.6 else one for one in text)


def leetspeak(rng: Random, text: str) -> str:
    """Digits for letters."""
    return "".join(LEET[one] if one in LEET and rng.random() < 0.55 else one for one in text)


def with_emoji(rng: Random, text: str) -> str:
    """Pictures between the words."""
    return " ".join(f"{word} {rng.choice(EMOJI)}" if rng.random() < 0.25 else word for word in text.split(" "))


def retyped(rng: Random, text: str) -> str:
    """As a reader of pictures understood it: misread letters, broken lines, curly quotes."""
    for wrong, right in rng.sample(MISREAD, 4):
        first, *rest = text.split(wrong)
        text = first + "".join(rng.choice((wrong, wrong, right)) + piece for piece in rest)
    text = "".join(CURLY.get(one, one) for one in text)
    return "\n".join(_lines(text.split(" "), rng.randint(4, 8)))


def hurried(rng: Random, text: str) -> str:
    """Typed on a telephone: no capitals, letters left out or doubled."""
    letters = (one * 2 if rng.random() < 0.012 else "" if rng.random() < 0.012 else one for one in text.lower())
    return "".join(letters).replace(". ", rng.choice((". ", " ", "... ")))


def _lines(parts: list[str], length: int) -> list[str]:
    return [" ".join(parts[start : start + length]) for start in range(0, len(parts), length)]


DISGUISES: dict[str, Callable[[Random, str], str]] = {
    "homoglyphs": homoglyphs,
    "leetspeak": leetspeak,
    "emoji": with_emoji,
    "retyped picture": retyped,
}
