"""What happened in one incident, and the words in which it is told.

Each fact can be told by the victim, by somebody who saw it, or by a case worker, and in several ways. Who tells it
leaves some out; which were told is noted.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from random import Random

from proofs.truth_world.facts import groups, words

TELLING = frozenset(("abuse", "account"))
"""One of these facts is enough to tell an incident: the words that were used, the account that used them."""
POINTING = frozenset(("scene", "trigger", "threat", "clock", "count", "companion"))
"""Two of these are enough."""
ORDER = ("scene", "account", "abuse", "count", "trigger", "threat", "companion", "clock", "harm")
CHANCES = {
    "scene": 0.85,
    "account": 0.45,
    "abuse": 0.7,
    "count": 0.3,
    "trigger": 0.5,
    "threat": 0.45,
    "companion": 0.35,
    "clock": 0.4,
    "harm": 0.5,
}
"""How likely somebody is to tell a fact who tells much."""


@dataclass(frozen=True)
class Told:
    """A text, and the facts that it gives away."""

    text: str
    facts: frozenset[str]


@dataclass(frozen=True)
class Story:
    """The facts of an incident, by name."""

    facts: Mapping[str, str]
    group: str
    is_online: bool

    @property
    def account(self) -> str:
        return self.facts["account"]


def make_story(rng: Random, strand: str, *, is_online: bool, account: str, town: str) -> Story:
    """What happened, in words that are seldom those of another incident."""
    scene = (
        f"{town} {rng.choice(words('pages'))}|{rng.choice(words('topics'))}"
        if is_online
        else f"{rng.choice(words('shops'))}|{rng.choice(words('first'))} {rng.choice(words('second'))}"
    )
    facts = {
        "scene": scene,
        "account": account if is_online else rng.choice(words("people_seen")),
        "abuse": abuse(rng),
        "count": str(rng.randint(3, 48)),
        "trigger": rng.choice(words("triggers")),
        "threat": rng.choice(words("threats")),
        "companion": rng.choice(words("companions")),
        "clock": f"{rng.randint(1, 12)}.{rng.randrange(60):02d} {rng.choice(('am', 'pm'))}",
    }
    return Story(facts, rng.choice(groups(strand)), is_online)


def abuse(rng: Random) -> str:
    """What was said or written, masked."""
    said = rng.choice(words("openings")) + rng.choice(words("middles")) + rng.choice(words("endings"))
    return said if rng.random() < 0.5 else f"{said}. {rng.choice(words('middles'))}{rng.choice(words('endings'))}"


def account_name(rng: Random) -> str:
    """Longer than platforms allow, so nobody's."""
    return f"{rng.choice(words('adjectives'))}_{rng.choice(words('animals'))}_{rng.randrange(10, 99999):05d}"


def tell(rng: Random, story: Story, voice: str, *, much: float = 1.0, victim: str = "") -> Told:
    """The incident in the words of ``voice``: victim, witness or worker. With ``victim``, it names who was attacked."""
    chosen = [fact for fact in ORDER if rng.random() < CHANCES[fact] * much]
    if not set(chosen) - {"harm"}:
        return tell_briefly(rng, story, voice)
    if rng.random() < 0.4:
        rng.shuffle(chosen)
    sentences = [sentence for fact in chosen if (sentence := _sentence(rng, story, fact, voice, victim))]
    if victim:
        sentences.insert(rng.randrange(min(2, len(sentences)) + 1), _naming(rng, victim, voice))
    return Told(" ".join(one[0].upper() + one[1:] for one in sentences), frozenset(chosen) - {"harm"})


def tell_briefly(rng: Random, story: Story, voice: str) -> Told:
    """Hardly anything: it fits many incidents."""
    who = {"victim": "I was", "witness": "Someone was", "worker": "Client was"}[voice]
    where = "online" if story.is_online else "in the street"
    forms = (
        f"{who} called names {where} for being {story.group}.",
        f"{who} abused {where}. {rng.choice(words('harms'))}",
        f"{rng.choice(words('harms'))} {story.group.capitalize()} people should not have to put up with this.",
        f"Hate {'message' if story.is_online else 'incident'}, {story.group}. {rng.choice(words('harms'))}",
        f"{who} sworn at {where}, {rng.choice(('again', 'badly', 'out of nowhere', 'by people I do not know'))}.",
    )
    return Told(rng.choice(forms), frozenset())


