"""Which addresses are the same content, and which only look like it."""

import pytest

from hub.linkage.incidents.content_urls import read_address

SAME = [
    ["https://x.com/a/status/123", "http://mobile.twitter.com/i/web/status/123/?s=20&t=xyz", "https://X.com/b/statuses/123)."],
    ["https://youtu.be/dQw4w9WgXcQ?si=1", "https://m.youtube.com/watch?feature=share&v=dQw4w9WgXcQ&t=3s",
     "https://www.youtube.com/shorts/dQw4w9WgXcQ", "https://youtube.com/embed/dQw4w9WgXcQ,"],
    ["https://t.me/Some_Channel/55", "https://t.me/s/some_channel/55?single", "https://telegram.me/some_channel/55/."],
    ["https://m.facebook.com/story.php?story_fbid=4444&id=9&comment_id=77/", "https://fb.com/page/posts/a-title/4444?comment_id=77&__tn__=R"],
    ["https://old.reddit.com/r/x/comments/abc12/a_title/", "https://redd.it/abc12", "https://www.reddit.com/comments/ABC12?context=3"],
    ["https://www.instagram.com/somebody/p/Cabc_12/", "https://instagram.com/p/Cabc_12?igsh=1&hl=en"],
    ["https://www.tiktok.com/@a/video/7?is_from_webapp=1", "https://m.tiktok.com/v/7.html"],
    ["https://www.example.org/a/9.html?utm_source=x&amp;gclid=1", "http://m.example.org/A/9.html#", "https://example.org//a/9.html]."],
    ["https://mastodon.example/@a/1234567", "https://mastodon.example/web/@a/1234567", "https://mastodon.example/users/a/statuses/1234567"],
    ["https://youtu.be/dQw4w9WgXc_", "_https://www.youtube.com/watch?v=dQw4w9WgXc__"],
    ["https://x.com/a/status/1234567890123", "https://web.archive.org/web/20260305101112/https://x.com/a/status/1234567890123",
     "web.archive.org/web/2026/x.com/a/status/1234567890123", "https://archive.ph/2026.03.05-101112/https://twitter.com/a/status/1234567890123",
     "https://l.facebook.com/l.php?u=https%3A%2F%2Fx.com%2Fa%2Fstatus%2F1234567890123%3Ffbclid%3DIw&h=AT0",
     "https://www.google.com/url?sa=t&url=https%3A%2F%2Ftwitter.com%2Fa%2Fstatus%2F1234567890123&usg=1",
     "https://nitter.example/a/status/1234567890123#m", "hxxps://x[.]com/a/status/1234567890123",
     "https://x-com.translate.goog/a/status/1234567890123?_x_tr_sl=en"],
    ["https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://invidious.example/watch?v=dQw4w9WgXcQ", "https://piped.example/watch?v=dQw4w9WgXcQ&t=3"],
    ["https://board.example/p/100200300", "https://board.example/t/77?post=100200300", "https://href.li/?https://board.example/t/77#post-100200300",
     "https://ghostarchive.org/search?term=https%3A%2F%2Fboard.example%2Fp%2F100200300"],
    ["https://t.me/Some_Channel/55", "https://tgstat.com/channel/@some_channel/55"],
    ["https://mastodon.example/@a/112233445566778899", "https://other.example/@a@mastodon.example/112233445566780000"],
    ["https://forum.example/thread/9#comment-7", "https://forum.example/thread/9#commentid7", "https://forum.example/thread/9#p7",
     "https://forum.example/thread/9#pid=7"],
    ["https://example.org/a/9.html", "https://example.org/a/9.html#page2", "https://example.org/a/9.html#section-3"],
    ["https://fb.com/groups/12/posts/4444?comment_id=7&notif_id=34", "https://fb.com/groups/12/posts/4444?comment_id=7&amp;notif_id=35"],
]  # fmt: skip
APART = [
    ("https://x.com/a/status/123", "https://x.com/a/status/124"),
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ&lc=Ugx1", "https://www.youtube.com/watch?v=dQw4w9WgXcQ&lc=Ugx2"),
    ("https://www.youtube.com/watch?v=dQw4w9WgXcQ", "https://www.youtube.com/watch?v=dqw4w9wgxcq"),
    ("https://t.me/some_group/12/345", "https://t.me/some_group/12/346"),
    ("https://clips.twitch.tv/BraveKettleSinging-1", "https://clips.twitch.tv/BraveKettleSinging-2"),
    ("https://forum.example/thread/9#post-7", "https://forum.example/thread/9#post-8"),
    ("https://www.tiktok.com/@a/video/7?share_comment_id=1", "https://www.tiktok.com/@a/video/7?share_comment_id=2"),
    ("https://www.reddit.com/r/x/comments/abc12/t/def34/", "https://www.reddit.com/r/x/comments/abc12/t/def35/"),
    ("https://example.org/view?id=1", "https://example.org/view?id=2"),
]
NO_POST = [
    "https://x.com/somebody",
    "https://www.facebook.com/somebody/",
    "https://t.me/some_channel",
    "https://www.youtube.com/@somebody",
    "https://www.youtube.com/SomebodysTV",
    "https://www.youtube.com/embed/videoseries?list=PL0123456789",
    "https://www.youtube.com/embed/live_stream?channel=UC0123456789",
    "https://www.instagram.com/reels/audio/111222333/",
    "https://www.instagram.com/stories/highlights/17900000000000000/",
    "https://www.reddit.com/search?q=one",
    "https://www.reddit.com/settings",
    "https://www.reddit.com/premium",
    "https://www.twitch.tv/SomebodyStreams",
    "https://t.me/addstickers/123456",
    "https://t.me/joinchat/123456",
    "https://www.tumblr.com/tagged/123456",
    "https://www.reddit.com/r/somewhere/",
    "https://forum.example/thread/9",
    "https://example.org/",
    "https://example.org/somebody",
    "https://[::1",
    "nothing",
]


