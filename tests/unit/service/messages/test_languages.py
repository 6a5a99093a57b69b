"""Spanish and French say what English says: all of it, with the same values, and nothing else."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Formatter

import pytest

from matcher.fields import FieldIndex
from matcher.regions import REGIONS
from models.domain.consent_texts import VERSIONS
from models.domain.matching import Note
from service import messages
from service.messages import review
from service.messages.formats import plural_form, write
from service.messages.names import by_name, field_name, region_name, series_name

TRANSLATED = ("es", "fr")
FOLDER = Path(messages.__file__).parent
# What only the staff of schools and operators read stays English: school.toml, school_leads.toml …
ROOMS = {"console", "operator", "school", "staff"}
STUDENT_FILES = sorted(
    file.name for file in (FOLDER / "en").iterdir() if file.stem.partition("_")[0] not in ROOMS
)
# Texts that are the same words in another language: names, signs, and words that both have.
SAME = {
    *("site.name", "site.title", "site.error_title", "sent.at", "date.at", "date.first"),
    *("date.month", "form.colon", "form.error", "number.plain", "number.dollars"),
    *("number.percent", "results.distance.city", "results.fields.end"),
    *("nav.sources", "sources.title", "sources.source", "start.place.provinces"),
    *(
        "browse.regions.ca",
        "filter.max_distance_miles",
        "request.no",
        "control.public",
        "request.about",
    ),
    "privacy.cookie_title",
}
ENGLISH_WORDS = re.compile(
    r"\b(the|and|of|your|you|we|are|this|with|from|not|what|how|for|which|school|schools|student)\b",
    re.IGNORECASE,
)
# English that is meant: what to ask for, and names of tests.
QUOTED = re.compile(r"[“«][^”»]*[”»]|\([^)]*\)|Canadian Adult Education Credential|GED")
NBSP, NARROW = "\u00a0", "\u202f"


def said(words: messages.Entry) -> str:
    return words if isinstance(words, str) else " ".join(words.values())


def values_of(words: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(words) if name}


def keys_of(locale: str, file: str) -> dict[str, messages.Entry]:
    found: dict[str, messages.Entry] = {}
    messages._flatten(tomllib.loads((FOLDER / locale / file).read_text("utf-8")), "", found)
    return found


@pytest.fixture(scope="session")
def fields() -> FieldIndex:
    return FieldIndex.load()


@pytest.mark.parametrize("file", STUDENT_FILES)
@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_text_for_students_has_its_translation_with_the_same_values(
    locale: str, file: str
) -> None:
    theirs, ours = keys_of(locale, file), keys_of("en", file)
    assert theirs.keys() == ours.keys()
    for key, words in ours.items():
        assert values_of(said(words)) == values_of(said(theirs[key])), key
        if isinstance(words, Mapping):
            assert isinstance(theirs[key], Mapping), f"{key} counts"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_there_are_no_files_that_english_has_not(locale: str) -> None:
    assert {file.name for file in (FOLDER / locale).iterdir()} == set(STUDENT_FILES)


def translated() -> Iterator[tuple[str, str, str, str]]:
    for locale in TRANSLATED:
        for key, words in messages.catalogue(locale).items():
            yield locale, key, said(words), said(messages.catalogue("en")[key])


def test_no_text_is_left_in_english() -> None:
    left = {key for _, key, words, english in translated() if words == english}
    assert left - SAME == set()
    # A French word may be the English one; a whole sentence never is.
    for locale, key, words, _ in translated():
        plain = QUOTED.sub("", re.sub(r"\{[a-z_]+\}", "", words))
        assert not ENGLISH_WORDS.search(plain), (locale, key, plain)


def test_the_list_of_words_that_are_alike_holds_no_others() -> None:
    alike = {key for _, key, words, english in translated() if words == english}
    assert alike >= SAME


def test_spanish_speaks_to_usted() -> None:
    words = " ".join(said(entry) for entry in messages.catalogue("es").values())
    assert re.search(r"\busted\b", words)
    assert not re.findall(r"\b(tú|tu|tus|ti|te|contigo|tienes|puedes|quieres|debes)\b", words)


def test_spanish_questions_are_opened_as_well_as_closed() -> None:
    for key, entry in messages.catalogue("es").items():
        words = said(entry)
        if key not in {"results.fields.end", "results.fields.did_you_mean"}:
            assert words.count("¿") == words.count("?"), key


def test_french_speaks_to_vous_and_sets_its_signs_as_canada_does() -> None:
    entries = {key: said(entry) for key, entry in messages.catalogue("fr").items()}
    entries |= {f"names.{number}": words for number, words in enumerate(_names("fr"))}
    for key, words in entries.items():
        assert not re.search(r"\b(tu|toi|ton|tes)\b", words), key
        assert not re.search(rf"[^{NBSP}]:(\s|$)", words), f"{key}: a colon has a space before it"
        assert not re.search(rf"«(?!{NBSP})|(?<!{NBSP})»", words), f"{key}: quotes stand apart"
        assert not re.search(r"\s[?!;]", words), f"{key}: no space before these in Canada"
        assert not re.search(rf"[^{NBSP}][%$]", words), f"{key}: signs stand apart from numbers"
        assert "'" not in words, f"{key}: a typewriter's apostrophe"


@pytest.mark.parametrize(
    ("locale", "bare"),
    [("es", r"\b(hasta|antes de) \{time\}"), ("fr", r"(jusqu.à|avant) \{time\}")],
)
def test_a_day_in_a_sentence_has_its_article(locale: str, bare: str) -> None:
    for key, entry in messages.catalogue(locale).items():
        assert not re.search(bare, said(entry)), key


def _names(locale: str) -> Iterator[str]:
    table = tomllib.loads((FOLDER / "names" / f"{locale}.toml").read_text("utf-8"))
    for names in table.values():
        yield from names.values()


FORBIDDEN = {
    "es": ("mejor", "objetiv", "imparcial", "garanti", "sin sesgo", "estudiantes como usted"),
    "fr": ("meilleur", "objecti", "impartial", "garanti", "sans biais", "étudiants comme vous"),
}
# "so that lists become better" promises nothing of a program.
OF_LISTS = ("privacy.search",)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_no_translation_promises_what_the_law_forbids(locale: str) -> None:
    for key, entry in messages.catalogue(locale).items():
        if key not in OF_LISTS:
            assert [word for word in FORBIDDEN[locale] if word in said(entry).lower()] == [], key


def test_what_pays_is_called_the_same_everywhere() -> None:
    for locale, word in (("es", "Patrocinado"), ("fr", "Commandité")):
        assert messages.text(locale, "results.sponsored") == word
        for key in ("start.how.pays", "results.rank.pay", "rank.pay_1"):
            assert word in messages.text(locale, key), (locale, key)
    for locale, missing in (("es", "No disponible"), ("fr", "Non disponible")):
        assert missing in messages.text(locale, "rank.figures_3")
        assert messages.text(locale, "results.facts.not_available") == missing


@pytest.mark.parametrize(
    ("locale", "number", "written"),
    [
        ("en", 220960, "220,960"),
        ("es", 220960, "220,960"),
        ("fr", 220960, f"220{NARROW}960"),
        ("en", 1234.5, "1,234.5"),
        ("es", 1234.5, "1,234.5"),
        ("fr", 1234.5, f"1{NARROW}234,5"),
        ("fr", -12.0, "-12"),
        ("fr", "10,5", "10,5"),
    ],
)
def test_numbers_are_written_as_the_language_does(
    locale: str, number: float | str, written: str
) -> None:
    assert write(locale, number) == written


@pytest.mark.parametrize(
    ("locale", "dollars", "share"),
    [
        ("en", "$45,000", "1.5%"),
        ("es", "$45,000", "1.5%"),
        ("fr", f"45{NARROW}000{NBSP}${NBSP}US", f"1,5{NBSP}%"),
    ],
)
def test_money_and_shares_are_written_as_the_language_does(
    locale: str, dollars: str, share: str
) -> None:
    assert messages.text(locale, "number.dollars", value=45000) == dollars
    assert messages.text(locale, "number.percent", value=1.5) == share


def test_counts_take_the_form_of_their_language() -> None:
    forms = {locale: [plural_form(locale, n) for n in (0, 1, 2, 21)] for locale in messages.LOCALES}
    assert forms["en"] == forms["es"] == ["other", "one", "other", "other"]
    assert forms["fr"] == ["one", "one", "other", "other"]
    assert messages.text("fr", "results.found", n=0) == "0 programme trouvé"
    assert messages.text("es", "results.found", n=0) == "0 programas encontrados"
    assert messages.text("fr", "results.found", n=1234) == f"1{NARROW}234 programmes trouvés"


def test_a_warning_says_figures_and_place_in_the_language() -> None:
    low = Note(
        "below_high_school_earnings",
        {"earnings": 24310.0, "threshold": 33200.0, "region": "NM", "years": 4, "graduate": 0},
    )
    spanish, french = (messages.note(locale, "warning", low) for locale in TRANSLATED)
    assert "$24,310" in spanish
    assert "Nuevo México" in spanish
    assert f"24{NARROW}310{NBSP}$" in french
    assert "Nouveau-Mexique" in french
    somewhere = Note(low.code, {**low.values, "region": ""})
    assert "los Estados Unidos" in messages.note("es", "warning", somewhere)


@pytest.mark.parametrize("locale", TRANSLATED)
def test_every_place_field_and_heading_has_a_name_of_its_own(
    locale: str, fields: FieldIndex
) -> None:
    table = tomllib.loads((FOLDER / "names" / f"{locale}.toml").read_text("utf-8"))
    assert table["region"].keys() == REGIONS.keys()
    assert table["field"].keys() == set(fields.cips)
    assert table["series"].keys() == {series.name for series in fields.browse()}
    for kind in table.values():
        assert len(set(kind.values())) == len(kind), "two are called the same"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_fields_name_finds_that_field(locale: str, fields: FieldIndex) -> None:
    """A name that means another field would be a wrong translation."""
    names = {cip: field_name(locale, cip, fields.name(cip)) for cip in fields.cips}
    found = {cip: [match.cip for match in fields.find(name)] for cip, name in names.items()}
    assert len([cip for cip, cips in found.items() if cip in cips[:1]]) >= 0.94 * len(found)
    assert len([cip for cip, cips in found.items() if cip in cips]) >= 0.98 * len(found)


def test_names_fall_back_to_what_our_data_say() -> None:
    assert region_name("en", "NY") == "New York"
    assert region_name("es", "NY") == "Nueva York"
    assert region_name("fr", "BC") == "Colombie-Britannique"
    assert region_name("fr", "ZZ") == "ZZ"
    assert field_name("en", "51.38", "Registered nursing") == "Registered nursing"
    assert field_name("es", "99.99", "Something new") == "Something new"
    assert series_name("fr", "Engineering") == "Génie"
    assert sorted(["Éducation", "Zoologie", "Droit"], key=by_name)[1] == "Éducation"


@pytest.mark.parametrize("locale", TRANSLATED)
def test_a_language_is_a_draft_until_each_part_was_read_as_it_is_now(locale: str) -> None:
    prints = review.fingerprints(locale)
    assert {*prints} == {
        *(file.removesuffix(".toml") for file in STUDENT_FILES),
        review.NAMES,
        review.LETTERS,
        review.CONSENTS,
    }
    assert review.unread(locale, {}) == tuple(prints)
    read = {part: f"{print_} Ana Example 2026-12-01" for part, print_ in prints.items()}
    assert review.unread(locale, read) == ()
    assert review.unread(locale, {**read, "start": "0123456789ab Ana Example"}) == ("start",)


def test_a_flag_stands_for_a_part_that_is_there() -> None:
    for locale in TRANSLATED:
        assert review.flags(locale).keys() <= review.fingerprints(locale).keys()
    assert not review.is_draft("en")


def test_consents_are_written_in_every_language() -> None:
    for version in VERSIONS:
        spoken = {locale for _, locale, _ in version.texts}
        assert spoken == set(messages.LOCALES)
