using System.Globalization;
using SessionCluster.Bench.Rounds;

namespace SessionCluster.Bench;

/// <summary>What to run, and for how long.</summary>
internal sealed record CommandLine(IReadOnlyList<string> Names, bool OnlyList, Runner Runner)
{
    public const string Usage = """
        Usage: bench [list] [name ...] [--rounds N] [--seconds S]
          list         names and goals of all comparisons
          name         the comparisons to run: a whole name, or the beginning of some; without any, all
          --rounds N   rounds of each side, alternating; 15
          --seconds S  length of a round; 2, at least 0.05
        """;

    public static CommandLine? Parse(string[] args)
    {
        var (rounds, seconds) = (15, 2.0);
        var names = new List<string>();
        for (var at = 0; at < args.Length; at++)
        {
            var takesValue = args[at] is "--rounds" or "--seconds";
            var value = 0.0;
            if (takesValue && (++at == args.Length || !double.TryParse(args[at], CultureInfo.InvariantCulture, out value) || value < (args[at - 1] == "--seconds" ? 0.05 : 1)))
            {
                return null;
            }

            switch (args[takesValue ? at - 1 : at])
            {
                case "--rounds":
                    rounds = (int)value;
                    break;
                case "--seconds":
                    seconds = value;
                    break;
                case ['-', ..]:
                    return null;
                case not "list" and var name when !Catalog.All.Any(comparison => comparison.Name.StartsWith(name, StringComparison.Ordinal)):
                    Console.Error.WriteLine($"There is no comparison '{name}'.");
                    return null;
                default:
                    names.Add(args[at]);
                    break;
            }
        }

        return new CommandLine([.. names.Where(name => name != "list")], names.Contains("list"), new Runner(rounds, TimeSpan.FromSeconds(seconds)));
    }

    public bool Chooses(string name) => Names.Count == 0 || Names.Any(chosen => IsWhole(chosen) ? name == chosen : name.StartsWith(chosen, StringComparison.Ordinal));

    private static bool IsWhole(string name) => Catalog.All.Any(comparison => comparison.Name == name);
}
