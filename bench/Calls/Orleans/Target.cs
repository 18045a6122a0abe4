namespace SessionCluster.Calls;

/// <summary>What this engine's side calls.</summary>
internal static class Target
{
    public static Task<ITarget> Start(string[] args) => args switch
    {
        [] => CallTarget.Start(),
        ["postgresql", var connection] => LoginTarget.OnPostgreSql(connection),
        ["sqlite-adonet", var file] => LoginTarget.OnSqliteByAdoNet(file, together: false),
        ["sqlite-adonet-together", var file] => LoginTarget.OnSqliteByAdoNet(file, together: true),
        ["sqlite", var file] => LoginTarget.OnSqlite(file, together: false),
        ["sqlite-together", var file] => LoginTarget.OnSqlite(file, together: true),
        _ => throw new ArgumentException("Nothing for calls; for logins postgresql and a connection string, or sqlite or sqlite-adonet, alone or with -together, and a file.", nameof(args)),
    };
}
