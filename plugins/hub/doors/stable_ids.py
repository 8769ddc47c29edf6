"""Ids that linkage makes, in SQL: as the warehouse's macro ``stable_id`` makes those of the same parts."""


def named_after(kind: str, one_of_them: str) -> str:
    """SQL for the id of an incident or a person (``kind``) that is named after one of its reports or mentions, an
    expression of type uuid. It begins as that one's id does: what is of one time stands on few pages of an index."""
    told = f"cast({one_of_them} as text)"
    return f"cast(left({told}, 4) || right(md5('{kind}/' || {told}), 28) as uuid)"
