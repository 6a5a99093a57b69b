"""Messages to the person or program that sent something we cannot use.

Each is English text that remembers its key and values, so that a page can say it again in the
visitor's language: ``error.<key>`` in ``service.messages``. A problem document says it in English.
"""

from collections.abc import Mapping
from decimal import Decimal

ENGLISH: Mapping[str, str] = {
    "education_empty": "Select your highest level of education",
    "postal_format": ("Enter a US ZIP code, like 30332, or a Canadian postal code, like K1A 0B1"),
    "postal_unknown": "We cannot find {postal_code}. Check it, or choose your state or province",
    "place_empty": (
        "Enter a US ZIP code, like 30332, or a Canadian postal code, like K1A 0B1, "
        "or choose your state or province"
    ),
    "region_unknown": "Choose a state or province by its code, like NY or ON",
    "study_unknown": (
        "We did not find “{query}”. Try a simpler word, like nursing, or browse all fields"
    ),
    "field_unknown": "There is no field {field}. Use a code like 51.07, or describe it in query",
    "field_and_query": "Send field or query, not both",
    "too_long": "Use {most} characters or fewer",
    "too_many": "Send {most} or fewer",
    "too_few": "Send at least one",
    "empty": "Fill this in",
    "not_text": "Send this as text",
    "not_number": "Send a whole number from {low} to {high}",
    "not_flag": "Send true or false",
    "not_list": "Send a list",
    "not_object": "Send an object with named values",
    "control_characters": "Remove the characters that cannot be seen",
    "unknown_name": "There is no such field here. Remove it, or check its spelling",
    "unknown_choice": "Use one of: {choices}",
    "slate_unknown": "slate_id is not known or has ended; search again",
    "publisher_unknown": "This is not the id of a publisher. Leave it out, or check the link",
    "slate_answers": (
        "This slate was drawn for other answers. Leave slate_id out to search with new ones"
    ),
    "page_unknown": "There are {pages} pages. Use a number from 1 to {pages}",
    "listing_unknown": "{listing} is not a listing of this slate. Use the ids it was shown with",
    "listing_closed": (
        "{school} takes no requests here. Leave this listing out, or ask on the school's own site"
    ),
    "listings_empty": "Select at least one school",
    "schools_many": "Choose up to {most} schools",
    "student_missing": "Send the student: first_name, last_name, email and age_18_or_over",
    "first_name_empty": "Enter your first name",
    "last_name_empty": "Enter your last name",
    "name_letters": "Enter the name with its letters",
    "email_empty": "Enter your email address",
    "email_format": "Enter an email address in the correct format, like name@example.com",
    "email_changed_often": (
        "You changed the email address too often. Take this request back and send a new one"
    ),
    "lead_unknown": "There is no such lead. Copy it from a delivery or from the school's page",
    "organization_known": "An organization or a person has that already. Use another one",
    "publisher_known": "A publisher has this site already",
    "person_forgotten": (
        "We take no requests for this email address. If it is yours, ask us why at {address}"
    ),
    "phone_format": "Enter a US or Canadian phone number, like 404 555 0123, or leave it empty",
    "phone_missing": "Enter a phone number, or take back the consent to calls and texts",
    "age_missing": "Say whether you are 18 or over",
    "under_18": "You must be 18 or over to send a request. You can visit the schools' own sites",
    "no_diploma": (
        "Schools here need a diploma or GED first, so no request can be sent. "
        "Ask the adult education programs on their own sites"
    ),
    "start_format": "Enter a month, like 2027-01, or leave it empty",
    "start_range": "Enter a month from {first} to {last}, or leave it empty",
    "consent_missing": "Agree to at least one way {school} may contact you, or leave it out",
    "consent_not_chosen": "This consent is for a school that is not chosen. Remove it",
    "consent_stale": (
        "This text is not known or has changed. Fetch the request form again and show its texts"
    ),
    "consent_twice": "This consent is given twice. Send it once",
    "school_id": "Use a school's id, like sch_194240",
    "withdraw_none": "Select at least one school to take your request back from",
    "question_empty": "Answer this question, or leave {school} out",
    "question_choice": "Choose one of the answers",
    "question_number": "Enter a number, like 3.5",
    "question_below": (
        "{school} takes requests from {least} up. Check your answer, or leave this school out"
    ),
    "question_above": (
        "{school} takes requests up to {most}. Check your answer, or leave this school out"
    ),
    "question_not_accepted": (
        "{school} takes no requests from students with this answer. Check it, or leave this "
        "school out"
    ),
    "question_unknown": "This school asks no such question. Remove the answer",
    "key_missing": "Send a header Idempotency-Key with a value of your own, new for each request",
    "key_format": "Use 1 to 200 letters, digits and signs in the Idempotency-Key",
    "key_reused": "This Idempotency-Key was used for another request. Use a new one",
    "limited": "Wait a minute, then send again. Nothing of this was kept",
    "login_wrong": "Email address, password or code is not right. Each code opens once",
    "login_limited": (
        "Too many tries. Wait 15 minutes, use a browser you know, or ask for a link by mail"
    ),
    "password_short": "Use {least} characters or more",
    "password_guessed": (
        "This password is made of what is known of you or of us. Use several words of your own"
    ),
    "asked_often": "That was asked often. Look into your mail, or wait an hour",
    "link_limited": "Too many tries with this link. Ask for another one",
    "proof_wrong": "Password or code is not right. Each code opens once",
    "second_factor_wrong": (
        "Enter a code of your app that was not used yet, or one of your recovery codes"
    ),
    "password_common": (
        "Many people use this password, so it is tried first. Use several words of your own"
    ),
    "member_already": "This person works for the organization already",
    "member_last": "An organization needs an admin. Make somebody else one first",
    "member_elsewhere": "This person works elsewhere too. Ask the operator to invite them again",
    "role_unknown": "Choose what they may do",
    "issuer_format": "Enter the address of your sign-in, like https://login.yourschool.example",
    "issuer_unknown": (
        "This address does not answer as a sign-in (OpenID Connect). Check it, or ask who runs it"
    ),
    "client_empty": "Enter what your sign-in calls this service",
    "secret_empty": "Enter the secret that your sign-in made for this service",
    "overlap_unknown": "Choose how long the old key holds",
    "code_wrong": "Enter the six digits that your app shows now",
    "moment_format": "Use a moment with its offset, like 2026-11-22T12:00:00Z",
    "disposition_empty": "Choose what happened",
    "table_empty": "Choose a file, or paste its lines",
    "table_long": "Use a table of at most {most} KB here, or divide it",
    "scopes_empty": "Choose what the key may do",
    "school_words": "Enter three letters or more of the school's name",
    "school_unknown": "Choose a school from the list",
    "reason_empty": "Say why; it stays in the history",
    "changed_meanwhile": "This cannot be done any more: it changed meanwhile. Look again",
    "overtaken": (
        "Somebody else changed this meanwhile: see its history. What you typed is still here; "
        "saving it again puts it in the place of what they changed"
    ),
    "questions_changed": (
        "Somebody else changed these questions meanwhile. Look at them, then do it again if it "
        "still fits"
    ),
    "destination_untested": "No test has reached this destination with its present settings",
    "destination_waits": "{n} deliveries are still to be sent there. Wait for them, or resume it",
    "not_sent_again": "It cannot be sent again: {why}",
    "keys_two_live": "Two keys are live already. End the old one first",
    "keys_one_live": "Only one key is live. Make a new one first",
    "keys_none": "This destination signs nothing",
    "answer_code": "Enter a status code from 100 to 599, such as 200",
    "history_made": "This made it, so nothing held before. Remove it where it is set up",
    "history_elsewhere": "This is not taken back here. Change it where it is set up",
    "history_agreed": "Reserve and terms of return are agreed with the operator. Ask them",
    "history_ended": "This campaign has ended",
    "history_removed": "This destination was removed",
    "history_rows_since": (
        "Somebody changed {name} again since, and would lose that. Take the later change back "
        "first, or change it where it is set up"
    ),
    "history_destination_gone": "A destination that it names does not serve this school any more",
    "claim_owned": "This listing is yours already",
    "highlight_known": "The same stands or waits there already",
    "claim_waits": "You claimed this listing already; the claim waits for an operator",
    "claim_others": "Another organization has this listing. Decline the claim, or settle it first",
    "ranker_simulated": "It learned from simulated visitors, so it may not serve real ones",
    "ranker_files": "Its files are not on this machine, or this version cannot read them",
    "ranker_gate": "It has not passed its gate. {rows}",
    "ranker_champion": "It is the champion already",
    "share_range": "Enter a share above 0 and at most {most} per cent",
    "ranker_stage": "It cannot go there from where it is now",
    "ranker_no_challenge": "No ranker is in shadow or canary",
    "gain_format": "Enter a number that is not below 0, like 3",
    "gains_zero": "One of the gains must be more than 0",
    "training_moment": "Enter a moment like 2026-11-22 13:30",
    "seed_format": "Enter a whole number from 0 to {most}",
    "attention_format": "Enter {count} numbers above 0 and at most 1, the first 1, or swaps alone",
    "training_open": "A ranker is being trained already, or waits for it",
    "training_ended": "This run has ended",
    "ranker_none_before": "No other ranker has served before; there is no way back",
}


class Said(str):
    """A message in English that remembers how to be said again."""

    __slots__ = ("key", "values")

    key: str
    values: Mapping[str, str | int | Decimal]


def say(key: str, **values: str | int | Decimal) -> Said:
    """Say a message by its key; what a visitor typed is shortened."""
    said = Said(ENGLISH[key].format_map(values))
    said.key = key
    said.values = values
    return said


def shorten(typed: str, most: int = 60) -> str:
    """Cut what was typed to what a message can quote."""
    return typed if len(typed) <= most else typed[: most - 1] + "…"
