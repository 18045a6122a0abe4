using System.Security.Claims;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Authentication;

namespace SessionCluster.AspNetCore;

/// <summary>
/// A principal from a session, and a login from a principal. Claims that are not the session's own are kept in its data, and so is what the
/// sign-in's properties said: an app that signs in again with the properties of the session means the same stage and the same answer.
/// </summary>
internal static class SessionPrincipal
{
    private const string Pwd = "pwd";

    private const string Password = "password";

    private static readonly HashSet<string> Own = ["sub", "name", "email", "sid", "auth_time", "amr", "known_device"];

    /// <summary>The user's key.</summary>
    public static string? Key(ClaimsPrincipal principal) => Find(principal, "sub", ClaimTypes.NameIdentifier);

    /// <summary>The user as the principal names it.</summary>
    /// <exception cref="InvalidOperationException">It has no key.</exception>
    public static SessionUser User(ClaimsPrincipal principal) => new(
        Key(principal) ?? throw new InvalidOperationException("The principal has neither the claim 'sub' nor ClaimTypes.NameIdentifier: add one with the user's key."),
        Find(principal, "preferred_username") ?? principal.Identity?.Name ?? Find(principal, "name", ClaimTypes.Name) ?? "")
    {
        Email = Find(principal, "email", ClaimTypes.Email) ?? "",
        Name = Find(principal, "name", ClaimTypes.Name) ?? "",
    };

    /// <summary>The method by which the user proved who they are, where the principal says so.</summary>
    public static string AuthMethod(ClaimsPrincipal principal) => Find(principal, "amr", ClaimTypes.AuthenticationMethod) is { } method && method != Pwd ? method : Password;

    /// <summary>What only the app knows, as the data of a session; null when that is nothing.</summary>
    public static string? Data(ClaimsPrincipal principal, AuthenticationProperties properties)
    {
        // A session has one method: of several the first, and the others are kept here.
        var claims = principal.Claims.Where(claim => !Own.Contains(claim.Type)).Concat(principal.FindAll("amr").Skip(1))
            .Select(claim => new KeptClaim(claim.Type, claim.Value, claim.ValueType == ClaimValueTypes.String ? null : claim.ValueType));
        var kept = new KeptClaims([.. claims], (principal.Identity as ClaimsIdentity)?.RoleClaimType, properties.Stage(), properties.IsPersistent ? true : null);
        return kept is { Claims: [], Stage: null, IsPersistent: null } ? null : JsonSerializer.Serialize(kept, KeptJson.Default.KeptClaims);
    }

    /// <summary>The principal of a live session, and its properties.</summary>
    public static (ClaimsPrincipal Principal, AuthenticationProperties Properties) Of(SessionCheck check, string scheme)
    {
        var (session, user) = (check.Session!, check.User!);
        var kept = Kept(check.Data);
        var identity = new ClaimsIdentity(scheme, "name", kept?.RoleType ?? "role");
        Add("sub", user.Pk);
        Add("name", user.Name.Length > 0 ? user.Name : user.Username);
        Add("email", user.Email);
        Add("sid", session.Uuid.ToString());
        Add("auth_time", session.Created.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer64);
        Add("amr", session.AuthMethod == Password ? Pwd : session.AuthMethod);
        Add("known_device", session.KnownDevice ? "true" : "false", ClaimValueTypes.Boolean);
        foreach (var claim in kept?.Claims ?? [])
        {
            Add(claim.Type, claim.Value, claim.ValueType);
        }

        var properties = new AuthenticationProperties { ExpiresUtc = session.Expires, IsPersistent = kept?.IsPersistent == true };
        if (kept?.Stage is { } stage && !string.IsNullOrWhiteSpace(stage))
        {
            properties.SetStage(stage);
        }

        return (new ClaimsPrincipal(identity), properties);

        void Add(string type, string value, string? valueType = null)
        {
            if (value.Length > 0)
            {
                identity.AddClaim(new Claim(type, value, valueType ?? ClaimValueTypes.String, scheme, scheme, identity));
            }
        }
    }

    private static KeptClaims? Kept(string? data)
    {
        try
        {
            return data is null ? null : JsonSerializer.Deserialize(data, KeptJson.Default.KeptClaims) is { Claims: not null } kept ? kept : null;
        }
        catch (JsonException)
        {
            // Another front end of the same sessions keeps something else there.
            return null;
        }
    }

    private static string? Find(ClaimsPrincipal principal, params ReadOnlySpan<string> types)
    {
        foreach (var type in types)
        {
            if (principal.FindFirst(type)?.Value is { Length: > 0 } value)
            {
                return value;
            }
        }

        return null;
    }
}

/// <summary>Claims that the server does not know of, and what the properties of the sign-in said.</summary>
internal sealed record KeptClaims(KeptClaim[] Claims, string? RoleType, string? Stage, bool? IsPersistent);

/// <summary>One of them.</summary>
internal sealed record KeptClaim(string Type, string Value, string? ValueType);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeptClaims))]
internal sealed partial class KeptJson : JsonSerializerContext;
