using MimeKit;

namespace SessionCluster.Silo.Alerts;

public sealed class AlertOptions : ICheckedOptions
{
    public const string Section = "Alerts";

    /// <summary>Whether webhooks may go to loopback, link-local and private addresses; false.</summary>
    public bool AllowPrivateTargets { get; set; }

    /// <summary>How long one webhook or mail may take; <c>seconds=10</c>, 1 to 15 seconds.</summary>
    public string SendTimeout { get; set; } = "seconds=10";

    internal TimeSpan SendTimeoutValue => Duration.Load(SendTimeout).Value;

    public void Check(SettingsCheck check) => check.Duration(nameof(SendTimeout), SendTimeout, "seconds=1", "seconds=15");
}

/// <summary>Settings <c>Mail:*</c>: the server that mails are handed to.</summary>
public sealed class MailOptions : ICheckedOptions
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

    public string Password { get; set; } = "";

    /// <summary>The sender, such as <c>Accounts &lt;accounts@example.com&gt;</c>.</summary>
    public string From { get; set; } = "";

    /// <summary>A file of certificates in PEM that alone are trusted for the server; empty for those of the system.</summary>
    public string CaFile { get; set; } = "";

    public void Check(SettingsCheck check)
    {
        check.OneOf(nameof(Security), Security, StartTls, Tls);
        check.Range(nameof(Port), Port, 0, 65_535);
        if (Host.Length == 0)
        {
            check.Require(
                From.Length == 0 && Username.Length == 0 && Password.Length == 0 && CaFile.Length == 0,
                nameof(Host),
                "must name the mail server where Mail:From, Mail:Username, Mail:Password or Mail:CaFile is set.");
            return;
        }

        check.Require(
            MailboxAddress.TryParse(From, out _), nameof(From), $"is '{From}'; with Mail:Host it must be an address, such as accounts@example.com.");
        check.Require(
            Username.Length > 0 || Password.Length == 0, nameof(Username), "must be set where Mail:Password is.");
        check.Require(CaFile.Length == 0 || Holds(CaFile), nameof(CaFile), $"is '{CaFile}'; it must be a file of certificates in PEM.");
    }

    private static bool Holds(string file)
    {
        try
        {
            return MailSender.Certificates(file).Count > 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or CryptographicException)
        {
            return false;
        }
    }
}
