namespace SessionCluster.Storage.Tests;

/// <summary>Holds the writer before a commit until it is opened, so that the writes queued meanwhile form one group.</summary>
internal sealed class Gate : IDisposable
{
    private readonly ManualResetEventSlim _release = new();

    private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Closes the gate of a storage that has one lane for ledgers.</summary>
    public static Task<Gate> Close(OpenStorage open) => Close(open, open.WriteNothing);

    /// <summary>Closes the gate of the lane that a write takes.</summary>
    public static async Task<Gate> Close(OpenStorage open, Func<Task> first)
    {
        var gate = new Gate();
        open.BeforeCommit = () =>
        {
            open.BeforeCommit = null;
            gate._entered.SetResult();
            gate._release.Wait();
        };
        _ = first();
        await gate._entered.Task;
        return gate;
    }

    public void Dispose() => _release.Set();
}
