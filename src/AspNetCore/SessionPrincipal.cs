using System.Security.Claims;
using System.Text;
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

    private const string Name = "name";

    private const string Role = "role";

    private const string Sid = "sid";

    private const string AuthTime = "auth_time";

    private const string Methods = "amr";

    private static readonly HashSet<string> Own = ["sub", Name, "email", Sid, AuthTime, Methods, "known_device"];

    /// <summary>Items of properties that are of one sign-in alone, or said otherwise: .NET's own, and those that begin as ours do.</summary>
    private static readonly HashSet<string> Fleeting = [".persistent", ".issued", ".expires", ".refresh", ".redirect"];

    private const string OwnItem = ".sessioncluster.";

    /// <summary>Tokens are not kept: a session's data is read by the browser whose session it is, and by every key with the role <c>read</c>.</summary>
    private const string TokenItem = ".Token";

    /// <summary>The original issuer of a claim <c>sid</c> that is a session's uuid, and not of an identity provider. Copies of the claim keep it.</summary>
    private const string OwnSid = "sessioncluster.session";

    /// <summary>The user's key.</summary>
    public static string? Key(ClaimsPrincipal principal) => Find(principal, "sub", ClaimTypes.NameIdentifier);

    /// <summary>The user as the principal names it.</summary>
    /// <exception cref="InvalidOperationException">It has no key.</exception>
    public static SessionUser User(ClaimsPrincipal principal) => new(
        Key(principal) ?? throw new InvalidOperationException("The principal has neither the claim 'sub' nor ClaimTypes.NameIdentifier: add one with the user's key."),
        Find(principal, "preferred_username") ?? principal.Identity?.Name ?? Find(principal, Name, ClaimTypes.Name) ?? "")
    {
        Email = Find(principal, "email", ClaimTypes.Email) ?? "",
        Name = Find(principal, Name, ClaimTypes.Name) ?? "",
    };

    /// <summary>
    /// The method by which the user proved who they are: what the properties of the sign-in say, else the principal, else that of the session
    /// of the same user with which the sign-in goes on.
    /// </summary>
    public static string AuthMethod(ClaimsPrincipal principal, AuthenticationProperties properties, Session? before) =>
        properties.AuthMethod() ?? Find(principal, Methods, ClaimTypes.AuthenticationMethod) switch
        {
            Pwd => Password,
            { } method => method,
            null => before is { AuthMethod.Length: > 0 } && before.User == Key(principal) ? before.AuthMethod : Password,
        };

    /// <summary>What only the app knows, as the data of a session; null when that is nothing.</summary>
    /// <param name="principal">Who signs in.</param>
    /// <param name="properties">The properties of the sign-in.</param>
    public static string? Data(ClaimsPrincipal principal, AuthenticationProperties properties)
    {
        var identity = principal.Identity as ClaimsIdentity;
        KeptClaims[] more = [.. principal.Identities.Where(other => other != identity).Select(other => Keep(other, [])).Where(other => other.Claims.Length > 0)];
        var items = properties.Items.Where(item => IsKept(item.Key)).ToDictionary();
        var kept = Keep(identity, OtherMethods(principal, properties)) with
        {
            Stage = properties.Stage(),
            IsPersistent = properties.IsPersistent ? true : null,
            Items = items.Count > 0 ? items : null,
            More = more.Length > 0 ? more : null,
        };
        return kept is { Claims: [], NameType: null, RoleType: null, Stage: null, IsPersistent: null, Items: null, More: null }
            ? null
            : JsonSerializer.Serialize(kept, KeptJson.Default.KeptClaims);
    }

    /// <summary>The principal of a live session, and its properties.</summary>
    /// <param name="check">The check.</param>
    /// <param name="scheme">The scheme of the session.</param>
    /// <param name="issuer">Who is to have issued the claims; null for the scheme.</param>
    public static (ClaimsPrincipal Principal, AuthenticationProperties Properties) Of(SessionCheck check, string scheme, string? issuer = null)
    {
        var (session, user) = (check.Session!, check.User!);
        var (kept, uuid) = (Kept(check.Data), session.Uuid.ToString());
        var identity = new ClaimsIdentity(scheme, kept?.NameType ?? Name, kept?.RoleType ?? Role);
        AddOwn("sub", user.Pk);
        AddOwn(Name, user.Name.Length > 0 ? user.Name : user.Username);
        AddOwn("email", user.Email);
        AddOwn(Methods, Amr(session.AuthMethod));
        Add(identity, "known_device", session.KnownDevice ? "true" : "false", ClaimValueTypes.Boolean);
        var principal = new ClaimsPrincipal(identity);
        AddKept(identity, kept?.Claims);
        foreach (var more in kept?.More ?? [])
        {
            var other = new ClaimsIdentity(scheme, more?.NameType ?? Name, more?.RoleType ?? Role);
            AddKept(other, more?.Claims);
            principal.AddIdentity(other);
        }

        if (!principal.HasClaim(static claim => Is(claim, Sid)))
        {
            // That of an identity provider stays as it is: a sign-out there names the session by it.
            identity.AddClaim(new Claim(Sid, uuid, ClaimValueTypes.String, issuer ?? scheme, OwnSid, identity));
        }

        if (!principal.HasClaim(static claim => Is(claim, AuthTime)))
        {
            // So does the time at which the person proved who they are, be it there or for the session before this one.
            Add(identity, AuthTime, session.Created.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture), ClaimValueTypes.Integer64);
        }

        return (principal, Properties(session.Expires, uuid, scheme, kept));

        void Add(ClaimsIdentity to, string type, string value, string? valueType = null) =>
            to.AddClaim(new Claim(type, value, valueType ?? ClaimValueTypes.String, issuer ?? scheme, issuer ?? scheme, to));

        void AddOwn(string type, string value)
        {
            if (value.Length > 0)
            {
                Add(identity, type, value);
            }
        }

        void AddKept(ClaimsIdentity to, KeptClaim?[]? claims)
        {
            foreach (var claim in claims ?? [])
            {
                // Another front end of the same sessions may keep something like it there.
                if (claim is { Type.Length: > 0, Value: not null })
                {
                    Add(to, claim.Type, claim.Value, claim.ValueType);
                }
            }
        }
    }

    /// <summary>
    /// The session of a token, with which a sign-in is to go on, as after a change of password. Where it has ended since the request was
    /// checked, nobody has proved anew who they are: the sign-in is refused.
    /// </summary>
    public static async Task<Session> RequireLive(ISessionClusterClient client, string token, HttpContext context) =>
        (await client.ValidateAsync(token, Browser.Facts(context), context.RequestAborted)).Session ?? throw SessionClusterSignInException.OfEnded();

    /// <summary>
    /// Ends a new session that was to go on with another one of the same user, unless the login itself ended that one: it has then ended
    /// between the check and the login.
    /// </summary>
    public static async Task RequireReplaced(ISessionClusterClient client, Session? before, LoginRequest login, LoginResult result)
    {
        if (before is not null && before.User == login.User.Pk && result.Receipt?.Ended.Contains(before.Uuid) != true)
        {
            await client.RevokeAsync(result.Token!, login.Client, cancellationToken: CancellationToken.None);
            throw SessionClusterSignInException.OfEnded();
        }
    }

    /// <summary>Calls with data of a session, and names what the server finds too large of it.</summary>
    public static async Task<T> Fit<T>(string what, string? data, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (SessionClusterRequestException exception) when (exception.Errors.ContainsKey("data") || exception.Problem == "body-too-large")
        {
            throw new InvalidOperationException(
                $"{what} has {Encoding.UTF8.GetByteCount(data ?? "")} bytes as the data of a session, more than the server keeps. "
                + "Keep fewer claims and tokens in it, or raise the server's Sessions:MaxData.", exception);
        }
    }

    private static AuthenticationProperties Properties(DateTimeOffset expires, string session, string scheme, KeptClaims? kept)
    {
        var properties = new AuthenticationProperties { ExpiresUtc = expires, IsPersistent = kept?.IsPersistent == true };
        if (kept?.Stage is { } stage && !string.IsNullOrWhiteSpace(stage))
        {
            properties.SetStage(stage);
        }

        foreach (var (key, value) in kept?.Items ?? [])
        {
            properties.Items[key] = value;
        }

        properties.Items[SessionClusterTicketStore.SessionItem] = session;
        properties.Items[SessionClusterTicketStore.SchemeItem] = scheme;
        return properties;
    }

    /// <summary>What is kept of one identity.</summary>
    private static KeptClaims Keep(ClaimsIdentity? identity, IEnumerable<Claim> methods)
    {
        KeptClaim[] claims =
        [
            .. (identity?.Claims ?? []).Where(IsKept).Concat(methods)
                .Select(claim => new KeptClaim(claim.Type, claim.Value, claim.ValueType == ClaimValueTypes.String ? null : claim.ValueType)),
        ];
        // Roles may come later, in OnAccepted. The type of the name that an identity has by default says nothing, unless there is such a claim.
        var roleType = identity is null or { RoleClaimType: Role } ? null : identity.RoleClaimType;
        var nameType = identity is null or { NameClaimType: Name } or { NameClaimType: ClaimsIdentity.DefaultNameClaimType, Name: null } ? null : identity.NameClaimType;
        return new KeptClaims(claims, roleType, Stage: null, IsPersistent: null) { NameType = nameType };
    }

    /// <summary>As a principal finds its claims.</summary>
    private static bool Is(Claim claim, string type) => claim.Type.Equals(type, StringComparison.OrdinalIgnoreCase);

    private static bool IsKept(Claim claim) => claim.Type switch
    {
        Sid => claim.Value.Length > 0 && claim.OriginalIssuer != OwnSid,
        AuthTime => claim.Value.Length > 0,
        _ => !Own.Contains(claim.Type),
    };

    private static bool IsKept(string item) =>
        !Fleeting.Contains(item) && !item.StartsWith(OwnItem, StringComparison.Ordinal) && !item.StartsWith(TokenItem, StringComparison.Ordinal);

    /// <summary>A session has one method; those of the principal beside it are kept.</summary>
    private static IEnumerable<Claim> OtherMethods(ClaimsPrincipal principal, AuthenticationProperties properties) =>
        properties.AuthMethod() is { } set ? principal.FindAll(Methods).Where(claim => claim.Value != Amr(set)) : principal.FindAll(Methods).Skip(1);

    /// <summary>A session's method as a claim says it.</summary>
    private static string Amr(string method) => method == Password ? Pwd : method;

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
internal sealed record KeptClaims(KeptClaim?[] Claims, string? RoleType, string? Stage, bool? IsPersistent)
{
    /// <summary>The type of the claim that is the identity's name, where it is not ours.</summary>
    public string? NameType { get; init; }

    /// <summary>What the properties of the sign-in had beside.</summary>
    public Dictionary<string, string?>? Items { get; init; }

    /// <summary>The principal's further identities, each with its own claims and types.</summary>
    public KeptClaims?[]? More { get; init; }
}

/// <summary>One of them.</summary>
internal sealed record KeptClaim(string Type, string Value, string? ValueType);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(KeptClaims))]
internal sealed partial class KeptJson : JsonSerializerContext;
