"""How the addresses of posts look on each site: which hosts are the site, where the id of a post or comment stands, and
which words lead to a thread or a profile.

Ids are written in the path, or in the query where a site's older pages keep them there. The forms are those that the
sites' own share buttons give (November 2026).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Site:
    """One site. ``posts`` are patterns over ``/path?query`` with a group ``post`` and perhaps ``comment``; the id of a
    comment may also be in one of the query's ``comment_names``. ``short_hosts`` redirect to a post whose id they do
    not say. ``keeps_case``: two ids may differ in case alone, so it is kept."""

    name: str
    hosts: tuple[str, ...]
    posts: tuple[re.Pattern[str], ...]
    comment_names: tuple[str, ...] = ()
    short_hosts: tuple[str, ...] = ()
    keeps_case: bool = True
    posts_of_hosts: Mapping[str, tuple[re.Pattern[str], ...]] = field(default_factory=dict)
    """Further patterns that hold on one host alone: on the others a path of one word is a channel or a page."""


def _patterns(*texts: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text) for text in texts)


SITES = (
    Site(
        "x",
        ("x.com", "twitter.com", "fxtwitter.com", "vxtwitter.com", "fixupx.com"),
        _patterns(r"/status(?:es)?/(?P<post>\d+)"),
        short_hosts=("t.co",),
    ),
    Site(
        "facebook",
        ("facebook.com", "fb.com", "fb.watch", "fb.me"),
        _patterns(
            r"[?&]story_fbid=(?P<post>\w+)",
            r"[?&]fbid=(?P<post>\w+)",
            r"^/watch/?\?(?:.*&)?v=(?P<post>\w+)",
            r"/(?:posts|permalink|videos|reel|photos)/(?:[^?]*/)?(?P<post>\d{4,}|pfbid\w+)(?=[/?]|$)",
        ),
        comment_names=("reply_comment_id", "comment_id"),
        short_hosts=("fb.watch", "fb.me"),
    ),
    Site(
        "instagram",
        ("instagram.com", "instagr.am", "ddinstagram.com", "kkinstagram.com", "imginn.com"),
        _patterns(
            r"/(?:p|reels?|tv)/(?!audio(?:[/?]|$))(?P<post>[\w-]{5,})(?:/c/(?P<comment>\d+))?",
            r"^/stories/(?!highlights/)[^/]+/(?P<post>\d+)",
        ),
        comment_names=("comment_id",),
    ),
    Site("threads", ("threads.net", "threads.com"), _patterns(r"/(?:post|t)/(?P<post>[\w-]{5,})")),
    Site(
        "youtube",
        ("youtube.com", "youtu.be", "youtube-nocookie.com", "music.youtube.com"),
        _patterns(
            r"^/watch/?\?(?:.*&)?v=(?P<post>[\w-]{6,})",
            r"^/(?:shorts|live|embed|v)/(?!videoseries|live_stream)(?P<post>[\w-]{6,})",
            r"^/post/(?P<post>[\w-]{6,})",
        ),
        comment_names=("lc",),
        posts_of_hosts={"youtu.be": _patterns(r"^/(?P<post>[\w-]{11})(?:\?|$)")},
    ),
    Site(
        "tiktok",
        ("tiktok.com",),
        _patterns(r"/(?:video|photo|v)/(?P<post>\d+)"),
        comment_names=("share_comment_id",),
        short_hosts=("vm.tiktok.com", "vt.tiktok.com"),
    ),
    Site(
        "telegram",
        ("t.me", "telegram.me", "telegram.dog"),
        # In a group with topics the number of the topic comes before that of the message.
        _patterns(
            r"^/(?:s/|channel/@)?(?!(?:add\w+|joinchat|boost|invoice|giftcode|proxy|share)/)"
            r"(?P<post>(?:c/\d+|[A-Za-z]\w{3,})/\d+(?:/\d+)?)"
        ),
        comment_names=("comment",),
        keeps_case=False,
    ),
    Site(
        "reddit",
        ("reddit.com", "redd.it", "np.reddit.com", "i.reddit.com"),
        _patterns(r"/comments/(?P<post>\w+)(?:/[^/?]*/(?P<comment>\w+))?"),
        keeps_case=False,
        posts_of_hosts={"redd.it": _patterns(r"^/(?P<post>\w{5,8})(?:\?|$)")},
    ),
    Site(
        "snapchat",
        ("snapchat.com", "story.snapchat.com"),
        _patterns(r"/(?:spotlight|p)/(?P<post>[\w-]{6,})"),
        short_hosts=("t.snapchat.com",),
    ),
    Site(
        "discord",
        ("discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"),
        _patterns(r"^/channels/[^/]+/\d+/(?P<post>\d+)"),
    ),
    Site(
        "twitch",
        ("twitch.tv", "clips.twitch.tv"),
        _patterns(r"/(?:videos|v)/(?P<post>\d+)", r"/clip/(?P<post>[\w-]+)"),
        posts_of_hosts={"clips.twitch.tv": _patterns(r"^/(?P<post>[A-Z][A-Za-z]+[\w-]{10,})(?:\?|$)")},
    ),
    Site(
        "bluesky",
        ("bsky.app", "fxbsky.app", "bskx.app", "skyview.social"),
        _patterns(r"/post/(?P<post>\w+)"),
        keeps_case=False,
    ),
    Site(
        "linkedin",
        ("linkedin.com",),
        _patterns(r"(?:activity|share|ugcPost)[:-](?P<post>\d{10,})"),
        comment_names=("commentUrn",),
        short_hosts=("lnkd.in",),
    ),
    Site("pinterest", ("pinterest.com", "pinterest.co.uk"), _patterns(r"^/pin/(?P<post>\d+)"), short_hosts=("pin.it",)),
    Site("tumblr", ("tumblr.com",), _patterns(r"^/(?!(?:tagged|search)/)[^/?]+/(?P<post>\d{6,})")),
)

SHORTENERS = frozenset(
    {"bit.ly", "tinyurl.com", "goo.gl", "ow.ly", "buff.ly", "is.gd", "dlvr.it", "rebrand.ly", "cutt.ly"}
)
"""Hosts whose addresses redirect; the target cannot be read from the address."""

MOBILE = re.compile(r"^(?:www\d?|m|mobile|mbasic|amp|touch|web|old|new|lite|de|en|en-gb)\.(?=[^.]+\.)")
"""First names of a host that serve the same pages; ``m.t.me`` loses it, ``m.com`` does not."""

TRACKING = re.compile(
    r"^(?:utm_\w+|fbclid|gclid|dclid|gbraid|wbraid|msclkid|twclid|ttclid|yclid|igsh|igshid|mc_[ce]id|mibextid|rdid|_rdr"
    r"|_rdc|_[rt]|ref|ref_\w+|refsrc|referrer|source|src|share(?!_comment_id$)\w*|si|feature|app|is_from_webapp|is_copy_url"
    r"|sender_\w+|web_id|__\w+|__\w+\[\d+\]|cmpid|ocid|xtor|at_\w+|spm|amp|output|hl|lang|locale|context|via|cid_?src)$",
    re.IGNORECASE,
)
"""Names of query parts that say how a reader came, not what is read: TikTok's ``share_comment_id`` is one comment."""

