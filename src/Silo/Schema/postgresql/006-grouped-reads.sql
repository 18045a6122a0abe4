-- Many states in one statement, for the embedded engine: ledgers by user, sessions by id, other states by name and key. The answer
-- has a row for each that is there: which kind it is (0, 1, 2), and its place in the array of its kind, from one.
CREATE FUNCTION read_states(p_ledgers text[], p_sessions uuid[], p_states text[], p_keys text[])
RETURNS TABLE (kind integer, place bigint, payload json, version integer) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $body$
BEGIN
  IF cardinality(p_ledgers) > 0 THEN
    RETURN QUERY SELECT 0, w.place, l.payload, l.version
    FROM unnest(p_ledgers) WITH ORDINALITY AS w(key, place) JOIN ledger l ON l.user_pk = w.key;
  END IF;
  IF cardinality(p_sessions) > 0 THEN
    RETURN QUERY SELECT 1, w.place, s.payload, s.version
    FROM unnest(p_sessions) WITH ORDINALITY AS w(key, place) JOIN session s ON s.id = w.key;
  END IF;
  IF cardinality(p_states) > 0 THEN
    RETURN QUERY SELECT 2, w.place, g.payload, g.version
    FROM unnest(p_states, p_keys) WITH ORDINALITY AS w(name, key, place) JOIN grain_state g ON g.state_name = w.name AND g.grain_key = w.key;
  END IF;
END
$body$;
