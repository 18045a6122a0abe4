using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using SessionCluster.Client;
using SessionCluster.Testing;

namespace SessionCluster.AspNetCore.Tests;

/// <summary>When an open tab is told that its session is over.</summary>
public sealed class OpenTabTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>A login page that it came to before could take it for signed in, and lead it back. What the app's key may not ask, it does not wait for.</summary>
    [Theory]
    [InlineData("holds", true)]
    [InlineData("refused", true)]
    [InlineData("unavailable", false)]
    public async Task An_open_tab_hears_of_an_ending_once_it_holds_everywhere(string answer, bool said)
    {
        var sessions = new SlowEndings(new InMemorySessionCluster());
        await using var app = await Start(sessions);
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn("42"));
        using var tab = new StreamReader(await (await browser.Send(HttpMethod.Get, "/account/events")).Content.ReadAsStreamAsync());
        await sessions.Listed.Task.WaitAsync(Patience);

        await sessions.EndSessionsAsync("42");

        Assert.Equal(": session", await tab.ReadLineAsync());
        var rest = tab.ReadToEndAsync();
        await sessions.Asked.Task.WaitAsync(Patience);
        Assert.False(rest.IsCompleted);
        sessions.Answer.SetResult(answer);
        Assert.Equal(said, (await rest.WaitAsync(Patience)).Contains("event: ended", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_page_of_another_session_than_the_browsers_hears_at_once_that_it_is_over()
    {
        var sessions = new InMemorySessionCluster();
        await using var app = await Start(sessions);
        using var browser = app.NewVisitor();
        Assert.Null(await browser.SignIn("42"));
        var own = Assert.Single(await sessions.ListSessionsAsync("42")).Uuid;
        using var tab = new StreamReader(await (await browser.Send(HttpMethod.Get, $"/account/events?session={own}")).Content.ReadAsStreamAsync());
        Assert.Equal((": session", ""), (await tab.ReadLineAsync(), await tab.ReadLineAsync()));

        Assert.Null(await browser.SignIn("43"));
        using var stale = await browser.Send(HttpMethod.Get, $"/account/events?session={own}");
        Assert.Contains("event: ended\ndata: {\"reason\":\"\"}", await stale.Content.ReadAsStringAsync().WaitAsync(Patience), StringComparison.Ordinal);
        using var unnamed = new StreamReader(await (await browser.Send(HttpMethod.Get, "/account/events?session=")).Content.ReadAsStreamAsync());
        Assert.Equal((": session", ""), (await unnamed.ReadLineAsync(), await unnamed.ReadLineAsync()));
        using var wrong = await browser.Send(HttpMethod.Get, "/account/events?session=nonsense");
        Assert.Contains("event: ended", await wrong.Content.ReadAsStringAsync().WaitAsync(Patience), StringComparison.Ordinal);
    }

    private static Task<TestApp> Start(ISessionClusterClient sessions) => TestApp.StartAny(
        services =>
        {
            services.AddInMemorySessionCluster();
            services.AddSingleton(sessions);
            services.AddAuthentication(SessionClusterDefaults.AuthenticationScheme).AddSessionCluster();
        },
        a => a.UseAuthentication());

    /// <summary>Sessions in memory, where an ending takes until the test says how it went.</summary>
    private sealed class SlowEndings(InMemorySessionCluster sessions) : ISessionClusterClient
    {
        public TaskCompletionSource Listed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TaskCompletionSource<string> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public async Task<bool> EndSessionAsync(string user, Guid session, CancellationToken cancellationToken = default)
        {
            Asked.TrySetResult();
            return await Answer.Task switch
            {
                "refused" => throw new SessionClusterRequestException("The key lacks the role 'manage'.", 403, "forbidden"),
                "unavailable" => throw new SessionClusterUnavailableException("The server is away."),
                _ => false,
            };
        }

        public async Task<IReadOnlyList<Session>> ListSessionsAsync(string user, CancellationToken cancellationToken = default)
        {
            var list = await sessions.ListSessionsAsync(user, cancellationToken);
            Listed.TrySetResult();
            return list;
        }

        public Task<LoginResult> LoginAsync(LoginRequest login, CancellationToken cancellationToken = default) => sessions.LoginAsync(login, cancellationToken);

        public Task<SessionCheck> ValidateAsync(string token, ClientFacts client, CancellationToken cancellationToken = default) => sessions.ValidateAsync(token, client, cancellationToken);

        public Task<bool> SetDataAsync(string token, string? data, CancellationToken cancellationToken = default) => sessions.SetDataAsync(token, data, cancellationToken);

        public Task<Receipt> RevokeAsync(string token, ClientFacts? client = null, string? reason = null, CancellationToken cancellationToken = default) =>
            sessions.RevokeAsync(token, client, reason, cancellationToken);

        public Task<Receipt> EndSessionsAsync(string user, Guid? except = null, string? reason = null, CancellationToken cancellationToken = default) =>
            sessions.EndSessionsAsync(user, except, reason, cancellationToken);

        public Task<IAsyncEnumerable<SessionEnding>> FollowEndingsAsync(CancellationToken cancellationToken = default) => sessions.FollowEndingsAsync(cancellationToken);

        public Task<bool> IsReadyAsync(CancellationToken cancellationToken = default) => sessions.IsReadyAsync(cancellationToken);
    }
}
