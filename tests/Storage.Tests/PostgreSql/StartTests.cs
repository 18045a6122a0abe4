using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using SessionCluster.Api.Hosting;
using SessionCluster.Events;
using SessionCluster.Settings;
using SessionCluster.Silo.Storage;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests.PostgreSql;

public sealed class StartTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [PostgreSqlTheory]
    [InlineData("server down", @"cannot be reached \(.+\)\. Start it")]
    [InlineData("wrong password", "refuses the user sessions")]
    [InlineData("wrong user", "refuses the user nobody")]
    [InlineData("no database", "CREATE DATABASE \"missing\"")]
    [InlineData("no permission", "GRANT CREATE ON SCHEMA public")]
    public async Task A_start_that_the_database_fails_says_what_is_wrong_and_names_the_setting(string what, string expected)
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgreSqlServer.Shared.CreateDatabase());
        switch (what)
        {
            case "server down":
                settings.Port = 1;
                break;
            case "wrong password":
                settings.Password = "wrong";
                break;
            case "wrong user":
                settings.Username = "nobody";
                break;
            case "no database":
                settings.Database = "missing";
                break;
            default:
                await using (var connection = new NpgsqlConnection(settings.ConnectionString))
                {
                    await connection.OpenAsync();
                    await connection.Command($"CREATE ROLE {settings.Database} LOGIN PASSWORD 'x'").Run();
                }

                (settings.Username, settings.Password) = (settings.Database, "x");
                break;
        }

        var failure = await Assert.ThrowsAsync<StorageStartException>(() => Start(new PostgreSqlOptions { Database = { ConnectionString = settings.ConnectionString } }));

        Assert.Matches(expected, failure.Message);
        Assert.Contains("Storage:ConnectionString", failure.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task With_several_hosts_a_start_that_the_database_fails_says_what_is_wrong_just_so()
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgreSqlServer.Shared.CreateDatabase()) { Password = "wrong" };
        settings.Host = $"127.0.0.1:1,127.0.0.1:{PostgreSqlServer.Shared.Port}";

        var refused = await Assert.ThrowsAsync<StorageStartException>(() => Start(new PostgreSqlOptions { Database = { ConnectionString = settings.ConnectionString } }));
        settings.Host = "127.0.0.1:1,127.0.0.1:2";
        var away = await Assert.ThrowsAsync<StorageStartException>(() => Start(new PostgreSqlOptions { Database = { ConnectionString = settings.ConnectionString } }));

        Assert.StartsWith($"The PostgreSQL server 127.0.0.1:1,127.0.0.1:{PostgreSqlServer.Shared.Port} refuses the user sessions", refused.Message, StringComparison.Ordinal);
        Assert.Matches(@"^The PostgreSQL server 127\.0\.0\.1:1,127\.0\.0\.1:2 cannot be reached \(.+\)\. Start it", away.Message);
    }

    [PostgreSqlFact]
    public async Task A_user_that_may_create_tables_at_the_first_start_only_starts_again()
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgreSqlServer.Shared.CreateDatabase());
        await using var owner = new NpgsqlConnection(settings.ConnectionString);
        await owner.OpenAsync();
        var role = settings.Database!;
        await owner.Command($"CREATE ROLE {role} LOGIN PASSWORD 'x'; GRANT CREATE ON SCHEMA public TO {role}").Run();
        (settings.Username, settings.Password) = (role, "x");
        var options = new PostgreSqlOptions { Database = { ConnectionString = settings.ConnectionString } };
        await (await Start(options)).DisposeAsync();

        await owner.Command($"REVOKE CREATE ON SCHEMA public FROM {role}").Run();

        await (await Start(options)).DisposeAsync();
    }

    /// <summary>It is behind: what has ended may be live there.</summary>
    [PostgreSqlFact]
    public async Task No_connection_leads_to_a_standby()
    {
        using var server = PostgreSqlServer.StartNew();
        var options = new PostgreSqlOptions { Database = { ConnectionString = server.CreateDatabase() } };
        await using var database = await Start(options);
        server.Kill();
        server.StartAsStandby();
        database.Source.Clear();

        var refused = await Assert.ThrowsAsync<PostgresException>(() => database.Source.Command("SELECT 1").Value<int>());
        Assert.Equal(PostgresErrorCodes.CannotConnectNow, refused.SqlState);
        var failure = await Assert.ThrowsAsync<StorageStartException>(() => Start(options));
        Assert.Contains("is a standby", failure.Message, StringComparison.Ordinal);
        Assert.Contains("Storage:ConnectionString", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>What it has acknowledged could be lost in a power cut, which no test can make.</summary>
    [PostgreSqlFact]
    public async Task A_server_that_acknowledges_before_its_disk_has_it_is_refused()
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgreSqlServer.Shared.CreateDatabase());
        await using (var connection = new NpgsqlConnection(settings.ConnectionString))
        {
            await connection.OpenAsync();
            await connection.Command($"ALTER DATABASE \"{settings.Database}\" SET synchronous_commit = off").Run();
        }

        var failure = await Assert.ThrowsAsync<StorageStartException>(() => Start(new PostgreSqlOptions { Database = { ConnectionString = settings.ConnectionString } }));

        Assert.Contains("synchronous_commit=off", failure.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task The_owner_of_the_database_need_not_be_a_superuser()
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgreSqlServer.Shared.CreateDatabase());
        await using (var connection = new NpgsqlConnection(settings.ConnectionString))
        {
            await connection.OpenAsync();
            await connection.Command($"CREATE ROLE {settings.Database} LOGIN PASSWORD 'x'").Run();
            await connection.Command($"ALTER DATABASE {settings.Database} OWNER TO {settings.Database}").Run();
        }

        (settings.Username, settings.Password) = (settings.Database, "x");
        await using var open = new OpenPostgreSql(new PostgreSqlOptions { Database = { ConnectionString = settings.ConnectionString } });
        await open.Start();

        await open.Create("42", Session(1, "42"));
        Assert.Equal("1", Numbers((await open.Live("42")).Select(session => session.Id)));
        await open.Settled();
        Assert.Equal(EventCursorOutcome.Read, (await open.Follow("0")).Outcome);
    }

    [PostgreSqlFact]
    public async Task Silos_that_start_together_apply_each_script_once()
    {
        var options = new PostgreSqlOptions { Database = { ConnectionString = PostgreSqlServer.Shared.CreateDatabase() } };

        var started = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Start(options)));

        Assert.Equal(
            PostgreSqlDatabase.Scripts.Select(script => script.Name),
            await started[0].Source.Command("SELECT name FROM schema_script ORDER BY number").Rows(reader => reader.GetString(0)));
        Assert.Equal(Enumerable.Range(1, PostgreSqlDatabase.Scripts.Count), PostgreSqlDatabase.Scripts.Select(script => script.Number));
        foreach (var database in started)
        {
            await database.DisposeAsync();
        }
    }

    [PostgreSqlFact]
    public async Task A_database_of_a_newer_program_is_refused_and_a_script_that_fails_leaves_nothing()
    {
        await using var open = new OpenPostgreSql();
        await open.Start();
        await using (var connection = await open.Database.Source.OpenConnectionAsync())
        {
            SchemaScript broken = new(900, "900-broken.sql", "CREATE TABLE half (n integer); INSERT INTO missing VALUES (1);");
            await Assert.ThrowsAsync<PostgresException>(() => SchemaRunner.Apply(connection, [.. PostgreSqlDatabase.Scripts, broken], Now, "x"));
        }

        Assert.Equal(1, await open.Number("SELECT (to_regclass('half') IS NULL)::int"));
        await open.Execute("INSERT INTO schema_script VALUES (901, '901-newer.sql', 0)");
        await open.Close();

        var refused = await Assert.ThrowsAsync<StorageStartException>(() => Start(new PostgreSqlOptions { Database = { ConnectionString = open.ConnectionString } }));
        Assert.Contains("has schema 901", refused.Message, StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task Connection_string_and_password_may_come_from_files()
    {
        var settings = new NpgsqlConnectionStringBuilder(PostgreSqlServer.Shared.CreateDatabase());
        var password = _folder.In("password");
        await File.WriteAllTextAsync(password, settings.Password + "\n");
        settings.Password = null;
        var text = _folder.In("connection");
        await File.WriteAllTextAsync(text, settings.ConnectionString + "\n");

        await using var database = await Start(new PostgreSqlOptions { Database = { ConnectionStringFile = text, PasswordFile = password } });

        Assert.Equal(1, await database.Source.Command("SELECT max(number) FROM schema_script").Value<int>());
        var missing = Assert.Throws<StorageStartException>(() => PostgreSqlSource.Make(new PostgreSqlOptions { Database = { ConnectionStringFile = "/no/such" } }, null));
        Assert.Contains("Storage:ConnectionStringFile", missing.Message, StringComparison.Ordinal);
        Assert.Throws<StorageStartException>(() => PostgreSqlSource.Make(new PostgreSqlOptions { Database = { ConnectionString = "nonsense" } }, null));
    }

    [Theory]
    [InlineData("seconds=10", 30, null)]
    [InlineData("seconds=20", 30, null)]
    [InlineData("seconds=21", 60, "seconds=1 to seconds=20")]
    [InlineData("milliseconds=1", 30, "seconds=1 to seconds=20")]
    [InlineData("seconds=10", 15, "shorter than Cluster:CallTimeout")]
    [InlineData("seconds=10", 16, null)]
    [InlineData("ten", 30, "Storage:PostgreSql:StatementTimeout")]
    public void A_statement_has_to_end_before_the_call_that_waits_for_it(string timeout, int callSeconds, string? problem)
    {
        var options = new PostgreSqlOptions { Database = { ConnectionString = "Host=x" }, StatementTimeout = timeout, CallTimeout = TimeSpan.FromSeconds(callSeconds) };

        var found = Problem(options);

        Assert.Equal(problem is null, found is null);
        Assert.Contains(problem ?? "", found ?? "", StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_out_of_their_range_are_named()
    {
        static string Unreadable(DatabaseSettings settings) => Assert.Throws<InvalidDataException>(settings.Read).Message;

        Assert.Contains("ConnectionString is not set", Unreadable(new DatabaseSettings()), StringComparison.Ordinal);
        Assert.Contains("are both set", Unreadable(new DatabaseSettings { ConnectionString = "a", ConnectionStringFile = "b" }), StringComparison.Ordinal);
        Assert.Contains("QueueLimit is 0", Problem(new PostgreSqlOptions { Database = { ConnectionString = "a" }, QueueLimit = 0 }), StringComparison.Ordinal);
        Assert.Contains("StateReaders is 0", Problem(new PostgreSqlOptions { Database = { ConnectionString = "a" }, StateReaders = 0 }), StringComparison.Ordinal);
        Assert.Contains("Writers is 17", Problem(new PostgreSqlOptions { Database = { ConnectionString = "a" }, Writers = 17 }), StringComparison.Ordinal);
    }

    [PostgreSqlFact]
    public async Task A_start_that_waits_for_another_says_so_and_ends_when_it_is_told_to()
    {
        await using var open = new OpenPostgreSql();
        await open.Start();
        await using var other = await open.Database.Source.OpenConnectionAsync();
        await other.Command("SELECT pg_advisory_lock(key) FROM (SELECT $1::bigint AS key) AS one", PostgreSqlDatabase.MigrationLock).Run();
        var log = new KeptLog();
        var options = new PostgreSqlOptions { Database = { ConnectionString = open.ConnectionString } };
        await using var second = new PostgreSqlDatabase(PostgreSqlSource.Make(options, null), options, TimeProvider.System, log);
        using var stop = new CancellationTokenSource();

        var start = second.Start(stop.Token);
        await Poll.Until(() => Task.FromResult(log.Informations.Any(line => line.StartsWith("Waiting for another process", StringComparison.Ordinal))));
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains(open.Log.Informations, line => line.StartsWith("Applying the schema script", StringComparison.Ordinal));
    }

    [PostgreSqlFact]
    public async Task The_server_itself_ends_what_takes_too_long()
    {
        await using var open = new OpenPostgreSql(new PostgreSqlOptions { StatementTimeout = "seconds=3" });
        await open.Start();
        var settings = await open.Database.Source.Command(
            """
            SELECT current_setting('statement_timeout') || ' ' || current_setting('lock_timeout') || ' '
              || current_setting('idle_in_transaction_session_timeout') || ' ' || current_setting('client_connection_check_interval')
            """).Value<string>();

        Assert.Equal("3s 3s 3s 2s", settings);
    }

    private static string? Problem(PostgreSqlOptions options) =>
        new OptionsCheck<PostgreSqlOptions>(PostgreSqlOptions.Section).Validate(null, options).FailureMessage;

    private static async Task<PostgreSqlDatabase> Start(PostgreSqlOptions options)
    {
        var database = new PostgreSqlDatabase(PostgreSqlSource.Make(options, null), options, TimeProvider.System, NullLogger.Instance);
        try
        {
            await database.Start();
            return database;
        }
        catch
        {
            await database.DisposeAsync();
            throw;
        }
    }
}
