namespace SessionCluster.Calls;

/// <summary>What this engine's side calls.</summary>
internal static class Target
{
    public static Task<ITarget> Start(string[] args) => args switch
    {
        [] => CallTarget.Start(),
        ["postgresql", var connection] => LoginTarget.OnPostgreSql(connection),
        ["sqlite", var file] => LoginTarget.OnSqlite(file, together: false),
        ["sqlite-together", var file] => LoginTarget.OnSqlite(file, together: true),
        _ => throw new ArgumentException("Nothing for calls; for logins postgresql and a connection string, sqlite or sqlite-together and a file.", nameof(args)),
    };
}
