using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Npgsql;
using SessionCluster.Bench.Http;
using SessionCluster.Bench.Rounds;
using SessionCluster.Bench.Storage;
using SessionCluster.Testing.PostgreSql;

namespace SessionCluster.Bench.Growth;

/// <summary>A database with a million live sessions: how soon a server serves it, and how long what it is asked then takes.</summary>
internal abstract class MillionSessions(string name, string goal) : IComparison
{
    protected const int Sessions = 1_000_000;

    /// <summary>The most that an answer may take.</summary>
    protected const int MostMs = 50;

    private const int Asks = 15;

    // One login makes the model row; the others are its copies with keys of their own.
    private const long Model = 0;

    private static readonly string[] Pages =
    [
        "", "?page=2000&page_size=100", "?user__username=jane.roe.0000500000", "?user=0000500000", "?session__last_ip=10.1.2.3",
        "?session__last_user_agent=agent%207", "?asn=17", "?country=C7", "?ordering=-last_used", "?country=C7&ordering=expires",
        "?session__last_ip=10.1.2.3&ordering=-created",
    ];

    public string Name => name;

    public string Goal => goal;

    public abstract string? Missing { get; }

    public async Task Run(Runner runner, Report report)
    {
        var data = Directory.CreateTempSubdirectory("sessioncluster-bench-");
        try
        {
            await Measure(report, data.FullName);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    /// <summary>The settings that name the database.</summary>
    protected abstract IEnumerable<string> Settings(string folder);

    /// <summary>Copies the one session that is there until there are a million.</summary>
    protected abstract Task Copy(string folder);

    private async Task Measure(Report report, string folder)
    {
        string[] settings = [$"Data:Path={folder}", .. Settings(folder)];
        await using (var server = await ServerProcess.Start(settings))
        {
            await Logins.MakeOne(server.Api, Model);
        }

        await Copy(folder);
        var since = Stopwatch.GetTimestamp();
        await using var measured = await ServerProcess.Start(settings);
        (await measured.Api.GetAsync("/health/ready")).EnsureSuccessStatusCode();
        report.Limit(Name, "start until ready, ms", Stopwatch.GetElapsedTime(since).TotalMilliseconds, 3000);
        await Ask(measured, report);
    }

    /// <summary>Asks for the API's lists.</summary>
    protected virtual async Task Ask(ServerProcess measured, Report report)
    {
        foreach (var page in Pages)
        {
            var median = await Median(measured.Api, $"/api/v3/core/authenticated_sessions/{page}", "\"uuid\"");
            if (page.Length == 0 || page.StartsWith("?page", StringComparison.Ordinal) || page.StartsWith("?ordering", StringComparison.Ordinal))
            {
                report.Note(Name, $"list{page}, ms", median);
            }
            else
            {
                report.Limit(Name, $"list{page}, ms", median, MostMs);
            }
        }
    }

    /// <summary>How long an answer takes, in milliseconds as its caller sees it; the median of several.</summary>
    /// <param name="http">The caller.</param>
    /// <param name="path">What is asked for.</param>
    /// <param name="mustHold">A text without which the answer is not the one that was meant.</param>
    protected static async Task<double> Median(HttpClient http, string path, string mustHold)
    {
        var taken = new List<double>();
        for (var i = 0; i < Asks; i++)
        {
            var since = Stopwatch.GetTimestamp();
            using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));
            var body = await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync();
            taken.Add(Stopwatch.GetElapsedTime(since).TotalMilliseconds);
            if (!body.Contains(mustHold, StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"The answer to {path} does not hold {mustHold}.");
            }
        }

        return taken.Order().ElementAt(Asks / 2);
    }
}

internal class MillionOnSqlite(string name, string goal) : MillionSessions(name, goal)
{
    public MillionOnSqlite()
        : this("million-sqlite", "a million sessions on SQLite: ready within 3 s, list pages with a filter within 50 ms")
    {
    }

