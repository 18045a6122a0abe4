namespace SessionCluster.LoginStage;

/// <summary>The stored row of a plan. It stays until it is over, so that a used plan is known as used.</summary>
public sealed record PlanV1
{
    /// <summary>The state name that plan grains store under.</summary>
    public const string StateName = "plan";

    public int Schema { get; init; } = 1;

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Expires { get; init; }

    public bool CodeRedeemed { get; init; }

    public bool Used { get; init; }

    public string FlowSlug { get; init; } = "";

    public Guid Stage { get; init; }

    /// <summary>Null when there is no user that could log in.</summary>
    public string? UserPk { get; init; }

    public string Username { get; init; } = "";

    public string Email { get; init; } = "";

    public string Name { get; init; } = "";

    public bool HasPendingUser { get; init; }

    public bool IsActive { get; init; }

    public ClientFacts Client { get; init; } = new("", "", "", "", "{}", "");

    public Guid? DeviceId { get; init; }

    public DateTimeOffset? DeviceCookieExpires { get; init; }

    public Guid? PreviousSession { get; init; }

    public string AuthMethod { get; init; } = "";

    public string AuthMethodArgs { get; init; } = "{}";

    public bool? KnownDevice { get; init; }

    public string? Source { get; init; }

    public string Next { get; init; } = "/";

    public string? Data { get; init; }

    public static PlanV1 Of(PlanInfo plan, DateTimeOffset now) => new()
    {
        Created = now,
        Expires = now + IPlanGrain.Lifetime,
        FlowSlug = plan.FlowSlug,
        Stage = plan.Stage,
        UserPk = plan.User?.Id.Value,
        Username = plan.User?.Username ?? "",
        Email = plan.User?.Email ?? "",
        Name = plan.User?.Name ?? "",
        HasPendingUser = plan.HasPendingUser,
        IsActive = plan.IsActive,
        Client = plan.Client,
        DeviceId = plan.Device?.Id.Value,
        DeviceCookieExpires = plan.Device?.CookieExpires,
        PreviousSession = plan.PreviousSession?.Value,
        AuthMethod = plan.AuthMethod,
        AuthMethodArgs = plan.AuthMethodArgsJson,
        KnownDevice = plan.KnownDevice,
        Source = plan.Source,
        Next = plan.Next,
        Data = plan.DataJson,
    };

    public PlanInfo ToInfo() => new(
        FlowSlug,
        Stage,
        UserPk is null ? null : new UserFacts(new UserId(UserPk), Username, Email, Name),
        HasPendingUser,
        IsActive,
        Client,
        DeviceId is { } device && DeviceCookieExpires is { } end ? new DeviceCookieClaim(new DeviceId(device), end) : null,
        PreviousSession is { } previous ? new SessionId(previous) : null,
        AuthMethod,
        AuthMethodArgs,
        KnownDevice,
        Source,
        Next,
        Data);

    /// <summary>Whether the plan can be answered.</summary>
    public bool IsOpen(DateTimeOffset now) => !Used && now < Expires;

    /// <summary>Whether its one-time code can be exchanged.</summary>
    public bool CodeIsGood(DateTimeOffset now) => IsOpen(now) && !CodeRedeemed && now < Created + IPlanGrain.CodeLifetime;
}
