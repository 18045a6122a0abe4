namespace SessionCluster.Settings;

/// <summary>Checks the settings of one section at start and gathers every fault: each message names the setting, what it is and what it must be.</summary>
/// <param name="section">The section, such as <c>Leases</c>; empty for settings that stand alone.</param>
public sealed class SettingsCheck(string section = "")
{
    private readonly List<string> _failures = [];

    /// <summary>Whether nothing is wrong so far.</summary>
    public bool IsFine => _failures.Count == 0;

    /// <summary>The result for the options framework.</summary>
    public ValidateOptionsResult Result => IsFine ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_failures);

    /// <summary>What is wrong in one text; null when nothing is.</summary>
    public string? Problem => IsFine ? null : string.Join("\n  ", _failures);

    /// <summary>A setting is wrong for a reason of its own.</summary>
    /// <param name="setting">The setting below the section.</param>
    /// <param name="fault">What is wrong: the rest of the sentence.</param>
    public void Fail(string setting, string fault) => _failures.Add($"{Name(setting)} {fault}");

    /// <summary>Something is wrong that a whole sentence says, setting included.</summary>
    public void Fail(string message) => _failures.Add(message);

    /// <summary>Fails unless a condition holds.</summary>
    public void Require(bool holds, string setting, string fault)
    {
        if (!holds)
        {
            Fail(setting, fault);
        }
    }

    /// <summary>Fails with a whole sentence unless a condition holds.</summary>
    public void Require(bool holds, string message)
    {
        if (!holds)
        {
            Fail(message);
        }
    }

    /// <summary>A duration in the stage's syntax, both ends included; null when it is not one, or out of range.</summary>
    /// <param name="setting">The setting below the section.</param>
    /// <param name="text">Its value.</param>
    /// <param name="least">The shortest that is allowed, in the stage's syntax.</param>
    /// <param name="most">The longest that is allowed, in the stage's syntax; null for no bound.</param>
    /// <param name="mayBeOff">Whether zero is allowed, too, and means off.</param>
    public TimeSpan? Duration(string setting, string text, string least, string? most = null, bool mayBeOff = false)
    {
        if (!DurationParser.TryParse(text, out var duration, out var error))
        {
            _failures.Add($"{Name(setting)}: {error}");
            return null;
        }

        var isOff = mayBeOff && duration.Value == TimeSpan.Zero;
        if (!isOff && (duration.Value < LoginStage.Duration.Load(least).Value || (most is not null && duration.Value > LoginStage.Duration.Load(most).Value)))
        {
            Fail(setting, $"is '{text}'; it must be {(mayBeOff ? "seconds=0 (off) or " : "")}{(most is null ? $"at least {least}" : $"{least} to {most}")}.");
            return null;
        }

        return duration.Value;
    }

    /// <summary>A number, both ends included.</summary>
    public void Range(string setting, long value, long least, long most) =>
        Require(value >= least && value <= most, setting, $"is {value}; it must be {least} to {most}.");

    /// <summary>One of a few words.</summary>
    public void OneOf(string setting, string value, params ReadOnlySpan<string> words) =>
        Require(words.Contains(value), setting, $"is '{value}'; it must be {string.Join(" or ", words!)}.");

    /// <summary>A message of a library with a full stop, so that a sentence of ours may follow it.</summary>
    public static string Sentence(string message) =>
        message.Length > 0 && message[^1] is '.' or '!' or '?' ? message : message + ".";

    private string Name(string setting) => section.Length == 0 ? setting : $"{section}:{setting}";
}
