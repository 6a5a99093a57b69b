"""What a CIP family is called: in plain words, and officially."""

from service.messages.names import field_name
from service.web.pages import locale, services


def official_name(cip: str) -> str:
    """The official name of a family, which programs without a title of their own carry."""
    engine = services().serving.state().engine
    row = engine.index.field_row.get(cip)
    return cip if row is None else engine.catalog.field_names[row]


def plain_name(cip: str) -> str:
    """The plain name of a family; an address may carry one that does not exist."""
    try:
        return field_name(locale(), cip, services().fields.name(cip))
    except KeyError:
        return cip
