"""Words and people who do not exist, each unlike all others."""

import random
from datetime import date, timedelta

_BEGIN, _END = "bdfghklmnprstvz", ("ab", "ed", "il", "om", "ur", "an", "eth", "ik", "os", "ul")


def made_up_word(chance: random.Random, syllables: int = 2) -> str:
    return "".join(chance.choice(_BEGIN) + chance.choice(_END) for _ in range(syllables))


def made_up_person(number: int) -> dict[str, str]:
    """A person of whom nothing is another's."""
    chance = random.Random(f"person {number}")
    given, family, letters = made_up_word(chance), made_up_word(chance, 3), "ABDEFGHJLN"
    return {
        "name": f"{given}{number} {family}".title(),
        "date_of_birth": str(date(1930, 1, 1) + timedelta(days=number * 13)),
        "postcode": f"N1 {number % 10}{letters[number // 10 % 10]}{letters[number // 100 % 10]}",
        "email": f"{given}.{family}{number}@example.org",
        "phone": f"07700 900{number:03d}",
    }