COMMENT_NAMES = frozenset({"comment", "comment_id", "commentid", "reply", "reply_id", "lc", "post", "pid", "message"})
COMMENT_FRAGMENT = re.compile(
    r"^(?:issue|dsq|reader|live)?-?"
    r"(?:(?:comment(?:id)?|reply|post|msg|message)[-_=/:]?|(?:c|p(?:id)?|r|id)[-_=/:]?(?=\d)|(?![a-z]+[-_]?\d{1,3}$))"
    r"(?P<comment>[\w-]*\d[\w-]*)$",
    re.IGNORECASE,
)
"""The part after ``#`` where it names a comment; ``page2`` and ``section-3`` name a part of the page."""

PLACE_WORDS = frozenset(
    {"user", "users", "u", "profile", "profiles", "people", "add", "channel", "member", "members", "account", "author",
     "thread", "threads", "topic", "topics", "discussion", "discussions", "group", "groups", "g", "r", "board",
     "boards", "forum", "forums", "tag", "tags", "hashtag", "search", "explore", "home", "feed",
     "server", "servers", "room"}
)  # fmt: skip
"""First words of a path to a profile, a group or a list of posts, whose name is the second word."""
POST_WORDS = frozenset(
    {"p", "reel", "reels", "tv", "t", "i", "status", "statuses", "comments", "watch", "shorts", "live", "embed", "v",
     "post", "posts", "permalink", "video", "videos", "photo", "photos", "spotlight", "channels", "feed", "pin", "clip",
     "story.php", "permalink.php", "photo.php"}
)  # fmt: skip
"""First words of a path that names a post and not whose it is."""
VIEW_WORDS = frozenset({"s", "web", "stories"})
"""First words of a path that say how a page is shown; what follows says whose it is."""
THREADED_PLATFORMS = frozenset({"forum", "news_comments"})
"""Where the page's own address is that of the thread, and one of its posts was reported."""