def tell_in_stock_words(rng: Random, story: Story) -> Told:
    """A phrase that strangers use alike."""
    return Told(rng.choice(words("stock")).format(group=story.group), frozenset())


def transcribe(rng: Random, story: Story, *, lead: bool = True) -> Told:
    """The words of the post, as somebody copied them."""
    leads = ("This is what it says: ", "Copied from the screen: ", "The post reads ", "Quote: ", "")
    text = f'{rng.choice(leads) if lead else ""}"{story.facts["abuse"]}" from {story.account}'
    return Told(text, frozenset(("abuse", "account")))


def _naming(rng: Random, victim: str, voice: str) -> str:
    forms = {
        "victim": (f"My name is {victim}.", f"They used my full name, {victim}."),
        "witness": (f"It was aimed at {victim}.", f"The person attacked is {victim}.", f"I mean {victim}, who I know."),
        "worker": (
            f"Client: {victim}.",
            f"{victim} came to us about this.",
            f"Our client {victim} disclosed the following.",
        ),
    }
    return rng.choice(forms[voice])


def _sentence(rng: Random, story: Story, fact: str, voice: str, victim: str) -> str:
    subject, possessive, objective = _who(rng, voice, victim)
    value = story.facts.get(fact, "")
    fill = {"S": subject, "p": possessive, "o": objective, "them": "them"}
    match fact:
        case "scene":
            return _scene(rng, story, value)
        case "account" if story.is_online:
            forms: Collection[str] = (
                f"the account is {value}.",
                f"it was {value} who wrote it.",
                f"user name {value}.",
                f"someone calling themselves @{value} did this.",
            )
        case "account":
            forms = (f"it was {value}.", f"{value} did it.", f"the person responsible was {value}.")
        case "abuse":
            forms = (
                f'{subject} got "{value}".',
                f'the words were "{value}".',
                f"{'it said' if story.is_online else 'they shouted'}: {value}.",
                f'they {"wrote" if story.is_online else "said"} "{value}" to {objective}.',
            )
        case "count":
            forms = (f"this happened {value} times.", f"{value} messages in all.", f"I counted {value} of them.")
        case "trigger":
            forms = (f"all because {value}.", f"{value}, that set it off.", f"it began when {value}.")
        case "threat":
            forms = (f"they also {value}.", f"then someone {value}.", f"on top of that they {value}.")
        case "companion":
            return value
        case "clock":
            forms = (f"it was about {value}.", f"this was at {value}.", f"time: {value}.")
        case _:
            harms = (
                words("harms")
                if voice != "worker"
                else ("Client is distressed.", "Risk assessment done.", "Support offered.")
            )
            return rng.choice(harms)
    return rng.choice(list(forms)).format(**fill)


def _scene(rng: Random, story: Story, value: str) -> str:
    first, second = value.split("|")
    if story.is_online:
        return rng.choice(
            (
                f"this was under a post about {second} on {first}.",
                f"in the comments on {second}, in the group {first}.",
                f"on {first} somebody had shared {second} and this came below.",
                f"the page {first} had {second}.",
            )
        )
    return rng.choice(
        (
            f"it happened outside {first} on {second}.",
            f"near {first}, {second}.",
            f"on {second} by {first}.",
            f"location: {second}, opposite {first}.",
        )
    )


def _who(rng: Random, voice: str, victim: str) -> tuple[str, str, str]:
    if voice == "victim":
        return "I", "my", "me"
    if voice == "worker":
        return "the client", "the client's", "the client"
    if victim:
        return victim, "their", "them"
    return rng.choice(
        (("my neighbour", "their", "them"), ("this person", "their", "them"), ("a friend", "their", "them"))
    )
