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
}
