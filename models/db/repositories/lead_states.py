"""Where many leads stand, as one expression: the table of ``models.domain.lead`` in SQL.

``read_progress`` tells the same of one lead with its timeline; a test holds both together.
"""

from models.db.repositories import arrays
from models.domain.lead import FROM_DELIVERIES, LeadStatus

# To stand after ``FROM lead l``; gives st.status, st.said and st.by_delivery. A delivery that was
# replaced by a newer generation no longer counts.
STATE = """
    CROSS JOIN LATERAL (
      SELECT
        (SELECT o.status FROM disposition o WHERE o.lead_id = l.id AND o.verdict = 'applied'
         ORDER BY o.number DESC NULLS LAST LIMIT 1) AS said,
        (SELECT m.word
         FROM (SELECT DISTINCT ON (v.destination_id) v.status FROM delivery v
               WHERE v.lead_id = l.id AND v.purpose = 'lead'
               ORDER BY v.destination_id, v.generation DESC) newest
         JOIN unnest(CAST(:state_codes AS text[]), CAST(:state_words AS text[]))
           WITH ORDINALITY m(code, word, place) ON m.code = newest.status
         ORDER BY m.place LIMIT 1) AS by_delivery,
        EXISTS (SELECT 1 FROM delivery w
                WHERE w.lead_id = l.id AND w.purpose IN ('withdrawal', 'deletion')) AS withdrawn
    ) parts
    CROSS JOIN LATERAL (
      SELECT parts.said, parts.by_delivery, parts.withdrawn,
        CASE WHEN parts.withdrawn THEN :withdrawn_word
             ELSE coalesce(parts.said, parts.by_delivery, :new_word) END AS status
    ) st
"""


def state_values() -> dict[str, str]:
    """What ``STATE`` is asked with."""
    return {
        "state_codes": arrays.texts(state.value for state, _ in FROM_DELIVERIES),
        "state_words": arrays.texts(status.value for _, status in FROM_DELIVERIES),
        "withdrawn_word": LeadStatus.WITHDRAWN.value,
        "new_word": LeadStatus.ACCEPTED_BY_US.value,
    }
