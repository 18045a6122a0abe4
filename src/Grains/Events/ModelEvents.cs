namespace SessionCluster.Events;

/// <summary>Makes the events of what is changed but is not a session, as authentik tells of its models.</summary>
internal static class ModelEvents
{
    private const string Hidden = "******";

    /// <summary>A user was activated or deactivated.</summary>
    /// <param name="ids">Where the id of the event comes from.</param>
    /// <param name="named">The user with their names; null when these are not known.</param>
    public static EventInfo UserChanged(IIdSource ids, UserId user, UserFacts? named, SetActiveCommand command, DateTimeOffset now) => new(
        ids.NewEventId(now),
        EventActions.ModelUpdated,
        named ?? UserFacts.Unnamed(user),
        command.Client?.Ip,
        Session: null,
        now,
        EventContext.Model(
            "authentik_core", "user", user.Value, named?.Username ?? "", command.Client, command.Actor, [("is_active", !command.Active, command.Active)]));

    /// <summary>A stage, transport, rule, matcher or binding was made (nothing before), changed, or deleted (nothing after).</summary>
    public static EventInfo Changed(IIdSource ids, object? before, object? after, ChangedBy by, DateTimeOffset now)
    {
        var (app, model, pk, name) = Model(after ?? before ?? throw new ArgumentException("An item is there before its change or after it.", nameof(after)));
        return new EventInfo(
            ids.NewEventId(now),
            before is null ? EventActions.ModelCreated : after is null ? EventActions.ModelDeleted : EventActions.ModelUpdated,
            UserFacts.Nobody,
            by.Client?.Ip,
            Session: null,
            now,
            EventContext.Model(
                app, model, pk.ToString("N"), name, by.Client, by.Actor,
                before is null || after is null
                    ? null
                    : Fields(before).Zip(Fields(after), (was, @is) => (was.Field, was.Value, @is.Value)).Where(field => !field.Item2.Equals(field.Item3))
                        .Select(field => (field.Field, Shown(field.Field, field.Item2), Shown(field.Field, field.Item3)))));
    }

    private static (string App, string Model, Guid Pk, string Name) Model(object item) => item switch
    {
        StageInfo stage => ("authentik_stages_user_login", "userloginstage", stage.Pk, stage.Name),
        AlertTransport transport => ("authentik_events", "notificationtransport", transport.Pk, transport.Name),
        AlertRule rule => ("authentik_events", "notificationrule", rule.Pk, rule.Name),
        AlertMatcher matcher => ("authentik_policies_event_matcher", "eventmatcherpolicy", matcher.Pk, matcher.Name),
        AlertBinding binding => ("authentik_policies", "policybinding", binding.Pk, ""),
        _ => throw new ArgumentException($"{item.GetType()} is not an item of a catalog.", nameof(item)),
    };

    private static (string Field, object Value)[] Fields(object item) => item switch
    {
        StageInfo stage =>
        [
            ("name", stage.Name), ("session_duration", stage.SessionDuration.ToString()), ("terminate_other_sessions", stage.TerminateOtherSessions),
            ("remember_me_offset", stage.RememberMeOffset.ToString()), ("network_binding", BindingNames.Of(stage.NetworkBinding)),
            ("geoip_binding", BindingNames.Of(stage.GeoIpBinding)), ("remember_device", stage.RememberDevice.ToString()),
        ],
        AlertTransport transport =>
        [
            ("name", transport.Name), ("mode", AlertNames.Modes[(int)transport.Mode]), ("webhook_url", transport.WebhookUrl),
            ("webhook_ca", transport.WebhookCa ?? ""), ("secret", transport.Secret ?? ""), ("email_subject_prefix", transport.SubjectPrefix),
            ("email_template", transport.EmailTemplate), ("send_once", transport.SendOnce),
        ],
        AlertRule rule =>
        [
            ("name", rule.Name), ("transports", string.Join(", ", rule.Transports)), ("severity", AlertNames.Severities[(int)rule.Severity]),
            ("destination_event_user", rule.ToEventUser), ("destination_emails", string.Join(", ", rule.Emails)), ("enabled", rule.Enabled),
        ],
        AlertMatcher matcher =>
        [
            ("name", matcher.Name), ("action", matcher.Action ?? ""), ("client_ip", matcher.ClientIp ?? ""), ("app", matcher.App ?? ""),
            ("model", matcher.Model ?? ""), ("query", matcher.Query ?? ""), ("execution_logging", matcher.ExecutionLogging),
        ],
        AlertBinding binding =>
        [
            ("target", binding.Rule), ("policy", binding.Matcher), ("negate", binding.Negate), ("enabled", binding.Enabled),
            ("order", binding.Order), ("timeout", binding.Timeout), ("failure_result", binding.FailureResult),
        ],
        _ => [],
    };

    /// <summary>
    /// A value as events show it, after it was compared. A webhook's path and query often are its secret; who may read events need not know
    /// them.
    /// </summary>
    private static object Shown(string field, object value) => field switch
    {
        "secret" => Hidden,
        "webhook_url" when Uri.TryCreate(value.ToString(), UriKind.Absolute, out var parsed) => $"{parsed.GetLeftPart(UriPartial.Authority)}/{Hidden}",
        _ => value,
    };
}
