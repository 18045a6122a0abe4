using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests;

/// <summary>Holds the only lane before a transaction until disposed, so that the writes queued meanwhile form one group.</summary>
internal sealed class Gate : IDisposable
{
    private readonly ManualResetEventSlim _release = new();

    public static async Task<Gate> Close(OpenStorage open)
    {
        var gate = new Gate();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        open.Writer.BeforeCommit = _ =>
        {
            open.Writer.BeforeCommit = null;
            entered.SetResult();
            gate._release.Wait();
        };
        _ = ((IStorageProbe)open.Writer).Write();
        await entered.Task;
        return gate;
    }

    public void Dispose() => _release.Set();
}
