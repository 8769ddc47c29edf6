"""Names as people write them: taken apart (``parsing``), and in other spellings of one name (``spelling``)."""
