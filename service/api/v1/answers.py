"""What endpoints answer, for the OpenAPI document; answers are written without marshmallow."""

from marshmallow import Schema, fields

from models.domain.matching import PlacePrecision


class NoteSchema(Schema):
    """A reason, warning, badge or advice."""

    code = fields.String(required=True)
    text = fields.String(required=True)


class FactSchema(Schema):
    """A figure with its source; `value` is null where nothing is published."""

    name = fields.String(required=True)
    value = fields.Float(required=True, allow_none=True)
    unit = fields.String(required=True)
    source = fields.String(required=True)
    year = fields.String(required=True)


class FieldSchema(Schema):
    """A field that the answers mean."""

    cip = fields.String(required=True)
    title = fields.String(required=True)
    specialty = fields.String(allow_none=True)
    confidence = fields.Float()


class FieldsSchema(Schema):
    """Fields, best first; empty when the text is about no field."""

    fields_ = fields.List(fields.Nested(FieldSchema), required=True, data_key="fields")


class FacetSchema(Schema):
    """An option and how many programs are left if it alone is chosen in its group."""

    value = fields.String(required=True)
    count = fields.Integer(required=True)


class SchoolSchema(Schema):
    """A school."""

    id = fields.String(required=True)
    name = fields.String(required=True)
    city = fields.String(allow_none=True)
    state = fields.String(allow_none=True)
    control = fields.String(required=True)


class ProgramSchema(Schema):
    """A program."""

    id = fields.String(required=True)
    cip = fields.String(required=True)
    title = fields.String(required=True)
    credential_level = fields.String(required=True)
    format = fields.String(allow_none=True)


class ListingSchema(Schema):
    """A program in its place."""

    listing_id = fields.String(required=True)
    position = fields.Integer(required=True)
    organic_position = fields.Integer(required=True)
    sponsored = fields.Boolean(required=True)
    fictional_sponsor = fields.Boolean(required=True)
    request = fields.String(required=True, metadata={"enum": ["here", "school_site", "none"]})
    school_url = fields.String(allow_none=True)
    school = fields.Nested(SchoolSchema, required=True)
    program = fields.Nested(ProgramSchema, required=True)
    distance_miles = fields.Float(
        allow_none=True,
        metadata={
            "description": (
                "Great-circle miles. To a tenth when place_precision is exact; otherwise to ten, "
                "and null when it would be less than 25: nobody knows how near it is."
            )
        },
    )
    place_precision = fields.String(
        required=True,
        metadata={
            "enum": [one.value for one in PlacePrecision],
            "description": "How well we know where the school is. Only exact is its own place.",
        },
    )
    facts = fields.List(fields.Nested(FactSchema), required=True)
    warnings = fields.List(fields.Nested(NoteSchema), required=True)
    badges = fields.List(fields.Nested(NoteSchema), required=True)
    reasons = fields.List(fields.Nested(NoteSchema), required=True)


class MatchesSchema(Schema):
    """A page of a slate."""

    slate_id = fields.String(required=True)
    ranker_version = fields.String(required=True)
    catalog_version = fields.String(required=True)
    demonstration = fields.Boolean(
        required=True,
        metadata={"description": "Whether anything here, or anything that serves, is one."},
    )
    demonstration_notes = fields.List(fields.Nested(NoteSchema), required=True)
    fields_ = fields.List(fields.Nested(FieldSchema), required=True, data_key="fields")
    page = fields.Integer(required=True)
    pages = fields.Integer(required=True)
    total = fields.Integer(required=True)
    sponsored_total = fields.Integer(required=True)
    format_known = fields.Integer(required=True)
    steering_index = fields.Float(required=True)
    facets = fields.Dict(keys=fields.String(), values=fields.List(fields.Nested(FacetSchema)))
    advice = fields.List(fields.Nested(NoteSchema))
    results = fields.List(fields.Nested(ListingSchema), required=True)


class OfferedConsentSchema(Schema):
    """A text to show beside an unticked box."""

    school_id = fields.String(required=True)
    channel = fields.String(required=True)
    text_id = fields.String(required=True)
    text = fields.String(required=True)


class OptionSchema(Schema):
    """One choice of a question."""

    value = fields.String(required=True)
    label = fields.String(required=True)


class QuestionSchema(Schema):
    """A school's own question."""

    school_id = fields.String(required=True)
    question_id = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True)
    required = fields.Boolean(required=True)
    options = fields.List(fields.Nested(OptionSchema), required=True)


class NotTakenSchema(Schema):
    """A chosen school that takes no request now."""

    school_id = fields.String(required=True)
    reason = fields.String(required=True)


class FormSchema(Schema):
    """What must be asked before a request can be sent."""

    consents = fields.List(fields.Nested(OfferedConsentSchema), required=True)
    questions = fields.List(fields.Nested(QuestionSchema), required=True)
    not_taken = fields.List(fields.Nested(NotTakenSchema), required=True)


class LeadSchema(Schema):
    """A lead of a request."""

    lead_id = fields.String(required=True)
    school_id = fields.String(required=True)
    status = fields.String(required=True)


class AcceptedSchema(Schema):
    """A request that is kept."""

    request_id = fields.String(required=True)
    token = fields.String(required=True)
    status_url = fields.String(required=True)
    leads = fields.List(fields.Nested(LeadSchema), required=True)
    not_taken = fields.List(fields.Nested(NotTakenSchema), required=True)


class MomentSchema(Schema):
    """A moment at which a lead's status changed."""

    at = fields.String(required=True, metadata={"format": "date-time"})
    status = fields.String(required=True)


class FollowedLeadSchema(LeadSchema):
    """A lead with its history."""

    school_name = fields.String(required=True)
    timeline = fields.List(fields.Nested(MomentSchema), required=True)
    confirm_by = fields.String(
        allow_none=True,
        metadata={
            "format": "date-time",
            "description": "Until when the student must open the link in the mail, so that the "
            "school gets the request; null where nothing must be confirmed any more.",
        },
    )


class StatusSchema(Schema):
    """A request's status."""

    request_id = fields.String(required=True)
    leads = fields.List(fields.Nested(FollowedLeadSchema), required=True)
    not_taken = fields.List(fields.Nested(NotTakenSchema), required=True)


class ProblemErrorSchema(Schema):
    """One value that cannot be used."""

    path = fields.String(required=True)
    pointer = fields.String(required=True)
    code = fields.String(
        required=True, metadata={"description": "What is wrong, for programs; it stays the same."}
    )
    detail = fields.String(required=True)


class ProblemSchema(Schema):
    """A problem document (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.List(fields.Nested(ProblemErrorSchema))
