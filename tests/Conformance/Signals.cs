using System.Collections.Concurrent;

namespace SessionCluster.Conformance.Tests;

/// <summary>Named moments that grains and tests tell one another about; all silos of the suite are in one process.</summary>
public static class Signals
{
    private static readonly ConcurrentDictionary<string, TaskCompletionSource<string>> Named = new(StringComparer.Ordinal);

    public static void Give(string name, string value = "") => Of(name).TrySetResult(value);

    /// <summary>Completes when the signal is given; unbounded, for grains that wait for their test.</summary>
    public static Task<string> Wait(string name) => Of(name).Task;

    /// <summary>Completes when the signal is given; fails after a time that only a broken engine needs.</summary>
    public static Task<string> Expect(string name) => Of(name).Task.WaitAsync(TimeSpan.FromSeconds(30));

    public static bool IsGiven(string name) => Of(name).Task.IsCompleted;

    private static TaskCompletionSource<string> Of(string name) =>
        Named.GetOrAdd(name, _ => new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
}
