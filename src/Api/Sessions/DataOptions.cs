namespace SessionCluster.Api.Sessions;

/// <summary>Setting <c>Sessions:MaxData</c>: how much a front end may keep in a session.</summary>
public sealed class DataOptions : ICheckedOptions
{
    public const string Section = "Sessions";

    /// <summary>Most bytes of JSON in a session's <c>data</c>; 32,768 unless set, 0 to 61,440: a body has 64 KiB at most.</summary>
    public int MaxData { get; set; } = 32 * 1024;

    public void Check(SettingsCheck check) => check.Range(nameof(MaxData), MaxData, 0, 60 * 1024);
}
