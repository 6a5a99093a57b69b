"""What of a log from elsewhere is set aside, as SQL for DuckDB: reasons as docs/events.md has them.

``raw_listings`` and ``raw_events`` are the files' rows; ``listing`` and ``event`` become tables of
them with a reason, null for what is kept. What varies is a variable of the connection.
"""

from collections.abc import Iterable
from string import Template

from matcher.features.declared import FEATURES
from models.domain.log_form import EVENTS, KINDS, LISTINGS, Column
from models.domain.matching import RequestChannel


def _any_null(columns: Iterable[Column]) -> str:
    return " OR ".join(f'"{each.name}" IS NULL' for each in columns if not each.nullable)


def _words(words: Iterable[str]) -> str:
    return ", ".join(f"'{word}'" for word in words)


# Slates that were served or imported here before; filled before ``LISTING``.
HERE = "CREATE TABLE here (slate_id UUID)"
SLATES = "SELECT DISTINCT slate_id FROM raw_listings WHERE slate_id IS NOT NULL"

IMPORTED = """
INSERT INTO here
SELECT DISTINCT slate_id FROM imported WHERE slate_id IN (SELECT slate_id FROM raw_listings)
"""

# A listing written twice counts once; written in two ways, nobody knows which is true.
LISTING = Template("""
CREATE TABLE listing AS
SELECT * EXCLUDE (copy, one, other), CASE
  WHEN $missing THEN 'value_missing'
  WHEN least(page, "position", organic_position, plain_position) < 1
    OR NOT explore_share BETWEEN 0 AND 1 OR request NOT IN ($channels)
    THEN 'value_out_of_range'
  WHEN NOT list_contains(getvariable('catalogs'), catalog_version) THEN 'unknown_catalog'
  WHEN features <> getvariable('features') THEN 'other_features'
  WHEN len(codes) <> $count OR list_count(codes) <> $count THEN 'codes_missing'
  WHEN NOT ($codes_fit) THEN 'codes_out_of_range'
  WHEN NOT (propensity > 0 AND propensity <= 1 AND draw_propensity > 0 AND draw_propensity <= 1)
    THEN 'propensity_out_of_range'
  WHEN served_at > getvariable('now') THEN 'served_in_the_future'
  WHEN copy > 1 OR one <> other OR slate_id IN (FROM here) THEN 'duplicate_listing'
  END AS aside
FROM (
  SELECT * EXCLUDE (written), row_number() OVER place AS copy, min(written) OVER place AS one,
    max(written) OVER place AS other
  FROM (SELECT *, hash(raw_listings) AS written FROM raw_listings)
  WINDOW place AS (PARTITION BY slate_id, "position"))
""").substitute(
    missing=_any_null(LISTINGS),
    channels=_words(channel.value for channel in RequestChannel),
    count=len(FEATURES),
    codes_fit=" AND ".join(f"codes[{p + 1}] < {each.size}" for p, each in enumerate(FEATURES)),
)

EVENT = Template("""
CREATE TABLE event AS
SELECT raw.slate_id, raw."position", kind, "at", CASE
  WHEN $missing THEN 'value_missing'
  WHEN raw."position" < 1 OR kind NOT IN ($kinds) THEN 'value_out_of_range'
  WHEN "at" > getvariable('now') THEN 'label_from_the_future'
  WHEN served_at IS NULL THEN 'event_of_a_listing_not_served'
  WHEN "at" < served_at - to_seconds(getvariable('skew')) THEN 'event_before_its_page'
  WHEN copy > 1 THEN 'duplicate_event'
  WHEN tells AND NOT seen THEN 'click_or_request_without_impression'
  END AS aside
FROM (
  SELECT *, row_number() OVER (PARTITION BY slate_id, "position", kind ORDER BY "at") AS copy,
    bool_or(kind = 'impression') OVER (PARTITION BY slate_id) AS tells,
    bool_or(kind = 'impression') OVER (PARTITION BY slate_id, "position") AS seen
  FROM raw_events) AS raw
LEFT JOIN (SELECT slate_id, "position", served_at FROM listing WHERE aside IS NULL) AS kept
  ON kept.slate_id = raw.slate_id AND kept."position" = raw."position"
""").substitute(
    missing=_any_null(
        Column(f'raw"."{each.name}' if each.name in {"slate_id", "position"} else each.name, "")
        for each in EVENTS
    ),
    kinds=_words(KINDS),
)

REASONS = {
    table: f"SELECT coalesce(aside, ''), count(*) FROM {row} GROUP BY 1 ORDER BY 1"  # noqa: S608
    for table, row in (("listings", "listing"), ("events", "event"))
}

# Whole slates, as many to a part as it takes to have ``most`` listings.
PART = """
CREATE TABLE part AS
SELECT slate_id, ((sum(rows) OVER (ORDER BY slate_id) - rows) // getvariable('most'))::INTEGER AS n
FROM (SELECT slate_id, count(*) AS rows FROM listing WHERE aside IS NULL GROUP BY slate_id)
"""
PARTS = "SELECT coalesce(max(n), 0) + 1 FROM part"
KEPT = {
    "listings": Template("""
SELECT $columns FROM listing JOIN part USING (slate_id)
WHERE aside IS NULL AND n = getvariable('part') ORDER BY slate_id, page, "position"
""").substitute(
        columns=", ".join(
            "getvariable('origin') AS origin" if each.name == "origin" else f'"{each.name}"'
            for each in LISTINGS
        )
    ),
    "events": Template("""
SELECT $columns FROM event JOIN part USING (slate_id)
WHERE aside IS NULL AND n = getvariable('part') ORDER BY slate_id, "position", kind
""").substitute(columns=", ".join(f'"{each.name}"' for each in EVENTS)),
}
