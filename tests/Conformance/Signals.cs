using System.Collections.Concurrent;

namespace SessionCluster.Conformance.Tests;

/// <summary>Named moments that grains and tests tell one another about; all processes of a cluster share them.</summary>
/// <param name="time">The clock by which a signal is missing.</param>
/// <param name="continuations">How what waited for a signal goes on.</param>
public sealed class Signals(TimeProvider time, TaskCreationOptions continuations)
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _named = new(StringComparer.Ordinal);

    /// <summary>False when it was given before.</summary>
    public bool Give(string name, string value = "") => Of(name).TrySetResult(value);

    public void Withdraw(string name) => _named.TryRemove(name, out _);

    /// <summary>Completes when the signal is given; unbounded, for grains that wait for their test.</summary>
    public Task<string> Wait(string name) => Of(name).Task;

    /// <summary>Completes when the signal is given; fails after a time that only a broken runtime needs.</summary>
    public Task<string> Expect(string name) => Of(name).Task.WaitAsync(TimeSpan.FromSeconds(30), time);

    public bool IsGiven(string name) => Of(name).Task.IsCompleted;

    private TaskCompletionSource<string> Of(string name) => _named.GetOrAdd(name, _ => new TaskCompletionSource<string>(continuations));
}
