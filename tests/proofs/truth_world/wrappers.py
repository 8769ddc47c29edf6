"""Addresses that lead to a post by way of something else: archives, shims, redirects, mirrors, other identifiers."""

from collections.abc import Callable
from random import Random
from urllib.parse import quote

from proofs.truth_world.posts import INSTANCES, LETTERS, Address, Post, plain_address

MIRRORS = {
    "x": (
        *("https://nitter.net/{author}/status/{number}#m", "https://vxtwitter.com/{author}/status/{number}"),
        *("https://fxtwitter.com/{author}/status/{number}", "https://xcancel.com/{author}/status/{number}"),
    ),
    "reddit": (
        *("https://old.reddit.com/r/{author}/comments/{code}/", "https://libredd.it/r/{author}/comments/{code}/"),
        *("https://teddit.net/r/{author}/comments/{code}", "https://rxddit.com/r/{author}/comments/{code}/"),
    ),
    "youtube": (
        *("https://yewtu.be/watch?v={code}", "https://piped.video/watch?v={code}"),
        "https://www.youtube-nocookie.com/embed/{code}",
    ),
    "instagram": ("https://www.ddinstagram.com/p/{code}/", "https://imginn.com/p/{code}/"),
    "tiktok": ("https://www.vxtiktok.com/@{author}/video/{number}", "https://proxitok.example.org/@{author}/video/{number}"),
    "telegram": ("https://t.me/s/{author}/{short}", "https://tgstat.com/channel/@{author}/{short}"),
}
SHIMS = (
    "https://l.facebook.com/l.php?u={target}&h=AT0{tail}",
    "https://lm.facebook.com/l.php?u={target}",
    "https://www.google.com/url?q={target}&sa=D&source=docs",
    "https://out.reddit.com/t3_{tail}?url={target}",
    "https://www.youtube.com/redirect?event=comments&q={target}",
    "https://eur03.safelinks.protection.outlook.com/?url={target}&data=05%7C02",
    "https://vk.com/away.php?to={target}",
    "https://steamcommunity.com/linkfilter/?url={target}",
    "https://slack-redir.net/link?url={target}",
    "https://l.instagram.com/?u={target}&e=AT{tail}",
)
SHORTENERS = ("https://bit.ly/{tail}", "https://tinyurl.com/{tail}", "https://t.co/{tail}", "https://vm.tiktok.com/{tail}/")
ARCHIVES = (
    "https://web.archive.org/web/20261{month}0{day}0815{second}/{plain}",
    "https://web.archive.org/web/2026/{plain}",
    "https://archive.ph/newest/{plain}",
    "https://archive.today/?run=1&url={target}",
    "https://ghostarchive.org/search?term={target}",
    "https://webcache.googleusercontent.com/search?q=cache:{tail}:{plain}",
)


def wrap(rng: Random, post: Post, kind: str) -> Address:
    """The post by one of the ways of :data:`WRAPPERS`; where the platform has none of the kind, as an archive keeps it."""
    return (WRAPPERS[kind](rng, post)) or _archived(rng, post)


def _archived(rng: Random, post: Post) -> Address:
    plain = plain_address(rng, post)
    text = rng.choice(ARCHIVES).format(
        plain=plain.text,
        target=quote(plain.text, safe=""),
        month=rng.randrange(2),
        day=rng.randrange(1, 10),
        second=rng.randrange(10, 60),
        tail=_tail(rng),
    )
    return Address(text, plain.keys, "archive copy")


def _shimmed(rng: Random, post: Post) -> Address:
    plain = plain_address(rng, post)
    text = rng.choice(SHIMS).format(target=quote(plain.text, safe=""), tail=_tail(rng))
    return Address(text, plain.keys, "link shim")


def _redirected(rng: Random, post: Post) -> Address:
    """A redirect that says where it leads, or a short link that does not: then nothing can be read."""
    if rng.random() < 0.5:
        plain = plain_address(rng, post)
        return Address(f"https://href.li/?{plain.text}", plain.keys, "redirect")
    text = rng.choice(SHORTENERS).format(tail=_tail(rng))
    return Address(text, frozenset((text,)), "short link")


def _mirrored(rng: Random, post: Post) -> Address | None:
    forms = MIRRORS.get(post.platform)
    if not forms:
        return None
    text = rng.choice(forms).format(author=post.author, number=post.number, code=post.code, short=post.number[:7])
    return Address(text, frozenset((post.key,)), "mirror")


def _opaque(rng: Random, post: Post) -> Address | None:
    """The identifier that a share button gives. Nobody outside can tell which number it hides."""
    code = f"{post.code}{post.thread[-6:]}"
    match post.platform:
        case "facebook":
            hidden = rng.choice((f"{post.author}/posts/pfbid0{code}l", f"share/p/{post.code}/"))
            return Address(f"https://www.facebook.com/{hidden}", frozenset((f"facebook:{hidden}",)), "opaque identifier")
        case "reddit":
            return Address(f"https://www.reddit.com/r/{post.author}/s/{code}", frozenset((code,)), "opaque identifier")
        case "bluesky":
            text = f"https://bsky.app/profile/did:plc:z{post.thread}/post/{post.code}"
            return Address(text, frozenset((post.key,)), "opaque identifier")
        case _:
            return None


def _federated(rng: Random, post: Post) -> Address | None:
    if post.platform != "mastodon":
        return None
    home = INSTANCES[int(post.number) % len(INSTANCES)]
    other = rng.choice([one for one in INSTANCES if one != home])
    if rng.random() < 0.5:
        target = quote(f"https://{home}/@{post.author}/{post.number}", safe="")
        text = f"https://{other}/authorize_interaction?uri={target}"
        return Address(text, frozenset((post.key,)), "federated instance")
    number = f"9{rng.randrange(10**17, 10**18)}"
    return Address(f"https://{other}/@{post.author}@{home}/{number}", frozenset((number,)), "federated instance")


def _tail(rng: Random) -> str:
    return "".join(rng.choices(LETTERS, k=9))


WRAPPERS: dict[str, Callable[[Random, Post], Address | None]] = {
    "archive copy": _archived,
    "link shim": _shimmed,
    "redirect": _redirected,
    "mirror": _mirrored,
    "opaque identifier": _opaque,
    "federated instance": _federated,
}
