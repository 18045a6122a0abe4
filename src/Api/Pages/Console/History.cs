namespace SessionCluster.Api.Pages.Console;

/// <summary>What this process has counted up to a moment.</summary>
/// <param name="Checks">Checks over HTTP.</param>
/// <param name="FromMemory">Those answered from memory.</param>
/// <param name="Logins">Logins that made a session.</param>
/// <param name="Endings">Ended sessions, by reason.</param>
/// <param name="Refused">Requests refused for their key.</param>
public sealed record Totals(DateTimeOffset At, long Checks, long FromMemory, long Logins, ImmutableDictionary<string, long> Endings, long Refused)
{
    public long Ended => Endings.Values.Sum();

    public long Broken => Endings.GetValueOrDefault("binding_broken");
}

/// <summary>
/// What this process has counted over the last day, a sample a minute, and the last few seconds. It reads what the meters have gathered
/// anyway, so that counting costs no more than without it.
/// </summary>
internal sealed class History(PrometheusText metrics, TimeProvider time) : LifecycleStep, IDisposable
{
    private const int Minutes = (24 * 60) + 1;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();

    private readonly Queue<Totals> _minutes = new();

    private Totals? _before;

    private Totals? _latest;

    private ITimer? _timer;

    public override Task StartedAsync(CancellationToken cancellationToken)
    {
        _timer = time.CreateTimer(_ => Sample(), null, TimeSpan.Zero, Interval);
        return Task.CompletedTask;
    }

    public override Task StoppedAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose() => _timer?.Dispose();

    /// <summary>The totals now, those of a few seconds before, and one for each minute, the oldest first.</summary>
    public (Totals Now, Totals Before, ImmutableArray<Totals> Minutes) Read()
    {
        var now = Parse(metrics.Read(), time.GetUtcNow());
        lock (_lock)
        {
            return (now, _before ?? now, [.. _minutes]);
        }
    }

    private void Sample()
    {
        var sample = Parse(metrics.Read(), time.GetUtcNow());
        lock (_lock)
        {
            (_before, _latest) = (_latest, sample);
            if (_minutes.Count > 0 && sample.At < _minutes.Last().At)
            {
                // The clock was set back: what lies ahead of it is no day that has passed.
                _minutes.Clear();
            }

            if (_minutes.Count == 0 || sample.At - _minutes.Last().At >= TimeSpan.FromMinutes(1))
            {
                _minutes.Enqueue(sample);
                if (_minutes.Count > Minutes)
                {
                    _minutes.Dequeue();
                }
            }
        }
    }

    internal static Totals Parse(string text, DateTimeOffset at)
    {
        var (checks, memory, logins, refused) = (0L, 0L, 0L, 0L);
        var endings = ImmutableDictionary.CreateBuilder<string, long>(StringComparer.Ordinal);
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (!line.StartsWith("sessioncluster_", StringComparison.Ordinal) || line.LastIndexOf(' ') is not (> 0 and var space)
                || !double.TryParse(line[(space + 1)..], CultureInfo.InvariantCulture, out var number))
            {
                continue;
            }

            var value = (long)number;
            if (line.StartsWith("sessioncluster_checks_total", StringComparison.Ordinal))
            {
                checks += value;
                memory += Label(line, "from") is "memory" ? value : 0;
            }
            else if (line.StartsWith("sessioncluster_logins_total", StringComparison.Ordinal) && Label(line, "outcome") is "logged_in")
            {
                logins += value;
            }
            else if (line.StartsWith("sessioncluster_endings_total", StringComparison.Ordinal))
            {
                endings[Label(line, "reason").ToString()] = value;
            }
            else if (line.StartsWith("sessioncluster_refused_requests_total", StringComparison.Ordinal) && Label(line, "reason") is "wrong_credentials")
            {
                refused += value;
            }
        }

        return new Totals(at, checks, memory, logins, endings.ToImmutable(), refused);
    }

    private static ReadOnlySpan<char> Label(ReadOnlySpan<char> line, string name)
    {
        var begin = line.IndexOf($"{name}=\"", StringComparison.Ordinal);
        if (begin < 0)
        {
            return "";
        }

        var rest = line[(begin + name.Length + 2)..];
        return rest[..rest.IndexOf('"')];
    }
}
