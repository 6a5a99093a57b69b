"""What an example is, as SQL: the one definition, run by DuckDB here or on the workers of Dask.

All but ``SEARCHES`` and ``KEPT`` look at the slates of one part of a log (docs/events.md) and at
nothing else, so it does not matter who reads which part or in what order. ``listing`` and ``event``
are views of the part's files. What varies is a variable of the connection: the text never does.
Moments are whole microseconds since 1970, UTC.
"""

from string import Template

from matcher.features.declared import FEATURES
from models.domain.matching import PAGE_SIZE, RequestChannel

CODES = tuple(f"code_{place}" for place in range(len(FEATURES)))

SLATES = """
SELECT slate_id, min(epoch_us(served_at)) AS served, bool_or(simulated) AS simulated,
  min(origin) AS origin, count(DISTINCT page) AS pages, count(*) AS listings,
  count(campaign_version_id) AS sponsored
FROM listing
WHERE epoch_us(served_at) >= getvariable('since') AND NOT (simulated AND getvariable('real_only'))
GROUP BY slate_id
"""

# What fits knows only what was known when the first search that judges was served: a label that
# came later does not leak into the past.
_USED = """
CREATE TEMP TABLE used AS
SELECT slate_id, served, judges,
  CASE WHEN judges THEN getvariable('until')
    ELSE least(getvariable('until'), getvariable('judging_from') - 1) END AS known_until
FROM (
  SELECT slate_id, served, (served, slate_id) >=
    (getvariable('judging_from'), getvariable('judging_id')::UUID) AS judges
  FROM slate WHERE served <= getvariable('until'))
"""

# A listing written twice over counts once; written in two ways, nobody knows which is true.
_TWICE = """
CREATE TEMP TABLE twice AS
SELECT slate_id, "position", count(*) AS listings FROM listing
GROUP BY slate_id, "position" HAVING count(*) > 1
"""
_ONCE = """
CREATE TEMP VIEW once AS
SELECT * FROM listing ANTI JOIN twice USING (slate_id, "position")
UNION ALL
SELECT * FROM (SELECT DISTINCT * FROM listing SEMI JOIN twice USING (slate_id, "position"))
QUALIFY count(*) OVER (PARTITION BY slate_id, "position") = 1
"""

# An impression is no label: it may be told a little after the cut and still says what was seen.
_HAPPENED = """
CREATE TEMP TABLE happened AS
SELECT slate_id, "position", kind,
  CASE WHEN moment > getvariable('now') THEN 'label_from_the_future'
    WHEN moment < served - getvariable('skew') THEN 'event_before_its_page'
    WHEN moment > served + getvariable('attribution') THEN 'after_the_window'
    WHEN moment > CASE WHEN kind = 'impression' THEN getvariable('until') ELSE known_until END
      THEN 'after_the_cut'
    ELSE 'in_time' END AS fate
FROM (SELECT slate_id, "position", kind, epoch_us("at") AS moment FROM event)
JOIN used USING (slate_id)
"""

# What a school says of a request settles it, whatever it says.
_ACTS = """
CREATE TEMP TABLE act AS
SELECT slate_id, "position",
  bool_or(kind = 'impression') AS seen,
  bool_or(kind = 'click') AS clicked,
  bool_or(kind = 'request') AS requested,
  bool_or(kind = 'accepted') AS accepted,
  bool_or(kind IN ('accepted', 'duplicate', 'rejected', 'contacted', 'applied', 'enrolled',
    'returned')) AS answered
FROM happened WHERE fate = 'in_time' GROUP BY slate_id, "position"
"""

# A listing is an example when it was on the screen: it has an impression or, where its slate tells
# none (our pages do not without JavaScript), its page was served. One that something happened to
# although it was not on the screen is set aside. A request is settled by an answer, or when the
# window for one has passed.
_UNITID = "coalesce(try_cast(replace(split_part(program_id, '.', 1), 'prog_', '') AS BIGINT), 0)"
_EXAMPLES = Template("""
CREATE TEMP TABLE example AS
SELECT slate_id, "position", judges, aside, propensity, organic_position, plain_position, explored,
  (("position" - 1) % $page_size + CASE WHEN tells THEN 0 ELSE $page_size END)::SMALLINT AS bucket,
  clicked OR requested AS clicked, requested, requested AND accepted AS accepted,
  requested AND (answered OR served + getvariable('attribution') <= known_until) AS settled,
  requested OR coalesce(request = '$here', false) AS could_ask,
  campaign_version_id IS NOT NULL AS sponsored,
  $unitid AS unitid,
  split_part(program_id, '.', 2) AS cip,
  bool_or(clicked OR requested) OVER (PARTITION BY slate_id) AS led,
  (hash(slate_id) >> 32)::UINTEGER AS chance,
  $codes
FROM (
  SELECT listing.*, used.served, used.judges, used.known_until,
    told.slate_id IS NOT NULL AS tells, act.slate_id IS NOT NULL AS acted,
    coalesce(act.seen, false) AS seen, coalesce(act.clicked, false) AS clicked,
    coalesce(act.requested, false) AS requested, coalesce(act.accepted, false) AS accepted,
    coalesce(act.answered, false) AS answered,
    CASE WHEN told.slate_id IS NOT NULL AND NOT coalesce(act.seen, false)
        THEN 'click_or_request_without_impression'
      WHEN features IS DISTINCT FROM getvariable('features') THEN 'other_features'
      WHEN coalesce(len(codes), 0) <> $count THEN 'codes_missing'
      WHEN NOT coalesce($codes_fit, false) THEN 'codes_out_of_range'
      WHEN NOT coalesce(propensity > 0 AND propensity <= 1, false)
        THEN 'propensity_out_of_range'
      END AS aside
  FROM once AS listing JOIN used USING (slate_id)
  LEFT JOIN act USING (slate_id, "position")
  LEFT JOIN (SELECT DISTINCT slate_id FROM act WHERE seen) AS told USING (slate_id))
WHERE seen OR acted OR NOT tells
""").substitute(
    unitid=_UNITID,
    page_size=PAGE_SIZE,
    here=RequestChannel.HERE.value,
    count=len(FEATURES),
    codes=", ".join(f"codes[{place + 1}] AS {name}" for place, name in enumerate(CODES)),
    codes_fit=" AND ".join(f"codes[{p + 1}] < {each.size}" for p, each in enumerate(FEATURES)),
)

