"""Posts on platforms and the addresses that lead to them. Identifiers are outside those in use."""

from dataclasses import dataclass
from random import Random

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
"""Platforms of which nobody can give an address."""


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


CODED = frozenset(("instagram", "youtube", "reddit", "bluesky", "threads"))


def make_post(rng: Random, platform: str, author: str, *, thread: str | None = None) -> Post:
    """A post nobody else has made; of a thread, where that is given."""
    if platform == "reddit":
        code = "z" + "".join(rng.choices(SMALL, k=7))
    elif platform == "bluesky":
        code = "7" + "".join(rng.choices(SMALL, k=12))
    else:
        code = "Z" + "".join(rng.choices(LETTERS, k=10))
    return Post(platform, f"9{rng.randrange(10**17, 10**18)}", code, author, thread or f"8{rng.randrange(10**17, 10**18)}")


def plain_address(rng: Random, post: Post) -> Address:
    """The address that the platform shows, on a computer, a telephone or with what it adds for counting."""
    author, number, code = post.author, post.number, post.code
    match post.platform:
        case "facebook":
            forms = [
                f"https://www.facebook.com/{author}/posts/{number}",
                f"https://m.facebook.com/story.php?story_fbid={number}&id={post.thread}",
                f"https://www.facebook.com/permalink.php?story_fbid={number}&id={post.thread}",
                f"https://facebook.com/{author}/posts/{number}?ref=share&mibextid=ZZ{code[:4]}",
            ]
        case "x":
            forms = [
                f"https://x.com/{author}/status/{number}",
                f"https://twitter.com/{author}/status/{number}?s=20",
                f"https://mobile.twitter.com/{author}/status/{number}",
                f"https://x.com/i/web/status/{number}",
                f"https://x.com/{author}/status/{number}/photo/1",
            ]
        case "instagram":
            forms = [
                f"https://www.instagram.com/p/{code}/",
                f"https://www.instagram.com/reel/{code}/?igsh=MzR{code[3:8]}==",
                f"https://instagram.com/{author}/p/{code}",
            ]
        case "tiktok":
            forms = [
                f"https://www.tiktok.com/@{author}/video/{number}",
                f"https://m.tiktok.com/v/{number}.html",
                f"https://www.tiktok.com/@{author}/video/{number}?is_from_webapp=1&sender_device=pc",
            ]
        case "youtube":
            forms = [
                f"https://www.youtube.com/watch?v={code}",
                f"https://youtu.be/{code}?si={post.thread[:8]}",
                f"https://m.youtube.com/watch?v={code}&t={rng.randrange(400)}s",
                f"https://www.youtube.com/shorts/{code}",
            ]
        case "reddit":
            forms = [
                f"https://www.reddit.com/r/{author}/comments/{code}/",
                f"https://redd.it/{code}",
                f"https://www.reddit.com/comments/{code}?utm_source=share",
            ]
        case "telegram":
            forms = [f"https://t.me/{author}/{number[:7]}", f"https://telegram.me/{author}/{number[:7]}?single"]
        case "mastodon":
            home = INSTANCES[int(number) % len(INSTANCES)]
            forms = [f"https://{home}/@{author}/{number}", f"https://{home}/users/{author}/statuses/{number}"]
        case "bluesky":
            forms = [f"https://bsky.app/profile/{author}.example.org/post/{code}"]
        case "threads":
            forms = [f"https://www.threads.net/@{author}/post/{code}", f"https://www.threads.com/@{author}/post/{code}"]
        case "news_comments":
            forms = [f"https://news.example.com/story/{post.thread}#comment-{number}"]
        case "forum":
            forms = [f"https://board.example.net/t/{post.thread}?post={number}", f"https://board.example.net/p/{number}"]
        case _:
            forms = [f"https://www.{post.platform}.com/posts/{author}-{number}"]
    return Address(rng.choice(forms), frozenset((post.key,)), "plain address")


def author_address(post: Post) -> Address:
    """The profile alone: it tells who wrote, not which post."""
    return Address(f"https://{_host(post)}/{post.author}", frozenset(), "profile alone")


def thread_address(post: Post) -> Address:
    """The page beneath which the post stands; many others stand there too."""
    return Address(f"https://{_host(post)}/groups/{post.thread}", frozenset(), "page or thread alone")


def _host(post: Post) -> str:
    return {"facebook": "www.facebook.com", "x": "x.com", "instagram": "www.instagram.com"}.get(
        post.platform, f"{post.platform.replace('_', '-')}.example.com"
    )
