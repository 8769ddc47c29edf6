"""Posts on platforms and the addresses that lead to them. Identifiers are outside those in use."""

from dataclasses import dataclass
from random import Random
from urllib.parse import quote

from proofs.truth_world.facts import addresses

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
SMALL = "abcdefghijklmnopqrstuvwxyz234567"
INSTANCES = ("mastodon.example.org", "social.example.net", "toot.example.com", "hachy.example.org", "queer.example.net")
WITH_POSTS = {
    "facebook": 22,
    "x": 24,
    "instagram": 12,
    "tiktok": 10,
    "youtube": 8,
    "reddit": 4,
    "telegram": 4,
    "mastodon": 4,
    "bluesky": 3,
    "threads": 2,
    "news_comments": 3,
    "forum": 2,
    "linkedin": 1,
    "tumblr": 1,
}
PRIVATE = {"whatsapp": 5, "snapchat": 3, "discord": 3, "gaming": 4, "email": 2, "sms": 2, "twitch": 1}
"""Platforms whose posts have no address that others can open."""


@dataclass(frozen=True)
class Address:
    """An address as it was pasted. ``keys`` are the identifiers of the post that can be read from it."""

    text: str
    keys: frozenset[str]
    label: str


@dataclass(frozen=True)
class Post:
    """A post, comment or video, with the identifiers its platform gives it."""

    platform: str
    number: str
    code: str
    author: str
    thread: str

    @property
    def key(self) -> str:
        """What tells the post: its number, or its code where the platform shows that alone."""
        return f"{self.platform}:{self.code if self.platform in CODED else self.number}"

    @property
    def home(self) -> str:
        """The instance of a federated platform where it was posted."""
        return INSTANCES[int(self.number) % len(INSTANCES)]

    def filled(self, rng: Random, form: str, plain: str = "") -> str:
        """An address of that form; ``plain`` is the address within it, where it has one."""
        return form.format(
            author=self.author,
            number=self.number,
            code=self.code,
            thread=self.thread,
            short=self.number[:7],
            home=self.home,
            plain=plain,
            target=quote(plain, safe=""),
            tail="".join(rng.choices(LETTERS, k=9)),
            second=rng.randrange(10, 60),
        )


CODED = frozenset(("instagram", "youtube", "reddit", "bluesky", "threads"))


def make_post(rng: Random, platform: str, author: str, *, thread: str | None = None) -> Post:
    """A post nobody else has made; of a thread, where that is given."""
    if platform == "reddit":
        code = "z" + "".join(rng.choices(SMALL, k=7))
    elif platform == "bluesky":
        code = "7" + "".join(rng.choices(SMALL, k=12))
    else:
        code = "Z" + "".join(rng.choices(LETTERS, k=10))
    return Post(
        platform, f"9{rng.randrange(10**17, 10**18)}", code, author, thread or f"8{rng.randrange(10**17, 10**18)}"
    )


def plain_address(rng: Random, post: Post) -> Address:
    """The address that the platform shows, on a computer, a telephone or with what it adds for counting."""
    form = rng.choice(addresses()["plain"][post.platform])
    return Address(post.filled(rng, form), frozenset((post.key,)), "plain address")


def author_address(post: Post) -> Address:
    """The profile alone: it tells who wrote, not which post."""
    return Address(f"https://{_host(post)}/{post.author}", frozenset(), "profile alone")


def thread_address(post: Post) -> Address:
    """The page or thread of the post, which is that of many others too."""
    return Address(f"https://{_host(post)}/groups/{post.thread}", frozenset(), "page or thread alone")


def _host(post: Post) -> str:
    return {"facebook": "www.facebook.com", "x": "x.com", "instagram": "www.instagram.com"}.get(
        post.platform, f"{post.platform.replace('_', '-')}.example.com"
    )
