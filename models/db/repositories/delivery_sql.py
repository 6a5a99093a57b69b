"""The ledger's statements: hot paths, written as SQL so that their plans can be read.

Everything that holds under concurrency holds here: claims skip what others hold, and a late worker
is told by its token (fencing).
"""

from sqlalchemy import text

NOW = text("SELECT now()")

CREATE = text("""
    INSERT INTO delivery
      (id, lead_id, destination_id, purpose, status, created_at, due_at, expires_at)
    VALUES
      (:id, :lead, :destination, :purpose, 'pending', :created_at, now(),
       now() + CAST(:lifetime AS interval))
""")

# What a pace still allows. What is claimed leaves within half its lease: so much longer is counted,
# and no two posts that leave are nearer to each other than the receiver's own window allows.
_LATEST = "interval '30 s'"
_PACE_LEFT = f"""
    st.pace_posts - (SELECT count(*) FROM unnest(st.recent) AS r (at)
      WHERE r.at > clock_timestamp() - make_interval(secs => st.pace_seconds) - {_LATEST})
"""  # noqa: S608 - built from this file's own words only

# Room counts what all drainers hold; two of them may pass it by a little at the same moment. Of
# what one holds no more is being sent than it has senders: the rest waits, and takes nobody's room.
# What one held that has no session here any more is not being sent: it waits for its lease's end,
# and what is due beside it does not.
# A destination whose breaker is not closed is tried with one delivery at a time.
DUE = text(f"""
    SELECT s.id, least(
           CASE WHEN st.breaker IS DISTINCT FROM 'closed' AND st.breaker IS NOT NULL THEN 1
                ELSE coalesce(st.inflight_limit, 8) END
           - (SELECT coalesce(sum(least(h.held, CAST(:senders AS int))), 0)::int
              FROM (SELECT count(*) AS held FROM delivery l
                    WHERE l.status = 'leased' AND l.destination_id = s.id AND NOT l.by_mail
                      AND l.lease_holder IN (SELECT a.application_name FROM pg_stat_activity a)
                    GROUP BY l.lease_holder) h),
           {_PACE_LEFT}) AS room
    FROM destination s
    LEFT JOIN destination_state st ON st.destination_id = s.id
    CROSS JOIN LATERAL (
      SELECT d.due_at FROM delivery d
      WHERE d.destination_id = s.id AND d.status = 'pending' AND d.due_at <= now()
        AND d.expires_at > now() AND d.claims - d.attempts < :alone AND NOT d.by_mail
      ORDER BY d.due_at LIMIT 1) first
    WHERE s.status = 'active' AND s.kind <> ALL(CAST(:apart AS text[]))
      AND (st.next_allowed_at IS NULL OR st.next_allowed_at <= now())
    ORDER BY first.due_at, s.id
""")  # noqa: S608 - built from this file's own words only

LEASED = f"""
    leased AS (
    UPDATE delivery d
    SET status = 'leased', lease_until = now() + CAST(:lease AS interval),
        lease_token = d.lease_token + 1, claims = d.claims + 1,
        lease_holder = current_setting('application_name')
    WHERE d.id = ANY(ARRAY(SELECT id FROM c))
    RETURNING d.id, d.lead_id, d.destination_id, d.purpose, d.lease_token, d.attempts, d.claims,
              d.expires_at, d.by_mail),
    noted AS (
      UPDATE destination_state st
      SET recent = ARRAY(
            SELECT r.at FROM unnest(st.recent) AS r (at)
            WHERE r.at > clock_timestamp() - make_interval(secs => st.pace_seconds) - {_LATEST})
          || array_fill(clock_timestamp(), ARRAY[n.posts])
      FROM (SELECT destination_id, count(*)::int AS posts FROM leased WHERE NOT by_mail
            GROUP BY destination_id) n
      WHERE st.destination_id = n.destination_id AND st.pace_posts IS NOT NULL)
    SELECT * FROM leased
"""  # noqa: S608 - built from this file's own words only

# For the claim's own transaction: one that a crash of the database forgets is a claim that was not
# made, and no bytes leave before the next transaction, with the attempt rows, is on the disk.
FORGETTABLE = text("SET LOCAL synchronous_commit = off")

# A drainer leaves what none of its senders is free for to others, until they hold as many.
_PART = """
    CASE WHEN share.most <= :free THEN share.most ELSE (
      SELECT least(share.most, greatest(:free, (w.waiting + h.held - 1) / h.parties + 1 - h.mine))
      FROM (SELECT count(*) AS waiting FROM (
              SELECT 1 FROM delivery d WHERE d.destination_id = share.destination_id
                AND d.status = 'pending' AND d.due_at <= now() AND NOT d.by_mail
              LIMIT 4 * share.most) p) w,
           (SELECT count(*) AS held, count(*) FILTER (WHERE l.lease_holder = me.name) AS mine,
              1 + count(DISTINCT l.lease_holder) FILTER (WHERE l.lease_holder <> me.name) AS parties
            FROM delivery l, current_setting('application_name') AS me (name)
            WHERE l.status = 'leased' AND l.destination_id = share.destination_id
              AND NOT l.by_mail
              AND l.lease_holder IN (SELECT a.application_name FROM pg_stat_activity a)) h) END
"""

