namespace SessionCluster.Bench.Rounds;

/// <summary>One thing that is measured against another.</summary>
internal interface IComparison
{
    /// <summary>How the command line calls it.</summary>
    string Name { get; }

    /// <summary>What is compared, and what the project wants of it.</summary>
    string Goal { get; }

    /// <summary>What has to be installed before it can run; null when nothing is missing.</summary>
    string? Missing { get; }

    /// <summary>Measures, and adds its rows to the report.</summary>
    Task Run(Runner runner, Report report);
}

/// <summary>One side of a comparison.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Round">Works for the given time and says how it went.</param>
internal sealed record Side(string Name, Func<TimeSpan, Task<Sample>> Round);

/// <summary>What one round came to.</summary>
/// <param name="PerSecond">Operations a second.</param>
/// <param name="P99Micros">99 of 100 operations took no longer, in microseconds; 0 where that is not measured.</param>
internal readonly record struct Sample(double PerSecond, double P99Micros = 0);