@pytest.mark.parametrize("urls", SAME, ids=lambda urls: urls[0])
def test_one_post_has_many_addresses(urls: list[str]) -> None:
    assert len({read_address(url).post for url in urls}) == 1
    assert read_address(urls[0]).post is not None


@pytest.mark.parametrize(("first", "second"), APART)
def test_posts_of_one_place_stay_apart(first: str, second: str) -> None:
    assert read_address(first).contradicts(read_address(second))


@pytest.mark.parametrize(
    ("post", "owner"),
    [
        ("https://x.com/somebody/status/123", "https://x.com/somebody"),
        ("https://www.reddit.com/r/somewhere/comments/abc12/t/", "https://www.reddit.com/r/somewhere/"),
        ("https://www.facebook.com/groups/12/posts/4444", "https://www.facebook.com/groups/12"),
        ("https://t.me/s/some_channel/55", "https://t.me/some_channel"),
        ("https://mastodon.example/users/Somebody/statuses/1234567", "https://mastodon.example/@somebody"),
        ("https://example.org/a-long-title-of-a-page", "https://example.org/"),
    ],
)
def test_a_post_has_the_place_of_its_owners_page(post: str, owner: str) -> None:
    assert read_address(post).place == read_address(owner).place is not None


@pytest.mark.parametrize(
    "url", ["https://instagram.com/p/Cabc_12", "https://x.com/i/status/123", "https://redd.it/comments/abc12"]
)
def test_a_post_whose_address_names_no_owner_has_no_place(url: str) -> None:
    assert read_address(url).post is not None
    assert read_address(url).place is None


@pytest.mark.parametrize("url", NO_POST)
def test_a_profile_a_thread_or_a_home_page_is_no_content(url: str) -> None:
    assert read_address(url).post is None


def test_a_comment_does_not_contradict_its_post() -> None:
    comment, post = read_address("https://t.me/some_channel/5?comment=7"), read_address("https://t.me/some_channel/5")
    assert comment.post != post.post
    assert not comment.contradicts(post)
    assert not post.contradicts(comment)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("https://fb.com/page/posts/4444", "https://fb.com/page/posts/pfbid0abc"),
        ("https://one.example/@a/112233445566778899", "https://other.example/@a@one.example/992233445566778899"),
        ("https://x.com/a/status/1234567890123", "https://archive.ph/AbCdE"),
        ("https://x.com/a/status/1234567890123", "https://fb.com/page/posts/4444"),
    ],
)
def test_ids_of_two_kinds_do_not_say_that_posts_differ(first: str, second: str) -> None:
    assert not read_address(first).contradicts(read_address(second))
    assert read_address(first).post != read_address(second).post


def test_posts_of_two_sites_are_elsewhere() -> None:
    assert read_address("https://x.com/a/status/123").is_elsewhere(read_address("https://fb.com/page/posts/4444"))


def test_two_short_links_may_lead_to_one_post() -> None:
    first, second = read_address("https://t.co/AbCd"), read_address("https://t.co/EfGh")
    assert first.is_opaque
    assert not first.contradicts(second)
    assert first.post != second.post


def test_the_address_of_a_news_page_is_that_of_all_its_comments() -> None:
    url = "https://news.example/2026/a-long-title-of-a-page"
    assert read_address(url, "news_comments").post is None
    assert read_address(url, "website").post is not None


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/go?u=aHR0cHM6Ly9łódź",
        "https://example.org/2026/a-page-of-news#aHR0cHM6Ly94LmNvbS8é",
        "https://example.org/go?u=a1aHR0cHM6Ly94LmNvbS8%C3%A9",
    ],
)
def test_what_only_begins_like_a_coded_address_is_read_as_it_stands(url: str) -> None:
    assert read_address(url).post is not None
