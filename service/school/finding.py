"""Looking for one person among the leads: what is typed stays in the session, sealed with it."""

import phonenumbers
from flask import redirect, request, session, url_for
from werkzeug.wrappers import Response as Redirect

from models.domain.errors import InvalidInputError
from models.domain.ids import Prefix, read
from models.domain.lead_search import Sought, SoughtBy
from service.school.lead_filters import list_address, read_filters
from service.staff.guard import insider, membership
from service.staff.pages import refused
from service.steps import staff_lead_lists
from service.web.pages import services, t

FOUND = "found"
_KEPT = "lead_sought"
_LONGEST = 254


def find() -> Redirect:
    """Look for a lead by its id, or for a person by address, number or name."""
    typed = request.form.get("q", "").strip()[:_LONGEST]
    filters = read_filters(request.form).values
    if not typed:
        session.pop(_KEPT, None)
        return redirect(list_address(filters), 303)
    lead_id = _lead_id(typed)
    if lead_id:
        return redirect(url_for("school.lead", lead_id=lead_id), 303)
    sought = _sought(typed)
    if sought is None:
        return refused(t("school.find.nothing"), list_address(filters))
    staff_lead_lists.note_search(services(), insider().staff, membership().organization_id, sought)
    session[_KEPT] = [sought.by.value, sought.value]
    return redirect(list_address(filters, **{FOUND: "1"}), 303)


def sought_now() -> Sought | None:
    """Who is looked for by this address, in this session; None: nobody."""
    kept = session.get(_KEPT) if request.args.get(FOUND) else None
    return Sought(SoughtBy(kept[0]), kept[1]) if kept else None


def _lead_id(typed: str) -> str | None:
    try:
        read(Prefix.LEAD, typed)
    except InvalidInputError:
        return None
    return typed


def _sought(typed: str) -> Sought | None:
    if "@" in typed:
        return Sought(SoughtBy.EMAIL, typed)
    if any(letter.isdigit() for letter in typed):
        number = _number(typed)
        return Sought(SoughtBy.PHONE, number) if number else None
    letters = sum(letter.isalpha() for letter in typed)
    return Sought(SoughtBy.NAME, typed) if letters else None


def _number(typed: str) -> str | None:
    """The number as it is kept (E.164); None where there can be no such one."""
    try:
        number = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
