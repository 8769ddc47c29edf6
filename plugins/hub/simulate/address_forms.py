"""The ways in which one post is written as an address, platform by platform.

Hosts and forms are those of the real platforms. No account, post or channel is: account names are longer than the
platform allows, numbers lie far beyond those given out, and identifiers end in signs that none ends in.
"""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Form:
    """One way: how often it is used, and its parts in braces. ``tracking`` are parameters that say who shared it."""

    share: float
    path: str
    tracking: Sequence[str] = ()


UTM = "utm_source={platform}&utm_medium=social&utm_campaign={share}"
X_TRACKING = ("s=20&t={share}", "ref_src=twsrc%5Etfw", "s=46", "ref_url=https%3A%2F%2Fnews.example.org", UTM)
FACEBOOK_TRACKING = ("mibextid={share}", "fbclid=IwAR{share}", "__tn__=%2CO%2CP-R", "rdid={share}", UTM)
TIKTOK_TRACKING = ("is_from_webapp=1&sender_device=pc", "_r=1&_t={share}", "lang=en", UTM)
INSTAGRAM_TRACKING = ("igshid={share}", "igsh={share}==", "utm_source=ig_web_copy_link", "hl=en")
YOUTUBE_TRACKING = ("feature=share", "si={share}", "ab_channel=Sample", "pp={share}")
REDDIT_TRACKING = ("utm_source=share&utm_medium=web2x&context=3", "context=3", "rdt=40213", "share_id={share}")
PLAIN_TRACKING = (UTM, "fbclid=IwAR{share}", "gclid={share}", "ref=home")

