"""Parts of made-up names: first names with the other ways in which the same one is written, and halves of surnames."""

FIRST_NAMES: tuple[tuple[str, ...], ...] = (
    ("Mohammed", "Mohamed", "Muhammad", "Mo"), ("Sarah", "Sara"), ("David", "Dave"), ("Daniel", "Dan", "Danny"),
    ("Aisha", "Ayesha", "Aishah"), ("James", "Jim", "Jamie"), ("Samuel", "Sam", "Sammy"), ("Maria", "Mary"),
    ("Thomas", "Tom", "Tommy"), ("Rachel", "Rach"), ("Benjamin", "Ben"), ("Fatima", "Fatimah", "Fatma"),
    ("Alexander", "Alex", "Sandy"), ("Joanna", "Jo", "Joan"), ("Priya", "Pri"), ("Yusuf", "Yousef", "Yousuf"),
    ("Matthew", "Matt"), ("Katarzyna", "Kasia"), ("Christopher", "Chris"), ("Elizabeth", "Liz", "Beth"),
    ("Hassan", "Hasan"), ("Niamh", "Neve"), ("Robert", "Rob", "Bob"), ("Zainab", "Zaynab"), ("Owen", "Owain"),
    ("Michael", "Mike", "Mick"), ("Grace", "Gracie"), ("William", "Will", "Bill"), ("Omar", "Umar"),
    ("Catherine", "Katherine", "Kate", "Cathy"), ("Sean", "Shaun"), ("Nadia", "Nadiya"), ("Joseph", "Joe"),
    ("Lucy", "Lucie"), ("Ibrahim", "Ebrahim"), ("Rebecca", "Becky"), ("Callum", "Calum", "Cal"), ("Leila", "Layla"),
    ("Anthony", "Tony"), ("Jennifer", "Jenny", "Jen"), ("Harpreet", "Preet"), ("Steven", "Stephen", "Steve"),
    ("Yasmin", "Yasmeen"), ("Edward", "Ed", "Ted"), ("Natasha", "Tasha"), ("Andrew", "Andy"), ("Sofia", "Sophia"),
    ("Emmanuel", "Manny"), ("Victoria", "Vicky"), ("Jakub", "Kuba"), ("Charlotte", "Charlie"), ("Rhys", "Reece"),
    ("Olumide", "Olu"), ("Margaret", "Maggie", "Peggy"), ("Tariq", "Tarik"), ("Deborah", "Debbie"),
    ("Nicholas", "Nick"), ("Amara",), ("Chidi",), ("Chloe",), ("Dev",), ("Eilidh",), ("Elena",), ("Elif",),
    ("Emeka",), ("Erin",), ("Esther",), ("Femi",), ("Finn",), ("Gareth",), ("Hana", "Hannah"), ("Ioana",),
    ("Isla",), ("Jamila",), ("Jordan",), ("Kai",), ("Kwame",), ("Leah", "Lea"), ("Liam",), ("Maeve",),
    ("Marcus", "Mark"), ("Meera", "Mira"), ("Mina",), ("Naomi",), ("Noah",), ("Robin",), ("Rosa",), ("Ruth",),
    ("Sanjay",), ("Simran",), ("Uzma",), ("Wei",), ("Zoë", "Zoe"),
)  # fmt: skip
"""The first form is the one in the papers; they are in the order of how common they are here."""

SURNAME_BEGINNINGS = (
    "Alder", "Amber", "Ash", "Beck", "Birch", "Bracken", "Brindle", "Cedar", "Clay", "Copper", "Cress", "Dapple",
    "Elder", "Fallow", "Fern", "Flint", "Garnet", "Hazel", "Heather", "Holly", "Indigo", "Ivy", "Juniper", "Larch",
    "Linden", "Maple", "Marsh", "Meadow", "Moss", "Nettle", "Oaken", "Pebble", "Pine", "Quarry", "Reed", "Rowan",
    "Russet", "Sable", "Sedge", "Slate", "Thistle", "Umber", "Willow", "Yarrow",
)  # fmt: skip
SURNAME_ENDINGS = (
    "field", "ford", "ham", "ley", "worth", "bourne", "brook", "combe", "croft", "dale", "fell", "gate", "grove",
    "hurst", "mead", "mere", "more", "stead", "thorpe", "wick",
)  # fmt: skip
TITLES = ("Mr", "Ms", "Mrs", "Dr", "Mx")
