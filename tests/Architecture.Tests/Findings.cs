namespace SessionCluster.Architecture.Tests;

/// <summary>Fails a test with all that was found, one finding a line.</summary>
internal static class Findings
{
    public static void None(IEnumerable<string> findings)
    {
        var all = findings.Distinct().Order(StringComparer.Ordinal).ToList();
        Assert.True(all.Count == 0, $"{all.Count} to mend:\n" + string.Join('\n', all));
    }

    /// <summary>Applies a rule to each of some things, of which there must be one at least.</summary>
    public static void None<T>(IEnumerable<T> things, Func<T, IEnumerable<string>> rule)
    {
        var all = things.ToList();
        Assert.NotEmpty(all);
        None(all.SelectMany(rule));
    }
}
