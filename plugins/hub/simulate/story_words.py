"""Words that the stories of reports are made of. They are neutral: a mask such as ``[slur]`` stands for all hate."""

COLOURS = (
    "red", "blue", "green", "yellow", "purple", "orange", "grey", "brown", "pink", "silver", "golden", "turquoise",
    "maroon", "beige", "violet", "crimson", "navy", "olive", "ivory", "copper", "checked", "striped", "spotted",
    "faded",
)  # fmt: skip
OBJECTS = (
    "bicycle", "kettle", "lighthouse", "umbrella", "piano", "teapot", "ladder", "lantern", "tractor", "compass",
    "guitar", "wheelbarrow", "telescope", "rocking chair", "postbox", "windmill", "typewriter", "sailing boat", "drum",
    "suitcase", "clock", "bucket", "snowman", "candle", "trumpet", "pineapple", "rocket", "scarf", "dog", "parrot",
    "football", "chessboard", "violin", "caravan", "cactus", "toaster", "feather", "anchor", "helmet", "jigsaw",
)  # fmt: skip
TOPICS = (
    "a school concert", "a football match", "the new bus lane", "a street market", "a charity run", "our village fete",
    "a cooking class", "the election results", "a wedding", "a film festival", "a lost cat",
    "the library opening hours",
    "a swimming lesson", "the bin collection", "a graduation", "a poetry evening", "a job advert", "the weather",
    "a baking contest", "a gym session", "the carnival", "a hospital visit", "a train strike", "a book club", "a quiz",
    "a dance show", "the Christmas lights", "a used car", "a music video", "a holiday in Wales", "a park clean-up",
    "the council meeting", "a bicycle repair", "a puppy", "a science fair", "a marathon", "the town hall clock",
    "a recipe for soup", "a birthday party", "a chess tournament",
)  # fmt: skip
SPOTS = (
    "the bakery", "the chemist", "the bus station", "platform two", "the community hall", "the car park", "the library",
    "the fish shop", "the swimming pool", "the playground", "the post office", "the tram stop", "the allotments",
    "the barber", "the canal bridge", "the cinema", "the garden centre", "the health centre", "the launderette",
    "the leisure centre", "the market cross", "the pet shop", "the railway arch", "the school gate", "the skate park",
    "the stadium", "the taxi rank", "the underpass", "the university", "the youth club", "my front door", "our garage",
    "the stairwell", "the lift", "the corner shop", "the mosque", "the church", "the temple", "the synagogue",
    "the pub",
)  # fmt: skip
PEOPLE = (
    "a man", "a woman", "two teenagers", "a driver", "a neighbour", "a customer", "a group of five", "a passenger",
    "someone on a bicycle", "a former colleague", "a parent from school", "an older man", "a young woman", "a cyclist",
    "a delivery rider", "a supporter of the other team",
)  # fmt: skip
GARMENTS = ("coat", "cap", "hoodie", "tracksuit", "rucksack", "jacket", "jumper", "hat", "scarf", "T-shirt")
NAMES_OF_ACCOUNTS = ("numbers", "dots", "capital letters", "a flag", "two hearts", "a star", "a year", "an arrow")
EVENTS = (
    "Sample", "Harbour", "Northgate", "Riverside", "Kingsway", "Castle", "Parkside", "Meadow", "Stonebridge",
    "Quayside",
    "Hillside", "Eastfield",
)  # fmt: skip
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

PAGES = (
    "of a local newspaper", "of a bakery", "by a school", "of a sports club", "by a singer", "of a neighbour group",
    "by a museum", "of a travel agent", "by a comedian", "of a radio station", "by a cook", "of a charity",
    "by a councillor", "of a fan club", "by a nurse", "of a garden group", "by a weather site", "of a dance school",
    "by a cousin of mine", "of my employer", "by a librarian", "of a walking group", "by a referee", "of a book shop",
    "by a bus company", "of a student union",
)  # fmt: skip
LANDMARKS = (
    "by the green gate", "next to the bins", "in front of the mural", "at the second bench", "under the old clock",
    "beside the fountain", "at the zebra crossing", "by the ticket machine", "behind the kiosk",
    "at the top of the steps",
    "near the phone box", "by the bicycle stands", "under the chestnut tree", "at the side entrance",
    "by the war memorial",
    "opposite the florist", "at the traffic lights", "by the notice board", "near the drinking tap", "at the corner",
    "by the railings", "outside number nine", "at the loading bay", "by the cash machine", "near the slide",
    "at the taxi stand",
)  # fmt: skip
TAILS = (
    "in capital letters", "with three laughing faces", "in a voice message", "twice within a minute", "in rhyme",
    "with my first name", "while others cheered", "with a link to a petition", "as a joke, they said",
    "in two languages",
    "with a hand sign", "in a sing-song voice", "over a loudspeaker", "with a countdown", "as a question",
    "with a map of our street", "in front of my manager", "with a drumming noise", "in a whisper",
    "with a false quotation",
    "over and over", "as a caption", "with a yawning face", "in the name of a saint", "with a bell sound", "as a poll",
    "with a list of shops", "in a fake accent", "with an old newspaper cutting", "as a reply to a child",
    "with a barking noise", "in a mock letter", "while filming", "with a date in June", "as a football chant",
    "with a price tag", "in brackets", "with a wedding photo", "as a weather report", "in a school essay style",
)  # fmt: skip

