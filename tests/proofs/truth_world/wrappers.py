"""Addresses that lead to a post by way of something else: archives, shims, redirects, mirrors, other identifiers."""

from collections.abc import Callable
from random import Random
from urllib.parse import quote

from proofs.truth_world.facts import addresses
from proofs.truth_world.posts import INSTANCES, Address, Post, plain_address


def wrap(rng: Random, post: Post, kind: str) -> Address:
    """The post by one of the ways of :data:`WRAPPERS`, or from an archive where its platform has none of that kind."""
    return WRAPPERS[kind](rng, post) or _archived(rng, post)


def _archived(rng: Random, post: Post) -> Address:
    return _around(rng, post, "archives", "archive copy")


def _shimmed(rng: Random, post: Post) -> Address:
    return _around(rng, post, "shims", "link shim")


def _redirected(rng: Random, post: Post) -> Address:
    """A redirect that says where it leads, or a short link that does not: then nothing can be read."""
    if rng.random() < 0.5:
        return _around(rng, post, "redirects", "redirect")
    text = post.filled(rng, rng.choice(addresses()["shorteners"]))
    return Address(text, frozenset((text,)), "short link")


def _around(rng: Random, post: Post, kind: str, label: str) -> Address:
    plain = plain_address(rng, post)
    return Address(post.filled(rng, rng.choice(addresses()[kind]), plain.text), plain.keys, label)


def _mirrored(rng: Random, post: Post) -> Address | None:
    forms = addresses()["mirrors"].get(post.platform)
    return Address(post.filled(rng, rng.choice(forms)), frozenset((post.key,)), "mirror") if forms else None


def _opaque(rng: Random, post: Post) -> Address | None:
    """The identifier that a share button gives. Nobody outside can tell which number it hides."""
    code, label = f"{post.code}{post.thread[-6:]}", "opaque identifier"
    match post.platform:
        case "facebook":
            hidden = rng.choice((f"{post.author}/posts/pfbid0{code}l", f"share/p/{post.code}/"))
            return Address(f"https://www.facebook.com/{hidden}", frozenset((f"facebook:{hidden}",)), label)
        case "reddit":
            return Address(f"https://www.reddit.com/r/{post.author}/s/{code}", frozenset((code,)), label)
        case "bluesky":
            text = f"https://bsky.app/profile/did:plc:z{post.thread}/post/{post.code}"
            return Address(text, frozenset((post.key,)), label)
        case _:
            return None


def _federated(rng: Random, post: Post) -> Address | None:
    """The post as another instance shows it: under the first one's address, or under a number of its own."""
    if post.platform != "mastodon":
        return None
    other = rng.choice([one for one in INSTANCES if one != post.home])
    if rng.random() < 0.5:
        target = quote(f"https://{post.home}/@{post.author}/{post.number}", safe="")
        text, key = f"https://{other}/authorize_interaction?uri={target}", post.key
    else:
        key = f"9{rng.randrange(10**17, 10**18)}"
        text = f"https://{other}/@{post.author}@{post.home}/{key}"
    return Address(text, frozenset((key,)), "federated instance")


WRAPPERS: dict[str, Callable[[Random, Post], Address | None]] = {
    "archive copy": _archived,
    "link shim": _shimmed,
    "redirect": _redirected,
    "mirror": _mirrored,
    "opaque identifier": _opaque,
    "federated instance": _federated,
}
