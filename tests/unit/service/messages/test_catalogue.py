"""Every word that code and templates ask for is there, and every word there is asked for."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import jinja2
import pytest
from jinja2 import nodes

from matcher.catalog import BADGES
from matcher.retrieve import EXCLUSIONS
from matcher.school_view import Fate
from models.domain.approval import DecisionKind
from models.domain.approval import Verdict as ApprovalVerdict
from models.domain.campaign import CampaignStatus
from models.domain.campaign_changes import DAYS
from models.domain.campaign_form import CampaignState
from models.domain.caps import BUDGETS, PERIODS
from models.domain.claim import ClaimStatus
from models.domain.consent import Channel
from models.domain.content_lint import Claim
from models.domain.delivery import DeliveryStatus, Purpose
from models.domain.destination import DestinationStatus
from models.domain.highlight import HighlightKind, HighlightStatus
from models.domain.history import Configured
from models.domain.lead import DispositionStatus, LeadStatus, Verdict
from models.domain.lead_report import By
from models.domain.lead_search import SoughtBy
from models.domain.levels import CredentialLevel, EducationLevel, Format
from models.domain.matching import Note, NotTakenReason, PlacePrecision, Sort
from models.domain.office import AddressKind, AlarmKind
from models.domain.organization import ActorKind, Scope
from models.domain.person import ErasedBy
from models.domain.question import QuestionKind
from models.domain.staff import Role
from models.domain.statement import ChargeKind
from models.domain.today import Trouble
from models.domain.training import RunState, Step
from models.domain.verification import ConfirmationState, Verification
from models.exchange.kinds import KINDS
from service import messages, said
from service.api.v1.schemas import CONTROLS
from service.messages.lengths import Unit
from service.school.row_forms import COLUMNS

SERVICE = Path(messages.__file__).parents[1]
ENGLISH = messages.catalogue("en")

FIGURES = (
    *("metrics", "depth", "calibration", "segments", "contributions", "exposure", "drift"),
    *("searches", "steering", "requests"),
    *(f"leads_{by}" for by in By),
)
WATCHED = ("students", "listings", "requests", "calibration", "steering")
HEADS = tuple(
    key.removeprefix("console.head.") for key in ENGLISH if key.startswith("console.head.")
)

_NOT_ACTIVE = (CampaignStatus.DRAFT, CampaignStatus.PAUSED, CampaignStatus.ENDED)
REPORTED = (
    *("leads", "accepted", "duplicate", "rejected", "returned", "contacted", "applied"),
    *("enrolled", "cost", "cost_per_lead", "cost_per_application", "cost_per_enrolment"),
)
RETURN_VERDICTS = (Verdict.APPLIED, Verdict.LATE, Verdict.OVER_QUOTA)

_COLUMNS = tuple(dict.fromkeys(each.name for row in COLUMNS.values() for each in row))
_CHOICES = tuple(word for row in COLUMNS.values() for each in row for word in each.choices)
# Keys whose last part is computed: each prefix, and the words it must have.
COMPUTED: dict[str, tuple[str, ...]] = {
    "claim_flag.": tuple(Claim),
    "operator.alarms.": tuple(f"{kind}.{part}" for kind in AlarmKind for part in ("what", "do")),
    "operator.organizations.head.": (
        *("name", "schools", "people", "destinations", "campaigns", "leads", "arrived"),
        "answered",
    ),
    "operator.returns.head.": (
        *("month", "organization", "campaign", "charged", "returned", "quota", "refused"),
    ),
    "operator.publishers.head.": ("page", "creative", "searches", "requests", "leads"),
    "operator.privacy.erased.": tuple(ErasedBy),
    "operator.privacy.stopped.": tuple(AddressKind),
    "operator.privacy.reason.": ("unsubscribed", "operator"),
    "operator.approvals.": ("approve", "decline", *ApprovalVerdict),
    "operator.approvals.kind.": tuple(DecisionKind),
    "operator.approvals.verdict.": tuple(ApprovalVerdict),
    "school.campaign.": ("begin", "pause", "resume", "end", "changed", "unchanged"),
    "school.campaign.budgets.": ("title", "text", *BUDGETS),
    "school.campaign.caps.": ("title", "text", *PERIODS),
    "school.campaign.price.": ("price", "price_hint"),
    "school.campaign.schedule.": tuple(
        f"{name}{part}"
        for name in ("opens", "closes", "hours", "holidays", "starts_at", "ends_at")
        for part in ("", "_hint")
    ),
    "school.campaign.targeting.verification_": tuple(Verification),
    "school.campaigns.state_of.": tuple(CampaignState),
    "school.highlights.badge_is.": BADGES,
    "school.highlights.kind_is.": tuple(HighlightKind),
    "school.highlights.status.": tuple(HighlightStatus),
    "school.question.": ("up", "remove", "taken", "taken_hint", "refused", "refused_hint"),
    "school.question.kind_is.": tuple(QuestionKind),
    "weekday.": DAYS,
    "badge.": (*BADGES, "school_says"),
    "education_level.": tuple(
        f"{level}.{part}" for level in EducationLevel for part in ("label", "opens")
    ),
    "credential_level.": tuple(CredentialLevel),
    "control.": CONTROLS,
    "format.": tuple(Format),
    "channel.": tuple(Channel),
    "lead_status.": tuple(LeadStatus),
    "not_taken.": tuple(NotTakenReason),
    "results.sort.": tuple(Sort),
    "results.distance.": tuple(
        f"{kind}.{unit}"
        for kind in ("away", "near", "by_city", "by_area", "nearby")
        for unit in Unit
    ),
    "results.refine.within.": tuple(Unit),
    "filter.": (
        "credential_levels",
        "states",
        "controls",
        "fields",
        "format",
        "max_distance_miles",
    ),
    "start.place.": ("states", "provinces"),
    "staff.signing_in.": ("stale", "refused", "second_factor", "nobody", "email", "away"),
    "staff.role.": tuple(Role),
    "disposition.": tuple(DispositionStatus),
    "school.status.": tuple(LeadStatus),
    "school.today.figure.": ("today", "week", "waiting", "late", "lost"),
    "school.today.trouble.": tuple(Trouble),
    "school.find.": tuple(SoughtBy),
    "school.filters.name.": (
        *("status", "school", "program", "state", "origin", "destination", "delivery"),
    ),
    "school.filters.": ("late", "lost", "organic", "sponsored"),
    "school.documentation.table.": ("leads", "dispositions", "statement", "export", "reports"),
    "school.reports.by.": tuple(By),
    "school.why.fate.": (*Fate, *_NOT_ACTIVE, "not_running"),
    "school.why.excluded.": (
        *EXCLUSIONS.values(),
        *("needs_diploma", "not_open_to_level", "other_field"),
    ),
    "school.reports.head.": REPORTED,
    "school.reports.mean.": REPORTED,
    "school.returns.verdict.": RETURN_VERDICTS,
    "school.returns.foreseen.": RETURN_VERDICTS,
    "cap_period.": (*PERIODS, *BUDGETS),
    "charge_kind.": tuple(ChargeKind),
    "destination_status.": tuple(DestinationStatus),
    "delivery_status.": tuple(DeliveryStatus),
    "purpose.": tuple(Purpose),
    "tries.outcome.": (
        "under_way",
        *set(DeliveryStatus).difference(("leased", "expired", "poison", "cancelled")),
    ),
    "tries.step.": ("token", "ping", "post"),
    "school.history.kind.": tuple(Configured),
    "school.history.actor.": tuple(ActorKind),
    "school.destination.progress.": ("done", "next", "later"),
    "school.destination.kind_about.": tuple(KINDS),
    "school.rows.step.": ("ping", "post", "attached"),
    "school.rows.column.": _COLUMNS,
    "school.rows.choice.": _CHOICES,
    "claim_status.": tuple(ClaimStatus),
    "afterwards.": tuple(
        f"{state}.{purpose}"
        for state in (
            "telling",
            "telling_by_mail",
            "told",
            "told_by_mail",
            "needless",
            "failed",
        )
        for purpose in (Purpose.WITHDRAWAL, Purpose.CORRECTION, Purpose.DELETION)
    ),
    "afterwards.done.": ("withdrawn", "corrected", "same", "deleted"),
    "scope.": tuple(scope.replace(":", "_") for scope in Scope),
    "provenance.": ("prior", "simulated", "learned"),
    "operator.versions.": ("catalog", "ranker"),
    "operator.rankers.challenge.": ("shadow", "canary"),
    "operator.rankers.stage.": ("shadow", "canary"),
    "operator.training.state.": tuple(RunState),
    "operator.training.step.": tuple(Step),
    "confirm.state.": tuple(
        f"{state}.{part}"
        for state in ConfirmationState
        if state is not ConfirmationState.NOT_ASKED
        for part in ("title", "text")
    ),
    "unsubscribe.": (
        *(
            f"{state}.{part}"
            for state in ("ask", "stopped")
            for part in ("title", "text", "button")
        ),
        *("allowed.title", "allowed.text", "kept.title", "kept.text", "schools"),
    ),
    "console.": tuple(f"{figure}.title" for figure in FIGURES),
    "console.exposure.of.": ("shown", "earned"),
    "console.order.": (
        *("new", "served", "champion", "random", "popularity", "nearest", "prior"),
        "single_feature",
    ),
    "console.watch.figure.": WATCHED,
    "console.watch.alarm_of.": WATCHED,
    # Given by name to what draws a table's head.
    "console.head.": HEADS,
    "error.": tuple(said.ENGLISH),
    "step.format.": tuple(Format),
    "program.": ("earnings", "usual", "debt"),
    "program.precision.": tuple(PlacePrecision),
    "cannot.": tuple(
        f"{why}.{part}" for why in ("no_diploma", "under_18") for part in ("title", "text")
    ),
    "month.m": tuple(f"{month:02}" for month in range(1, 13)),
    "page.": tuple(
        f"{name}.{part}"
        for name in (
            "not_found",
            "wrong_method",
            "too_large",
            "too_many",
            "too_many_typed",
            "unavailable",
            "broken",
            "bad_request",
            "slate_gone",
            "expired",
            "expired_unsent",
            "no_such_page",
            "sent_before",
            "unconfirmed",
            "elsewhere",
            "staff_forbidden",
            "staff_stale",
            "staff_stale",
            "staff_forbidden",
        )
        for part in ("title", "text")
    ),
    "fact.": ("earnings_1yr", "earnings_4yr", "debt", "net_price", "completion", "completers"),
}
# Codes of notes, as the matcher's and the service's sources write them.
NOTE_KINDS = ("reason", "warning", "badge", "advice", "demonstration")


def python_keys() -> Iterator[str]:
    for file in SERVICE.rglob("*.py"):
        # Also keys that are chosen before they are said, such as a heading's.
        yield from re.findall(r'["\']([a-z_]+\.[a-z_.]+)["\']', file.read_text())


def _calls(file: Path, function: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == function:
            yield node


def template_keys() -> Iterator[str]:
    environment = jinja2.Environment(autoescape=True)
    for file in SERVICE.rglob("*.html"):
        for call in environment.parse(file.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "t":
                yield from (const.value for const in _constants(call.args[0]))


def _constants(node: nodes.Node) -> Iterator[nodes.Const]:
    if isinstance(node, nodes.Const):
        yield node
    yield from (const for const in node.find_all(nodes.Const) if isinstance(const.value, str))


def note_codes() -> set[str]:
    """Codes of every note that the matcher or a step makes."""
    root = SERVICE.parent
    files = [*root.joinpath("matcher").rglob("*.py"), *SERVICE.rglob("*.py")]
    calls = (call for file in files for call in _calls(file, "Note"))
    heads = (call.args[0] for call in calls if call.args)
    return {str(head.value) for head in heads if isinstance(head, ast.Constant)}


def test_every_key_that_templates_say_is_in_the_catalogue() -> None:
    whole = {key for key in template_keys() if not key.startswith(".") and key[-1] not in ".m"}
    assert {key for key in whole if "." in key} - ENGLISH.keys() == set()


def test_every_note_that_code_makes_has_words() -> None:
    said_as = {key.partition(".")[2] for key in ENGLISH if key.partition(".")[0] in NOTE_KINDS}
    assert note_codes() - said_as == set()


@pytest.mark.parametrize("prefix", COMPUTED)
def test_every_computed_key_is_in_the_catalogue(prefix: str) -> None:
    assert [word for word in COMPUTED[prefix] if f"{prefix}{word}" not in ENGLISH] == []


def test_every_text_is_said_somewhere() -> None:
    used = {*template_keys(), *python_keys()}
    used |= {f"{prefix}{word}" for prefix, words in COMPUTED.items() for word in words}
    unused = {key for key in ENGLISH if key not in used and key.partition(".")[0] not in NOTE_KINDS}
    assert unused == set()


def _names(entry: messages.Entry) -> set[str]:
    words = entry if isinstance(entry, str) else " ".join(entry.values())
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def test_what_an_error_says_takes_the_values_it_comes_with() -> None:
    for key, english in said.ENGLISH.items():
        assert _names(ENGLISH[f"error.{key}"]) <= _names(english), key


FOR_PROGRAMS = re.compile(
    r"\b([a-z]+_[a-z_0-9]+|slates?|listings?|ids?|header|query|objects?|true|false|values?|field or"
    r"|Idempotency-Key|Send (a|an|this|field|\{most\}|at least|true)\b)",
)


# Claiming a listing is what a school's staff does; students are never told of listings.
SAID_TO_STAFF = {"error.claim_owned", "error.claim_waits", "error.claim_others"}


@pytest.mark.parametrize(
    "key", [key for key in ENGLISH if key.startswith("error.") and key not in SAID_TO_STAFF]
)
def test_what_is_wrong_is_told_on_pages_in_words_of_people(key: str) -> None:
    words = re.sub(r"\{[a-z_]+\}", "", str(ENGLISH[key]))
    assert not FOR_PROGRAMS.search(words)
    assert not re.search(r"\{(choices|listing)\}", str(ENGLISH[key])), "a list of codes"


def test_numbers_have_separators_and_plurals_agree() -> None:
    assert messages.text("en", "results.found", n=1) == "1 program found"
    assert messages.text("en", "results.found", n=0) == "0 programs found"
    assert messages.text("en", "results.found", n=220960) == "220,960 programs found"


def test_a_locale_we_do_not_have_speaks_english() -> None:
    assert messages.text("tlh", "nav.privacy") == "Privacy"


def test_a_key_nobody_wrote_is_an_error() -> None:
    with pytest.raises(messages.MissingTextError):
        messages.text("en", "no.such.key")


def test_no_text_promises_what_the_law_forbids() -> None:
    words = " ".join(
        entry if isinstance(entry, str) else " ".join(entry.values()) for entry in ENGLISH.values()
    ).lower()
    for forbidden in (
        "unbiased",
        "best",
        "objective",
        "students like you",
        "guarantee",
    ):
        assert forbidden not in words


def test_a_usual_credential_is_called_our_own_reading_and_not_a_fact_of_others() -> None:
    for key in ("reason.fits_specialty", "rank.order_field", "results.rank.parameters"):
        words = str(ENGLISH[key])
        assert "a usual credential" in words, key
        assert "our own" in words, key
    assert "our own table" in str(ENGLISH["step.study.specialty_usual"])
    said_of_all = " ".join(map(str, ENGLISH.values()))
    assert "most people" not in said_of_all, "nobody counted that"


def test_the_earnings_warning_names_figures_and_region() -> None:
    warning = Note(
        "below_high_school_earnings",
        {"earnings": 24310.0, "threshold": 33200.0, "region": "NY", "years": 4, "graduate": 0},
    )
    words = messages.note("en", "warning", warning)
    assert "$24,310" in words
    assert "New York" in words
    assert "$33,200" in words
