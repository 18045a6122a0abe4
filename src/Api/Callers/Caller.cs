namespace SessionCluster.Api.Callers;

/// <summary>Who calls: a service with a key, a person with a live session, or nobody in particular.</summary>
/// <param name="Key">The service's key.</param>
/// <param name="Session">The person's session, checked for this very request; null where the endpoint needs only the prepared answer.</param>
/// <param name="Ready">The prepared answers about the person's session.</param>
internal sealed record Caller(ApiKey? Key, SessionInfo? Session, ReadyAnswers? Ready = null)
{
    /// <summary>Nobody in particular.</summary>
    public static readonly Caller Anyone = new(null, null);

    public bool IsService => Key is not null;

    /// <summary>The namespace of the caller's idempotency keys: its API key, or its session.</summary>
    public string Scope => Key is not null ? $"key:{Key.Name}" : $"session:{Session?.Id}";

    /// <summary>Whether a service with one of the roles calls.</summary>
    public bool Has(Roles roles) => Key is not null && (Key.Roles & roles) != Roles.None;

    /// <summary>Whether the user's own session calls.</summary>
    public bool Owns(UserId user) => Session is not null && Session.User.Id == user;
}

/// <summary>Who may call an endpoint.</summary>
/// <param name="Roles">Services with one of these roles.</param>
/// <param name="Sessions">Whether people may, by their session.</param>
/// <param name="Everyone">Whether no credentials are looked at.</param>
internal readonly record struct Access(Roles Roles, bool Sessions, bool Everyone)
{
    /// <summary>The endpoint needs only the prepared answer of this kind, not the <see cref="SessionInfo"/>, so the check can come from memory.</summary>
    public AnswerKinds Ready { get; private init; }

    /// <summary>Everyone; the endpoint looks for itself.</summary>
    public static readonly Access Public = new(Roles.None, Sessions: false, Everyone: true);

    /// <summary>People with a session, whose endpoint needs only the prepared answer for them.</summary>
    public static readonly Access Session = new(Roles.None, Sessions: true, Everyone: false) { Ready = AnswerKinds.Current };

    public static Access Service(Roles anyOf) => new(anyOf, Sessions: false, Everyone: false);

    /// <summary>Services with one of the roles, and people for what is their own.</summary>
    public static Access ServiceOrSession(Roles anyOf) => new(anyOf, Sessions: true, Everyone: false);
}
