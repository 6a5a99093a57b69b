"""What a CIP family is called: in plain words, and officially."""

from service.web.pages import services


def official_name(cip: str) -> str:
    """The official name of a family, which programs without a title of their own carry."""
    catalog = services().serving.state().engine.catalog
    return catalog.field_names[catalog.cips.index(cip)] if cip in catalog.cips else cip


def plain_name(cip: str) -> str:
    """The plain name of a family; an address may carry one that does not exist."""
    index = services().fields
    return index.name(cip) if cip in index.cips else cip
