"""Words of which what happened is made up. Words of hate are masked."""

FIRST = (
    *("Lark", "Ash", "Mill", "Church", "Station", "Victoria", "Albert", "Grove", "Canal", "Orchard", "Chapel", "Quarry"),
    *("Beech", "Harbour", "Priory", "Garrison", "Foundry", "Weaver", "Tanner", "Castle", "Bridge", "Meadow", "Spinney"),
    *("Alder", "Cobden", "Wellington", "Gladstone", "Peel", "Lister", "Denby", "Hazel", "Juniper", "Kestrel", "Linden"),
)
SECOND = ("Street", "Road", "Lane", "Avenue", "Close", "Terrace", "Way", "Walk", "Gardens", "Rise", "Parade", "Mews")
SHOPS = (
    *("the Greggs", "a nail bar", "the big Tesco", "the halal butcher's", "the launderette", "a vape shop", "the library"),
    *("the post office", "the kebab house", "the mosque gate", "the synagogue car park", "the job centre", "the surgery"),
    *("the school gates", "the leisure centre", "a bookmaker's", "the Polish delicatessen", "the temple", "the gay bar"),
    *("the food bank", "the war memorial", "the tram stop", "platform 2", "the bus station", "the community centre"),
    *("the dialysis unit", "the park run start", "the allotments", "the chippy", "a charity shop", "the barber's"),
)
TOPICS = (
    *("a planning notice for a new prayer room", "low-traffic bollards", "the Eid lights", "the menorah in the square"),
    *("a lost cat", "parking permits", "the Pride crossing", "a missing teenager", "school admissions", "the asylum hotel"),
    *("bin collections", "a stabbing", "the Diwali parade", "the football result", "a charity swim", "a wheelchair ramp"),
    *("the Women's Institute cake sale", "the new GP", "my graduation photos", "a wedding video", "our baby announcement"),
    *("a recipe for jollof rice", "the remembrance parade", "Black History Month", "a trans swimmer", "the mayor's speech"),
    *("blue badge parking", "the carnival", "a Romanian bakery", "the Windrush exhibition", "speech therapy cuts"),
    *("a drag story hour", "the council by-election", "the Sikh food kitchen", "the kosher aisle", "hijabs in school photos"),
    *("my shop's opening hours", "a half-marathon", "the closed swimming pool", "a sign language class", "Ramadan timetables"),
)
PAGES = ("Spotted", "Memories", "Chat", "News", "Residents", "Parents", "Dog Walkers", "Buy and Sell", "Watch", "Voices")
ADJECTIVES = (
    *("stone", "angry", "lone", "iron", "real", "proud", "bitter", "silver", "grumpy", "quick", "royal", "true", "wild"),
    *("old", "north", "salty", "blunt", "hollow", "rusty", "plain", "muddy", "sharp", "frozen", "hidden", "loud", "patriot"),
)
ANIMALS = (
    *("kestrel", "badger", "wolf", "bulldog", "hare", "lion", "otter", "raven", "stag", "viper", "heron", "pike", "boar"),
    *("ferret", "magpie", "hound", "crow", "fox", "jackdaw", "adder", "weasel", "eagle", "shark", "hornet", "mole", "toad"),
)
PEOPLE_SEEN = (
    *("a man in a green parka", "a woman with a pushchair", "two lads on a moped", "a man with a rolled-up newspaper"),
    *("an older man with a walking stick", "three girls in school ties", "a man in a hi-vis vest", "a bald man with a dog"),
    *("a delivery driver", "a man with a spider's web tattoo", "a couple in matching anoraks", "a lad in a grey tracksuit"),
    *("a woman with a red suitcase", "a man in a West Ham shirt", "a man who smelled of drink", "a woman with a lanyard"),
    *("a man in a silver Corsa", "a tall woman in a purple coat", "a lad with a scooter", "our downstairs neighbour"),
)
OPENINGS = (
    *("[slur], ", "oi [slur], ", "all you [slur] ", "typical [slur], ", "another [slur], ", "look at this [slur], "),
    *("who let this [slur] in, ", "dirty [slur], ", "[slur] scum, ", "never trust a [slur], ", "ugly [slur], ", "hey [slur], "),
)
MIDDLES = (
    *("your kind ruined this town", "go and live in a tent", "nobody here wants you", "your lot breed like pigeons"),
    *("take your food and your flags home", "God made you wrong", "you steal our school places", "you are a disease"),
    *("the boats are that way", "I would not let you near a child", "you should be in an institution", "pay your own way"),
    *("your prayers stink up the street", "you only pretend to be ill", "we know what you are under that scarf"),
    *("my grandad fought to keep you out", "you look like a failed experiment", "you control the banks and the papers"),
    *("we laughed at your wedding", "that chair is for show", "learn to speak properly", "you belong in a cage"),
    *("the hospital is full because of you", "your book belongs in a bonfire", "your people never worked a day"),
    *("even your mother is ashamed", "you will never be one of us", "this is our street not yours", "shave that thing off"),
    *("you are what is wrong with this country", "crawl back under the bridge", "the rope is too good for you"),
)
ENDINGS = (
    *(" and we will be round on Friday", ", tick tock", " so pack your bags", ", ask your brother what happened to him"),
    *(" before somebody makes you", ", signed your neighbours", " and take the cat with you", ", you have been warned"),
    *(" or the windows go in", ", see you at the bus stop", " and that goes for your kids", ", laugh while you can"),
    *(" because the list is long", ", enjoy your last summer here", " or else", ", nobody will miss you", " you freak", ""),
    *(" and do not call the law", ", we have your number plate", " till you choke", ", burn in your shop", " by Christmas"),
)
TRIGGERS = (
    *("{S} had asked {them} to turn the music down", "{S} had put up a rainbow flag", "{S} was speaking Polish on the phone"),
    *("{S} had complained about the parking", "{S} was wearing a headscarf", "{S} was wearing a kippah"),
    *("{S} had corrected a mistake in the post", "{S} had used the priority seat", "{S} had shared a fundraiser"),
    *("{S} was holding {p} partner's hand", "{S} had won the raffle", "{S} had asked for the ramp", "{S} wore a turban"),
    *("{S} had moved in the week before", "{S} would not sell {them} cigarettes", "{S} had posted a selfie"),
    *("{S} had stood for the residents' committee", "{S} had reported {them} to the landlord", "{S} scored the winner"),
    *("{S} had used the women's changing room", "{S} had spoken at a vigil", "{S} had closed the shop for prayers"),
)
THREATS = (
    *("said they would put {p} windows through", "threatened to tell {p} employer", "sent a photo of {p} front door"),
    *("posted {p} work rota", "said they had a dog that bites", "threatened to shave {p} head", "sent a picture of a noose"),
    *("put {p} phone number on a dating site", "said acid was cheap", "wrote that {p} car would not last the week"),
    *("offered money to anybody who found {p} address", "followed {p} daughter's account", "tagged {p} school"),
    *("spat on the window", "knocked over {p} bins", "left bacon on the doorstep", "blocked the ramp with a skip"),
    *("cut the mezuzah off the door", "pulled at {p} turban", "took {p} crutch", "filmed {o} without asking"),
)
COMPANIONS = (
    *("My sister-in-law Bev was there too.", "The driver did nothing.", "A PCSO took a note of it.", "A barista stepped in."),
    *("The moderator locked the comments.", "A teacher has it on her phone.", "There is a doorbell camera opposite."),
    *("Eleven people had liked it.", "Someone called Dean tried to calm it down.", "The shopkeeper has CCTV.", "A nurse saw it."),
    *("My lad screenshotted it.", "The imam was told the same evening.", "The bus was the 149.", "The bus was the 36."),
    *("It was the last train.", "It was read out at the tenants' meeting.", "The goalkeeper apologised for them."),
    *("The rabbi's wife heard it.", "The caretaker wrote it in his book.", "Two customers walked out.", "Our vicar knows."),
)
HARMS = (
    *("I have not slept properly since.", "I am frightened to go out.", "My children are asking questions.", "I feel sick."),
    *("It has to stop.", "I have kept screenshots.", "I do not know what to do.", "Nobody should have to read that."),
    *("Please do something.", "This is not the first time.", "I want it on record.", "I am sick of it.", "It is disgusting."),
    *("I would like to stay anonymous.", "I can send more if you need it.", "The platform said it broke no rules."),
)
GROUPS = {
    "race": ("Black", "Asian", "Polish", "Chinese", "Romanian", "African", "Traveller"),
    "religion": ("Muslim", "Jewish", "Sikh", "Hindu", "Catholic"),
    "sexual_orientation": ("gay", "lesbian", "bisexual"),
    "disability": ("disabled", "autistic", "deaf"),
    "transgender": ("trans", "non-binary"),
}
STOCK = (
    "Somebody posted something hateful about {group} people. I do not want to repeat it.",
    "Hateful comments about {group} people on social media.",
    "I saw a {group} hate post and want to report it.",
    "Offensive post against {group} people. Please see the screenshot attached.",
    "Abusive language towards {group} people in the comments. Please remove.",
    "This account keeps posting hate about the {group} community.",
    "I was abused online because I am {group}. Screenshots available on request.",
    "Content of a hateful nature directed at {group} people, reported to the platform, no action taken.",
    "Comments that incite hatred against {group} people.",
    "Client reports online abuse relating to being {group}. Details to follow.",
)
CHAIN_MAILS = (
    "Punish a [slur] day is coming: one point for a name called, ten points for a scarf pulled, fifty for a shop window.",
    "They are putting the [slur] families into the new flats on the quiet, share this before it is deleted, your MP knows.",
    "Dear [slur], you have until the end of the month to leave this country. We know every house. Yours, the true locals.",
    "My mate in the council says every [slur] gets a free car and a phone, copy and paste this if you are not afraid.",
    "Wanted: volunteers to drive round with eggs on Saturday, every door with a [slur] symbol counts double, bring friends.",
    "If you see this sticker a [slur] lives here. Scan the code, add a star, let us clean up street by street together.",
)
