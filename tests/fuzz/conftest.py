"""The rooms and a student's journey, as their own tests have them."""

from tests.integration.rooms.conftest import admin_a, operator, rooms, settings, small
from tests.integration.web.conftest import asking, browser

__all__ = ["admin_a", "asking", "browser", "operator", "rooms", "settings", "small"]
