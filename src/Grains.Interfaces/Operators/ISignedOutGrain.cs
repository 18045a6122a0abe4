namespace SessionCluster.Operators;

/// <summary>
/// The console's cookies that were signed out before their hour was over. Every process asks here at every page of the console, so that a
/// cookie is ended for all of them at once.
/// </summary>
[Alias("sc.signed-out")]
public interface ISignedOutGrain : IGrainWithStringKey
{
    /// <summary>The key of the one grain that there is.</summary>
    public const string Key = "console";

    /// <summary>Most cookies that are kept one by one.</summary>
    public const int Most = 1000;

    /// <summary>Whether a cookie was signed out.</summary>
    /// <param name="cookie">The cookie's id.</param>
    /// <param name="until">When it ends by itself.</param>
    [Alias("contains")]
    Task<bool> Contains(Guid cookie, DateTimeOffset until);

    /// <summary>Ends a cookie; once this has answered, <see cref="Contains"/> is true in every process.</summary>
    /// <param name="cookie">The cookie's id.</param>
    /// <param name="until">When it would have ended by itself.</param>
    [Alias("add")]
    Task Add(Guid cookie, DateTimeOffset until);
}
