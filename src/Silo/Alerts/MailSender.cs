using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace SessionCluster.Silo.Alerts;

/// <summary>Hands mails to the mail server, each over a connection of its own, always encrypted.</summary>
internal sealed class MailSender(MailText text, IOptions<MailOptions> mail, IOptions<AlertOptions> alerts, TimeProvider time)
{
    private readonly MailOptions _options = mail.Value;

    private readonly X509Certificate2Collection? _trusted = mail.Value is { Host: "" } or { CaFile: "" } ? null : Certificates(mail.Value.CaFile);

    public bool IsConfigured => _options.Host.Length > 0;

    public static X509Certificate2Collection Certificates(string file)
    {
        var certificates = new X509Certificate2Collection();
        certificates.ImportFromPemFile(file);
        return certificates;
    }

    public async Task<AlertSending> Send(AlertTransport transport, AlertNotification notification)
    {
        if (!IsConfigured)
        {
            return new AlertSending(AlertOutcome.Unreachable, "No mail server is configured; set Mail:Host.");
        }

        if (string.IsNullOrEmpty(notification.Email) || !MailboxAddress.TryParse(notification.Email, out var to))
        {
            return new AlertSending(AlertOutcome.Impossible, "The user has no usable e-mail address.");
        }

        var (isConnected, isTaken) = (false, false);
        using var limit = new CancellationTokenSource(alerts.Value.SendTimeoutValue, time);
        try
        {
            using var message = Message(transport, notification, to);
            // Nor does a webhook ask the authority whether a certificate was withdrawn: many have no list, and not every network leads to it.
            using var client = new SmtpClient { CheckCertificateRevocation = false };
            if (_trusted is not null)
            {
                client.ServerCertificateValidationCallback = IsTrusted;
            }

            var isTls = _options.Security == MailOptions.Tls;
            await client.ConnectAsync(
                _options.Host, _options.Port != 0 ? _options.Port : isTls ? 465 : 587, isTls ? SecureSocketOptions.SslOnConnect : SecureSocketOptions.StartTls, limit.Token);
            if (_options.Username.Length > 0)
            {
                await client.AuthenticateAsync(_options.Username, _options.Password, limit.Token);
            }

            isConnected = true;
            await client.SendAsync(message, limit.Token);
            isTaken = true;
            await client.DisconnectAsync(quit: true, limit.Token);
            return new AlertSending(AlertOutcome.Delivered);
        }
        catch (Exception) when (isTaken)
        {
            // Only the goodbye failed: sent again, it would arrive twice.
            return new AlertSending(AlertOutcome.Delivered);
        }
        catch (SmtpCommandException refused) when (refused.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted)
        {
            // 5xx is for good (RFC 5321, section 4.2.1).
            return new AlertSending((int)refused.StatusCode >= 500 ? AlertOutcome.Impossible : AlertOutcome.Refused, $"The mail server answered {(int)refused.StatusCode}.");
        }
        catch (OperationCanceledException)
        {
            return new AlertSending(Failed(), $"The mail server did not take the mail within {alerts.Value.SendTimeout}.");
        }
        catch (Exception failure) when (failure is IOException or System.Net.Sockets.SocketException or ProtocolException or CommandException or AuthenticationException
            or SslHandshakeException or NotSupportedException or ServiceNotConnectedException or ServiceNotAuthenticatedException)
        {
            // A sender that is not taken is so for all mails, and so is a login that is missed.
            return new AlertSending(
                failure is ServiceNotAuthenticatedException or SmtpCommandException { ErrorCode: SmtpErrorCode.SenderNotAccepted } ? AlertOutcome.Unreachable : Failed(),
                SettingsCheck.Sentence(failure.Message.Split('\n')[0].Trim()));
        }

        // What this one meets with after the login, another need not.
        AlertOutcome Failed() => isConnected ? AlertOutcome.Refused : AlertOutcome.Unreachable;
    }

    private MimeMessage Message(AlertTransport transport, AlertNotification notification, MailboxAddress to)
    {
        var (subject, plain, html) = text.Of(notification);
        var message = new MimeMessage { Subject = MailText.OneLine(transport.SubjectPrefix + subject), MessageId = $"{notification.Id}@sessioncluster" };
        message.From.Add(MailboxAddress.Parse(_options.From));
        // The name in the address is a person's: only the address is taken over.
        message.To.Add(new MailboxAddress("", to.Address));
        message.Date = time.GetUtcNow();
        message.Headers.Add("Auto-Submitted", "auto-generated");
        message.Body = new BodyBuilder { TextBody = plain, HtmlBody = html }.ToMessageBody();
        return message;
    }

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null || (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != SslPolicyErrors.None)
        {
            return false;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        own.ChainPolicy.CustomTrustStore.AddRange(_trusted!);
        // What the server sent between its own certificate and one of those.
        own.ChainPolicy.ExtraStore.AddRange(chain!.ChainPolicy.ExtraStore);
        return own.Build(X509CertificateLoader.LoadCertificate(certificate.GetRawCertData()));
    }
}
