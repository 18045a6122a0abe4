using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench.Calls;

/// <summary>A check without HTTP, on the embedded engine, against an empty grain call on Orleans: two processes that work in turns.</summary>
internal sealed class CheckInProcess : IComparison
{
    public string Name => "calls";

    public string Goal => "a check of a session in this process against Orleans' local call of an empty grain: at least 4 times";

    public string? Missing => CallProcess.OrleansMissing;

    public async Task Run(Runner runner, Report report)
    {
        using var ours = CallProcess.Start("Embedded");
        using var theirs = CallProcess.Start("Orleans");
        var medians = await runner.Alternate(new Side("check, embedded", ours.Run), new Side("empty call, Orleans", theirs.Run));
        report.AtLeast(Name, "calls/s, 64 callers", medians[0].PerSecond, medians[1].PerSecond, 4);
    }
}
