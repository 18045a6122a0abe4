namespace SessionCluster.Settings;

/// <summary>Finds what somebody who mistyped a name meant.</summary>
public static class NearestName
{
    /// <summary>The known name that the fewest changed, added and dropped letters make of the given one, whatever the case.</summary>
    /// <param name="given">The mistyped name.</param>
    /// <param name="known">The names that there are.</param>
    /// <param name="share">Which share of the letters may change at most: half of them for 2, a quarter for 4.</param>
    /// <returns>Null when more letters would change.</returns>
    public static string? Of(string given, IEnumerable<string> known, int share = 2)
    {
        var nearest = known.Select(name => (Name: name, Distance: Distance(given.ToUpperInvariant(), name.ToUpperInvariant()))).MinBy(candidate => candidate.Distance);
        return nearest.Name is not null && nearest.Distance * share <= Math.Max(given.Length, nearest.Name.Length) ? nearest.Name : null;
    }

    /// <summary>Levenshtein's distance, a row at a time.</summary>
    private static int Distance(string one, string other)
    {
        var row = Enumerable.Range(0, other.Length + 1).ToArray();
        for (var i = 1; i <= one.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= other.Length; j++)
            {
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1)));
            }
        }

        return row[^1];
    }
}
