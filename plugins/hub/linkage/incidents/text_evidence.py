"""What the texts of two reports are worth: likeness, telling words, phrases and quotes are one piece of evidence, the
words that were used."""

from typing import NamedTuple

from hub.linkage.incidents import weights
from hub.linkage.incidents.accounts import compare_quotes
from hub.linkage.incidents.statements import ReportRecord
from hub.linkage.incidents.texts import similarity, terms_of

SAME_QUOTES = "the same words are quoted"


class Shared(NamedTuple):
    """How common in the hub is what a pair shares: see ``candidates.Candidates``."""

    word_bits: float = 0.0
    phrase_bits: float = 0.0
    words: float = 0.0
    copies: float = 0.0
    contacts: float = 0.0


def compare_texts(
    first: ReportRecord, second: ReportRecord, shared: Shared, *, told: float, is_copy: bool
) -> tuple[str, float]:
    """How two texts compare, and what that is worth. ``told`` is what the account and the time are worth, which are
    told in the same words; ``is_copy`` where these are words of another account."""
    alike = similarity(first.text, second.text)
    level, weight = next((level, weight) for least, level, weight in weights.LIKENESS if alike >= least)
    if weight > 0:
        place = round(shared.copies)
        weight *= weights.COPIES[place] if place < len(weights.COPIES) else 0.0
        weight = min(weight, weights.LIKENESS_A_WORD * shared.words)
    parts = [level]
    quotes = compare_quotes(first.account, second.account, first.text, second.text)
    if quotes is not None:
        weight += weights.QUOTES[quotes]
        parts.append(quotes)
    if shared.word_bits > 0:
        parts.append(f"{shared.words:.0f} telling words in common")
    if shared.phrase_bits > 0:
        parts.append("phrases or accounts in common")
    around = 0.0 if quotes is None else _around(first, second)
    if quotes is None or quotes == SAME_QUOTES:
        weight += _words(shared)
    else:
        # What two quotes have in common is compared with the quotes.
        has_account = bool(first.account.handles & second.account.handles)
        phrases = min(shared.phrase_bits, weights.WORD_BITS[0]) if has_account else 0.0
        weight += _words(shared._replace(word_bits=around * shared.word_bits, phrase_bits=phrases))
    most = weights.MOST_OF_TEXT + (_story(around, shared) if quotes == SAME_QUOTES else 0.0) - told
    return ", ".join(parts), min(weight, weights.MOST_OF_A_COPY if is_copy else most)


def most_of_text(shared: Shared) -> float:
    """The most that texts can be worth, before they are compared."""
    likeness = min(weights.LIKENESS[0][2], weights.LIKENESS_A_WORD * shared.words)
    most = weights.MOST_OF_TEXT + _story(1.0, shared)
    return min(likeness + max(weights.QUOTES.values()) + _words(shared), most)


def _words(shared: Shared) -> float:
    """What the words and phrases are worth that both tell."""
    phrases = min(weights.OF_PHRASES * shared.phrase_bits, weights.MOST_PHRASE_BITS)
    return min(shared.word_bits, weights.MOST_WORD_BITS) + phrases


def _story(around: float, shared: Shared) -> float:
    """What the words around a quote add to it."""
    return min(weights.OF_PHRASES * around * shared.word_bits, weights.MOST_AROUND_A_QUOTE)


def _around(first: ReportRecord, second: ReportRecord) -> float:
    """The share of the telling words of both texts that neither quotes."""
    quoted = {word for one in (first, second) for quote in one.account.quotes for word in quote.split()}
    words = terms_of(first.text) & terms_of(second.text)
    return len(words - quoted) / max(len(words), 1)
