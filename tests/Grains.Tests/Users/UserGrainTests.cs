using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using SessionCluster.Grains.Tests.Bindings;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Users;

/// <summary>What a user's grain rests on when it grants leases and answers endings: its knowledge of the ledger and of the membership.</summary>
public sealed class UserGrainTests
{
    private const string Berlin = "1.2.3.4";

    private readonly TwoClocks _time = new();

    private readonly FakeMembership _membership = new();

    private readonly FakeRow<LedgerV1> _row = new();

    private readonly SessionV1 _session;

    public UserGrainTests()
    {
        var now = _time.GetUtcNow();
        _session = new SessionV1
        {
            Id = new Guid(1, 2, 3, new byte[8]), UserPk = "42", Created = now, Expires = now.AddHours(1), AuthMethod = "password", LastIp = Berlin, LastUserAgent = "Firefox", LastUsed = now,
        };
        Store(new StoredSessions([_session], []));
    }

    private SessionId Id => new(_session.Id);

    /// <summary>
    /// Its write failed with an unknown outcome and took effect half a minute later; meanwhile this activation had let the session go on.
    /// </summary>
    [Fact]
    public async Task An_ending_that_took_effect_late_is_told_by_the_next_one_however_long_ago_it_was_decided()
    {
        var grain = await Activate();
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.True((await grain.Confirm(new ConfirmCommand(Id, Berlin))).Live);
        Store(new StoredSessions([], [new EndedV1 { Id = _session.Id, Reason = EndReason.RevokedByAdmin, Revision = 2, EndedAt = _time.GetUtcNow().AddSeconds(-70) }]));

        Conflict();

        var ending = (await End(grain)).Ending!;

        Assert.Empty(ending.Ended);
        Assert.Equal([Id], ending.MayHoldLease.ToArray());
        Assert.True(ending.NeedsTelling);
    }

    /// <summary>Nothing is stored of it any more: the lease that this activation granted is known all the same.</summary>
    [Fact]
    public async Task A_session_that_is_gone_is_told_for_as_long_as_its_lease_may_hold()
    {
        var grain = await Activate();
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.True((await grain.Confirm(new ConfirmCommand(Id, Berlin))).Live);
        Store(new StoredSessions([], []));
        Conflict();

        var ending = (await End(grain)).Ending!;

        Assert.Empty(ending.Ended);
        Assert.Equal([Id], ending.MayHoldLease.ToArray());
    }

    [Theory]
    [InlineData(4.9, 0, 0)]
    [InlineData(5, 0, 1)]
    [InlineData(0, 60, 1)]
    [InlineData(1, -1, 1)]
    public async Task Knowledge_of_the_ledger_ages_by_the_clock_that_says_more(double seconds, int wall, int reads)
    {
        var grain = await Activate();
        _row.Reads = 0;
        _time.Advance(TimeSpan.FromSeconds(seconds));
        // As on a machine that slept: one clock stands still meanwhile.
        _time.SetWallClock(TimeSpan.FromSeconds(wall) - (wall < 0 ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero));

        await grain.Confirm(new ConfirmCommand(Id, Berlin));

        Assert.Equal(reads, _row.Reads);
    }

    [Fact]
    public async Task A_turn_over_a_change_of_the_membership_grants_nothing()
    {
        var grain = await Activate();
        _membership.Asking = () => _membership.KnownVersion++;

        await Assert.ThrowsAsync<AskAgainException>(() => grain.Confirm(new ConfirmCommand(Id, Berlin)));

        _membership.Asking = null;
        _time.Advance(TimeSpan.FromSeconds(6));
        Assert.Empty((await End(grain)).Ending!.MayHoldLease);
    }

    [Fact]
    public async Task An_ending_says_on_which_membership_its_turn_began()
    {
        var grain = await Activate();
        var begun = _membership.KnownVersion;
        Conflict(() => _membership.KnownVersion++);

        Assert.Equal(begun, (await End(grain)).Ending!.Membership);
    }

    /// <summary>This activation may be one that the cluster has given up, and its write may outlast the time for which endings wait.</summary>
    [Fact]
    public async Task An_ending_that_begins_soon_after_a_change_rests_on_no_membership()
    {
        var grain = await Activate();
        _membership.IsSettled = false;

        Assert.Equal(IMembershipWatch.NotSettled, (await End(grain)).Ending!.Membership);
    }

    [Fact]
    public async Task What_this_activation_knows_of_leases_begins_with_it_not_with_its_making()
    {
        var grain = await Activate(() => _time.Advance(TimeSpan.FromMinutes(1)));

        Assert.Equal([Id], (await End(grain)).Ending!.MayHoldLease.ToArray());
        Store(new StoredSessions([_session], []));
        var old = (await End(await Activate(() => { }, TimeSpan.FromMinutes(1)))).Ending!;
        Assert.Equal([Id], old.Ended.ToArray());
        Assert.Empty(old.MayHoldLease);
    }

    private static Task<EndResult> End(UserGrain grain) => grain.End(new EndCommand(null, EndReason.RevokedByAdmin));

    /// <summary>The next write finds that another one was before it.</summary>
    private void Conflict(Action? meanwhile = null) => _row.Writes.Enqueue(() =>
    {
        meanwhile?.Invoke();
        throw new Orleans.Storage.InconsistentStateException("Another version is stored.", "2", "1");
    });

    private void Store(StoredSessions sessions) => _row.Stored = new LedgerV1 { Revision = 1, Stored = sessions };

    private async Task<UserGrain> Activate(Action? registering = null, TimeSpan age = default)
    {
        var services = new UserGrainServices(
            null!, new FakeGeoLookup(), new RandomIdSource(), _membership, _time, Options.Create(new SessionOptions()),
            Options.Create(new LeaseOptions { Duration = "seconds=5", LedgerFreshness = TimeSpan.FromSeconds(5) }), NullLogger<UserGrain>.Instance);
        await _row.ReadStateAsync();
        var activation = new FakeActivation("user", new UserId("42").GrainKey, Stub.Of<IGrainFactory>((method, _) => throw new NotSupportedException(method.Name)));
        var grain = activation.Make(() => new UserGrain(_row, services));
        registering?.Invoke();
        await grain.OnActivateAsync(CancellationToken.None);
        _time.Advance(age);
        return grain;
    }
}
