"""How many schools may begin to contact one student, by each channel, within some hours.

A budget is a few limits, such as at most 3 schools by telephone in 24 hours. It is read at every
claim of a lead that was not tried yet: what is over it waits until the oldest contact is past its
hours, and is sent then.
"""

from dataclasses import dataclass

from models.domain.consent import Channel


@dataclass(frozen=True, slots=True)
class ContactLimit:
    """At most so many schools by a channel within so many hours."""

    channel: Channel
    schools: int
    hours: int


ContactBudget = tuple[ContactLimit, ...]