CLAIM = text(f"""
    WITH share AS (
      SELECT * FROM unnest(CAST(:destinations AS uuid[]), CAST(:shares AS int[]))
               AS s (destination_id, most)),
    paced AS MATERIALIZED (
      SELECT st.destination_id, greatest({_PACE_LEFT}, 0) AS room
      FROM destination_state st
      WHERE st.destination_id = ANY(CAST(:destinations AS uuid[])) AND st.pace_posts IS NOT NULL
      ORDER BY st.destination_id FOR NO KEY UPDATE),
    c AS (
      SELECT due.id FROM share LEFT JOIN paced USING (destination_id) CROSS JOIN LATERAL (
        SELECT d.id FROM delivery d
        WHERE d.destination_id = share.destination_id AND d.status = 'pending'
          AND d.due_at <= now() AND d.expires_at > now() AND d.claims - d.attempts < :alone
          AND NOT d.by_mail
        ORDER BY d.due_at, d.id LIMIT least({_PART}, paced.room)
        FOR NO KEY UPDATE SKIP LOCKED) due),
    {LEASED}
""")  # noqa: S608 - built from this file's own words only

# One at a time over all workers, so that together they take one sender from the others. What is
# found is what can be claimed: both ask the same.
_ALONE = """
    FROM delivery d JOIN destination s ON s.id = d.destination_id
    LEFT JOIN destination_state st ON st.destination_id = s.id
    WHERE d.status = 'pending' AND d.due_at <= now() AND d.expires_at > now()
      AND d.claims - d.attempts >= :alone
      AND (d.by_mail OR s.status = 'active'
           AND (st.next_allowed_at IS NULL OR st.next_allowed_at <= now()))
      AND NOT EXISTS (SELECT 1 FROM delivery l
                      WHERE l.status = 'leased' AND l.claims - l.attempts >= :alone)
"""

CLAIM_ALONE = text(f"""
    WITH c AS (
      SELECT d.id {_ALONE}
      ORDER BY d.due_at, d.id LIMIT 1 FOR NO KEY UPDATE OF d SKIP LOCKED),
    {LEASED}
""")

ANY_ALONE = text(f"SELECT EXISTS (SELECT 1 {_ALONE})")

# What leaves whatever the state of its destination: tests, and what people of a school are told by
# e-mail. Each is found by an index among millions: tests have no lead. All of it is asked of the
# row that is locked, so that one that another moved on meanwhile is left to it.
_REGARDLESS = tuple(
    f"SELECT d.id, d.due_at FROM delivery d WHERE {which} AND d.status = 'pending' "  # noqa: S608 - this file's own words
    "AND d.due_at <= now() AND d.expires_at > now()"
    for which in (
        "d.lead_id IS NULL AND d.purpose = 'test'",
        "d.by_mail AND d.claims - d.attempts < :alone",
    )
)
_TESTS, _MAILS = _REGARDLESS

ANY_REGARDLESS = text(f"SELECT {' OR '.join(f'EXISTS ({each})' for each in _REGARDLESS)}")

# Mail has fewer senders than there are: one relay that hangs must not hold them all.
CLAIM_REGARDLESS = text(f"""
    WITH t AS ({_TESTS} ORDER BY d.due_at, d.id LIMIT :most FOR NO KEY UPDATE SKIP LOCKED),
    m AS ({_MAILS} ORDER BY d.due_at, d.id LIMIT :mails FOR NO KEY UPDATE SKIP LOCKED),
    c AS (SELECT id FROM (SELECT * FROM t UNION ALL SELECT * FROM m) f
          ORDER BY due_at, id LIMIT :most),
    {LEASED}
""")  # noqa: S608 - built from this file's own words only

# The body freezes with the first attempt: whoever wrote it first, wrote it for all tries. The lease
# starts anew, so that the attempt has all of it; one that ran out may be another's any moment.
# "IS NOT DISTINCT FROM" is "=" that leads to no index of leased ones: those are found by their ids.
BEGIN = text("""
    WITH r AS (
      SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS int[]),
                           CAST(:bodies AS bytea[]), CAST(:hashes AS bytea[]),
                           CAST(:versions AS uuid[]), CAST(:batches AS uuid[]))
               AS r (id, token, body, hash, version, batch)),
    u AS (
      UPDATE delivery d
      SET attempts = d.attempts + 1, destination_version_id = r.version,
          lease_until = clock_timestamp() + CAST(:lease AS interval),
          body = CASE WHEN d.body_hash IS NULL THEN r.body ELSE d.body END,
          body_hash = coalesce(d.body_hash, r.hash)
      FROM r WHERE d.id = r.id AND d.status IS NOT DISTINCT FROM 'leased'
        AND d.lease_token = r.token AND d.lease_until > clock_timestamp()
        AND coalesce(d.body_hash, r.hash) = r.hash
      RETURNING d.id, d.attempts, d.lease_token, r.batch)
    INSERT INTO attempt (delivery_id, n, step, batch_id, lease_token, started_at)
    SELECT id, attempts, 'send', batch, lease_token, clock_timestamp() FROM u
    RETURNING delivery_id, n
""")

