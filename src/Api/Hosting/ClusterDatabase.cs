using Microsoft.Extensions.Options;
using Npgsql;

namespace SessionCluster.Api.Hosting;

/// <summary>Where the cluster's members are listed; section <c>Storage</c>. An Api reads nothing else there.</summary>
public sealed class ClusterDatabase
{
    public const string Section = "Storage";

    /// <summary>An Api reads the list of silos every few seconds, and nothing else.</summary>
    private const int MaxConnections = 2;

    /// <summary>How to reach PostgreSQL, in Npgsql's syntax. A role that may read <c>orleansquery</c> and <c>cluster_member</c> is enough.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>A file that holds it, instead.</summary>
    public string ConnectionStringFile { get; set; } = "";

    /// <summary>A file that holds the password alone.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>The whole text, files included.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="ArgumentException">It is no connection string.</exception>
    internal string Read()
    {
        var text = ConnectionString.Length > 0 ? ConnectionString : ReadFile(ConnectionStringFile);
        var settings = new NpgsqlConnectionStringBuilder(text) { ApplicationName = "session-cluster-api", MaxPoolSize = MaxConnections };
        if (PasswordFile.Length > 0)
        {
            settings.Password = ReadFile(PasswordFile);
        }

        return settings.ConnectionString;
    }

    private static string ReadFile(string file) => file.Length > 0 ? File.ReadAllText(file).Trim() : "";
}

/// <summary>Checks <see cref="ClusterDatabase"/> at start. No message repeats the text, which may hold a password.</summary>
public sealed class ClusterDatabaseValidator : IValidateOptions<ClusterDatabase>
{
    public ValidateOptionsResult Validate(string? name, ClusterDatabase options)
    {
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            var parsed = new NpgsqlConnectionStringBuilder(options.Read());
            return string.IsNullOrEmpty(parsed.Host)
                ? ValidateOptionsResult.Fail("Storage:ConnectionString is missing, or names no Host; an Api finds the silos there.")
                : ValidateOptionsResult.Success;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return ValidateOptionsResult.Fail($"Storage: {exception.Message}");
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return ValidateOptionsResult.Fail("Storage:ConnectionString is no connection string, as Host=...;Database=...;Username=...;Password=...");
        }
    }
}
