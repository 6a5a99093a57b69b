"""Today: an organization's first page. Each figure is a list's length and leads to that list."""

from collections.abc import Mapping
from datetime import timedelta

from flask import Response

from models.domain.campaign_changes import money
from models.domain.lead_search import LATE, LOST, WAITING
from service.school.lead_filters import read_filters
from service.staff.guard import membership
from service.staff.pages import room
from service.steps import staff_today
from service.web.pages import services

# What is older than this needs no answer any more, and no delivery is still tried.
_WAITING_DAYS, _SENDING_DAYS = 90, 30


def today() -> Response:
    """Show what came, what waits and what needs somebody."""
    lists = _lists()
    wanted = {name: read_filters(values).wanted for name, values in lists.items()}
    found = staff_today.view_today(services(), membership().organization_id, wanted)
    return room(
        "school/today.html",
        today=found,
        lists=lists,
        most=staff_today.MOST_COUNTED,
        days={"waiting": _WAITING_DAYS, "late": _SENDING_DAYS, "lost": _SENDING_DAYS},
        money=money,
    )


def _lists() -> Mapping[str, Mapping[str, str]]:
    """The filters of each figure's list, as its address has them; days begin at midnight UTC."""
    day = services().clock.now().date()

    def ago(days: int) -> str:
        return (day - timedelta(days=days)).isoformat()

    return {
        "today": {"from": day.isoformat()},
        "week": {"from": ago(day.weekday())},
        "waiting": {"status": WAITING, "from": ago(_WAITING_DAYS)},
        "late": {"delivery": LATE, "from": ago(_SENDING_DAYS)},
        "lost": {"delivery": LOST, "from": ago(_SENDING_DAYS)},
    }
