-- Ledger writes of many users in one statement, for the embedded engine's writer: what write_ledger (002) does for one document,
-- done for all at once, with the values as arrays that nobody has to take apart. The rows of a table stand in parallel arrays; *_of
-- is the place of their user in p_users, from one. No user may stand there twice. The answer is a version for each user, in their
-- order: null for one whose ledger is at another version than expected, and of whose rows then nothing is written.
-- The plan is made once, when the tables may still be empty: it must be the one for full tables, row by row through the keys.
CREATE FUNCTION write_ledgers(
  p_users text[], p_expected integer[], p_payloads json[],
  born_of integer[], born_id uuid[], born_username text[], born_created bigint[], born_expires bigint[], born_idle_at bigint[],
  born_last_used bigint[], born_last_ip text[], born_last_user_agent text[], born_asn bigint[], born_country text[], born_payload json[],
  dead_of integer[], dead_id uuid[], dead_revision bigint[], dead_ended_at bigint[], dead_payload json[],
  event_of integer[], event_pk uuid[], event_action text[], event_user_pk text[], event_username text[], event_email text[],
  event_name text[], event_client_ip text[], event_session uuid[], event_created bigint[], event_context text[])
RETURNS SETOF integer LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $body$
DECLARE
  versions integer[];
BEGIN
  IF (SELECT count(DISTINCT user_pk) FROM unnest(p_users) AS w(user_pk)) <> cardinality(p_users) THEN
    RAISE EXCEPTION 'A user''s ledger is written once in a statement.' USING ERRCODE = 'SC001';
  END IF;

  WITH made AS (
    INSERT INTO ledger (user_pk, version, payload)
    SELECT user_pk, 1, payload FROM unnest(p_users, p_expected, p_payloads) AS w(user_pk, expected, payload)
    WHERE expected IS NULL
    ON CONFLICT (user_pk) DO NOTHING
    RETURNING user_pk, version
  ), raised AS (
    UPDATE ledger l SET version = l.version + 1, payload = w.payload
    FROM unnest(p_users, p_expected, p_payloads) AS w(user_pk, expected, payload)
    WHERE w.expected IS NOT NULL AND l.user_pk = w.user_pk AND l.version = w.expected
    RETURNING l.user_pk, l.version
  )
  SELECT array_agg(done.version ORDER BY w.place) INTO versions
  FROM unnest(p_users) WITH ORDINALITY AS w(user_pk, place)
  LEFT JOIN (SELECT * FROM made UNION ALL SELECT * FROM raised) AS done USING (user_pk);

  IF cardinality(born_of) > 0 THEN
    INSERT INTO session (id, version, user_pk, username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload)
    SELECT id, 1, p_users[place], username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload
    FROM unnest(born_of, born_id, born_username, born_created, born_expires, born_idle_at, born_last_used, born_last_ip,
      born_last_user_agent, born_asn, born_country, born_payload) AS b(
      place, id, username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload)
    WHERE versions[place] IS NOT NULL;
  END IF;

  IF cardinality(dead_of) > 0 THEN
    IF EXISTS (
      SELECT FROM unnest(dead_of, dead_id) AS d(place, id) JOIN session USING (id)
      WHERE versions[place] IS NOT NULL AND user_pk <> p_users[place]) THEN
      RAISE EXCEPTION 'A ledger can only end sessions of its own user.' USING ERRCODE = 'SC001';
    END IF;
    DELETE FROM session s USING unnest(dead_of, dead_id) AS d(place, id) WHERE s.id = d.id AND versions[place] IS NOT NULL;
    -- A session that is gone already stays gone, with its first reason.
    INSERT INTO ended (id, user_pk, revision, ended_at, payload)
    SELECT id, p_users[place], revision, ended_at, payload
    FROM unnest(dead_of, dead_id, dead_revision, dead_ended_at, dead_payload) AS d(place, id, revision, ended_at, payload)
    WHERE versions[place] IS NOT NULL
    ON CONFLICT (id) DO NOTHING;
  END IF;

  IF cardinality(event_of) > 0 THEN
    INSERT INTO event (pk, action, user_pk, username, email, name, client_ip, session, created, context)
    SELECT pk, action, user_pk, username, email, name, client_ip, session, created, context
    FROM unnest(event_of, event_pk, event_action, event_user_pk, event_username, event_email, event_name, event_client_ip, event_session,
      event_created, event_context) AS e(place, pk, action, user_pk, username, email, name, client_ip, session, created, context)
    WHERE versions[place] IS NOT NULL;
  END IF;

  RETURN QUERY SELECT * FROM unnest(versions);
END
$body$;
