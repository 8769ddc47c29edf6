"""Read the address that a reporter gave: the post that it names, or the thread or profile around it.

Nothing is looked up: only the text of the address is used. The same post has many addresses (mobile hosts, tracking
parameters, archives, mirrors, short links that carry the id, a full stop from the sentence around it); different posts
of a thread have nearly the same one.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from hub.linkage.incidents.content_sites import (
    COMMENT_FRAGMENT,
    COMMENT_NAMES,
    MOBILE,
    PLACE_WORDS,
    POST_WORDS,
    SHORTENERS,
    SITES,
    THREADED_PLATFORMS,
    TRACKING,
    VIEW_WORDS,
    Site,
)
from hub.linkage.incidents.wrapped_urls import ARCHIVES, mirrored_host, unwrap

TRAILING = ".,;:!?)]}>'\"…*|\\"
LEADING = "<([{'\"*_"
DEFAULT_PORTS = {80, 443}
SITE_OF_HOST = {host: site for site in SITES for host in (*site.hosts, *site.short_hosts)}
SHORT_HOSTS = SHORTENERS | {host for site in SITES for host in site.short_hosts}
SHARED_PATH = re.compile(r"^/(?:share/(?:[prv]/)?|t/|r/[^/]+/s/|@[^/]+/t/)[\w-]+")
"""Share links of sites that also have full addresses: the code names a post without its id."""
SINGLE_SEGMENT_POST = re.compile(r"^\d+$|\.\w{3,5}$|(?:-\w+){3}")
FEDIVERSE_POST = re.compile(r"^/(?:web/)?(?:@|users/)(?P<owner>[^/]+)(?:/statuses)?/(?P<post>\d{6,})")
FORUM_POST = re.compile(r"^/(?:p|posts?)/(?P<post>\d{6,})$")
OF_A_HOST = 6
SNOWFLAKE_DIGITS, SNOWFLAKE_BITS = 17, 16
"""Mastodon's ids are the post's time in milliseconds and some bits of chance below it, on each instance its own."""


@dataclass(frozen=True)
class ContentAddress:
    """``post``: one post, comment, video or message; equal for equal content. ``place``: the thread, profile or page
    around it, or the whole page where no post is named: weak evidence. ``kind``: which posts have ids of this kind; of
    one kind, another id is another post. None: nobody can say, as with the code of a short link.
    """

    post: str | None = None
    place: str | None = None
    kind: str | None = None

    @property
    def is_opaque(self) -> bool:
        """Whether another ``post`` may be the same one."""
        return self.post is not None and self.kind is None

    def contradicts(self, other: "ContentAddress") -> bool:
        """Whether the two name different posts by ids of one kind. A comment does not contradict the post that it
        belongs to."""
        return self.kind is not None and self.kind == other.kind and self._is_another(other)

    def is_elsewhere(self, other: "ContentAddress") -> bool:
        """Whether the two name posts of different sites: of a copy, or of a post that was sent to both."""
        if self.kind is None or other.kind is None:
            return False
        return self.kind.partition(":")[0] != other.kind.partition(":")[0] and self._is_another(other)

    def _is_another(self, other: "ContentAddress") -> bool:
        if self.post is None or other.post is None or self.post == other.post:
            return False
        return not (self._is_part_of(other.post) or other._is_part_of(self.post))

    def _is_part_of(self, post: str) -> bool:
        return self.place == post or (self.post is not None and self.post.startswith((f"{post}/", f"{post}#")))


NO_ADDRESS = ContentAddress()


@lru_cache(maxsize=65_536)
def read_address(url: str | None, platform: str | None = None) -> ContentAddress:
    """What the address names; :data:`NO_ADDRESS` for none, or one that cannot be read. ``platform`` is the reporter's
    answer, used only where the host is no known site."""
    if not url:
        return NO_ADDRESS
    parts = _split(unwrap(_alone(url)))
    if parts is None:
        return NO_ADDRESS
    host, path, query, fragment = parts
    host = mirrored_host(host, f"{path}?{urlencode(query)}" if query else path)
    site = SITE_OF_HOST.get(host) or SITE_OF_HOST.get(host.partition(".")[2])
    if host in SHORT_HOSTS | ARCHIVES or (
        site is not None and SHARED_PATH.match(path) and site.name in {"facebook", "tiktok", "reddit"}
    ):
        return ContentAddress(f"{host}{path}") if len(path) > 1 else NO_ADDRESS
    if site is not None:
        return _read_known_site(site, host, path, query)
    return _read_other_site(host, path, query, fragment, platform)


def _alone(url: str) -> str:
    """An address without the sentence around it."""
    # Of HTML's names only this one: "&notif_id=" or "&region=" in a query begin like others.
    text = url.strip().replace("&amp;", "&")
    # An id or the name of an account may end in "_": only one that also begins the text surrounds the address.
    around = "_" if text.startswith("_") else ""
    text = text.lstrip(LEADING).rstrip(TRAILING).removesuffix(around)
    # People write an address so that nobody follows it by mistake.
    text = re.sub(r"^hxxp", "http", text, flags=re.IGNORECASE)
    return text.replace("[.]", ".").replace("(.)", ".").replace("[dot]", ".")


def _split(url: str) -> tuple[str, str, dict[str, str], str] | None:
    """Host, path, query without tracking parts, and fragment, each normalised; None if it is not an address."""
    text = url if "://" in url else f"https://{url}"
    try:
        parts = urlsplit(text)
        host = _host(parts)
    except ValueError:
        return None
    if "." not in host:
        return None
    path = re.sub(r"/{2,}", "/", unquote(parts.path)).rstrip("/" + TRAILING)
    path = path.removesuffix("/amp").removesuffix(".amp")
    named = {
        name: value.rstrip("/" + TRAILING) for name, value in sorted(parse_qsl(parts.query)) if not TRACKING.match(name)
    }
    return host, path or "/", named, unquote(parts.fragment).partition(":~:")[0]


def _host(parts: SplitResult) -> str:
    host = (parts.hostname or "").rstrip(".")
    while (shorter := MOBILE.sub("", host, count=1)) != host:
        host = shorter
    return host if parts.port is None or parts.port in DEFAULT_PORTS else f"{host}:{parts.port}"


def _read_known_site(site: Site, host: str, path: str, query: dict[str, str]) -> ContentAddress:
    whole = f"{path}?{urlencode(query)}" if query else path
    profile = f"{site.name}:{path.strip('/').casefold()}"
    for pattern in (*site.posts, *site.posts_of_hosts.get(host, ())):
        found = pattern.search(whole)
        if found is None:
            continue
        groups = found.groupdict()
        post = groups["post"] if site.keeps_case else groups["post"].casefold()
        comment = groups.get("comment") or next((query[name] for name in site.comment_names if name in query), None)
        # Some sites have two ids for one post, a number and a code.
        kind = f"{site.name}:{'number' if post.isdigit() else 'code'}"
        if comment:
            return ContentAddress(f"{site.name}:{post}#{comment}", f"{site.name}:{post}", kind)
        owner = _owner(path)
        return ContentAddress(f"{site.name}:{post}", f"{site.name}:{owner}" if owner else None, kind)
    return ContentAddress(None, profile if path != "/" else f"{site.name}:{host}")


def _owner(path: str) -> str | None:
    """The profile, group or channel that the path of a post begins with; None where it names the post alone."""
    segments = path.strip("/").casefold().split("/")
    if segments[0] in VIEW_WORDS:
        segments = segments[1:]
    length = 2 if segments[0] in PLACE_WORDS else 1
    return "/".join(segments[:length]) if len(segments) > length and segments[0] not in POST_WORDS else None


def _read_other_site(
    host: str, path: str, query: dict[str, str], fragment: str, platform: str | None
) -> ContentAddress:
    if found := FEDIVERSE_POST.match(path):
        return _read_fediverse(host, found["owner"].casefold(), found["post"])
    path = path.casefold()
    comment = next((value for name, value in query.items() if name.casefold() in COMMENT_NAMES), None)
    if comment is None and (in_fragment := COMMENT_FRAGMENT.match(fragment)):
        comment = in_fragment["comment"]
    page_query = {name: value for name, value in query.items() if name.casefold() not in COMMENT_NAMES}
    page = f"{host}{path}" + (f"?{urlencode(page_query)}" if page_query else "")
    if comment is None and (in_path := FORUM_POST.match(path)):
        comment = in_path["post"]
    if comment is not None:
        # Long numbers count the posts of a whole forum, short ones those of a thread.
        is_of_host = comment.isdigit() and len(comment) >= OF_A_HOST
        return ContentAddress(f"{host if is_of_host else page}#{comment.casefold()}", page, f"{host}:page")
    if _is_place(path, platform) and not page_query:
        return ContentAddress(None, page)
    return ContentAddress(page, f"{host}{path.rpartition('/')[0] or '/'}", f"{host}:page")


def _read_fediverse(host: str, owner: str, post: str) -> ContentAddress:
    """A post as an instance shows it: its own one, or one of another instance under an id of its own."""
    owner, _, home = owner.partition("@")
    home = home or host
    # Each instance makes the id of the time at which the post was made, which therefore tells which post it is.
    same = f"{owner} {(int(post) >> SNOWFLAKE_BITS) // 1000}" if len(post) >= SNOWFLAKE_DIGITS else post
    place = f"{home}/@{owner}"
    if home != host and same == post:
        return ContentAddress(f"{host}:{post}", place)
    return ContentAddress(f"{home}:{same}", place, f"fediverse:{host}")


def _is_place(path: str, platform: str | None) -> bool:
    """Whether a path leads to a home page, a profile or a whole thread."""
    segments = path.strip("/").split("/")
    if segments == [""] or platform in THREADED_PLATFORMS:
        return True
    if len(segments) == 1:
        # One word names a person, a page or a section, unless it is a number, a file or a title of many words.
        return not SINGLE_SEGMENT_POST.search(segments[0])
    return len(segments) == 2 and segments[0] in PLACE_WORDS
