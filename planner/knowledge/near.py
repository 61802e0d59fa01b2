"""What somebody may have meant who misspelt a word."""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str:
    """` (did you mean ...?)` where a known word is close."""
    from difflib import get_close_matches

    close = get_close_matches(word, list(known), 1)
    return f" (did you mean `{close[0]}`?)" if close else ""
