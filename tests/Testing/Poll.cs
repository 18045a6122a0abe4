namespace SessionCluster.Testing;

/// <summary>Waits for what becomes true by itself, with a deadline.</summary>
internal static class Poll
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(40);

    public static async Task Until(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, "It did not become true in time.");
            await Task.Delay(TimeSpan.FromMilliseconds(50));
        }
    }
}
