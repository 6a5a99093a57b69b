"""What an operator watches and is woken by; ``/metrics`` gives it to Prometheus.

Labels have few values, all of them ours: nothing that a visitor typed, no id, no address.
"""

from prometheus_client import Counter, Gauge, Histogram

ANSWERS = Counter(
    "schoolmatch_answers_total", "Answers by endpoint and status.", ["endpoint", "status"]
)
SECONDS = Histogram(
    "schoolmatch_answer_seconds",
    "Time to answer.",
    ["endpoint"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0),
)
SEARCHES = Counter(
    "schoolmatch_searches_total",
    "Pages of slates answered; page: first, next; found: some, none.",
    ["page", "found"],
)
LISTINGS = Counter(
    "schoolmatch_listings_shown_total", "Listings shown; paid: sponsored, organic.", ["paid"]
)
STEERING = Histogram(
    "schoolmatch_steering_index",
    "What payment took from the first ten places of new slates; its bound is 0.02.",
    buckets=(0.0, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.05, 1.0),
)
REQUESTS = Counter(
    "schoolmatch_requests_total",
    "Requests; outcome: accepted, repeated (the same one again), refused (to be mended).",
    ["outcome"],
)
SENDINGS = Counter(
    "schoolmatch_sendings_total",
    "Forms sent by students' browsers; verdict: pass, confirm (by a mailed link), quick, stale, "
    "wait (over a limit of a minute), trapped (a field that nobody can see was filled in).",
    ["verdict"],
)
LEADS = Counter(
    "schoolmatch_leads_total",
    "Schools chosen in accepted requests; outcome: accepted, or why none was taken.",
    ["outcome"],
)
FALLBACKS = Counter(
    "schoolmatch_valkey_fallbacks_total", "Calls answered without Valkey.", ["call"]
)
POLLED = Gauge("schoolmatch_serving_polled_timestamp_seconds", "When serving was last read.")
PUBLISHED = Gauge(
    "schoolmatch_published_timestamp_seconds",
    "When what is published was put in service; kind: catalog, ranker.",
    ["kind"],
)
LAGGING = Gauge(
    "schoolmatch_serving_lags",
    "1 while something newer is published than this process can open.",
)
ALARM = Gauge(
    "schoolmatch_ranker_alarm",
    "1 while a figure of the champion is beyond its limit; figure: students, listings, "
    "requests, calibration, steering.",
    ["figure"],
)
WATCHED = Gauge(
    "schoolmatch_ranker_watched_timestamp_seconds", "When the champion was last looked at."
)
