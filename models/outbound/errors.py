"""What can go wrong before a stranger has answered.

DeliveryError
└── OutboundError
    ├── ForbiddenTargetError    an address, port or scheme we never connect to
    ├── UnresolvedError         the name has no address now
    └── NoAnswerError           refused, reset, too slow, or TLS that does not verify
"""

from models.domain.errors import DeliveryError


class OutboundError(DeliveryError):
    """No answer came; ``reason`` is a word for the attempt's row, without addresses."""


class ForbiddenTargetError(OutboundError):
    """We do not connect there. A name may point elsewhere later; a literal never will."""


class UnresolvedError(OutboundError):
    """The name has no address now."""

    def __init__(self, reason: str = "name_not_resolved") -> None:
        super().__init__(reason, retryable=True)


class NoAnswerError(OutboundError):
    """The connection was refused, reset, timed out, or its TLS could not be verified."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, retryable=True)
