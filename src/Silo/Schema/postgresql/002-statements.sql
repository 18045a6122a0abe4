-- The three texts that storage runs, and what they call. Both engines run these: Orleans' ADO.NET provider reads them from
-- OrleansQuery and names their parameters; a text that returns no row has found another version.
-- What is written is a document that names rows and columns, so that a write is one statement and therefore one commit.
-- Functions, not one statement of many WITH parts: a part that has nothing to do is not even begun, the plans are kept for
-- the connection, and a rule that is broken says which one it was (SQLSTATE SC001).

CREATE TABLE OrleansQuery (
  QueryKey varchar(64) PRIMARY KEY,
  QueryText varchar(8000) NOT NULL
);

CREATE FUNCTION write_ledger(p_user text, p_expected integer, p_document json) RETURNS SETOF integer LANGUAGE plpgsql AS $body$
DECLARE
  doc record;
  done integer;
BEGIN
  SELECT * INTO doc FROM json_to_record(p_document) AS d(payload json, born json, dead json, journal json);

  IF p_expected IS NULL THEN
    INSERT INTO ledger (user_pk, version, payload) VALUES (p_user, 1, doc.payload) ON CONFLICT (user_pk) DO NOTHING;
  ELSE
    UPDATE ledger SET version = version + 1, payload = doc.payload WHERE user_pk = p_user AND version = p_expected;
  END IF;
  IF NOT FOUND THEN
    RETURN;
  END IF;

  IF doc.born IS NOT NULL THEN
    INSERT INTO session (id, version, user_pk, username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload)
    SELECT id, 1, user_pk, username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload
    FROM json_to_recordset(doc.born) AS b(
      id uuid, user_pk text, username text, created bigint, expires bigint, idle_at bigint, last_used bigint, last_ip text,
      last_user_agent text, asn bigint, country text, payload json)
    WHERE user_pk = p_user;
    GET DIAGNOSTICS done = ROW_COUNT;
    IF done <> json_array_length(doc.born) THEN
      RAISE EXCEPTION 'A ledger can only bear sessions of its own user.' USING ERRCODE = 'SC001';
    END IF;
  END IF;

  IF doc.dead IS NOT NULL THEN
    DELETE FROM session
    WHERE id = ANY (ARRAY(SELECT d.id FROM json_to_recordset(doc.dead) AS d(id uuid))) AND user_pk = p_user;
    GET DIAGNOSTICS done = ROW_COUNT;
    IF done <> json_array_length(doc.dead)
      AND EXISTS (SELECT FROM session WHERE id = ANY (ARRAY(SELECT d.id FROM json_to_recordset(doc.dead) AS d(id uuid)))) THEN
      RAISE EXCEPTION 'A ledger can only end sessions of its own user.' USING ERRCODE = 'SC001';
    END IF;
    -- A session that is gone already stays gone, with its first reason.
    INSERT INTO ended (id, user_pk, revision, ended_at, payload)
    SELECT id, p_user, revision, ended_at, payload
    FROM json_to_recordset(doc.dead) AS d(id uuid, revision bigint, ended_at bigint, payload json)
    ON CONFLICT (id) DO NOTHING;
  END IF;

  IF doc.journal IS NOT NULL THEN
    INSERT INTO event (pk, action, user_pk, username, email, name, client_ip, session, created, context)
    SELECT pk, action, user_pk, username, email, name, client_ip, session, created, context
    FROM json_to_recordset(doc.journal) AS j(
      pk uuid, action text, user_pk text, username text, email text, name text, client_ip text, session uuid, created bigint,
      context text);
  END IF;

  RETURN NEXT coalesce(p_expected, 0) + 1;
END
$body$;

-- Never inserts: what a ledger write has deleted stays deleted.
CREATE FUNCTION write_session(p_id uuid, p_expected integer, p_document json) RETURNS SETOF integer LANGUAGE plpgsql AS $body$
DECLARE
  doc record;
BEGIN
  SELECT * INTO doc FROM json_to_record(p_document) AS d(
    id uuid, user_pk text, username text, created bigint, expires bigint, idle_at bigint, last_used bigint, last_ip text,
    last_user_agent text, asn bigint, country text, payload json);
  IF doc.id <> p_id THEN
    RAISE EXCEPTION 'The state of a session grain must be of its own session.' USING ERRCODE = 'SC001';
  END IF;
  IF p_expected IS NULL THEN
    RAISE EXCEPTION 'A session is inserted by its user''s ledger write only.' USING ERRCODE = 'SC001';
  END IF;

  UPDATE session SET version = version + 1, username = doc.username, created = doc.created, expires = doc.expires,
    idle_at = doc.idle_at, last_used = doc.last_used, last_ip = doc.last_ip, last_user_agent = doc.last_user_agent,
    asn = doc.asn, country = doc.country, payload = doc.payload
  WHERE id = p_id AND version = p_expected AND user_pk = doc.user_pk;
  IF FOUND THEN
    RETURN NEXT p_expected + 1;
  ELSIF EXISTS (SELECT FROM session WHERE id = p_id AND version = p_expected AND user_pk <> doc.user_pk) THEN
    RAISE EXCEPTION 'A session cannot move to another user.' USING ERRCODE = 'SC001';
  END IF;
