using Microsoft.Extensions.Time.Testing;
using SessionCluster.Operators;

namespace SessionCluster.Grains.Tests.Operators;

public sealed class SignedOutTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly DateTimeOffset End = Start + TimeSpan.FromHours(1);

    private readonly FakeRow<SignedOutV1> _row = new();

    private readonly FakeTimeProvider _time = new(Start);

    [Fact]
    public async Task A_cookie_that_another_activation_signed_out_is_known_at_once()
    {
        var cookie = Guid.NewGuid();
        var grain = new SignedOutGrain(_row, _time);
        Assert.False(await grain.Contains(cookie, End));

        _row.Stored = new SignedOutV1().With(cookie, End, Start);

        Assert.True(await grain.Contains(cookie, End));
        Assert.False(await grain.Contains(Guid.NewGuid(), End));
    }

    [Fact]
    public async Task What_has_ended_by_itself_is_not_kept()
    {
        var grain = new SignedOutGrain(_row, _time);
        await grain.Add(Guid.NewGuid(), End);
        _time.Advance(TimeSpan.FromHours(1));

        await grain.Add(Guid.NewGuid(), End + TimeSpan.FromMinutes(30));

        Assert.Single(_row.Stored!.Cookies);
    }

    [Fact]
    public void Where_there_is_no_room_no_signed_out_cookie_is_good_again()
    {
        var cookies = Enumerable.Range(0, ISignedOutGrain.Most + 5).Select(number => (Id: Guid.NewGuid(), Until: End + TimeSpan.FromSeconds(number))).ToList();

        var row = cookies.Aggregate(new SignedOutV1(), (row, cookie) => row.With(cookie.Id, cookie.Until, Start));

        Assert.Equal(ISignedOutGrain.Most, row.Cookies.Length);
        Assert.All(cookies, cookie => Assert.True(row.Has(cookie.Id, cookie.Until)));
        Assert.False(row.Has(Guid.NewGuid(), cookies[^1].Until));
    }

    [Fact]
    public void A_cookie_that_was_over_by_a_clock_that_is_set_back_stays_signed_out()
    {
        var (cookie, other) = (Guid.NewGuid(), Guid.NewGuid());

        var row = new SignedOutV1().With(cookie, End, Start).With(other, End + TimeSpan.FromDays(1), End + TimeSpan.FromHours(23));

        Assert.Equal(other, Assert.Single(row.Cookies).Id);
        Assert.True(row.Has(cookie, End));
        Assert.False(row.Has(Guid.NewGuid(), End + TimeSpan.FromHours(1)));
    }
}