PART = (_USED, _TWICE, _ONCE, _HAPPENED, _ACTS, _EXAMPLES)

# Names and numbers that a part adds to those of the whole.
COUNTS = """
SELECT 'pages' AS name, sum(pages) AS number FROM slate SEMI JOIN used USING (slate_id)
UNION ALL
SELECT 'sponsored_places_left_out', sum(sponsored) FROM slate SEMI JOIN used USING (slate_id)
UNION ALL
SELECT 'seen', count(*) FROM example
  WHERE NOT sponsored AND aside IS DISTINCT FROM 'click_or_request_without_impression'
UNION ALL SELECT 'rows', count(*) FROM example WHERE aside IS NULL
UNION ALL
SELECT 'led_nowhere', count(*) FROM example WHERE aside IS NULL AND NOT (judges OR led)
UNION ALL SELECT fate, count(*) FROM happened GROUP BY fate
"""
ASIDE = """
SELECT aside AS reason, count(*) AS number FROM example WHERE aside IS NOT NULL GROUP BY aside
UNION ALL
SELECT 'served_in_the_future', sum(listings) FROM slate WHERE served > getvariable('now')
UNION ALL
SELECT 'duplicate_listing', (SELECT sum(listings) FROM twice)
  - (SELECT count(*) FROM once SEMI JOIN twice USING (slate_id, "position"))
UNION ALL
SELECT 'event_of_a_listing_not_served', count(*)
  FROM (SELECT DISTINCT slate_id, "position" FROM event) ANTI JOIN listing
  USING (slate_id, "position")
UNION ALL
SELECT fate, count(*) FROM happened
  WHERE fate IN ('label_from_the_future', 'event_before_its_page') GROUP BY fate
"""
VERSIONS = """
SELECT DISTINCT catalog_version, ranker_version FROM listing SEMI JOIN used USING (slate_id)
"""
ADVERTISERS = Template("""
SELECT DISTINCT $unitid FROM listing SEMI JOIN used USING (slate_id)
WHERE campaign_version_id IS NOT NULL
""").substitute(unitid=_UNITID)

# All parts together. The newest searches judge; the line is the first of them.
SPLIT_SLATES = "SELECT slate_id FROM slate GROUP BY slate_id HAVING count(*) > 1 LIMIT 1"
COUNT_SLATES = "SELECT count(*) FROM slate WHERE served <= getvariable('until')"
LINE = """
SELECT served, slate_id::VARCHAR FROM slate WHERE served <= getvariable('until')
ORDER BY served DESC, slate_id DESC LIMIT 1 OFFSET ?
"""

# Searches that have an example, numbered by their ids, and the fields of examples, by name.
_SEARCH = """
CREATE TEMP TABLE search AS
SELECT (row_number() OVER (ORDER BY slate_id) - 1)::INTEGER AS query, slate_id, served, simulated,
  origin, (served, slate_id) >=
    (getvariable('judging_from'), getvariable('judging_id')::UUID) AS judges
FROM slate SEMI JOIN (SELECT slate_id FROM example WHERE aside IS NULL) USING (slate_id)
"""
_FIELD = """
CREATE TEMP TABLE field AS
SELECT cip, (row_number() OVER (ORDER BY cip) - 1)::INTEGER AS field
FROM (SELECT DISTINCT cip FROM example WHERE aside IS NULL)
"""
WHOLE = (_SEARCH, _FIELD)
SEARCHES = "SELECT slate_id, served, simulated, judges FROM search ORDER BY query"
ORIGINS = "SELECT origin, count(*) FROM search GROUP BY origin ORDER BY origin"
FIELDS = "SELECT cip FROM field ORDER BY field"

# Most of the older searches that led nowhere are left out; each one kept stands for several. Of
# those that judge a fair sample is enough.
KEPT = Template("""
SELECT query, bucket, propensity, organic_position AS organic, plain_position AS plain, explored,
  clicked, requested, accepted, settled, could_ask, sponsored, unitid, field, $codes,
  CASE WHEN example.judges OR led THEN 1.0 ELSE getvariable('weight') END::DOUBLE AS weight
FROM example JOIN search USING (slate_id) JOIN field USING (cip)
WHERE aside IS NULL AND CASE WHEN example.judges THEN chance < getvariable('kept_judging')
  ELSE led OR chance < getvariable('kept') END
ORDER BY query, "position"
""").substitute(codes=", ".join(CODES))