END
$body$;

-- An absent payload clears: the row and its version stay, so that a version is never given twice.
CREATE FUNCTION write_grain_state(p_state text, p_key text, p_expected integer, p_document json)
RETURNS SETOF integer LANGUAGE plpgsql AS $body$
DECLARE
  doc record;
BEGIN
  SELECT * INTO doc FROM json_to_record(p_document) AS d(payload json, expires bigint);
  IF p_expected IS NULL THEN
    INSERT INTO grain_state (state_name, grain_key, version, payload, expires)
    VALUES (p_state, p_key, 1, doc.payload, doc.expires)
    ON CONFLICT (state_name, grain_key) DO NOTHING;
  ELSE
    UPDATE grain_state SET version = version + 1, payload = doc.payload, expires = doc.expires
    WHERE state_name = p_state AND grain_key = p_key AND version = p_expected;
  END IF;
  IF FOUND THEN
    RETURN NEXT coalesce(p_expected, 0) + 1;
  END IF;
END
$body$;

-- The kind of a state is its name; a grain's key is a letter for its kind, a colon, and the key of the row.
CREATE FUNCTION write_state(p_state text, p_key text, p_expected integer, p_document bytea)
RETURNS SETOF integer LANGUAGE plpgsql AS $body$
BEGIN
  CASE p_state
    WHEN 'ledger' THEN
      RETURN QUERY SELECT write_ledger(substr(p_key, 3), p_expected, convert_from(p_document, 'UTF8')::json);
    WHEN 'session' THEN
      RETURN QUERY SELECT write_session(substr(p_key, 3)::uuid, p_expected, convert_from(p_document, 'UTF8')::json);
    ELSE
      RETURN QUERY SELECT write_grain_state(p_state, p_key, p_expected, convert_from(p_document, 'UTF8')::json);
  END CASE;
END
$body$;

CREATE FUNCTION clear_state(p_state text, p_key text, p_expected integer) RETURNS SETOF integer LANGUAGE plpgsql AS $body$
BEGIN
  IF p_state IN ('ledger', 'session') THEN
    RAISE EXCEPTION 'The state % is never cleared: sessions end by a ledger''s write, and ledgers stay.', p_state USING ERRCODE = 'SC001';
  END IF;
  RETURN QUERY SELECT write_grain_state(p_state, p_key, p_expected, '{}');
END
$body$;

-- The embedded engine's writer begins each transaction with this: it takes effect once, and not after it was settled.
CREATE FUNCTION pass_fence(p_lane integer, p_holder uuid, p_settled bigint, p_committed bigint) RETURNS void LANGUAGE plpgsql AS $body$
BEGIN
  UPDATE writer_fence SET committed = committed + 1
  WHERE lane = p_lane AND holder = p_holder AND settled = p_settled AND committed = p_committed;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'Another writer has taken over.' USING ERRCODE = 'SC002';
  END IF;
END
$body$;

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('WriteToStorageKey', $text$
SELECT write_state(@GrainTypeString::text, @GrainIdExtensionString::text, @GrainStateVersion::integer, @PayloadBinary::bytea) AS NewGrainStateVersion
$text$),
('ClearStorageKey', $text$
SELECT clear_state(@GrainTypeString::text, @GrainIdExtensionString::text, @GrainStateVersion::integer) AS NewGrainStateVersion
$text$),
('ReadFromStorageKey', $text$
SELECT convert_to(payload::text, 'UTF8') AS PayloadBinary, version AS Version
FROM ledger WHERE @GrainTypeString::text = 'ledger' AND user_pk = substr(@GrainIdExtensionString::text, 3)
UNION ALL
SELECT convert_to(payload::text, 'UTF8'), version
FROM session WHERE @GrainTypeString::text = 'session'
  AND id = CASE @GrainTypeString::text WHEN 'session' THEN substr(@GrainIdExtensionString::text, 3)::uuid END
UNION ALL
SELECT convert_to(payload::text, 'UTF8'), version
FROM grain_state WHERE @GrainTypeString::text NOT IN ('ledger', 'session')
  AND state_name = @GrainTypeString::text AND grain_key = @GrainIdExtensionString::text
$text$);
