"""Traffic, what payment takes from the order, and what is watched of the champion."""

from collections.abc import Callable, Sequence

from flask import Response, request

from matcher.steering import STEERING_BOUND
from models.domain.watch import TrafficDay
from service.operator.charts import Point, line_chart
from service.operator.portraits import Figure
from service.staff.pages import room
from service.steps import watch_champion
from service.web.pages import services, t

DAYS = 28


def traffic() -> Response:
    """Show real traffic, or the simulated where that is asked for or all there is."""
    now = services().clock.now()
    days = watch_champion.traffic_since(services().unit_of_work, now, DAYS)
    kinds = {day.simulated for day in days}
    simulated = request.args.get("of") == "simulated" or kinds == {True}
    shown = [day for day in days if day.simulated == simulated]
    return room(
        "operator/traffic.html",
        watched=watch_champion.watched(services().unit_of_work),
        simulated=simulated,
        figures=[_searches(shown), _steering(shown), _requests(shown)] if shown else [],
    )


def _searches(days: Sequence[TrafficDay]) -> Figure:
    total = sum(day.searches for day in days)
    return Figure(
        "searches",
        t("console.searches.summary", n=total, days=len(days)),
        _head("day", "searches"),
        tuple((day.day.isoformat(), f"{day.searches:,}") for day in days),
        line_chart(
            {t("console.head.searches"): _points(days, lambda day: day.searches)},
            across=_marks(days),
        ),
    )


def _steering(days: Sequence[TrafficDay]) -> Figure:
    most = max(day.steering_most for day in days)
    return Figure(
        "steering",
        t("console.steering.summary", most=f"{most:.4f}", bound=f"{STEERING_BOUND}"),
        _head("day", "mean", "most"),
        tuple(
            (day.day.isoformat(), f"{day.steering_mean:.4f}", f"{day.steering_most:.4f}")
            for day in days
        ),
        line_chart(
            {
                t("console.head.mean"): _points(days, lambda day: day.steering_mean),
                t("console.head.most"): _points(days, lambda day: day.steering_most),
            },
            limit=STEERING_BOUND,
            across=_marks(days),
        ),
        (t("console.head.mean"), t("console.head.most")),
    )


def _requests(days: Sequence[TrafficDay]) -> Figure:
    organic, sponsored = t("console.head.organic"), t("console.head.sponsored")
    curves = {
        organic: _points(days, lambda day: day.organic.requests_per_impression),
        sponsored: _points(days, lambda day: day.sponsored.requests_per_impression),
    }
    rates = [
        sum(seen.requests for seen in kind) / max(sum(seen.seen for seen in kind), 1)
        for kind in ([day.organic for day in days], [day.sponsored for day in days])
    ]
    return Figure(
        "requests",
        t("console.requests.summary", organic=f"{rates[0]:.2%}", sponsored=f"{rates[1]:.2%}"),
        _head("day", "organic", "organic_seen", "sponsored", "sponsored_seen"),
        tuple(
            (
                day.day.isoformat(),
                _rate(day.organic.requests_per_impression),
                f"{day.organic.seen:,}",
                _rate(day.sponsored.requests_per_impression),
                f"{day.sponsored.seen:,}",
            )
            for day in days
        ),
        line_chart(curves, across=_marks(days)),
        (organic, sponsored),
    )


def _points(days: Sequence[TrafficDay], of: Callable[[TrafficDay], float | None]) -> list[Point]:
    found = ((day.day.toordinal(), of(day)) for day in days)
    return [(float(at), value) for at, value in found if value is not None]


def _marks(days: Sequence[TrafficDay]) -> list[tuple[float, str]]:
    ends = dict.fromkeys((days[0].day, days[-1].day))
    return [(float(day.toordinal()), day.isoformat()) for day in ends]


def _head(*names: str) -> tuple[str, ...]:
    return tuple(t(f"console.head.{name}") for name in names)


def _rate(value: float | None) -> str:
    return "" if value is None else f"{value:.4f}"
