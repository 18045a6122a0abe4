namespace SessionCluster.Api.Sessions;

/// <summary>The body of a login, read and checked.</summary>
/// <param name="Stage">Name or primary key of the stage.</param>
/// <param name="User">The pending user; null when there is none, or none that is stored anywhere (no pk).</param>
/// <param name="IsActive">What the caller says of the user.</param>
/// <param name="RememberMe">The answer to the prompt, if given.</param>
/// <param name="Context">How the user proved who they are.</param>
/// <param name="DeviceCookie">The device cookie that the browser sent, unchecked.</param>
/// <param name="SessionToken">The session token that the browser sent, unchecked.</param>
/// <param name="DataJson">The front end's data.</param>
internal sealed record LoginForm(
    string Stage,
    UserFacts? User,
    bool HasPendingUser,
    bool IsActive,
    bool? RememberMe,
    LoginContext Context,
    ClientFacts? Client,
    string? DeviceCookie,
    string? SessionToken,
    string? DataJson)
{
    /// <summary>Longest token or device cookie in characters.</summary>
    public const int MaxToken = 256;

    private const int MaxName = 255;

    private const int MaxEmail = 320;

    /// <summary>Reads the body; faults are noted in it.</summary>
    /// <param name="redirects">Where <c>next</c> may point.</param>
    /// <param name="maxData">Longest front end data in bytes of JSON.</param>
    /// <param name="isPlan">Whether it is a plan's: the member <c>pending_user</c> may be absent, and the browser answers the prompt.</param>
    public static LoginForm Read(ObjectReader body, RedirectRule redirects, HttpContext context, int maxData, bool isPlan = false)
    {
        var stage = body.Text("stage", MaxName);
        body.Require(isPlan || body.Has("pending_user"), "pending_user", ObjectReader.Required);
        var pending = body.OptionalObject("pending_user");
        var user = pending is { } named ? ReadUser(named) : null;
        var isActive = pending?.Flag("is_active", fallback: true) ?? false;
        var rememberMe = isPlan ? null : body.OptionalFlag("remember_me");
        var login = LoginContext.Read(body.OptionalObject("context"), redirects);
        var facts = ClientFields.Read(body, context);
        var client = body.OptionalObject("client");
        return new LoginForm(
            stage, user, pending is not null, isActive, rememberMe, login, facts,
            // Whatever else a browser sends is an unknown device.
            client?.OptionalText("device_cookie", int.MaxValue) is { Length: <= MaxToken } device ? device : null,
            client?.OptionalText("session_token", MaxToken),
            body.Json("data", maxData));
    }

    /// <summary>The login of a user, from a client and through a stage that were found to be there.</summary>
    public LoginCommand ToCommand(UserFacts user, ClientFacts client, StageInfo stage, DeviceCookies devices, SessionTokens tokens) => new(
        user,
        IsActive,
        stage,
        RememberMe,
        client,
        DeviceCookie is null ? null : devices.Read(DeviceCookie),
        tokens.TryRead(SessionToken, out var previous) ? previous : null,
        PreviousIsOtherUsers: false,
        Context.AuthMethod,
        Context.ArgsJson,
        Context.KnownDevice,
        Context.Source,
        DataJson,
        Idempotency: null);

    private static UserFacts? ReadUser(ObjectReader user)
    {
        var id = ReadPk(user);
        var username = user.Text("username", MaxName, "");
        var email = user.Text("email", MaxEmail, "");
        var name = user.Text("name", MaxName, "");
        return id is { } known ? new UserFacts(known, username, email, name) : null;
    }

    // A key is text to us; authentik's own are numbers, which are taken as their decimal text.
    private static UserId? ReadPk(ObjectReader user)
    {
        if (!user.TryFind("pk", out var value))
        {
            user.Fault("pk", ObjectReader.Required);
            return null;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.Number when value.TryGetInt64(out var number):
                return new UserId(number.ToString(CultureInfo.InvariantCulture));
            case JsonValueKind.String when UserId.TryParse(value.GetString(), out var id):
                return id;
            case JsonValueKind.String:
                user.Fault("pk", $"Must be {UserId.Rule}.");
                return null;
            default:
                user.Fault("pk", "Must be a string or a whole number.");
                return null;
        }
    }
}

/// <summary>The <c>context</c> of a login.</summary>
/// <param name="AuthMethod">How the user proved who they are; <c>password</c> by default.</param>
/// <param name="ArgsJson">The caller's auth_method_args, secrets masked.</param>
/// <param name="KnownDevice">The caller's own verdict on the device, if it gave one.</param>
/// <param name="Source">The source that the user came from.</param>
/// <param name="Next">Where the browser goes afterwards.</param>
internal sealed record LoginContext(string AuthMethod, string ArgsJson, bool? KnownDevice, string? Source, string Next)
{
    private const string DefaultMethod = "password";

    private const int MaxText = 255;

    /// <summary>Reads the object; absent, it has the defaults.</summary>
    public static LoginContext Read(ObjectReader? given, RedirectRule redirects)
    {
        if (given is not { } context)
        {
            return new LoginContext(DefaultMethod, "{}", null, null, "/");
        }

        var method = context.OptionalText("auth_method", MaxText);
        var args = context.OptionalObject("auth_method_args");
        var source = context.OptionalText("source", MaxText);
        var next = context.OptionalText("next", RedirectRule.MaxLength);
        context.Require(
            string.IsNullOrEmpty(next) || redirects.Allows(next),
            "next",
            "Must be a path that begins with one slash, neither below /api/ nor /if/flow/, or a URL of an origin in Login:AllowedRedirects.");
        return new LoginContext(
            string.IsNullOrEmpty(method) ? DefaultMethod : method,
            args is { } values ? SecretMask.Mask(values.Element) : "{}",
            KnownDeviceOf(args),
            string.IsNullOrEmpty(source) ? null : source,
            string.IsNullOrEmpty(next) ? "/" : next);
    }

    private static bool? KnownDeviceOf(ObjectReader? args) =>
        args is { } values && values.TryFind("known_device", out var verdict)
            ? verdict.ValueKind switch
            {
                JsonValueKind.True => true,
                JsonValueKind.False => false,
                _ => null,
            }
            : null;
}
