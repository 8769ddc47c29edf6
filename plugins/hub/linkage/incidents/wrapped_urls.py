"""Addresses around addresses: archives, shims that count clicks, redirects and translations name the page that they
lead to; other hosts show the posts of a site under its own paths.

Nothing is looked up. What an archive keeps under a code of its own says nothing about which page it is.
"""

import base64
import re
from urllib.parse import parse_qsl, unquote, urlsplit

MOST_WRAPPINGS = 4
INNER = re.compile(r"(?<!^)(?:https?:/{1,2}|https?%3a%2f%2f)(?=[\w-]+(?:\.[\w-]+)+|\[)", re.IGNORECASE)
"""The beginning of a whole address inside another, in its path or as the value of a parameter."""
INNER_HOST = re.compile(
    r"^(?:web\.archive\.org/web/(?:\d+\w*|\*)|archive\.(?:today|ph|is|li|md|vn|fo)/(?:newest|oldest|latest|o/\w+|\d{4,})"
    r"|(?:[\w-]+\.)?cdn\.ampproject\.org/[acv](?:/s)?|(?:www\.)?google\.[a-z.]+/amp(?:/s)?|12ft\.io|elk\.zone"
    r"|archive\.org/web(?:/\d+)?)/(?P<url>[\w-]+(?:\.[\w-]+)+/.*)$",
    re.IGNORECASE,
)
"""Where the address inside may lack its ``https://``."""
ORIGINS = frozenset({"ref", "referrer", "referer", "source", "src", "from", "via", "origin", "context", "return"})
"""Names of parameters whose address is that of the page before. One under any other name is where a reader is sent."""
TRANSLATED, CACHE = ".translate.goog", "webcache.googleusercontent.com"
ARCHIVES = frozenset(
    {"archive.today", "archive.ph", "archive.is", "archive.li", "archive.md", "archive.vn", "archive.fo",
     "archive.org", "web.archive.org", "ghostarchive.org", "perma.cc", CACHE, "megalodon.jp"}
)  # fmt: skip
"""Hosts under whose own codes any page may be kept."""
MIRRORS = (
    (re.compile(r"^/(?:i/(?:web/)?)?(?:[^/]+/)?status(?:es)?/\d{12,}"), "x.com"),
    (re.compile(r"^/(?:watch\?(?:.*&)?v=|shorts/|embed/)[\w-]{11}(?:[?&#/]|$)"), "youtube.com"),
    (re.compile(r"^/(?:r|u|user)/[^/]+/comments/\w{4,}"), "reddit.com"),
    (re.compile(r"^/@[\w.-]+/video/\d{15,}"), "tiktok.com"),
    (re.compile(r"^/channel/@\w{4,}/\d+(?:[?#]|$)"), "t.me"),
    (re.compile(r"^/profile/[^/]+/post/[a-z0-9]{13}(?:[?#/]|$)"), "bsky.app"),
)
"""Paths that only one site gives its posts; another host that has them shows that site's posts."""


def unwrap(url: str) -> str:
    """The address that an address leads to, as far as it says so itself."""
    for _ in range(MOST_WRAPPINGS):
        inner = _inner(url)
        if inner is None:
            break
        url = inner
    return url


def _inner(url: str) -> str | None:
    """The address inside an address; None where there is none."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return None
    host = (parts.hostname or "").removeprefix("www.")
    if host.endswith(TRANSLATED):
        # "-" stands for a dot there, and "--" for itself.
        name = host.removesuffix(TRANSLATED).replace("--", "\0").replace("-", ".").replace("\0", "-")
        return f"https://{name}{parts.path}?{parts.query}"
    targets = [value for name, value in parse_qsl(parts.query) if name.casefold() not in ORIGINS]
    # Some wrap what they lead to into the query itself, or into the fragment.
    whole = [unquote(url.partition("?")[2]), unquote(parts.fragment)]
    named = (_as_address(value) for value in targets)
    return next(filter(None, named), None) or _in_path(url, host) or next(filter(None, map(_as_address, whole)), None)


def _in_path(url: str, host: str) -> str | None:
    if found := INNER.search(url.partition("?")[0]):
        inside = url[found.start() :]
        inside = unquote(inside) if "%" in inside[:12] else inside
        return re.sub(r"^(https?:)/+", r"\1//", inside, flags=re.IGNORECASE)
    cached = re.search(r"cache:(?:[\w-]+:)?([^+&\s]+)", unquote(url)) if host == CACHE else None
    named = INNER_HOST.match((url.partition("://")[2] or url).removeprefix("www."))
    wrapped = cached[1] if cached else named["url"] if named else None
    return _with_scheme(wrapped) if wrapped else None


def _as_address(value: str) -> str | None:
    if re.match(r"https?://[^/]+\.", value, re.IGNORECASE):
        return value
    if re.match(r"https?%3a", value, re.IGNORECASE):
        return unquote(value)
    if re.match(r"(?:a1)?aHR0c[\w+/=-]+$", value):
        coded = value.removeprefix("a1").replace("-", "+").replace("_", "/")
        try:
            return base64.b64decode(coded + "=" * (-len(coded) % 4)).decode()
        except ValueError:  # no such code, of letters that no code has, or of what is no text
            return None
    return None


def _with_scheme(address: str) -> str:
    return address if "://" in address else f"https://{address}"


def mirrored_host(host: str, path: str) -> str:
    """The site whose posts a host shows under that site's own paths (``path`` with its query), or the host itself."""
    return next((site for pattern, site in MIRRORS if pattern.match(path)), host)
