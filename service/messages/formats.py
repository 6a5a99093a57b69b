"""How a language writes numbers and counts, after Unicode CLDR."""

from decimal import Decimal

DEFAULT_LOCALE = "en"
# Where a language writes thousands and decimals otherwise than English. Spanish does not, as it is
# written in the United States.
_SEPARATORS = {"fr": str.maketrans({",": "\u202f", ".": ","})}
# Whole numbers of which a language says one thing.
_SINGULAR = {"fr": frozenset({0, 1})}
_ONE = frozenset({1})


def plural_form(locale: str, count: object) -> str:
    """Choose ``one`` or ``other``, by the rules of CLDR for whole numbers below a million."""
    return "one" if count in _SINGULAR.get(locale, _ONE) else "other"


def write(locale: str, value: str | float | Decimal) -> str:
    """Write a value into a text: ``220960`` as ``220,960``; a text stays as it is.

    A decimal keeps its digits, as a school's bound must; any other broken number gets one.
    """
    if isinstance(value, str):
        return value
    whole = int(value)
    if whole == value:
        written = f"{whole:,}"
    else:
        written = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,.1f}"
    return written.translate(_SEPARATORS[locale]) if locale in _SEPARATORS else written
