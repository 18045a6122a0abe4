using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace SessionCluster.AspNetCore;

/// <summary>
/// Puts a new key into the cookie that a sign-in sets. The cookie handler keeps the key of a browser that signs in over an old session, by
/// which whoever knew that key would have the new session; so the key is exchanged in the cookie it writes.
/// </summary>
internal sealed class NewKeyCookies(ICookieManager inner, CookieAuthenticationOptions options, string scheme) : ICookieManager
{
    /// <summary>The claim under which the cookie handler keeps a ticket store's key.</summary>
    private const string KeyClaim = "Microsoft.AspNetCore.Authentication.Cookies-SessionId";

    private static readonly object Item = new();

    /// <summary>Notes the key for the cookie that the request is about to set.</summary>
    public static void Use(HttpContext context, string key) => context.Items[Item] = key;

    public void AppendResponseCookie(HttpContext context, string key, string? value, CookieOptions cookieOptions)
    {
        ArgumentNullException.ThrowIfNull(context);
        inner.AppendResponseCookie(context, key, context.Items.Remove(Item, out var renewed) ? Protect((string)renewed!) : value, cookieOptions);
    }

    public void DeleteCookie(HttpContext context, string key, CookieOptions cookieOptions) => inner.DeleteCookie(context, key, cookieOptions);

    public string? GetRequestCookie(HttpContext context, string key) => inner.GetRequestCookie(context, key);

    private string Protect(string key)
    {
        var identity = new ClaimsIdentity([new Claim(KeyClaim, key, ClaimValueTypes.String, options.ClaimsIssuer)], options.ClaimsIssuer);
        return options.TicketDataFormat.Protect(new AuthenticationTicket(new ClaimsPrincipal(identity), null, scheme));
    }
}
