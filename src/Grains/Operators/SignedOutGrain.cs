namespace SessionCluster.Operators;

/// <summary>
/// The grain of the console's signed-out cookies: one row, read at each question. While the members of a cluster change there can be two
/// activations of a grain, but only ever one row.
/// </summary>
[GrainType("signed-out")]
public sealed class SignedOutGrain([PersistentState(SignedOutV1.StateName, "states")] IPersistentState<SignedOutV1> row, TimeProvider time)
    : Grain, ISignedOutGrain
{
    public async Task<bool> Contains(Guid cookie, DateTimeOffset until)
    {
        await row.ReadStateAsync();
        return row.State.Has(cookie, until);
    }

    public Task Add(Guid cookie, DateTimeOffset until) => row.Change(
        () => row.State.Has(cookie, until) ? null : row.State.With(cookie, until, time.GetUtcNow()), DeactivateOnIdle);
}

/// <summary>The stored row of signed-out cookies.</summary>
public sealed record SignedOutV1
{
    /// <summary>The state name that it is stored under.</summary>
    public const string StateName = "signed-out";

    public int Schema { get; init => field = StateJson.KnownSchema(value); } = 1;

    /// <summary>The cookies that have not ended by themselves yet, the first to do so first.</summary>
    public ImmutableArray<SignedOutCookie> Cookies { get; init; } = [];

    /// <summary>Every cookie that ends by then counts as signed out: what is left of those for which there was no room.</summary>
    public DateTimeOffset AllUntil { get; init; }

    /// <summary>Whether a cookie was signed out.</summary>
    public bool Has(Guid cookie, DateTimeOffset until) => until <= AllUntil || Cookies.Any(known => known.Id == cookie);

    /// <summary>The row with one more. Where there is no room, the cookie that ends first takes all that end no later with it.</summary>
    public SignedOutV1 With(Guid cookie, DateTimeOffset until, DateTimeOffset now)
    {
        var all = Cookies.Add(new SignedOutCookie(cookie, until)).OrderBy(known => known.Until).ToImmutableArray();
        var next = all.RemoveAll(known => known.Until <= now);
        next = next.Length <= ISignedOutGrain.Most ? next : next.RemoveAt(0);
        // Those that are over by this clock come back where it is set back.
        return next.Length < all.Length && all[^(next.Length + 1)].Until is var gone && gone > AllUntil
            ? this with { Cookies = next, AllUntil = gone }
            : this with { Cookies = next };
    }
}

/// <summary>A cookie that was signed out.</summary>
/// <param name="Until">When it would have ended by itself.</param>
public sealed record SignedOutCookie(Guid Id, DateTimeOffset Until);
