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
WORDS = ("red", "star", "north", "quiet", "tea", "moss", "river", "dot", "sunny", "blue", "hill", "acorn", "fox", "lane")


def telephone_numbers(rng: Random) -> Iterator[str]:
    """Numbers of eleven digits, each once; when all are given out, no more. Offices have the first of each range."""
    numbers = [f"{start}{end:03d}" for start in DRAMA for end in range(10, 1000)]
    rng.shuffle(numbers)
    return iter(numbers)


def make_mailbox(rng: Random, given: str, family: str, number: int) -> str:
    """A mailbox of a person's own; not all say the name."""
    plain = "".join(letter for letter in f"{given}.{family}".lower() if letter.isascii() and letter.isalpha() or letter == ".")
    local = plain if rng.random() < 0.6 else f"{rng.choice(WORDS)}.{rng.choice(WORDS)}"
    local = local.strip(".") or rng.choice(WORDS)
    if rng.random() < 0.4:
        return f"{local}-{number}@gmail.com"
    return f"{local}{number}@{rng.choice(HOSTS)}"


def write_mailbox(rng: Random, address: str) -> tuple[str, str | None]:
    """The address as it was typed, and what is odd about it."""
    local, _, host = address.partition("@")
    draw = rng.random()
    if host == "gmail.com":
        if draw < 0.18:
            return (f"{local.replace('.', '')}@{host}" if "." in local else f"{local[0]}.{local[1:]}@{host}"), "mail dots"
        if draw < 0.28:
            return f"{local}+{rng.choice(('hub', 'news', 'police', 'x'))}@{host}", "mail tag"
        if draw < 0.32:
            return f"{local}@googlemail.com", "other host of one mailbox"
    elif draw < 0.05:
        return f"{local}+{rng.choice(('hub', 'report'))}@{host}", "mail tag"
    if 0.9 < draw < 0.96:
        return address.upper() if draw < 0.93 else address.capitalize(), "mail in capitals"
    if draw >= 0.98:
        return f"{local[:-2]}{local[-1]}{local[-2]}@{host}", "mail with a typing error"
    return address, None


def write_number(rng: Random, number: str) -> tuple[str, str | None]:
    """The number as it was typed, and what is odd about it."""
    spaced = f"{number[:5]} {number[5:8]} {number[8:]}"
    draw = rng.random()
    if draw < 0.5:
        return rng.choice((number, spaced, f"{number[:5]} {number[5:]}")), None
    if draw < 0.75:
        return rng.choice((f"+44 {number[1:5]} {number[5:]}", f"+44{number[1:]}", f"0044{number[1:]}")), "international form"
    if draw < 0.85:
        return rng.choice((f"+44 (0){number[1:5]} {number[5:]}", f"{number[:5]}-{number[5:8]}-{number[8:]}")), "punctuation"
    if draw < 0.97:
        return number[1:], "telephone without its zero"
    place = rng.randrange(8, 11)
    return f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}", "telephone with a wrong digit"
