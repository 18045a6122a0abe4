namespace SessionCluster.Calls;

/// <summary>What the callers call.</summary>
internal interface ITarget : IAsyncDisposable
{
    /// <summary>How many calls a caller makes before it lets the others go on: more than one where a call may be answered without a wait.</summary>
    int InARow { get; }

    Task Call(int caller);
}