    public override string? Missing => null;

    protected override IEnumerable<string> Settings(string folder) => [];

    /// <summary>More statements over the table of what was made.</summary>
    protected virtual string More => "";

    protected override async Task Copy(string folder)
    {
        await using var link = new SqliteConnection($"Data Source={Path.Combine(folder, "sessions.db")};Pooling=False");
        await link.OpenAsync();
        await using var command = link.CreateCommand();
        command.CommandTimeout = 0;
        // A UUID's text from its bytes, as the payload has it.
        command.CommandText = string.Create(CultureInfo.InvariantCulture, $"""
            CREATE TEMP TABLE made AS
              WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {Sessions - 1})
              SELECT i, printf('%010d', i) AS pk, randomblob(16) AS id, '10.' || (i % 250) || '.' || (i / 250 % 250) || '.' || (i % 7) AS ip,
                'agent ' || (i % 20000) AS agent FROM n;
            INSERT INTO session (id, version, user_pk, username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload)
              SELECT m.id, 1, m.pk, 'jane.roe.' || m.pk, s.created + m.i, s.expires + m.i, s.idle_at, s.last_used + m.i, m.ip, m.agent, m.i % 500, 'C' || (m.i % 9),
                json_set(s.payload, '$.id', lower(substr(hex(m.id), 1, 8) || '-' || substr(hex(m.id), 9, 4) || '-' || substr(hex(m.id), 13, 4) || '-'
                  || substr(hex(m.id), 17, 4) || '-' || substr(hex(m.id), 21)), '$.user_pk', m.pk, '$.username', 'jane.roe.' || m.pk, '$.last_ip', m.ip, '$.last_user_agent', m.agent)
              FROM made m, (SELECT * FROM session LIMIT 1) s;
            UPDATE session SET last_ip = '10.1.2.3' WHERE rowid % 20000 = 5;
            {More}
            PRAGMA wal_checkpoint(TRUNCATE);
            """);
        await command.ExecuteNonQueryAsync();
    }
}

internal sealed class MillionOnPostgreSql() : MillionSessions("million-postgresql", "a million sessions on PostgreSQL: ready within 3 s, list pages with a filter within 50 ms")
{
    private readonly Lazy<PostgreSqlServer> _server = new(PostgreSqlServer.StartDurable);
    private string? _database;

    public override string? Missing => PostgreSqlServer.WhyNot;

    protected override IEnumerable<string> Settings(string folder) =>
        Storage.ProductHost.OnPostgreSql(_database ??= _server.Value.CreateDatabase());

    protected override async Task Copy(string folder)
    {
        await using var source = NpgsqlDataSource.Create(_database + ";Command Timeout=0");
        await using var command = source.CreateCommand(string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO session (id, version, user_pk, username, created, expires, idle_at, last_used, last_ip, last_user_agent, asn, country, payload)
              SELECT m.id, 1, m.pk, 'jane.roe.' || m.pk, s.created + m.i, s.expires + m.i, s.idle_at, s.last_used + m.i, m.ip, m.agent, m.i % 500, 'C' || (m.i % 9),
                replace(replace(s.payload::text, s.id::text, m.id::text), s.username, 'jane.roe.' || m.pk)::json
              FROM (SELECT i, lpad(i::text, 10, '0') AS pk, gen_random_uuid() AS id, '10.' || (i % 250) || '.' || (i / 250 % 250) || '.' || (i % 7) AS ip,
                  'agent ' || (i % 20000) AS agent FROM generate_series(1, {Sessions - 1}) i) m, (SELECT * FROM session LIMIT 1) s;
            UPDATE session SET last_ip = '10.1.2.3' WHERE username LIKE '%00005';
            """));
        await command.ExecuteNonQueryAsync();
        // As the server does by itself after a while.
        await using var vacuum = source.CreateCommand("VACUUM ANALYZE session");
        await vacuum.ExecuteNonQueryAsync();
    }
}
