using Microsoft.Extensions.Options;
using Npgsql;

namespace SessionCluster.Api.Hosting;

/// <summary>Where the cluster's members are listed; section <c>Storage:PostgreSql</c>. An Api reads nothing else there.</summary>
public sealed class ClusterDatabase
{
    public const string Section = "Storage:PostgreSql";

    /// <summary>How to reach PostgreSQL, in Npgsql's syntax. A role that may read <c>orleansquery</c> and <c>cluster_member</c> is enough.</summary>
    public string ConnectionString { get; set; } = "";
}

/// <summary>Checks <see cref="ClusterDatabase"/> at start. No message repeats the text, which may hold a password.</summary>
public sealed class ClusterDatabaseValidator : IValidateOptions<ClusterDatabase>
{
    public ValidateOptionsResult Validate(string? name, ClusterDatabase options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(options.ConnectionString);
            return string.IsNullOrEmpty(parsed.Host)
                ? ValidateOptionsResult.Fail("Storage:PostgreSql:ConnectionString is missing, or names no Host; an Api finds the silos there.")
                : ValidateOptionsResult.Success;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return ValidateOptionsResult.Fail("Storage:PostgreSql:ConnectionString is no connection string, as Host=...;Database=...;Username=...;Password=...");
        }
    }
}
