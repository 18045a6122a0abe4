using Microsoft.Extensions.Time.Testing;
using SessionCluster.Api.Edge;
using SessionCluster.Api.Tests.Http;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Edge;

/// <summary>A share that is in use is renewed before it is over, and no check waits for that.</summary>
public sealed class RenewalTests : IDisposable
{
    private const string Home = "1.2.3.4";

    /// <summary>Later than the moment at which any session's share is renewed.</summary>
    private static readonly TimeSpan Late = MadeUpSession.Share * 0.95;

    private static readonly TimeSpan Rest = MadeUpSession.Share - Late;

    private readonly FakeTimeProvider _time = new(FakeGrains.Now);

    private readonly MadeUpSession _grain = new();

    private readonly EdgeSessions _edge;

    public RenewalTests() => _edge = new EdgeSessions(MadeUpGrains.Factory((_, _) => _grain), _time, 10, Guid.NewGuid());

    public void Dispose() => _edge.Dispose();

    [Fact]
    public async Task One_check_late_in_a_share_is_told_to_renew_it()
    {
        await Ask();
        _time.Advance(MadeUpSession.Share / 2);
        Assert.False(IsDue());
        _time.Advance(Late - (MadeUpSession.Share / 2));

        Assert.True(IsDue());
        Assert.False(IsDue());

        await Renew();
        Assert.True(_grain.Last!.Edge!.IsEarly);
        Assert.False(IsDue());
    }

    [Fact]
    public async Task A_renewed_share_goes_on_after_the_old_one()
    {
        await Ask();
        Assert.False(_grain.Last!.Edge!.IsEarly);
        _time.Advance(Late);

        await Renew();
        _time.Advance(Late);

        Assert.True(Holds());
        _time.Advance(Rest);
        Assert.False(Holds());
    }

    [Fact]
    public async Task A_renewed_share_is_renewed_again_only_near_its_end()
    {
        await Ask();
        _time.Advance(Late);
        Assert.True(IsDue());
        await Renew();

        _time.Advance(MadeUpSession.Share * 0.79);
        Assert.False(IsDue());
        _time.Advance(MadeUpSession.Share * 0.15);
        Assert.True(IsDue());
    }

    [Fact]
    public async Task While_the_grain_does_not_answer_the_old_share_serves_to_its_end()
    {
        await Ask();
        _time.Advance(Late);
        var hold = new TaskCompletionSource();
        _grain.Before = hold.Task;

        var renewing = Renew();

        Assert.True(Holds());
        _time.Advance(Rest);
        Assert.False(Holds());
        hold.SetResult();
        await renewing;
        Assert.True(Holds());
    }

    [Fact]
    public async Task A_renewal_that_fails_leaves_the_old_share()
    {
        await Ask();
        _time.Advance(Late);
        _grain.Answer = () => throw new TimeoutException();

        await Renew();

        Assert.True(Holds());
        _time.Advance(Rest);
        Assert.False(Holds());
    }

    [Fact]
    public async Task A_renewal_that_finds_the_session_ended_drops_the_answer()
    {
        await Ask();
        _time.Advance(Late);
        _grain.Answer = () => new ValidateResult(SessionStatus.Revoked, null, null);

        await Renew();

        Assert.False(Holds());
    }

    [Fact]
    public async Task A_share_that_is_taken_back_during_its_renewal_stays_away()
    {
        await Ask();
        _time.Advance(Late);
        var hold = new TaskCompletionSource();
        _grain.Before = hold.Task;
        var renewing = Renew();
        while (!_grain.Last!.Edge!.IsEarly)
        {
            await Task.Yield();
        }

        await _edge.Drop(_grain.Session.Id);
        hold.SetResult();
        await renewing;

        Assert.False(Holds());
    }

    [Fact]
    public async Task A_renewal_waits_a_moment_for_others()
    {
        await Ask();
        _time.Advance(Late);

        var renewing = _edge.Renew(_grain.Session.Id, Client, Make);
        _time.Advance(EdgeSessions.RenewalsTogether - TimeSpan.FromTicks(1));
        await Task.Yield();
        Assert.False(_grain.Last!.Edge!.IsEarly);

        _time.Advance(TimeSpan.FromTicks(1));
        await renewing;
        Assert.True(_grain.Last.Edge.IsEarly);
    }

    [Fact]
    public async Task Renewals_wait_for_each_other_up_to_16()
    {
        await Ask();
        _time.Advance(Late);
        var first = Enumerable.Range(0, 16).Select(_ => _edge.Renew(_grain.Session.Id, Client, Make)).ToArray();
        _time.Advance(EdgeSessions.RenewalsTogether / 2);
        var one = _edge.Renew(_grain.Session.Id, Client, Make);

        _time.Advance(EdgeSessions.RenewalsTogether / 2);
        await Task.WhenAll(first);

        Assert.False(one.IsCompleted);
        _time.Advance(EdgeSessions.RenewalsTogether / 2);
        await one;
    }

    [Fact]
    public async Task A_share_that_is_taken_back_before_its_renewal_is_sent_is_not_asked_for()
    {
        await Ask();
        _time.Advance(Late);
        var renewing = _edge.Renew(_grain.Session.Id, Client, Make);

        await _edge.Drop(_grain.Session.Id);
        _time.Advance(EdgeSessions.RenewalsTogether);
        await renewing;

        Assert.False(_grain.Last!.Edge!.IsEarly);
    }

    private static ClientFacts Client => new(Home, "curl/8.0", "GET", "/", "", "example");

    private static ReadyAnswers Make(SessionInfo session, ReadyAnswers? before) => new(default);

    private Task<EdgeCheck> Ask() => _edge.Ask(_grain.Session.Id, Client, Make);

    private Task Renew()
    {
        var renewing = _edge.Renew(_grain.Session.Id, Client, Make);
        _time.Advance(EdgeSessions.RenewalsTogether);
        return renewing;
    }

    private bool IsDue() => _edge.Find(_grain.Session.Id, Home, out var isDue) is not null && isDue;

    private bool Holds() => _edge.Find(_grain.Session.Id, Home, out _) is not null;
}
