"""Detection of guessable secrets: texts that no random generator would return."""

from itertools import pairwise

_LEAST_JUMPS = 8
"""For a secret of 32 characters; shorter ones need a quarter of their length."""


def is_guessable(secret: str) -> bool:
    """True for few different characters, a repeated part (`abcabc`) or a row in order (`01234567`).

    True also for anything shorter than three characters. Random values of at least 16 characters are
    practically never refused: of 32 hexadecimal digits, fourteen are different on average.
    """
    least = max(3, min(_LEAST_JUMPS, len(secret) // 4))
    jumps = sum(abs(ord(left) - ord(right)) > 1 for left, right in pairwise(secret))
    return len(set(secret)) < least or jumps < least - 1 or _is_repetition(secret)


def _is_repetition(secret: str) -> bool:
    """The whole is one part, at least twice; the last time it may be cut short."""
    return any(secret.startswith(secret[length:]) for length in range(1, len(secret) // 2 + 1))
