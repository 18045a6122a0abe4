using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;
using SessionCluster.Client;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>What the client makes of answers that the real server gives seldom, or not at a moment that a test can choose.</summary>
public sealed class ClientAnswerTests
{
    /// <summary>A server says 404 to a reader as soon as an ending is committed, and to one who ends only when it holds everywhere.</summary>
    [Fact]
    public async Task That_a_session_is_gone_is_said_only_when_its_ending_holds()
    {
        var effective = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var stub = await TestApp.StartAny(_ => { }, app =>
        {
            app.MapGet("/api/v3/core/authenticated_sessions/{uuid}/", () => Problem("not-found", 404));
            app.MapDelete("/api/v3/core/authenticated_sessions/{uuid}/", async () =>
            {
                await effective.Task;
                return Problem("not-found", 404);
            });
        });

        var ending = ClientTests.Client(stub.Url, "key").EndSessionAsync("42", Guid.NewGuid());

        Assert.NotSame(ending, await Task.WhenAny(ending, Task.Delay(500)));
        effective.SetResult();
        Assert.False(await ending);
    }

    /// <summary>The server says something every 15 seconds: silence is a connection that was lost without a word.</summary>
    [Fact]
    public async Task A_stream_of_endings_that_falls_silent_is_lost()
    {
        var time = new FakeTimeProvider();
        var beats = Channel.CreateUnbounded<string>();
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapGet("/api/v3/events/stream/", async (HttpContext http) =>
        {
            http.Response.ContentType = "text/event-stream";
            await foreach (var beat in beats.Reader.ReadAllAsync(http.RequestAborted))
            {
                await http.Response.WriteAsync(beat);
                await http.Response.Body.FlushAsync();
            }
        }));
        var session = Guid.NewGuid();
        beats.Writer.TryWrite(": alive\n\n");
        await using var endings = (await ClientTests.Client(stub.Url, "key", time).FollowEndingsAsync()).GetAsyncEnumerator();
        for (var beat = 0; beat < 3; beat++)
        {
            // Each byte that comes begins the time anew, so that three times 30 seconds are no silence.
            var next = endings.MoveNextAsync().AsTask();
            time.Advance(TimeSpan.FromSeconds(30));
            beats.Writer.TryWrite($$$"""
                event: logout
                data: {"context":{"session_uuid":"{{{session}}}"}}


                """);
            Assert.True(await next);
        }

        var lost = endings.MoveNextAsync().AsTask();
        for (var look = 0; look < 100 && !lost.IsCompleted; look++)
        {
            time.Advance(TimeSpan.FromSeconds(46));
            await Task.Delay(50);
        }

        var failure = await Assert.ThrowsAsync<SessionClusterUnavailableException>(() => lost.WaitAsync(TimeSpan.FromSeconds(1)));
        Assert.Contains("cut off", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>With Metrics:Urls the server has its health on a port of its own.</summary>
    [Theory]
    [InlineData("not-found", 404, true)]
    [InlineData("https://tools.ietf.org/html/rfc9110#section-15.5.5", 404, false)]
    [InlineData("not-ready", 503, false)]
    public async Task A_server_without_health_at_its_address_is_there(string problem, int status, bool isReady)
    {
        await using var stub = await TestApp.StartAny(_ => { }, app => app.MapGet("/health/ready", () => Problem(problem, status)));

        Assert.Equal(isReady, await ClientTests.Client(stub.Url, "key").IsReadyAsync());
    }

    private static IResult Problem(string type, int status) =>
        Results.Text($$"""{"type":"{{type}}","title":"T","status":{{status}},"detail":"D"}""", "application/problem+json", statusCode: status);
}
