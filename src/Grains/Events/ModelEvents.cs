namespace SessionCluster.Events;

/// <summary>Makes the events of what is changed but is no session, as authentik tells of its models.</summary>
internal static class ModelEvents
{
    /// <summary>A user was activated or deactivated.</summary>
    /// <param name="id">The event's id.</param>
    /// <param name="user">The user.</param>
    /// <param name="named">The user as a live session of theirs names them; null when there is none.</param>
    /// <param name="command">What was asked.</param>
    /// <param name="now">The moment.</param>
    public static EventV1 UserChanged(Guid id, UserId user, UserFacts? named, SetActiveCommand command, DateTimeOffset now) => new()
    {
        Pk = EventPk.At(id, now),
        Action = EventActions.ModelUpdated,
        UserPk = user.Value,
        Username = named?.Username ?? "",
        Email = named?.Email ?? "",
        Name = named?.Name ?? "",
        ClientIp = command.Client?.Ip,
        Created = now,
        Context = EventContext.Model(
            "authentik_core", "user", user.Value, named?.Username ?? "", command.Client, command.Actor, [("is_active", !command.Active, command.Active)]),
    };

    /// <summary>A stage was made (nothing before), changed, or deleted (nothing after).</summary>
    public static EventV1 StageChanged(Guid id, StageInfo? before, StageInfo? after, ChangedBy by, DateTimeOffset now)
    {
        var stage = after ?? before ?? throw new ArgumentException("A stage is there before its change or after it.", nameof(after));
        return new EventV1
        {
            Pk = EventPk.At(id, now),
            Action = before is null ? EventActions.ModelCreated : after is null ? EventActions.ModelDeleted : EventActions.ModelUpdated,
            ClientIp = by.Client?.Ip,
            Created = now,
            Context = EventContext.Model(
                "authentik_stages_user_login", "userloginstage", stage.Pk.ToString("N"), stage.Name, by.Client, by.Actor,
                before is null || after is null ? null : Fields(before).Zip(Fields(after), (was, @is) => (was.Field, was.Value, @is.Value)).Where(field => !field.Item2.Equals(field.Item3))),
        };
    }

    private static (string Field, object Value)[] Fields(StageInfo stage) =>
    [
        ("name", stage.Name),
        ("session_duration", stage.SessionDuration.ToString()),
        ("terminate_other_sessions", stage.TerminateOtherSessions),
        ("remember_me_offset", stage.RememberMeOffset.ToString()),
        ("network_binding", BindingNames.Of(stage.NetworkBinding)),
        ("geoip_binding", BindingNames.Of(stage.GeoIpBinding)),
        ("remember_device", stage.RememberDevice.ToString()),
    ];
}
