-- One script, however long: it is the first schema. Sessions first, then what Orleans' own providers work with.
-- Moments are whole microseconds since 1970 (UTC). JSON is json, not jsonb, which would reorder its members.
-- Texts compare by their bytes (COLLATE "C"): the order does not depend on the server's locale, and is that of SQLite.
-- No row belongs to two grains, so writes of different grains never wait for each other.

-- One row a user: LedgerV1 without the change that it carries. Every change of the user's sessions raises the version by one.
CREATE TABLE ledger (
  user_pk text COLLATE "C" PRIMARY KEY,
  version bigint NOT NULL,
  payload json NOT NULL
);

-- One row a session that no ledger write has ended. The payload is the SessionV1; the columns repeat what is filtered and
-- ordered by, and are written in the same statement as the payload.
CREATE TABLE session (
  id uuid PRIMARY KEY,
  version bigint NOT NULL,
  user_pk text COLLATE "C" NOT NULL,
  username text COLLATE "C" NOT NULL,
  created bigint NOT NULL,
  expires bigint NOT NULL,
  -- last_used plus the idle timeout; null when the session is never idle.
  idle_at bigint,
  last_used bigint NOT NULL,
  last_ip text COLLATE "C" NOT NULL,
  last_user_agent text COLLATE "C" NOT NULL,
  asn bigint,
  country text COLLATE "C",
  payload json NOT NULL
);

-- Each index serves a filter, an order or the sweeper. Those that orders use end with the id (ties) and the expiry, so that
-- skipping rows never touches the table. An entry of an index holds 2,704 bytes at most, which a user agent can exceed. Sessions that
-- are alike in a text stand in the order of their end, not of their random ids: a new one then goes behind the others of its browser.
CREATE INDEX session_by_user ON session (user_pk, created, id, expires);
CREATE INDEX session_by_username ON session (username, expires, id);
CREATE INDEX session_by_last_ip ON session (last_ip, expires, id);
CREATE INDEX session_by_last_user_agent ON session (left(last_user_agent, 500), expires, id);
CREATE INDEX session_by_created ON session (created, id, expires);
CREATE INDEX session_by_last_used ON session (last_used, id, expires);
CREATE INDEX session_by_expires ON session (expires, id);
CREATE INDEX session_by_asn ON session (asn, expires) WHERE asn IS NOT NULL;
CREATE INDEX session_by_country ON session (country, expires) WHERE country IS NOT NULL;
CREATE INDEX session_by_idle ON session (idle_at) WHERE idle_at IS NOT NULL;

-- What is kept of an ended session for a while: the payload is the EndedV1.
CREATE TABLE ended (
  id uuid PRIMARY KEY,
  user_pk text COLLATE "C" NOT NULL,
  revision bigint NOT NULL,
  ended_at bigint NOT NULL,
  payload json NOT NULL
);

CREATE INDEX ended_by_revision ON ended (user_pk, revision, ended_at, id);
CREATE INDEX ended_by_moment ON ended (ended_at);

-- The event log. A smaller seq can be committed later than a greater one, so a place in the log is (tx, seq), and a reader
-- goes no further than the oldest transaction that still runs.
CREATE TABLE event (
  tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
  seq bigint GENERATED ALWAYS AS IDENTITY,
  pk uuid NOT NULL UNIQUE,
  action text COLLATE "C" NOT NULL,
  user_pk text COLLATE "C" NOT NULL,
  username text COLLATE "C" NOT NULL,
  email text COLLATE "C" NOT NULL,
  name text COLLATE "C" NOT NULL,
  client_ip text COLLATE "C",
  session uuid,
  created bigint NOT NULL,
  context text COLLATE "C" NOT NULL,
  PRIMARY KEY (tx, seq)
);

