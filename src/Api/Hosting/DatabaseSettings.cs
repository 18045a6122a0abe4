using Npgsql;

namespace SessionCluster.Api.Hosting;

/// <summary>Where the cluster's PostgreSQL database is; section <c>Storage</c>. Silos keep everything there; an Api only finds the silos.</summary>
public sealed class DatabaseSettings : ICheckedOptions
{
    public const string Section = "Storage";

    /// <summary>How to reach PostgreSQL, in Npgsql's syntax: <c>Host=...;Database=...;Username=...</c>. Required, unless it comes from a file.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>A file that holds the connection string, such as a mounted secret; instead of <see cref="ConnectionString"/>.</summary>
    public string ConnectionStringFile { get; set; } = "";

    /// <summary>A file that holds the password alone; instead of one in the connection string.</summary>
    public string PasswordFile { get; set; } = "";

    /// <summary>The connection string, files included.</summary>
    /// <exception cref="InvalidDataException">It cannot be read, or is not a connection string; the message names the setting and repeats no part of it.</exception>
    public NpgsqlConnectionStringBuilder Read()
    {
        var problems = new SettingsCheck(Section);
        var settings = Read(problems);
        return settings ?? throw new InvalidDataException(problems.Problem);
    }

    /// <summary>No message repeats the text, which may hold a password.</summary>
    public void Check(SettingsCheck check) => Read(check);

    /// <summary>Notes what is wrong with the settings; null then.</summary>
    private NpgsqlConnectionStringBuilder? Read(SettingsCheck check)
    {
        check.Require(
            ConnectionString.Length > 0 || ConnectionStringFile.Length > 0,
            nameof(ConnectionString),
            $"is not set. Set it to one such as Host=localhost;Database=sessions;Username=sessions, or name a file that holds it by Storage:{nameof(ConnectionStringFile)}.");
        check.Require(
            ConnectionString.Length == 0 || ConnectionStringFile.Length == 0,
            nameof(ConnectionString),
            $"and Storage:{nameof(ConnectionStringFile)} are both set; remove one of them.");
        var text = ConnectionString.Length > 0 ? ConnectionString : Secret(check, nameof(ConnectionStringFile), ConnectionStringFile);
        var password = Secret(check, nameof(PasswordFile), PasswordFile);
        if (!check.IsFine)
        {
            return null;
        }

        try
        {
            var settings = new NpgsqlConnectionStringBuilder(text);
            check.Require(!string.IsNullOrEmpty(settings.Host), nameof(ConnectionString), "names no Host.");
            settings.Password = password.Length > 0 ? password : settings.Password;
            if (check.IsFine)
            {
                Try(settings, check);
            }

            return check.IsFine ? settings : null;
        }
        catch (Exception error) when (error is ArgumentException or FormatException)
        {
            check.Fail(nameof(ConnectionString), "is not a connection string; write one such as Host=localhost;Database=sessions;Username=sessions.");
            return null;
        }
    }

    /// <summary>Npgsql says only when connections are made that parts of the text do not go together; its words hold no password.</summary>
    private static void Try(NpgsqlConnectionStringBuilder settings, SettingsCheck check)
    {
        try
        {
            // A greater minimum raises a maximum that is not said.
            var tried = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
            tried.MaxPoolSize = tried.Keys.OfType<string>().Contains("Maximum Pool Size") ? tried.MaxPoolSize : Math.Max(tried.MaxPoolSize, tried.MinPoolSize);
            NpgsqlDataSource.Create(tried).Dispose();
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            check.Fail(nameof(ConnectionString), $"cannot be used: {SettingsCheck.Sentence(error.Message)}");
        }
    }

    private static string Secret(SettingsCheck check, string setting, string file)
    {
        try
        {
            return file.Length > 0 ? File.ReadAllText(file).Trim() : "";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            check.Fail(setting, $"cannot be read: {error.Message}");
            return "";
        }
    }
}
