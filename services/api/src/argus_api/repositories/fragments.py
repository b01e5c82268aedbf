"""Conditions on an incident in SQL, in the words of its indexes; `i` is the incident."""

FOR_NOW = "(i.stateful AND i.ended_at IS NULL)"
UNTIL = "(i.stateful AND i.ended_at > {0})"
OPEN = f"({FOR_NOW} OR {UNTIL})"
CLOSED = "(i.stateful AND i.ended_at IS NOT NULL AND i.ended_at <= {0})"  # never null, so that it can be negated
ACKED = "EXISTS (SELECT FROM acks a WHERE a.incident_id = i.id AND (a.expires_at IS NULL OR a.expires_at > {0}))"
TAGGED = "EXISTS (SELECT FROM incident_tags t WHERE t.incident_id = i.id AND t.key = {0} AND t.value = ANY({1}))"
TEXTS = "((i.description || ' '::text) || i.search_text)"  # the words of the trigram index
HAS = f"{TEXTS} ILIKE {{0}}"
HAS_SHORT = f"({TEXTS} || '') ILIKE {{0}}"  # which the index does not know
HAS_PART = f"{TEXTS} ILIKE {{1}} AND {HAS_SHORT}"  # only the first by the index
TAGGED_SO = "EXISTS (SELECT FROM incident_tags t WHERE t.incident_id = i.id AND t.key = {0} AND t.value = {1})"
TAGGED_ALL = """(
    SELECT count(DISTINCT t.key) FROM incident_tags t
    JOIN unnest(CAST({0} AS text[]), CAST({1} AS text[])) wanted (key, value) USING (key, value)
    WHERE t.incident_id = i.id
) = {2}"""
OF_TYPES = "i.source_id IN (SELECT s.id FROM sources s WHERE s.type = ANY({0}))"
HAPPENED = "EXISTS (SELECT FROM events e WHERE e.incident_id = i.id AND e.type = ANY({0}))"
