using System.Globalization;

namespace SessionCluster.Bench.Rounds;

/// <summary>The table at the end, as Markdown.</summary>
internal sealed class Report
{
    private static readonly string[] Head = ["comparison", "measured", "ours", "other", "ratio", "goal", "met"];

    private readonly List<string[]> _rows = [];
    private readonly List<string> _skipped = [];

    /// <summary>A ratio that should be at least so much.</summary>
    public void AtLeast(string comparison, string measured, double ours, double other, double goal) =>
        Add(comparison, measured, Number(ours), Number(other), ours / other, $"≥ {Number(goal)}", ours / other >= goal);

    /// <summary>A ratio that should be at most so much.</summary>
    public void AtMost(string comparison, string measured, double ours, double other, double goal) =>
        Add(comparison, measured, Number(ours), Number(other), ours / other, $"≤ {Number(goal)}", ours / other <= goal);

    /// <summary>A figure of ours with a limit of its own, compared with nothing.</summary>
    public void Limit(string comparison, string measured, double ours, double most) =>
        Add(comparison, measured, Number(ours), "", null, $"≤ {Number(most)}", ours <= most);

    /// <summary>A figure without a goal.</summary>
    public void Note(string comparison, string measured, double ours, double? other = null) =>
        _rows.Add([comparison, measured, Number(ours), other is { } there ? Number(there) : "", other is { } than ? Number(ours / than) : "", "", ""]);

    /// <summary>A comparison that could not run.</summary>
    public void Skip(string comparison, string missing) => _skipped.Add($"{comparison}: not run; {missing}");

    public void Print(TextWriter to)
    {
        to.WriteLine();
        foreach (var row in _rows.Prepend([.. Head.Select(_ => "---")]).Prepend(Head))
        {
            to.WriteLine($"| {string.Join(" | ", row)} |");
        }

        _skipped.ForEach(to.WriteLine);
    }

    private void Add(string comparison, string measured, string ours, string other, double? ratio, string goal, bool met) =>
        _rows.Add([comparison, measured, ours, other, ratio is { } value ? Number(value) : "", goal, met ? "yes" : "no"]);

    // Three digits say what a median can say.
    private static string Number(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("#,0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("0.##", CultureInfo.InvariantCulture),
    };
}
