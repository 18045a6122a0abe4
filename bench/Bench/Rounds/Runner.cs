using System.Globalization;

namespace SessionCluster.Bench.Rounds;

/// <summary>
/// Runs the sides of a comparison in turns, many short rounds each: what else the machine does meets all of them alike. Every other
/// turn is reversed, and the first ones are thrown away: the runtime still compiles then.
/// </summary>
internal sealed class Runner(int rounds, TimeSpan length)
{
    private const int WarmUp = 3;

    private static readonly TimeSpan ShortestWarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWarmUp = TimeSpan.FromSeconds(4);

    /// <summary>The medians of each side, in the order of the sides.</summary>
    public async Task<IReadOnlyList<Median>> Alternate(params IReadOnlyList<Side> sides)
    {
        var warmUp = length < ShortestWarmUp ? ShortestWarmUp : length < LongestWarmUp ? length : LongestWarmUp;
        var samples = sides.ToDictionary(side => side, _ => new List<Sample>());
        for (var round = -WarmUp; round < rounds; round++)
        {
            foreach (var side in round % 2 == 0 ? sides : sides.Reverse())
            {
                var sample = await side.Round(round >= 0 ? length : warmUp);
                if (round >= 0)
                {
                    samples[side].Add(sample);
                }
            }
        }

        foreach (var side in sides)
        {
            var all = string.Join(' ', samples[side].Select(sample => sample.PerSecond.ToString("F0", CultureInfo.InvariantCulture)));
            Console.WriteLine($"  {side.Name}, a second: {all}");
        }

        return [.. sides.Select(side => Median.Of(samples[side]))];
    }
}

/// <summary>The middle of several samples.</summary>
internal readonly record struct Median(double PerSecond, double P99Micros)
{
    public static Median Of(IReadOnlyCollection<Sample> samples) =>
        new(Middle(samples.Select(sample => sample.PerSecond)), Middle(samples.Select(sample => sample.P99Micros)));

    private static double Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
