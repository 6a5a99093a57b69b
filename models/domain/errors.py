"""What can go wrong, as one tree; the edge turns each into a page, a problem document or a retry.

SchoolmatchError
├── InvalidInputError      values a person or program can mend (422)
│   └── UnknownIdError
├── NotFoundError          there is no such thing here (404)
├── ForbiddenError         there is, but not for you (403)
├── ConflictError          it was done before, differently (409 or 422)
│   └── GateError          a ranker has not earned its place (models.domain.gate)
├── TransitionError        a state cannot follow another
├── RateLimitError         too much from one address; wait (429)
├── UnavailableError       something we lean on is away; try again (503)
│   └── CollisionError     another change stood in the way; nothing of this one was kept
├── TamperedError          bytes are not what was signed or sealed
└── DeliveryError          an attempt failed; ``retryable`` says whether trying again can help
"""

from collections.abc import Mapping, Sequence


def printable(text: str) -> str:
    """Make a message that quotes a stranger's file one line that steers nobody's terminal."""
    return "".join(sign if sign.isprintable() else "\ufffd" for sign in text)


class SchoolmatchError(Exception):
    """Anything this product raises on purpose."""


class InvalidInputError(SchoolmatchError):
    """Values that cannot be used, each with a message that says what to do.

    ``messages`` maps a field's path, such as ``student.email``, to its messages.
    """

    def __init__(self, messages: Mapping[str, Sequence[str]]) -> None:
        self.messages = {path: list(texts) for path, texts in messages.items()}
        super().__init__("; ".join(f"{path}: {' '.join(t)}" for path, t in self.messages.items()))


class UnknownIdError(InvalidInputError):
    """A text that should be an id and is not."""

    def __init__(self, prefix: str, shown: str) -> None:
        shortened = shown[:40]
        super().__init__({"id": [f"“{shortened}” is not an id that starts with {prefix}_"]})


class NotFoundError(SchoolmatchError):
    """There is no such thing, or not any more."""


class ForbiddenError(SchoolmatchError):
    """The caller may not do this."""


class ConflictError(SchoolmatchError):
    """The same key was used before for something else."""


class TransitionError(SchoolmatchError):
    """A state that cannot follow the one before it."""

    def __init__(self, kind: str, old: str, new: str) -> None:
        super().__init__(f"{kind} cannot go from {old} to {new}")
        self.kind, self.old, self.new = kind, old, new


class UnavailableError(SchoolmatchError):
    """Something we lean on is away; ``retry_after`` is in seconds."""

    def __init__(self, what: str, retry_after: int = 5) -> None:
        super().__init__(f"{what} is away; try again in {retry_after} s")
        self.retry_after = retry_after


class CollisionError(UnavailableError):
    """Two changes waited for each other and this one gave way: nothing of it was kept."""


class RateLimitError(SchoolmatchError):
    """An address asked too much; ``retry_after`` is in seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many requests; wait {retry_after} s")
        self.retry_after = retry_after


class TamperedError(SchoolmatchError):
    """Bytes do not match their hash, signature or seal."""


class DeliveryError(SchoolmatchError):
    """An attempt failed.

    ``retryable`` says whether trying again can help; ``retry_after`` (seconds) is what the
    receiver asked for, where it did.
    """

    def __init__(self, reason: str, *, retryable: bool, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason, self.retryable, self.retry_after = reason, retryable, retry_after
