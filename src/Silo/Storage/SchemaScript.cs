using System.Globalization;

namespace SessionCluster.Silo.Storage;

/// <summary>One numbered script of a schema. A script that was released is never edited.</summary>
/// <param name="Number">Its place in the order, from 1.</param>
/// <param name="Name">Its file name.</param>
/// <param name="Sql">Its statements.</param>
internal sealed record SchemaScript(int Number, string Name, string Sql)
{
    /// <summary>The scripts of this program for a database system, in order.</summary>
    /// <param name="system">The folder below Schema.</param>
    public static IReadOnlyList<SchemaScript> Load(string system)
    {
        var prefix = $"SessionCluster.Silo.Schema.{system}.";
        var assembly = typeof(SchemaScript).Assembly;
        var scripts = new List<SchemaScript>();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var name = resource[prefix.Length..];
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var reader = new StreamReader(stream);
            var number = int.Parse(name.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture);
            scripts.Add(new SchemaScript(number, name, reader.ReadToEnd()));
        }

        scripts.Sort((left, right) => left.Number.CompareTo(right.Number));
        return scripts;
    }

    /// <summary>The scripts that a database has not seen yet.</summary>
    /// <param name="scripts">All, in order.</param>
    /// <param name="latest">The number of the last one that was applied; 0 for an empty database.</param>
    /// <param name="database">The database's name, for the message.</param>
    /// <exception cref="StorageStartException">The database was written by a newer program.</exception>
    public static IEnumerable<SchemaScript> Missing(IReadOnlyList<SchemaScript> scripts, int latest, string database)
    {
        var known = scripts.Count == 0 ? 0 : scripts[^1].Number;
        return latest <= known
            ? scripts.Where(script => script.Number > latest)
            : throw new StorageStartException(
                $"The database {database} has schema {latest}, but this program knows schemas up to {known} only. Start the newer program that wrote it, or restore a backup from before.");
    }
}
