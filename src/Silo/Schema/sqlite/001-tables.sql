-- Moments are whole microseconds since 1970 (UTC). Ids are 16-byte blobs, big endian: half the size of their text, and they
-- order as their text does. JSON is text, so that an operator can read and query it.
-- Tables keep their rowid: the secondary indexes then hold 8 bytes a row instead of an id, and rows are appended,
-- not scattered over the file by their random ids.

-- One row a user: LedgerV1 without the change that it carries. Every change of the user's sessions raises the version by one.
CREATE TABLE ledger (
  user_pk TEXT NOT NULL UNIQUE,
  version INTEGER NOT NULL,
  payload TEXT NOT NULL
) STRICT;

-- One row a session that no ledger write has ended. The payload is the SessionV1; the columns repeat what is filtered and
-- ordered by, and are written in the same statement as the payload.
CREATE TABLE session (
  id BLOB NOT NULL,
  version INTEGER NOT NULL,
  user_pk TEXT NOT NULL,
  username TEXT NOT NULL,
  created INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  -- last_used plus the idle timeout; null when the session is never idle.
  idle_at INTEGER,
  last_used INTEGER NOT NULL,
  last_ip TEXT NOT NULL,
  last_user_agent TEXT NOT NULL,
  asn INTEGER,
  country TEXT,
  payload TEXT NOT NULL
) STRICT;

-- Each index serves a filter, an order or the sweeper. Those that orders use end with the id (ties) and the expiry, so that
-- skipping rows never touches the table. Sessions that are alike in a text stand in the order of their end, not of their random
-- ids: a new one then goes behind the others of its browser or address, onto a page that was just written.
CREATE UNIQUE INDEX session_by_id ON session (id);
CREATE INDEX session_by_user ON session (user_pk, created, id, expires);
CREATE INDEX session_by_username ON session (username, expires, id);
CREATE INDEX session_by_last_ip ON session (last_ip, expires, id);
CREATE INDEX session_by_last_user_agent ON session (last_user_agent, expires, id);
CREATE INDEX session_by_created ON session (created, id, expires);
CREATE INDEX session_by_last_used ON session (last_used, id, expires);
CREATE INDEX session_by_expires ON session (expires, id);
CREATE INDEX session_by_asn ON session (asn, expires) WHERE asn IS NOT NULL;
CREATE INDEX session_by_country ON session (country, expires) WHERE country IS NOT NULL;
CREATE INDEX session_by_idle ON session (idle_at) WHERE idle_at IS NOT NULL;

-- What is kept of an ended session for a while: the payload is the EndedV1.
CREATE TABLE ended (
  id BLOB NOT NULL UNIQUE,
  user_pk TEXT NOT NULL,
  revision INTEGER NOT NULL,
  ended_at INTEGER NOT NULL,
  payload TEXT NOT NULL
) STRICT;

CREATE INDEX ended_by_revision ON ended (user_pk, revision, ended_at, id);
CREATE INDEX ended_by_moment ON ended (ended_at);

-- The event log. One writer commits in the order of seq, so a reader that has seen a number has seen all before it;
-- AUTOINCREMENT keeps the number of a pruned event from being given again.
CREATE TABLE event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  pk BLOB NOT NULL UNIQUE,
  action TEXT NOT NULL,
  user_pk TEXT NOT NULL,
  username TEXT NOT NULL,
  email TEXT NOT NULL,
  name TEXT NOT NULL,
  client_ip TEXT,
  session BLOB,
  created INTEGER NOT NULL,
  context TEXT NOT NULL
) STRICT;

CREATE INDEX event_by_created ON event (created);
CREATE INDEX event_by_action ON event (action, created);
CREATE INDEX event_by_username ON event (username, created);
-- All users without a name have the same one; this tells their events apart.
CREATE INDEX event_by_nameless ON event (user_pk, created) WHERE username = '';
CREATE INDEX event_by_client_ip ON event (client_ip, created) WHERE client_ip IS NOT NULL;
CREATE INDEX event_by_session ON event (session, created) WHERE session IS NOT NULL;

-- Every other state of a grain. A cleared one keeps its row without a payload, so that its version is never given again.
CREATE TABLE grain_state (
  state_name TEXT NOT NULL,
  grain_key TEXT NOT NULL,
  version INTEGER NOT NULL,
  payload TEXT,
  -- When it was written last.
  modified INTEGER NOT NULL,
  PRIMARY KEY (state_name, grain_key)
) STRICT;

-- Plans mean nothing a while after their last write, and are pruned.
CREATE INDEX plan_by_moment ON grain_state (modified) WHERE state_name = 'plan';
