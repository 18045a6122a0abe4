using Microsoft.Extensions.Time.Testing;
using SessionCluster.Api.Hosting;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Http;

public sealed class EventStreamTests : IAsyncLifetime
{
    private const string Stream = "/api/v3/events/stream/";

    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start(("Events:Retention", "days=10"), ("Events:MaxReaders", "2"));

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_block_has_the_cursor_the_action_and_the_event_of_the_list_on_one_line()
    {
        Add("{\"a\":\n\r [1,\n2]}");
        using var reader = await StreamReading.Open(_host.Url, ApiHost.Key, "0");

        Assert.Equal(("text/event-stream", "no-store"), (reader.ContentType, reader.CacheControl));
        var block = await reader.Next();

        Assert.Equal(("1", "login"), (block.Id, block.Event));
        var listed = (await _host.Send("GET", "/api/v3/events/events/")).Json["results"]![0]!;
        Assert.Equal(listed.ToJsonString(), JsonNode.Parse(block.Data)!.ToJsonString());
    }

    [Fact]
    public async Task A_new_reader_is_told_where_it_stands_and_sees_what_comes()
    {
        Add();
        using var reader = await StreamReading.Open(_host.Url, ApiHost.Key, null);

        Assert.Equal(("1", ""), ((await reader.Next()).Id, reader.Last.Data));
        var added = Add();

        Assert.Equal(("2", added.Pk), ((await reader.Next()).Id, (Guid)JsonNode.Parse(reader.Last.Data)!["pk"]!));
    }

    [Fact]
    public async Task More_events_than_a_batch_come_once_each_in_order()
    {
        var added = Enumerable.Range(0, 100).Select(_ => Add().Pk).ToList();
        using var reader = await StreamReading.Open(_host.Url, ApiHost.Key, "7");

        var seen = new List<Guid>();
        for (var i = 7; i < 100; i++)
        {
            seen.Add((Guid)JsonNode.Parse((await reader.Next()).Data)!["pk"]!);
        }

        Assert.Equal(added.Skip(7), seen);
    }

    [Fact]
    public async Task An_id_that_is_none_or_no_longer_whole_is_a_problem()
    {
        Add();
        (await _host.Send("GET", Stream, null, ("Last-Event-ID", "x"))).MustBe(400, "invalid-request");
        (await _host.Send("GET", Stream, null, ("Last-Event-ID", new string('1', 200)))).MustBe(400, "invalid-request");
        _host.Grains.Events.Pruned = 1;
        (await _host.Send("GET", Stream, null, ("Last-Event-ID", "0"))).MustBe(410, "events-gone");
    }

    [Fact]
    public async Task Only_a_key_with_the_role_read_follows()
    {
        (await _host.Send("GET", Stream, null, ("Anonymous", ""))).MustBe(401, "unauthenticated");
        (await _host.Send("GET", Stream, null, ("Authorization", "Bearer login-only-key"))).MustBe(403, "forbidden");
        (await _host.Send("GET", Stream, null, ("Cookie", _host.CookieOf(_host.Grains.Add("42"))))).MustBe(403, "forbidden");
        (await _host.Send("GET", $"{Stream}?key={ApiHost.Key}&token={ApiHost.Key}", null, ("Anonymous", ""))).MustBe(401, "unauthenticated");
    }

    [Fact]
    public async Task Readers_are_bounded_and_a_place_is_free_when_one_goes()
    {
        var first = await StreamReading.Open(_host.Url, ApiHost.Key, null);
        using var second = await StreamReading.Open(_host.Url, ApiHost.Key, null);

        var refused = (await _host.Send("GET", Stream)).MustBe(503, "too-many-readers");
        Assert.Equal("15", refused.Headers["Retry-After"]);

        first.Dispose();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        StreamReading? third = null;
        while (third is null)
        {
            Assert.False(deadline.IsCancellationRequested, "No place became free.");
            third = await StreamReading.TryOpen(_host.Url, ApiHost.Key, null);
        }

        third.Dispose();
    }

    [Fact]
    public async Task A_stream_ends_whole_when_the_server_stops()
    {
        using var reader = await StreamReading.Open(_host.Url, ApiHost.Key, null);
        await reader.Next();

        await _host.Stop();

        Assert.True(await reader.IsOver());
    }

    [Fact]
    public async Task A_silent_stream_says_every_15_seconds_that_it_lives()
    {
        var time = new FakeTimeProvider();
        await using var ahead = await ApiHost.StartUnder(time);
        using var reader = await StreamReading.Open(ahead.Url, ApiHost.Key, null);
        Assert.Equal(": events", await reader.NextLine());
        Assert.Equal("id: 0", await reader.NextLine());

        for (var i = 0; i < 2; i++)
        {
            var next = reader.NextLine();
            time.Advance(TimeSpan.FromSeconds(14.9));
            // What the server would say too early takes a moment of real time to come.
            await Task.WhenAny(next, Task.Delay(200));
            Assert.False(next.IsCompleted);
            // The server looks at the log again after a pause by this clock, and by then at its heartbeat.
            for (var step = 0; step < 100 && !next.IsCompleted; step++)
            {
                time.Advance(TimeSpan.FromMilliseconds(100));
                await Task.WhenAny(next, Task.Delay(50));
            }

            Assert.Equal(": alive", await next);
        }
    }

    [Theory]
    [InlineData("0")]
    [InlineData("10001")]
    [InlineData("-1")]
    [InlineData("many")]
    public async Task A_faulty_number_of_readers_is_named_at_start(string readers)
    {
        var fault = await Assert.ThrowsAnyAsync<Exception>(() => ApiHost.Start(("Events:MaxReaders", readers)));
        Assert.Contains("Events:MaxReaders", StartFailure.Explain(fault), StringComparison.Ordinal);
    }

    private EventInfo Add(string context = "{}")
    {
        var entry = new EventInfo(
            Guid.NewGuid(), EventActions.Login, new UserFacts(new UserId("42"), "jane", "j@x", "Jane"), "1.2.3.4",
            new SessionId(Guid.NewGuid()), FakeGrains.Now, context);
        lock (_host.Grains.Events.All)
        {
            _host.Grains.Events.All.Add(entry);
        }

        return entry;
    }
}
