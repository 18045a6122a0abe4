using Npgsql;

namespace SessionCluster.Silo.Storage;

/// <summary>
/// The texts by which Orleans' ADO.NET provider would write or clear a state, from the table that it reads them from; their named
/// parameters are numbered here, which spares the driver to look for them in each execution.
/// </summary>
internal sealed record StorageStatements(string Write, string Clear)
{
    private static readonly string[] Parameters = ["@GrainTypeString", "@GrainIdExtensionString", "@GrainStateVersion", "@PayloadBinary"];

    public static async Task<StorageStatements> Load(NpgsqlDataSource source)
    {
        var texts = (await source.Command("SELECT QueryKey, QueryText FROM OrleansQuery").Rows(reader => (Key: reader.GetString(0), Text: reader.GetString(1))))
            .ToDictionary(row => row.Key, row => Numbered(row.Text));
        return new StorageStatements(texts["WriteToStorageKey"], texts["ClearStorageKey"]);
    }

    private static string Numbered(string text)
    {
        for (var index = 0; index < Parameters.Length; index++)
        {
            text = text.Replace(Parameters[index], $"${index + 1}", StringComparison.Ordinal);
        }

        return text.Trim();
    }
}
