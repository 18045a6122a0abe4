namespace SessionCluster.Api.Callers;

internal enum CredentialKind
{
    None,

    /// <summary>A known service's key.</summary>
    Service,

    /// <summary>A session token whose MAC is right; whether the session is live is not known yet.</summary>
    Session,

    /// <summary>A session token that is not ours.</summary>
    MalformedToken,

    /// <summary>Any other Authorization header.</summary>
    Wrong,
}

internal readonly record struct Credential(CredentialKind Kind, ApiKey? Key, SessionId Session, bool FromCookie);

/// <summary>Reads credentials. An Authorization header wins over cookies, also when it is wrong.</summary>
internal sealed class CredentialReader(KeyMaterial keys, SessionTokens tokens, SiteCookies cookies)
{
    private const string Bearer = "Bearer ";

    private const string SessionScheme = "Session ";

    public Credential Read(HttpContext context)
    {
        var header = context.Request.Headers.Authorization;
        if (header.Count == 0)
        {
            return ReadCookie(context);
        }

        var text = header.Count == 1 ? header[0] ?? "" : "";
        if (text.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase))
        {
            var key = keys.ApiKeys.FindIn(text, Bearer.Length);
            return key is null ? Wrong(context) : new Credential(CredentialKind.Service, key, default, FromCookie: false);
        }

        return text.StartsWith(SessionScheme, StringComparison.OrdinalIgnoreCase)
            ? ReadToken(context, text.AsSpan(SessionScheme.Length).Trim(), fromCookie: false)
            : Wrong(context);
    }

    /// <summary>The session cookie alone.</summary>
    public Credential ReadCookie(HttpContext context)
    {
        var cookie = CookieHeader.Find(context.Request.Headers.Cookie, cookies.SessionName);
        return cookie.IsEmpty ? default : ReadToken(context, cookie, fromCookie: true);
    }

    private Credential ReadToken(HttpContext context, ReadOnlySpan<char> text, bool fromCookie)
    {
        if (tokens.TryRead(text, out var session))
        {
            return new Credential(CredentialKind.Session, null, session, fromCookie);
        }

        RefusalLog.Note(context, RefusalLog.MalformedToken);
        return new Credential(CredentialKind.MalformedToken, null, default, fromCookie);
    }

    private static Credential Wrong(HttpContext context)
    {
        RefusalLog.Note(context, RefusalLog.WrongCredentials);
        return new Credential(CredentialKind.Wrong, null, default, FromCookie: false);
    }
}
