namespace SessionCluster.Api.Edge;

/// <summary>Settings <c>Edge:*</c>: the sessions that a process answers for from its own memory.</summary>
public sealed class EdgeOptions : ICheckedOptions
{
    public const string Section = "Edge";

    /// <summary>
    /// Most sessions that are held at a time; 100,000 unless set, 0 to 10,000,000, about 1 KB each. Checks of further ones ask the session's
    /// grain each time. 0 holds none.
    /// </summary>
    public int MaxSessions { get; set; } = 100_000;

    public void Check(SettingsCheck check) => check.Range(nameof(MaxSessions), MaxSessions, 0, 10_000_000);
}