CLOSE_ATTEMPTS = text("""
    UPDATE attempt a
    SET finished_at = clock_timestamp(), outcome = r.outcome, reason = r.reason, code = r.code,
        latency_ms = r.latency, answer_head = r.head, step = r.step
    FROM unnest(CAST(:ids AS uuid[]), CAST(:numbers AS int[]), CAST(:outcomes AS text[]),
                CAST(:reasons AS text[]), CAST(:codes AS int[]), CAST(:latencies AS int[]),
                CAST(:heads AS bytea[]), CAST(:steps AS text[]))
         AS r (id, n, outcome, reason, code, latency, head, step)
    WHERE a.delivery_id = r.id AND a.n = r.n
""")

# Fencing: only the holder of the current token may move a delivery, but a 2xx is evidence, and
# whoever brings it may mark the delivery delivered.
FINISH = text("""
    UPDATE delivery d
    SET status = r.status, due_at = coalesce(r.due, d.due_at), lease_until = NULL,
        settled_at = CASE WHEN r.status IN ('pending', 'in_doubt') THEN NULL ELSE now() END,
        receiver_reference = coalesce(r.ref, d.receiver_reference)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS int[]), CAST(:statuses AS text[]),
                CAST(:due AS timestamptz[]), CAST(:refs AS text[]))
         AS r (id, token, status, due, ref)
    WHERE d.id = r.id
      AND ((d.status = 'leased' AND d.lease_token = r.token)
           OR (r.status = 'delivered' AND d.status <> 'delivered'))
    RETURNING d.id, d.lead_id, d.purpose, d.status
""")

RELEASE = text("""
    UPDATE delivery d SET status = 'pending', lease_until = NULL, claims = d.claims - 1,
      due_at = coalesce(now() + CAST(:wait AS interval), d.due_at)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS int[])) AS r (id, token)
    WHERE d.id = r.id AND d.status = 'leased' AND d.lease_token = r.token
""")

# Its attempt's row was the promise that bytes may leave, and none did.
RECALL = text("""
    WITH r AS (
      SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:tokens AS int[]), CAST(:numbers AS int[]))
               AS r (id, token, n)),
    u AS (
      UPDATE delivery d
      SET status = 'pending', lease_until = NULL, claims = d.claims - 1, attempts = d.attempts - 1
      FROM r WHERE d.id = r.id AND d.status = 'leased' AND d.lease_token = r.token
        AND d.attempts = r.n
      RETURNING d.id, r.n)
    DELETE FROM attempt a USING u WHERE a.delivery_id = u.id AND a.n = u.n
""")

RETURN_LEASES = text("""
    WITH c AS (
      SELECT id FROM delivery WHERE status = 'leased' AND lease_until < now()
      ORDER BY id FOR NO KEY UPDATE SKIP LOCKED),
    lost AS (
      UPDATE attempt a
      SET finished_at = clock_timestamp(), outcome = 'pending', reason = 'worker_lost'
      FROM c WHERE a.delivery_id = c.id AND a.finished_at IS NULL),
    moved AS (
      UPDATE delivery d
      SET lease_until = NULL,
          status = s.status,
          due_at = CASE WHEN s.status = 'pending' AND s.deaths > :alone
                        THEN now() + interval '5 s' * power(6, s.deaths - :alone - 1)
                        ELSE d.due_at END,
          settled_at = CASE WHEN s.status = 'pending' THEN NULL ELSE now() END
      FROM (SELECT e.id, e.claims - e.attempts AS deaths,
                   CASE WHEN e.expires_at <= now() THEN 'expired'
                        WHEN e.attempts >= :most THEN 'failed'
                        WHEN e.claims - e.attempts >= :poison THEN 'poison'
                        ELSE 'pending' END AS status
            FROM delivery e JOIN c ON c.id = e.id) s
      WHERE d.id = s.id
      RETURNING d.id)
    SELECT id FROM moved
""")

EXPIRE = text("""
    WITH c AS (
      SELECT id FROM delivery WHERE status IN ('pending', 'in_doubt') AND expires_at <= now()
      ORDER BY id FOR NO KEY UPDATE SKIP LOCKED)
    UPDATE delivery d
    SET status = CASE WHEN d.status = 'in_doubt' THEN 'failed' ELSE 'expired' END,
        settled_at = now()
    FROM c WHERE d.id = c.id
    RETURNING d.id
""")

LOST_LEADS = text("""
    SELECT DISTINCT d.lead_id FROM delivery d
    WHERE d.id = ANY(CAST(:ids AS uuid[])) AND d.purpose = 'lead' AND d.lead_id IS NOT NULL
      AND NOT EXISTS (
        SELECT 1 FROM delivery o WHERE o.lead_id = d.lead_id AND o.purpose = 'lead'
          AND o.status IN ('pending', 'leased', 'in_doubt', 'delivered', 'unconfirmed'))
""")
