-- Moments are whole microseconds since 1970 (UTC). JSON is json, not jsonb, which would reorder its members.
-- Texts compare by their bytes (COLLATE "C"): the order does not depend on the server's locale, and is that of SQLite.
-- No row belongs to two grains, so writes of different grains never wait for each other.

-- One row a user: LedgerV1 without born, dead and journal. Every change of the user's sessions raises the version by one.
CREATE TABLE ledger (
  user_pk text COLLATE "C" PRIMARY KEY,
  version integer NOT NULL,
  payload json NOT NULL
);

-- One row a session that no ledger write has ended. The payload is the SessionV1; the columns repeat what is filtered and
-- ordered by, and are written in the same statement as the payload.
CREATE TABLE session (
  id uuid PRIMARY KEY,
  version integer NOT NULL,
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
-- skipping rows never touches the table. An entry of an index holds 2,704 bytes at most, which a user agent can exceed.
CREATE INDEX session_by_user ON session (user_pk, created, id, expires);
CREATE INDEX session_by_username ON session (username, id, expires);
CREATE INDEX session_by_last_ip ON session (last_ip, id, expires);
CREATE INDEX session_by_last_user_agent ON session (left(last_user_agent, 500), id, expires);
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
CREATE INDEX event_by_client_ip ON event (client_ip, created, seq) WHERE client_ip IS NOT NULL;

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

-- Every other state of a grain. A cleared one keeps its row without a payload, so that its version is never given again.
-- A state that means nothing after a moment names it, so that its row can be pruned: plans.
CREATE TABLE grain_state (
  state_name text COLLATE "C" NOT NULL,
  grain_key text COLLATE "C" NOT NULL,
  version integer NOT NULL,
  payload json,
  expires bigint,
  PRIMARY KEY (state_name, grain_key)
);

CREATE INDEX grain_state_by_expires ON grain_state (expires) WHERE expires IS NOT NULL;

-- The embedded engine's writer: one row a lane. Each of its transactions carries one statement that counts up here, so that
-- after a lost connection it can find out whether the transaction took effect, and keep it from doing so later.
CREATE TABLE writer_fence (
  lane integer PRIMARY KEY,
  holder uuid NOT NULL,
  settled bigint NOT NULL,
  committed bigint NOT NULL
) WITH (fillfactor = 10);
