namespace SessionCluster.Events;

/// <summary>Settings <c>Events:*</c>: how long events are kept, and how many may follow them.</summary>
public sealed class EventOptions : ICheckedOptions
{
    /// <summary>The section of the settings.</summary>
    public const string Section = "Events";

    /// <summary>How long events are kept; <c>days=365</c>, at least one hour.</summary>
    public string Retention { get; set; } = "days=365";

    /// <summary>Most streams of events at a time in one process; 64, 1 to 10,000.</summary>
    public int MaxReaders { get; set; } = 64;

    /// <summary>The retention as a length of time.</summary>
    public TimeSpan RetentionValue => Duration.Load(Retention).Value;

    /// <inheritdoc/>
    public void Check(SettingsCheck check)
    {
        check.Duration(nameof(Retention), Retention, "hours=1");
        check.Range(nameof(MaxReaders), MaxReaders, 1, 10_000);
    }
}
