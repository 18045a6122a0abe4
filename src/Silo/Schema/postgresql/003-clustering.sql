-- The members of a cluster, for the ADO.NET clustering provider: it runs the texts below by their keys, binds its parameters
-- by name and reads columns by name. Names of parameters, result columns and keys are the provider's; all else is ours.
--
-- One row per cluster counts the changes of its membership. Every change of a member takes that row first, on the version that
-- its writer has read: so changes stand in one order, and a writer that has missed one changes nothing.

CREATE TABLE cluster_version (
  cluster_id text PRIMARY KEY,
  version integer NOT NULL,
  changed timestamptz NOT NULL
);

CREATE TABLE cluster_member (
  cluster_id text NOT NULL REFERENCES cluster_version,
  address text NOT NULL,
  port integer NOT NULL,
  -- Tells a silo from the one that had its address before.
  generation integer NOT NULL,
  name text NOT NULL,
  host text NOT NULL,
  -- 1 created, 2 joining, 3 active, 4 shutting down, 5 stopping, 6 dead.
  status integer NOT NULL,
  -- Where clients connect; 0 for a silo that takes none.
  gateway_port integer NOT NULL,
  -- Who suspects it and since when, in the provider's form.
  suspects text,
  started timestamptz NOT NULL,
  alive timestamptz NOT NULL,
  PRIMARY KEY (cluster_id, address, port, generation)
);

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', $text$
WITH made AS (
  INSERT INTO cluster_version (cluster_id, version, changed) VALUES (@DeploymentId, 0, now())
  ON CONFLICT (cluster_id) DO NOTHING
  RETURNING 1
)
SELECT count(*) FROM made
$text$),

('InsertMembershipKey', $text$
WITH counted AS (
  UPDATE cluster_version v SET version = v.version + 1, changed = now()
  WHERE v.cluster_id = @DeploymentId AND v.version = @Version
    AND NOT EXISTS (
      SELECT FROM cluster_member m
      WHERE m.cluster_id = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
  RETURNING v.cluster_id
), joined AS (
  INSERT INTO cluster_member (cluster_id, address, port, generation, name, host, status, gateway_port, started, alive)
  SELECT cluster_id, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime, @IAmAliveTime
  FROM counted
  RETURNING 1
)
SELECT count(*) FROM joined
$text$),

('UpdateMembershipKey', $text$
WITH counted AS (
  UPDATE cluster_version v SET version = v.version + 1, changed = now()
  WHERE v.cluster_id = @DeploymentId AND v.version = @Version
    AND EXISTS (
      SELECT FROM cluster_member m
      WHERE m.cluster_id = @DeploymentId AND m.address = @Address AND m.port = @Port AND m.generation = @Generation)
  RETURNING v.cluster_id
), changed AS (
  UPDATE cluster_member m SET status = @Status, suspects = @SuspectTimes, alive = @IAmAliveTime
  FROM counted c
  WHERE m.cluster_id = c.cluster_id AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
  RETURNING 1
)
SELECT count(*) FROM changed
$text$),

-- No change of the membership: it does not count.
('UpdateIAmAlivetimeKey', $text$
UPDATE cluster_member SET alive = @IAmAliveTime
WHERE cluster_id = @DeploymentId AND address = @Address AND port = @Port AND generation = @Generation
$text$),

-- The version comes with or without members; a missing start says that there is none.
('MembershipReadAllKey', $text$
SELECT m.address AS Address, m.port AS Port, m.generation AS Generation, m.name AS SiloName, m.host AS HostName,
  m.status AS Status, m.gateway_port AS ProxyPort, m.suspects AS SuspectTimes, m.started AS StartTime, m.alive AS IAmAliveTime,
  v.version AS Version
FROM cluster_version v
LEFT JOIN cluster_member m ON m.cluster_id = v.cluster_id
WHERE v.cluster_id = @DeploymentId
$text$),

('MembershipReadRowKey', $text$
SELECT m.address AS Address, m.port AS Port, m.generation AS Generation, m.name AS SiloName, m.host AS HostName,
  m.status AS Status, m.gateway_port AS ProxyPort, m.suspects AS SuspectTimes, m.started AS StartTime, m.alive AS IAmAliveTime,
  v.version AS Version
FROM cluster_version v
LEFT JOIN cluster_member m
  ON m.cluster_id = v.cluster_id AND m.address = @Address AND m.port = @Port AND m.generation = @Generation
WHERE v.cluster_id = @DeploymentId
$text$),

('GatewaysQueryKey', $text$
SELECT address AS Address, gateway_port AS ProxyPort, generation AS Generation
FROM cluster_member
WHERE cluster_id = @DeploymentId AND status = @Status AND gateway_port > 0
$text$),

-- An active row is never removed, however long it has not been heard of: the others must declare it dead first.
('CleanupDefunctSiloEntriesKey', $text$
DELETE FROM cluster_member WHERE cluster_id = @DeploymentId AND alive < @IAmAliveTime AND status <> 3
$text$),

('DeleteMembershipTableEntriesKey', $text$
WITH members AS (DELETE FROM cluster_member WHERE cluster_id = @DeploymentId)
DELETE FROM cluster_version WHERE cluster_id = @DeploymentId
$text$);