CREATE INDEX event_by_created ON event (created, seq);
CREATE INDEX event_by_action ON event (action, created, seq);
CREATE INDEX event_by_username ON event (username, created, seq);
-- All users without a name have the same one; this tells their events apart.
CREATE INDEX event_by_nameless ON event (user_pk, created, seq) WHERE username = '';
CREATE INDEX event_by_client_ip ON event (client_ip, created, seq) WHERE client_ip IS NOT NULL;
CREATE INDEX event_by_session ON event (session, created, seq) WHERE session IS NOT NULL;

-- One row about the log: which incarnation of it this is (transaction ids mean something in one server's history only), and
-- the furthest place that was pruned.
CREATE TABLE event_log (
  only_row integer PRIMARY KEY DEFAULT 1 CHECK (only_row = 1),
  incarnation integer NOT NULL,
  history text NOT NULL,
  pruned_tx xid8 NOT NULL,
  pruned_seq bigint NOT NULL
);

INSERT INTO event_log (incarnation, history, pruned_tx, pruned_seq) VALUES (0, '', '0', 0);

-- Ledger writes of many users in one statement: each ledger conditional on its version, with the sessions it creates and ends and its
-- events. The rows of a table stand in parallel arrays; *_of is the place of their user in p_users, from one. No user may stand there
-- twice. The answer is a version for each user, in their order: null for one whose ledger is at another version than expected, and of
-- whose rows then nothing is written. A rule that is broken says which one it was (SQLSTATE SC001).
-- Several processes write at a time: all of them take new ledgers first, then the others, then sessions, each in the order of the
-- arrays, which the callers sort. So they wait for one another, and never in a circle.
-- The plan is made once, when the tables may still be empty: it must be the one for full tables, row by row through the keys.
CREATE FUNCTION write_ledgers(
  p_users text[], p_expected bigint[], p_payloads json[],
  created_of integer[], created_id uuid[], created_username text[], created_created bigint[], created_expires bigint[], created_idle_at bigint[],
  created_last_used bigint[], created_last_ip text[], created_last_user_agent text[], created_asn bigint[], created_country text[], created_payload json[],
  ended_of integer[], ended_id uuid[], ended_revision bigint[], ended_ended_at bigint[], ended_payload json[],
  event_of integer[], event_pk uuid[], event_action text[], event_user_pk text[], event_username text[], event_email text[],
  event_name text[], event_client_ip text[], event_session uuid[], event_created bigint[], event_context text[])
RETURNS SETOF bigint LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $body$
DECLARE
  versions bigint[];
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

  IF cardinality(created_of) > 0 THEN
    INSERT INTO session (id, version, user_pk, username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload)
    SELECT id, 1, p_users[place], username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload
    FROM unnest(created_of, created_id, created_username, created_created, created_expires, created_idle_at, created_last_used, created_last_ip,
      created_last_user_agent, created_asn, created_country, created_payload) AS b(
      place, id, username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload)
    WHERE versions[place] IS NOT NULL;
  END IF;

  IF cardinality(ended_of) > 0 THEN
    IF EXISTS (
      SELECT FROM unnest(ended_of, ended_id) AS d(place, id) JOIN session USING (id)
      WHERE versions[place] IS NOT NULL AND user_pk <> p_users[place]) THEN
      RAISE EXCEPTION 'A ledger can only end sessions of its own user.' USING ERRCODE = 'SC001';
    END IF;
    DELETE FROM session s USING unnest(ended_of, ended_id) AS d(place, id) WHERE s.id = d.id AND versions[place] IS NOT NULL;
    -- A session that is gone already stays gone, with its first reason.
    INSERT INTO ended (id, user_pk, revision, ended_at, payload)
    SELECT id, p_users[place], revision, ended_at, payload
    FROM unnest(ended_of, ended_id, ended_revision, ended_ended_at, ended_payload) AS d(place, id, revision, ended_at, payload)
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

-- Updates of sessions by their grains, many in one statement. Never inserts: what a ledger write has deleted stays deleted. The answer is
-- as above: null for a session that is gone, or at another version.
CREATE FUNCTION write_sessions(
  p_ids uuid[], p_expected bigint[], p_user_pks text[], p_username text[], p_created bigint[], p_expires bigint[], p_idle_at bigint[],
  p_last_used bigint[], p_last_ip text[], p_last_user_agent text[], p_asn bigint[], p_country text[], p_payload json[])
RETURNS SETOF bigint LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $body$
BEGIN
  IF EXISTS (SELECT FROM unnest(p_ids, p_user_pks) AS w(id, user_pk) JOIN session s ON s.id = w.id WHERE s.user_pk <> w.user_pk) THEN
    RAISE EXCEPTION 'A session cannot move to another user.' USING ERRCODE = 'SC001';
  END IF;
  RETURN QUERY
  WITH changed AS (
    UPDATE session s SET version = s.version + 1, username = w.username, created = w.created, expires = w.expires, idle_at = w.idle_at,
      last_used = w.last_used, last_ip = w.last_ip, last_user_agent = w.last_user_agent, asn = w.asn, country = w.country, payload = w.payload
    FROM unnest(p_ids, p_expected, p_username, p_created, p_expires, p_idle_at, p_last_used, p_last_ip, p_last_user_agent, p_asn, p_country,
      p_payload) AS w(id, expected, username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload)
    WHERE s.id = w.id AND s.version = w.expected
    RETURNING s.id, s.version
  )
  SELECT changed.version FROM unnest(p_ids) WITH ORDINALITY AS w(id, place) LEFT JOIN changed USING (id) ORDER BY w.place;
END
$body$;

-- Many states in one statement, of one moment. Each row says what it is (0 a ledger, 1 a session of its user, 2 what is kept of a session
-- of its user that ended after p_since, 3 a session by its id) and its place in p_users or p_sessions, from one. A ledger at the version
-- that its reader knows comes without payload, and without its sessions. A session that is read for its user comes without its data where
-- that makes it large: the user's grain does not use it, and there may be thousands with 32 KB each.
CREATE FUNCTION read_states(p_users text[], p_known bigint[], p_since bigint, p_sessions uuid[])
RETURNS TABLE (kind integer, place bigint, version bigint, payload text) LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off
AS $body$
BEGIN
  IF cardinality(p_users) > 0 THEN
    RETURN QUERY SELECT 0, w.place, l.version, CASE WHEN l.version IS DISTINCT FROM w.known THEN l.payload::text END
    FROM unnest(p_users, p_known) WITH ORDINALITY AS w(user_pk, known, place) JOIN ledger l ON l.user_pk = w.user_pk;
    RETURN QUERY SELECT 1, w.place, 0::bigint,
      CASE WHEN octet_length(s.payload::text) > 2048 THEN (SELECT json_object_agg(key, value)::text FROM json_each(s.payload) WHERE key <> 'data') ELSE s.payload::text END
    FROM unnest(p_users, p_known) WITH ORDINALITY AS w(user_pk, known, place)
    JOIN ledger l ON l.user_pk = w.user_pk AND l.version IS DISTINCT FROM w.known
    JOIN session s ON s.user_pk = w.user_pk
    ORDER BY w.place, s.created, s.id;
    RETURN QUERY SELECT 2, w.place, 0::bigint, e.payload::text
    FROM unnest(p_users, p_known) WITH ORDINALITY AS w(user_pk, known, place)
    JOIN ledger l ON l.user_pk = w.user_pk AND l.version IS DISTINCT FROM w.known
    JOIN ended e ON e.user_pk = w.user_pk AND e.ended_at > p_since;
  END IF;
  IF cardinality(p_sessions) > 0 THEN
    RETURN QUERY SELECT 3, w.place, s.version, s.payload::text
    FROM unnest(p_sessions) WITH ORDINALITY AS w(id, place) JOIN session s ON s.id = w.id;
  END IF;
END
$body$;

-- What Orleans' ADO.NET providers for clustering and for plain states work with. Tables, columns, keys and parameters are those of
-- Orleans' published scripts, which its packages do not carry. Where these have been run before, their texts stay.
CREATE TABLE IF NOT EXISTS OrleansQuery (
  QueryKey varchar(64) PRIMARY KEY,
  QueryText varchar(8000) NOT NULL
);

-- States of grains that are not sessions: stages and plans.
CREATE TABLE IF NOT EXISTS OrleansStorage (
  GrainIdHash integer NOT NULL,
  GrainIdN0 bigint NOT NULL,
  GrainIdN1 bigint NOT NULL,
  GrainTypeHash integer NOT NULL,
  GrainTypeString varchar(512) NOT NULL,
  GrainIdExtensionString varchar(512),
  ServiceId varchar(150) NOT NULL,
  PayloadBinary bytea,
  ModifiedOn timestamp NOT NULL,
  Version integer
);

CREATE UNIQUE INDEX IF NOT EXISTS orleans_storage_by_grain ON OrleansStorage
  (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, GrainTypeString, coalesce(GrainIdExtensionString, ''), ServiceId);
CREATE INDEX IF NOT EXISTS plan_by_moment ON OrleansStorage (ModifiedOn) WHERE GrainTypeString = 'plan';

-- One row for each cluster counts the changes of its membership. Every change of a member takes that row first, on the version that its
-- writer has read: so changes stand in one order, and a writer that has missed one changes nothing.
CREATE TABLE IF NOT EXISTS OrleansMembershipVersionTable (
  DeploymentId varchar(150) PRIMARY KEY,
  Timestamp timestamptz(3) NOT NULL DEFAULT now(),
  Version integer NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS OrleansMembershipTable (
  DeploymentId varchar(150) NOT NULL REFERENCES OrleansMembershipVersionTable,
  Address varchar(45) NOT NULL,
  Port integer NOT NULL,
  -- Tells a silo from the one that had its address before.
  Generation integer NOT NULL,
  SiloName varchar(150) NOT NULL,
  HostName varchar(150) NOT NULL,
  -- 1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead.
  Status integer NOT NULL,
  -- Where clients connect; 0 for a silo that takes none.
  ProxyPort integer,
  -- Who suspects it and since when, in the provider's form.
  SuspectTimes varchar(8000),
  StartTime timestamptz(3) NOT NULL,
  IAmAliveTime timestamptz(3) NOT NULL,
  PRIMARY KEY (DeploymentId, Address, Port, Generation)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', $text$
WITH made AS (
  INSERT INTO OrleansMembershipVersionTable (DeploymentId, Version, Timestamp) VALUES (@DeploymentId, 0, now())
  ON CONFLICT (DeploymentId) DO NOTHING
  RETURNING 1
)
SELECT count(*) FROM made
$text$),

('InsertMembershipKey', $text$
WITH counted AS (
  UPDATE OrleansMembershipVersionTable v SET version = v.version + 1, Timestamp = now()
  WHERE v.DeploymentId = @DeploymentId AND v.version = @Version
    AND NOT EXISTS (
      SELECT FROM OrleansMembershipTable m
      WHERE m.DeploymentId = @DeploymentId AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation)
  RETURNING v.DeploymentId
), joined AS (
  INSERT INTO OrleansMembershipTable (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
  SELECT DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
  FROM counted
  RETURNING 1
)
SELECT count(*) FROM joined
$text$),

('UpdateMembershipKey', $text$
WITH counted AS (
  UPDATE OrleansMembershipVersionTable v SET version = v.version + 1, Timestamp = now()
  WHERE v.DeploymentId = @DeploymentId AND v.version = @Version
    AND EXISTS (
      SELECT FROM OrleansMembershipTable m
      WHERE m.DeploymentId = @DeploymentId AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation)
  RETURNING v.DeploymentId
), changed AS (
  UPDATE OrleansMembershipTable m SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime
  FROM counted c
  WHERE m.DeploymentId = c.DeploymentId AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation
  RETURNING 1
)
SELECT count(*) FROM changed
$text$),

-- No change of the membership: it does not count.
('UpdateIAmAlivetimeKey', $text$
UPDATE OrleansMembershipTable SET IAmAliveTime = @IAmAliveTime
WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation
$text$),

-- The version comes with or without members; a missing start says that there is none.
('MembershipReadAllKey', $text$
SELECT m.Address AS Address, m.Port AS Port, m.Generation AS Generation, m.SiloName AS SiloName, m.HostName AS HostName,
  m.Status AS Status, m.ProxyPort AS ProxyPort, m.SuspectTimes AS SuspectTimes, m.StartTime AS StartTime, m.IAmAliveTime AS IAmAliveTime,
  v.version AS Version
FROM OrleansMembershipVersionTable v
LEFT JOIN OrleansMembershipTable m ON m.DeploymentId = v.DeploymentId
WHERE v.DeploymentId = @DeploymentId
$text$),

('MembershipReadRowKey', $text$
SELECT m.Address AS Address, m.Port AS Port, m.Generation AS Generation, m.SiloName AS SiloName, m.HostName AS HostName,
  m.Status AS Status, m.ProxyPort AS ProxyPort, m.SuspectTimes AS SuspectTimes, m.StartTime AS StartTime, m.IAmAliveTime AS IAmAliveTime,
  v.version AS Version
FROM OrleansMembershipVersionTable v
LEFT JOIN OrleansMembershipTable m
  ON m.DeploymentId = v.DeploymentId AND m.Address = @Address AND m.Port = @Port AND m.Generation = @Generation
WHERE v.DeploymentId = @DeploymentId
$text$),

('GatewaysQueryKey', $text$
SELECT Address AS Address, ProxyPort AS ProxyPort, Generation AS Generation
FROM OrleansMembershipTable
WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0
$text$),

-- An active row is never removed, however long it has not been heard of: the others must declare it dead first.
('CleanupDefunctSiloEntriesKey', $text$
DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3
$text$),

('DeleteMembershipTableEntriesKey', $text$
WITH members AS (DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId)
DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId
$text$),

('ReadFromStorageKey', $text$
SELECT PayloadBinary, Version FROM OrleansStorage
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
  AND GrainTypeString = @GrainTypeString AND coalesce(GrainIdExtensionString, '') = coalesce(@GrainIdExtensionString, '') AND ServiceId = @ServiceId
$text$),

-- No row means that the state is at another version than its writer knows.
('WriteToStorageKey', $text$
WITH changed AS (
  UPDATE OrleansStorage SET PayloadBinary = @PayloadBinary, ModifiedOn = now() AT TIME ZONE 'utc', Version = Version + 1
  WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
    AND GrainTypeString = @GrainTypeString AND coalesce(GrainIdExtensionString, '') = coalesce(@GrainIdExtensionString, '')
    AND ServiceId = @ServiceId AND Version = @GrainStateVersion
  RETURNING Version
), made AS (
  INSERT INTO OrleansStorage (GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId,
    PayloadBinary, ModifiedOn, Version)
  SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, @GrainIdExtensionString, @ServiceId,
    @PayloadBinary, now() AT TIME ZONE 'utc', 1
  WHERE @GrainStateVersion::integer IS NULL
  ON CONFLICT DO NOTHING
  RETURNING Version
)
SELECT Version AS NewGrainStateVersion FROM changed UNION ALL SELECT Version FROM made
$text$),

-- A cleared state keeps its row, so that a version is never given twice.
('ClearStorageKey', $text$
UPDATE OrleansStorage SET PayloadBinary = NULL, ModifiedOn = now() AT TIME ZONE 'utc', Version = Version + 1
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
  AND GrainTypeString = @GrainTypeString AND coalesce(GrainIdExtensionString, '') = coalesce(@GrainIdExtensionString, '')
  AND ServiceId = @ServiceId AND Version = @GrainStateVersion
RETURNING Version AS NewGrainStateVersion
$text$)
ON CONFLICT (QueryKey) DO NOTHING;
