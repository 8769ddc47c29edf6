"""Documents for people: sections of words, pictures and tables, and the tagged PDF that is made of them."""
