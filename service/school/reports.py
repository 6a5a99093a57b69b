"""Reports: charts with their tables, what each figure means, and the same as CSV."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from flask import Response, make_response, request

from models.domain.campaign_changes import decimal, money
from models.domain.lead_report import COUNTED, FEWEST, PAID, By, Counts, LeadReport, share
from models.exchange.writing import write_table
from service.operator.charts import Point, Row, bar_chart, line_chart
from service.operator.portraits import Figure
from service.school.lead_filters import midnight, place_name, read_day
from service.staff.guard import membership
from service.staff.pages import room
from service.steps.staff_reports import view_report
from service.web.pages import services, t
from service.web.problems import Problems

_USUAL_DAYS, _MOST_DAYS = 90, 1_100
_MOST_BARS = 10
# Curves that can be told from each other without colour.
_STAGES = ("leads", "applied", "enrolled")
# What is said of a group in words: each part and, for a rate, of what.
_TOLD = ("accepted", "duplicate", "rejected", "returned", "contacted", "applied", "enrolled")
_COSTS = {"lead": "paid", "application": "paid_applied", "enrolment": "paid_enrolled"}
CSV_COLUMNS = (
    *("group", "key", "name", *COUNTED, *PAID, "currency", "cost"),
    *(f"cost_per_{name}" for name in _COSTS),
)


@dataclass(frozen=True, slots=True)
class Days:
    """The days of a report, both ends in it, as typed; those that cannot be used are problems."""

    first: date
    last: date
    values: Mapping[str, str]
    problems: Problems


def reports() -> Response:
    """Show what came of the leads of some days."""
    days = _read_days()
    report, titles = _report(days)
    return room(
        "school/reports.html",
        422 if days.problems else 200,
        problems=days.problems,
        values=days.values,
        whole=_table_row(t("school.reports.whole"), report.whole),
        head=_head(),
        figures=[_figure(report, by, titles) for by in By] if report.whole.leads else [],
        months=report.months,
        definitions=("leads", *_TOLD, "cost", *(f"cost_per_{one}" for one in _COSTS)),
        fewest=FEWEST,
        money=money,
    )


def report_table() -> Response:
    """Give the same as a table (CSV): a row a group and currency."""
    days = _read_days()
    if days.problems:
        return reports()
    report, titles = _report(days)
    rows = [row for by in By for row in table_rows(report, by, titles)]
    response = make_response(write_table(CSV_COLUMNS, rows))
    response.mimetype = "text/csv"
    name = f"leads-{days.first}-{days.last}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _report(days: Days) -> tuple[LeadReport, Mapping[str, str]]:
    since, until = midnight(days.first), midnight(days.last + timedelta(days=1))
    return view_report(services(), membership().organization_id, since, until)


def _read_days() -> Days:
    last = services().clock.now().date()
    usual = {"from": last - timedelta(days=_USUAL_DAYS - 1), "to": last}
    read, problems, unreadable = dict(usual), Problems(), dict[str, str]()
    for name, day in usual.items():
        try:
            read[name] = read_day(typed) if (typed := request.args.get(name, "")) else day
        except ValueError as error:
            problems[name] = str(error)
            # A field of a day cannot hold what is no day.
            unreadable[name] = ""
    if not problems and not 0 <= (read["to"] - read["from"]).days <= _MOST_DAYS:
        problems["to"] = t("school.reports.days_wrong", most=_MOST_DAYS)
    shown = {name: request.args.get(name) or day.isoformat() for name, day in read.items()}
    shown |= unreadable
    used = usual if problems else read
    return Days(used["from"], used["to"], shown, problems)


def _figure(report: LeadReport, by: By, titles: Mapping[str, str]) -> Figure:
    groups = report.groups[by]
    keys = list(groups) if by is By.WEEK else sorted(groups, key=lambda one: -groups[one].leads)
    named = [(_name(by, key, titles), groups[key]) for key in keys]
    chart = (
        line_chart(
            {t(f"school.reports.head.{stage}"): _points(groups, stage) for stage in _STAGES},
            across=_marks(keys),
        )
        if by is By.WEEK
        else bar_chart([Row(name, n.leads, f"{n.leads:,}") for name, n in named[:_MOST_BARS]])
    )
    most = max(named, key=lambda pair: pair[1].leads)
    return Figure(
        f"leads_{by}",
        t("school.reports.most", name=most[0], n=most[1].leads),
        _head(by),
        tuple(_table_row(*pair) for pair in named),
        chart,
        tuple(t(f"school.reports.head.{stage}") for stage in _STAGES) if by is By.WEEK else (),
    )


def _points(groups: Mapping[str, Counts], stage: str) -> list[Point]:
    return [
        (float(date.fromisoformat(week).toordinal()), float(getattr(counts, stage)))
        for week, counts in groups.items()
    ]


def _marks(weeks: Sequence[str]) -> list[tuple[float, str]]:
    ends = dict.fromkeys((weeks[0], weeks[-1]))
    return [(float(date.fromisoformat(week).toordinal()), week) for week in ends]


def _head(by: By | None = None) -> tuple[str, ...]:
    first = t(f"school.reports.by.{by}") if by else t("school.reports.days")
    costs = ("cost", *(f"cost_per_{name}" for name in _COSTS))
    return (first, *(t(f"school.reports.head.{name}") for name in ("leads", *_TOLD, *costs)))


def _table_row(name: str, counts: Counts) -> tuple[str, ...]:
    rates = (_rate(getattr(counts, stage), counts.leads) for stage in _TOLD)
    costs = (_money(counts.per(getattr(counts, of))) for of in _COSTS.values())
    return (name, f"{counts.leads:,}", *rates, _money(counts.cost), *costs)


def _rate(part: int, whole: int) -> str:
    """A count, and its share where there are enough to speak of one."""
    found = share(part, whole)
    if found is None:
        return t("school.reports.of", part=part, whole=whole)
    return t("school.reports.rate", part=part, percent=f"{found:.1%}")


def _money(amounts: Mapping[str, int]) -> str:
    return "; ".join(money(minor, currency) for currency, minor in amounts.items()) or t(
        "school.reports.nothing"
    )


def _name(by: By, key: str, titles: Mapping[str, str]) -> str:
    if by is By.PROGRAM:
        return titles.get(key) or t("school.reports.no_program")
    if by is By.STATE:
        return place_name(key)
    return key or t("school.filters.organic")


def table_rows(report: LeadReport, by: By, titles: Mapping[str, str]) -> list[tuple[str, ...]]:
    """List the rows of one way to group, under ``CSV_COLUMNS``."""
    rows = []
    for key, counts in report.groups[by].items():
        figures = tuple(str(getattr(counts, name)) for name in COUNTED)
        for nth, (currency, minor) in enumerate(counts.cost.items() or [("", 0)]):
            per = (counts.per(getattr(counts, of)).get(currency) for of in _COSTS.values())
            amounts = ["" if one is None else decimal(one, currency) for one in (minor, *per)]
            paid = (str(getattr(counts, name).get(currency, 0)) for name in PAID)
            money_cells = (*paid, currency, *(amounts if currency else [""] * len(amounts)))
            # A group's leads stand in its first row alone: a column can be added up.
            counted = figures if nth == 0 else [""] * len(figures)
            rows.append((by.value, key, _name(by, key, titles), *counted, *money_cells))
    return rows
