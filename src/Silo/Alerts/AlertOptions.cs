using Microsoft.Extensions.Options;
using MimeKit;

namespace SessionCluster.Silo.Alerts;

/// <summary>Settings <c>Alerts:*</c>.</summary>
public sealed class AlertOptions
{
    public const string Section = "Alerts";

    /// <summary>Whether webhooks may go to loopback, link-local and private addresses; false.</summary>
    public bool AllowPrivateTargets { get; set; }

    /// <summary>How long one webhook or mail may take; <c>seconds=10</c>, 1 to 15 seconds.</summary>
    public string SendTimeout { get; set; } = "seconds=10";

    internal TimeSpan SendTimeoutValue => Duration.Load(SendTimeout).Value;
}

/// <summary>Checks <see cref="AlertOptions"/> at start.</summary>
public sealed class AlertOptionsValidator : IValidateOptions<AlertOptions>
{
    public ValidateOptionsResult Validate(string? name, AlertOptions options)
    {
        var check = new SettingsCheck(AlertOptions.Section);
        check.Duration(nameof(options.SendTimeout), options.SendTimeout, "seconds=1", "seconds=15");
        return check.Result;
    }
}

/// <summary>Settings <c>Mail:*</c>: the server that mails are handed to.</summary>
public sealed class MailOptions
{
    public const string Section = "Mail";

    internal const string StartTls = "starttls";

    internal const string Tls = "tls";

    /// <summary>The server's name; without it there is no mail.</summary>
    public string Host { get; set; } = "";

    /// <summary>Its port; 0 for 587 with STARTTLS and 465 with TLS.</summary>
    public int Port { get; set; }

    /// <summary><c>starttls</c> (a connection without it is refused), or <c>tls</c> from the first byte.</summary>
    public string Security { get; set; } = StartTls;

    /// <summary>Who to log in as; empty for nobody.</summary>
    public string Username { get; set; } = "";

    /// <summary>The password.</summary>
    public string Password { get; set; } = "";

    /// <summary>The sender, as <c>Accounts &lt;accounts@example.com&gt;</c>.</summary>
    public string From { get; set; } = "";

    /// <summary>A file of certificates in PEM that alone are trusted for the server; empty for those of the system.</summary>
    public string CaFile { get; set; } = "";
}

/// <summary>Checks <see cref="MailOptions"/> at start.</summary>
public sealed class MailOptionsValidator : IValidateOptions<MailOptions>
{
    public ValidateOptionsResult Validate(string? name, MailOptions options)
    {
        var check = new SettingsCheck(MailOptions.Section);
        check.OneOf(nameof(options.Security), options.Security, MailOptions.StartTls, MailOptions.Tls);
        check.Range(nameof(options.Port), options.Port, 0, 65_535);
        if (options.Host.Length == 0)
        {
            check.Require(options.From.Length == 0 && options.Username.Length == 0, nameof(options.Host), "must name the mail server where Mail:From or Mail:Username is set.");
            return check.Result;
        }

        check.Require(
            MailboxAddress.TryParse(options.From, out _), nameof(options.From), $"is '{options.From}'; with Mail:Host it must be an address, as accounts@example.com.");
        check.Require(
            options.Username.Length > 0 || options.Password.Length == 0, nameof(options.Username), "must be set where Mail:Password is.");
        check.Require(options.CaFile.Length == 0 || Holds(options.CaFile), nameof(options.CaFile), $"is '{options.CaFile}'; it must be a file of certificates in PEM.");
        return check.Result;
    }

    private static bool Holds(string file)
    {
        try
        {
            return MailSender.Certificates(file).Count > 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            return false;
        }
    }
}
