"""A webhook receiver to try deliveries against: keeps what came, answers what it is told to."""

from workers.mocks import Answering, MockReceiver, Received, Reply, always, in_turn

__all__ = ["Answering", "MockReceiver", "Received", "Reply", "always", "in_turn"]
