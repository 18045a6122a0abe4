namespace SessionCluster.Api.Alerts;

/// <summary>
/// The links in mails about logins. The one that says "This was not me" carries the signed id of the login's event: whoever has the mail
/// may end that user's sessions, for a day after the login.
/// </summary>
public sealed class MailLinks
{
    /// <summary>The page that the link opens.</summary>
    internal const string Path = "/account/not-me/";

    /// <summary>How long after the login the link serves.</summary>
    internal static readonly TimeSpan Lifetime = TimeSpan.FromHours(24);

    private readonly KeyRing _keys;

    private readonly PublicSite _site;

    internal MailLinks(KeyRing keys, PublicSite site) => (_keys, _site) = (keys, site);

    private static ReadOnlySpan<byte> Purpose => "sessioncluster/not-me\0"u8;

    /// <summary>Whether it is known what browsers use: without it a mail has no links, as they would lead nowhere.</summary>
    public bool HasPublicUrl => _site.Options.PublicUrl is not null;

    /// <summary>The page of the user's sessions.</summary>
    public Uri Sessions => new(_site.Url, AlertLinks.SessionsPath);

    /// <summary>The link for a login.</summary>
    /// <param name="login">The login's event.</param>
    public Uri For(Guid login) => new(_site.Url, $"{Path}?code={Code(login)}");

    internal string Code(Guid login) => SignedText.Issue(_keys, Purpose, login);

    /// <summary>The login's event of a code; null when it is not one of ours.</summary>
    internal Guid? Read(string code) => SignedText.ReadId(_keys, Purpose, code);
}
