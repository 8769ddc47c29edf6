"""What people write about what happened to them, in words of no other list. Words of hate are masked."""

from random import Random

WHERE = (
    "under our mosque's fundraising page",
    "in the comments on a match report",
    "in a voice chat while my lad was playing",
    "in a private message at ten past three in the morning",
    "on a leaflet somebody photographed and put online",
    "below my wedding pictures",
    "in the residents' group",
    "as a reply to a council notice",
    "at the bus stop outside the chip shop",
)
WHAT = (
    "someone wrote [slur] and three laughing faces",
    'a man I do not know told me "[slur], we know your street"',
    "the same account posted [slur] eleven times",
    "they shared my picture and called me [slur]",
    "he said people in wheelchairs should be [slur]",
    "there was a drawing and the words [slur] go home",
    "I was called [slur] because of my headscarf",
    "they used my old name and [slur]",
)
AFTER = (
    "I have kept screenshots.",
    "My daughter read it first.",
    "The moderators said it broke no rule; I disagree.",
    "It was gone by the evening.",
    "I do not want any fuss, only that it stops.",
    "Mae'n ddrwg gen i, nid yw fy Saesneg yn dda.",
    "They know where I work, that is what frightens me.",
)
PLATFORMS = [
    "facebook",
    "instagram",
    "threads",
    "whatsapp",
    "x",
    "youtube",
    "tiktok",
    "snapchat",
    "telegram",
    "reddit",
    "discord",
    "twitch",
    "bluesky",
    "mastodon",
    "linkedin",
    "gaming",
    "forum",
    "news_comments",
    "website",
    "email",
    "sms",
    "other",
]
STRANDS = ("race", "religion", "sexual_orientation", "disability", "transgender")


def tell(rng: Random) -> str:
    """A few sentences."""
    told = f"{rng.choice(WHERE)}, {rng.choice(WHAT)}. {rng.choice(AFTER)}"
    if rng.random() < 0.3:
        told += f" It was about {rng.randint(1, 12)} o'clock."
    return told[0].upper() + told[1:]


def choose_strands(rng: Random) -> list[str]:
    """One as a rule, sometimes more."""
    return rng.sample(STRANDS, rng.choice((1, 1, 1, 1, 2, 2, 3)))


def address(rng: Random, posts: int) -> str:
    """Of one of so many posts: many people report the same one."""
    number = rng.randrange(posts)
    host = ("wall", "clips", "chat", "board")[number % 4]
    return f"https://{host}.example.org/{('p', 'status', 'v')[number % 3]}/{number * 7919 + 104729}"
