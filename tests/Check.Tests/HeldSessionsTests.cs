using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Check.Tests;

/// <summary>How much of all sessions is held in memory.</summary>
public sealed class HeldSessionsTests
{
    private const int Most = 500;

    [Fact]
    public async Task A_flood_of_sessions_does_not_hold_more_than_the_bound()
    {
        await using var host = await GrainHost.Start(new MadeUpRows(1, withPlace: false), options => options.MaxActivations = Most);
        foreach (var number in Enumerable.Range(0, 20 * Most))
        {
            Assert.True((await host.Session(number).Validate(GrainHost.Use(number))).IsActive);
        }

        // The collector works beside the flood: what is over the bound leaves in a moment, and nothing comes any more.
        while (host.Engine.ActivationCount > Most)
        {
            await Task.Delay(10);
        }

        Assert.InRange(host.Engine.ActivationCount, 1, Most);
    }

    [Fact]
    public async Task A_session_that_had_to_leave_is_answered_all_the_same()
    {
        var rows = new MadeUpRows(1, withPlace: false);
        await using var host = await GrainHost.Start(rows, options => options.MaxActivations = Most);
        foreach (var number in Enumerable.Range(0, 20 * Most))
        {
            await host.Session(number).Validate(GrainHost.Use(number));
        }

        var read = 0;
        rows.Asked = _ => Interlocked.Increment(ref read);
        foreach (var number in Enumerable.Range(0, Most))
        {
            Assert.True((await host.Session(number).Validate(GrainHost.Use(number))).IsActive);
        }

        Assert.NotEqual(0, read);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task A_session_in_use_takes_1229_bytes_at_most_with_its_share_of_its_users_grain(int perUser)
    {
        const int Sessions = 50_000;
        await using var host = await GrainHost.Start(new MadeUpRows(perUser, withPlace: true));
        await Use(host, 0);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        foreach (var number in Enumerable.Range(1, Sessions))
        {
            await Use(host, number);
        }

        Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / Sessions, 400, 1229);
        Assert.True(host.Engine.ActivationCount > Sessions + (Sessions / perUser));
    }

    [Fact]
    public void Names_stay_what_they_are()
    {
        var packed = new PackedFacts("42", "jané", "", "Jane Roe 😀");
        Assert.Equal(new UserFacts(new UserId("42"), "jané", "", "Jane Roe 😀"), packed.Unpack());
        Assert.Equal(packed, new PackedFacts("42", "jané", "", "Jane Roe 😀"));
        Assert.NotEqual(packed, new PackedFacts("42", "", "jané", "Jane Roe 😀"));
        Assert.Equal(new UserFacts(new UserId(""), "", "", ""), default(PackedFacts).Unpack());
        Assert.Equal(default, new PackedFacts("", "", "", ""));
    }

    [Fact]
    public void Equal_texts_are_one_object()
    {
        var first = SharedTexts.Common.Of(new string('a', 100));
        Assert.Same(first, SharedTexts.Common.Of(new string('a', 100)));
        Assert.Same(first, SharedTexts.Common.Of(Enumerable.Repeat((byte)'a', 100).ToArray().AsSpan()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("é 😀")]
    public void Texts_stay_what_they_are(string text)
    {
        Assert.Equal(text, SharedTexts.Common.Of(text));
        Assert.Equal(text, SharedTexts.Common.Of(System.Text.Encoding.UTF8.GetBytes(text).AsSpan()));
    }

    [Fact]
    public void A_long_text_is_not_kept()
    {
        var text = new string('b', SharedTexts.MaxLength + 1);
        Assert.Same(text, SharedTexts.Common.Of(text));
        Assert.NotSame(text, SharedTexts.Common.Of(new string('b', SharedTexts.MaxLength + 1)));
    }

    private static async Task Use(GrainHost host, int session) => Assert.True((await host.Session(session).Validate(GrainHost.Use(session))).IsActive);
}
