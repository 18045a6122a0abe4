namespace SessionCluster.Server.Tests;

public sealed class EventStreamTests
{
    [Fact]
    public async Task A_reader_that_resumes_over_a_kill_and_a_stop_sees_every_event_once()
    {
        using var folder = new TempFolder();
        var expected = new List<string>();
        var seen = new List<string>();
        var last = "";

        async Task LogIn(ServerProcess server, int times)
        {
            for (var i = 0; i < times; i++)
            {
                expected.Add((await server.Api.Login(Actions.NewUser())).Uuid);
            }
        }

        async Task ReadOn(ServerProcess server, string? from, int count)
        {
            using var reader = await StreamReading.Open(server.Url, server.Api.Key, from);
            for (var i = 0; i < count; i++)
            {
                var block = await reader.Next();
                last = block.Id;
                seen.Add(JsonNode.Parse(block.Data)!["context"]!["session_uuid"]!.GetValue<string>());
            }
        }

        await using (var server = await ServerProcess.Start(folder.In("data")))
        {
            await LogIn(server, 5);
            await ReadOn(server, "0", 3);
            await server.Kill();
        }

        await using (var server = await ServerProcess.Start(folder.In("data")))
        {
            await LogIn(server, 2);
            await ReadOn(server, last, 3);
            using var open = await StreamReading.Open(server.Url, server.Api.Key, null);
            await open.Next();
            Assert.Equal(0, await server.Terminate());
            Assert.True(await open.IsOver());
        }

        await using (var server = await ServerProcess.Start(folder.In("data")))
        {
            await LogIn(server, 40);
            await ReadOn(server, last, 41);
        }

        Assert.Equal(expected, seen);
    }

    [PostgreSqlFact]
    public async Task Events_come_in_their_order_where_the_numbers_of_transactions_gain_a_digit()
    {
        const int Logins = 30;
        using var database = PostgreSqlServer.StartNew();
        using var cluster = new ProcessCluster(database.CreateDatabase());
        var member = cluster.Member();
        await ProcessCluster.Start(member);
        using var api = ProcessCluster.Client(member);
        await SpendTransactions(cluster.Database, leave: Logins / 2);
        var expected = new List<string>();
        for (var i = 0; i < Logins; i++)
        {
            expected.Add((await api.Login(Actions.NewUser())).Uuid);
        }

        using var reader = await StreamReading.Open(member.Url, api.Key, "0");
        var (seen, places) = (new List<string>(), new List<string>());
        for (var i = 0; i < Logins; i++)
        {
            var block = await reader.Next();
            seen.Add(JsonNode.Parse(block.Data)!["context"]!["session_uuid"]!.GetValue<string>());
            places.Add(block.Id);
        }

        Assert.Equal(expected, seen);
        // Else this test has shown nothing.
        Assert.True(places[^1].Length > places[0].Length, $"{places[0]} to {places[^1]}");
    }

    /// <summary>Draws the numbers of transactions up to the last few before the next power of ten.</summary>
    private static async Task SpendTransactions(string database, int leave)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand(
            $"""
            DO $$
            DECLARE goal bigint := 10 ^ length(pg_current_xact_id()::text) - {leave};
            BEGIN
              COMMIT;
              WHILE pg_current_xact_id()::text::bigint < goal LOOP
                COMMIT;
              END LOOP;
            END
            $$
            """);
        await command.ExecuteNonQueryAsync();
    }
}
