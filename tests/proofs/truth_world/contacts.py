"""Telephone numbers and mail addresses that belong to nobody, and the ways in which people write them.

Numbers are those that Ofcom keeps for drama. Mailboxes of the one real provider hold a hyphen, which it does not allow.
"""

from collections.abc import Iterator
from random import Random

DRAMA = (
    *("07700900", "02079460", "01134960", "01144960", "01154960", "01164960", "01174960", "01184960", "01214960"),
    *("01314960", "01414960", "01514960", "01614960", "01914980", "02896496", "02920180", "01632960"),
)
HOSTS = ("example.org", "example.com", "example.net", "mail.example.org", "post.example.com")
WORDS = (
    "red",
    "star",
    "north",
    "quiet",
    "tea",
    "moss",
    "river",
    "dot",
    "sunny",
    "blue",
    "hill",
    "acorn",
    "fox",
    "lane",
)


def telephone_numbers(rng: Random) -> Iterator[str]:
    """Numbers of eleven digits, each once; when all are given out, no more. Offices have the first of each range."""
    numbers = [f"{start}{end:03d}" for start in DRAMA for end in range(10, 1000)]
    rng.shuffle(numbers)
    return iter(numbers)


def make_mailbox(rng: Random, given: str, family: str, number: int) -> str:
    """A mailbox of a person's own; not all say the name."""
    plain = "".join(
        letter for letter in f"{given}.{family}".lower() if (letter.isascii() and letter.isalpha()) or letter == "."
    )
    local = plain if rng.random() < 0.6 else f"{rng.choice(WORDS)}.{rng.choice(WORDS)}"
    local = local.strip(".") or rng.choice(WORDS)
    if rng.random() < 0.4:
        return f"{local}-{number}@gmail.com"
    return f"{local}{number}@{rng.choice(HOSTS)}"


def write_mailbox(rng: Random, address: str) -> tuple[str, str | None]:
    """The address as it was typed, and what is odd about it."""
    local, _, host = address.partition("@")
    forms: dict[str, tuple[str, float]] = {
        "": (address, 70),
        "mail tag": (f"{local}+{rng.choice(('hub', 'news', 'police', 'x'))}@{host}", 7),
        "mail in capitals": (rng.choice((address.upper(), address.capitalize())), 6),
        "mail with a typing error": (f"{local[:-2]}{local[-1]}{local[-2]}@{host}", 2),
    }
    if host == "gmail.com":
        dotted = local.replace(".", "") if "." in local else f"{local[0]}.{local[1:]}"
        forms["mail dots"] = (f"{dotted}@{host}", 18)
        forms["other host of one mailbox"] = (f"{local}@googlemail.com", 4)
    label = rng.choices(list(forms), [weight for _, weight in forms.values()])[0]
    return forms[label][0], label or None


def write_number(rng: Random, number: str) -> tuple[str, str | None]:
    """The number as it was typed, and what is odd about it."""
    spaced = f"{number[:5]} {number[5:8]} {number[8:]}"
    draw = rng.random()
    if draw < 0.5:
        return rng.choice((number, spaced, f"{number[:5]} {number[5:]}")), None
    if draw < 0.75:
        return rng.choice(
            (f"+44 {number[1:5]} {number[5:]}", f"+44{number[1:]}", f"0044{number[1:]}")
        ), "international form"
    if draw < 0.85:
        return rng.choice(
            (f"+44 (0){number[1:5]} {number[5:]}", f"{number[:5]}-{number[5:8]}-{number[8:]}")
        ), "punctuation"
    if draw < 0.97:
        return number[1:], "telephone without its zero"
    place = rng.randrange(8, 11)
    return f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}", "telephone with a wrong digit"
