"""Months and moments, as a visitor's language writes them."""

from datetime import UTC, datetime

from service.web.pages import t


def month_in_words(year: str, month: str) -> str:
    """Write ``2027`` and ``01`` as people do: January 2027."""
    return t("date.month", month=t(f"month.m{month}"), year=year)


def moment_in_words(moment: datetime) -> str:
    """Write a moment; in UTC, because nobody told us where the reader's clock stands."""
    at = moment.astimezone(UTC)
    day = t("date.first") if at.day == 1 else str(at.day)
    date = t("date.day", month=t(f"month.m{at.month:02}"), day=day, year=str(at.year))
    return t("date.at", date=date, time=f"{at:%H:%M}")
