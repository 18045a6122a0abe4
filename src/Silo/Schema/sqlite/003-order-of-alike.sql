-- Sessions that are alike in a text stand in the order of their end, not of their random ids: a new one then goes behind the
-- others of its browser or address, onto a page that was just written, and the filters on a text skip those past their end.
DROP INDEX session_by_username;
DROP INDEX session_by_last_ip;
DROP INDEX session_by_last_user_agent;
CREATE INDEX session_by_username ON session (username, expires, id);
CREATE INDEX session_by_last_ip ON session (last_ip, expires, id);
CREATE INDEX session_by_last_user_agent ON session (last_user_agent, expires, id);