POST_FORMS: dict[str, Sequence[Form]] = {
    "x": (
        Form(0.45, "x.com/{account}/status/{number}", X_TRACKING),
        Form(0.20, "twitter.com/{account}/status/{number}", X_TRACKING),
        Form(0.12, "mobile.twitter.com/{account}/status/{number}", X_TRACKING),
        Form(0.07, "www.x.com/{account}/status/{number}/photo/1"),
        Form(0.08, "x.com/i/web/status/{number}", X_TRACKING),
        Form(0.04, "m.twitter.com/{account}/statuses/{number}"),
        Form(0.04, "t.co/{short}"),
    ),
    "facebook": (
        Form(0.34, "www.facebook.com/{account}/posts/{number}", FACEBOOK_TRACKING),
        Form(0.20, "m.facebook.com/story.php?story_fbid={number}&id={owner}", FACEBOOK_TRACKING),
        Form(0.20, "www.facebook.com/permalink.php?story_fbid={number}&id={owner}", FACEBOOK_TRACKING),
        Form(0.12, "facebook.com/{account}/posts/a-sample-title/{number}/", FACEBOOK_TRACKING),
        Form(0.10, "mbasic.facebook.com/{account}/posts/{number}"),
        Form(0.04, "fb.watch/{short}/"),
    ),
    "tiktok": (
        Form(0.62, "www.tiktok.com/@{account}/video/{number}", TIKTOK_TRACKING),
        Form(0.18, "m.tiktok.com/v/{number}.html", TIKTOK_TRACKING),
        Form(0.14, "tiktok.com/@{account}/video/{number}", TIKTOK_TRACKING),
        Form(0.06, "vm.tiktok.com/{short}/"),
    ),
    "instagram": (
        Form(0.50, "www.instagram.com/p/{code}/", INSTAGRAM_TRACKING),
        Form(0.20, "instagram.com/p/{code}", INSTAGRAM_TRACKING),
        Form(0.15, "www.instagram.com/{account}/p/{code}/", INSTAGRAM_TRACKING),
        Form(0.15, "m.instagram.com/p/{code}/", INSTAGRAM_TRACKING),
    ),
    "youtube": (
        Form(0.40, "www.youtube.com/watch?v={code}", YOUTUBE_TRACKING),
        Form(0.22, "youtu.be/{code}", YOUTUBE_TRACKING),
        Form(0.20, "m.youtube.com/watch?v={code}", YOUTUBE_TRACKING),
        Form(0.08, "www.youtube.com/watch?app=desktop&v={code}&t=31s"),
        Form(0.05, "youtube.com/shorts/{code}", YOUTUBE_TRACKING),
        Form(0.05, "www.youtube.com/embed/{code}"),
    ),
    "telegram": (
        Form(0.62, "t.me/{account}/{small}"),
        Form(0.18, "t.me/s/{account}/{small}"),
        Form(0.10, "telegram.me/{account}/{small}"),
        Form(0.10, "t.me/{account}/{small}?single"),
    ),
    "snapchat": (
        Form(0.8, "www.snapchat.com/spotlight/{code}", ("share_id={share}&locale=en-GB",)),
        Form(0.2, "snapchat.com/spotlight/{code}"),
    ),
    "reddit": (
        Form(0.44, "www.reddit.com/r/{account}/comments/{base36}/a_sample_title/", REDDIT_TRACKING),
        Form(0.20, "old.reddit.com/r/{account}/comments/{base36}/a_sample_title/", REDDIT_TRACKING),
        Form(0.16, "m.reddit.com/r/{account}/comments/{base36}/", REDDIT_TRACKING),
        Form(0.10, "www.reddit.com/comments/{base36}"),
        Form(0.10, "redd.it/{base36}"),
    ),
    "gaming": (Form(1.0, "play.example.org/{account}/clips/{small}", PLAIN_TRACKING),),
    "website": (
        Form(0.7, "www.example.org/{account}/{small}.html", PLAIN_TRACKING),
        Form(0.2, "m.example.org/{account}/{small}.html", PLAIN_TRACKING),
        Form(0.1, "example.org/{account}/{small}.html", PLAIN_TRACKING),
    ),
}
COMMENT_FORMS: dict[str, Sequence[Form]] = {
    "facebook": (
        Form(0.6, "www.facebook.com/{account}/posts/{number}?comment_id={comment}", FACEBOOK_TRACKING),
        Form(0.4, "m.facebook.com/story.php?story_fbid={number}&id={owner}&comment_id={comment}", FACEBOOK_TRACKING),
    ),
    "instagram": (Form(1.0, "www.instagram.com/p/{code}/c/{comment}/", INSTAGRAM_TRACKING),),
    "youtube": (
        Form(0.7, "www.youtube.com/watch?v={code}&lc=Ug{comment}", YOUTUBE_TRACKING),
        Form(0.3, "m.youtube.com/watch?v={code}&lc=Ug{comment}", YOUTUBE_TRACKING),
    ),
    "telegram": (Form(1.0, "t.me/{account}/{small}?comment={comment}"),),
    "reddit": (
        Form(0.6, "www.reddit.com/r/{account}/comments/{base36}/a_sample_title/{comment36}/", REDDIT_TRACKING),
        Form(0.4, "old.reddit.com/r/{account}/comments/{base36}/a_sample_title/{comment36}/", REDDIT_TRACKING),
    ),
    "website": (Form(1.0, "www.example.org/{account}/{small}.html#comment-{comment}"),),
    "gaming": (Form(1.0, "play.example.org/{account}/clips/{small}#comment-{comment}"),),
}
"""Of content that is below something else; where a platform has none, a reply is a post of its own."""
PROFILE_FORMS = {
    "x": "x.com/{account}", "facebook": "www.facebook.com/{account}", "tiktok": "www.tiktok.com/@{account}",
    "instagram": "www.instagram.com/{account}/", "youtube": "www.youtube.com/@{account}", "telegram": "t.me/{account}",
    "snapchat": "www.snapchat.com/add/{account}", "reddit": "www.reddit.com/r/{account}/",
    "gaming": "play.example.org/{account}", "website": "www.example.org/{account}/",
}  # fmt: skip
"""Where only the account is named: the same for all that it ever posts."""
