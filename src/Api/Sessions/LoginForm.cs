namespace SessionCluster.Api.Sessions;

/// <summary>The body of a login, read and checked.</summary>
/// <param name="Login">The login, if no fault was noted; null where there is no pending user, or none that is stored anywhere (no pk).</param>
/// <param name="Next">Where the browser goes afterwards.</param>
internal sealed record LoginForm(LoginCommand? Login, bool HasPendingUser, string Next);

/// <summary>Reads the bodies of logins and plans.</summary>
internal sealed class LoginForms(IGrainFactory grains, SessionTokens tokens, DeviceCookies devices, PublicSite site, IOptions<DataOptions> options)
{
    /// <summary>Longest token or device cookie in characters.</summary>
    public const int MaxToken = 256;

    private const int MaxText = 255;

    private const int MaxEmail = 320;

    /// <summary>Reads the body; faults are noted in it.</summary>
    /// <param name="isPlan">Whether it is a plan's: the member <c>pending_user</c> may be absent, and the browser answers the prompt.</param>
    public async Task<LoginForm> Read(BodyReader form, HttpContext context, bool isPlan = false)
    {
        var body = form.Root;
        var named = body.Text("stage", MaxText);
        body.Require(isPlan || body.Has("pending_user"), "pending_user", ObjectReader.Required);
        var pending = body.OptionalObject("pending_user");
        var user = pending is { } given ? ReadUser(given) : null;
        var isActive = pending?.Flag("is_active", fallback: true) ?? false;
        var rememberMe = isPlan ? null : body.OptionalFlag("remember_me");
        var login = body.OptionalObject("context");
        var method = login?.OptionalText("auth_method", MaxText);
        var args = login?.OptionalObject("auth_method_args");
        var source = login?.OptionalText("source", MaxText);
        var next = login?.OptionalText("next", RedirectRule.MaxLength);
        login?.Require(
            string.IsNullOrEmpty(next) || site.Redirects.Allows(next),
            "next",
            "Must be a path that begins with one slash, neither below /api/ nor /if/flow/, or a URL of an origin in Login:AllowedRedirects.");
        var facts = ClientFields.Read(body, context);
        var client = body.OptionalObject("client");
        var device = client?.OptionalText("device_cookie", int.MaxValue);
        var token = client?.OptionalText("session_token", MaxToken);
        var data = body.Json("data", options.Value.MaxData);
        var stage = named.Length == 0 ? null : await grains.Stages().Find(named);
        form.Errors.Require(stage is not null || form.Errors.Of("stage").Count > 0, "stage", "There is no such stage.");
        var command = user is null || facts is null || stage is null ? null : new LoginCommand(
            user,
            isActive,
            stage,
            rememberMe,
            facts,
            // Whatever else a browser sends is an unknown device.
            device is { Length: <= MaxToken } ? devices.Read(device) : null,
            tokens.TryRead(token, out var previous) ? previous : null,
            PreviousIsOtherUsers: false,
            string.IsNullOrEmpty(method) ? "password" : method,
            args is { } values ? SecretMask.Mask(values.Element) : SecretMask.Empty,
            KnownDeviceOf(args),
            string.IsNullOrEmpty(source) ? null : source,
            data,
            Idempotency: null);
        return new LoginForm(command, pending is not null, string.IsNullOrEmpty(next) ? "/" : next);
    }

    private static UserFacts? ReadUser(ObjectReader user)
    {
        var id = ReadPk(user);
        var username = user.Text("username", MaxText, "");
        var email = user.Text("email", MaxEmail, "");
        var name = user.Text("name", MaxText, "");
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