DEEDS: tuple[tuple[str, str, str], ...] = (
    ('called me "[slur]"', 'used the word "[slur]" about me', 'shouted or wrote "[slur]" at me'),
    ('wrote "[slur]" and "[insult]" about "[group]"', 'said "[insult]" and "[slur]" of all "[group]"',
     '"[slur]", "[insult]", all of it about "[group]"'),
    ('said that "[group]" do not belong here', 'wrote that "[group]" have no place here',
     'claimed there is no place here for "[group]"'),
    ('told us to go back where we came from, with "[slur]"', 'said "[slur]" and that we should go home',
     'demanded that we go home and added "[slur]"'),
    ('threatened "[threat]" if I come again', 'said "[threat]" would happen when I come back',
     'made a threat ("[threat]") for the next time'),
    ('made fun of how I walk and said "[slur]"', 'imitated my walk and used "[slur]"',
     'copied the way I move, saying "[slur]"'),
    ('published where I work with "[slur]" beside it', 'gave away my workplace and put "[slur]" next to it',
     'posted the name of my workplace, "[slur]" under it'),
    ('laughed at the way I dress and repeated "[insult]"', 'kept saying "[insult]" because of my clothes',
     'went on about my clothes with "[insult]"'),
    ('put "[group]" and animals into one sentence', 'compared "[group]" with animals',
     'made a comparison of "[group]" and animals'),
    ('asked others to report, follow and "[threat]" me', 'called on people to follow me and "[threat]"',
     'wanted everybody to go after me and "[threat]"'),
    ('said that "[group]" are to blame for the prices', 'blamed "[group]" for what everything costs',
     'gave "[group]" the blame for high prices'),
    ('used a picture of my family with the words "[slur]"', 'took our family photo and added "[slur]"',
     'shared a photo of my family, "[slur]" across it'),
    ('denied that it ever happened to "[group]"', 'wrote that what "[group]" suffered was invented',
     'says the suffering of "[group]" is made up'),
    ('renamed the chat "[slur]" after I joined', 'changed the name of the chat to "[slur]" when I came in',
     'gave the chat the name "[slur]" because I was in it'),
    ('would not serve us and said "[insult]"', 'refused to serve us, with "[insult]"',
     'sent us away unserved and muttered "[insult]"'),
    ('spat, and said "[slur]" twice', 'said "[slur]" two times and spat', 'spat at the ground with "[slur]", twice'),
)  # fmt: skip
EFFECTS: tuple[tuple[str, str], ...] = (
    ("I have not slept well since.", "Since then I sleep badly."),
    ("My children ask me why.", "The children want to know why."),
    ("I am afraid to go out alone.", "Going out alone frightens me now."),
    ("We have stopped going there.", "We do not go there any more."),
    ("I have closed my account.", "My account is closed because of it."),
    ("I feel watched.", "It feels as if I am being watched."),
    ("I had to leave work early.", "I went home from work before time."),
    ("My mother cried.", "It made my mother cry."),
    ("I want it to be taken down.", "Please have it taken down."),
    ("I do not want this to happen to others.", "Nobody else should go through this."),
    ("It has gone on for some weeks.", "This has been happening for weeks."),
    ("I no longer use the bus.", "I have given up taking the bus."),
    ("I told my doctor about it.", "My doctor knows about it."),
    ("The whole street talks about it.", "Everybody in the street is talking."),
    ("I am angry more than afraid.", "More than afraid, I am angry."),
    ("I changed my locks.", "The locks have been changed."),
)
REMARKS = (
    "I have kept pictures of the screen.", "Others saw it, too.", "I do not know who it was.", "Nobody said a word.",
    "I have reported it there already.", "A friend told me to write to you.", "I can be reached in the evening.",
    "There may be cameras.", "I did not answer.", "I blocked them.", "Please tell me what happens next.",
    "I am writing this on my phone.", "It is not the first time here.", "My neighbour can confirm it.",
    "I would know them again.", "I would rather not give my name.", "They did it in front of everybody.",
    "I asked them to stop.", "I have the exact time.", "I do not expect much, but it should be known.",
    "English is not my first language.", "Thank you for reading.", "This is about what I saw myself.",
    "I waited some days before I wrote.",
)  # fmt: skip
