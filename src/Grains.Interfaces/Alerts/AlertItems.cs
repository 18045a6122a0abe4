namespace SessionCluster.Alerts;

/// <summary>How a transport delivers.</summary>
public enum TransportMode
{
    /// <summary>Into the user's list of notifications here.</summary>
    Local = 0,

    /// <summary>By a POST of JSON.</summary>
    Webhook = 1,

    /// <summary>By a POST in the form of Slack, which Discord and others take too.</summary>
    WebhookSlack = 2,

    /// <summary>By mail.</summary>
    Email = 3,
}

/// <summary>How much a notification matters.</summary>
public enum AlertSeverity
{
    /// <summary>Worth knowing.</summary>
    Notice = 0,

    /// <summary>Worth a look.</summary>
    Warning = 1,

    /// <summary>To be acted upon.</summary>
    Alert = 2,
}

/// <summary>Names and limits of alerts; the names are authentik's.</summary>
public static class AlertNames
{
    /// <summary>Longest name of a transport, rule or matcher, in characters.</summary>
    public const int MaxName = 255;

    /// <summary>Most addresses of one rule.</summary>
    public const int MaxEmails = 20;

    /// <summary>The template of mails that fits every event.</summary>
    public const string EventTemplate = "email/event_notification.html";

    /// <summary>The modes of transports, by their numbers.</summary>
    public static readonly ImmutableArray<string> Modes = ["local", "webhook", "webhook_slack", "email"];

    /// <summary>The severities, by their numbers.</summary>
    public static readonly ImmutableArray<string> Severities = ["notice", "warning", "alert"];

    /// <summary>Every action that an event here can have.</summary>
    public static readonly ImmutableArray<string> Actions =
        [EventActions.Login, EventActions.Logout, EventActions.ModelCreated, EventActions.ModelUpdated, EventActions.ModelDeleted];

    /// <summary>What a matcher may ask for as an app: the app of all events, and those of the models that they tell of.</summary>
    public static readonly ImmutableArray<string> Apps =
        ["sessioncluster", "authentik.core", "authentik.events", "authentik.policies", "authentik.policies.event_matcher", "authentik.stages.user_login"];

    /// <summary>The models that events tell of.</summary>
    public static readonly ImmutableArray<string> Models =
    [
        "authentik_core.user", "authentik_stages_user_login.userloginstage", "authentik_events.notificationtransport", "authentik_events.notificationrule",
        "authentik_policies_event_matcher.eventmatcherpolicy", "authentik_policies.policybinding",
    ];
}

/// <summary>Where notifications go.</summary>
/// <param name="Pk">Primary key.</param>
/// <param name="Name">Unique among transports.</param>
/// <param name="Mode">How it delivers.</param>
/// <param name="WebhookUrl">The receiver of a webhook, http or https; else empty.</param>
/// <param name="WebhookCa">Certificates in PEM that alone are trusted for the receiver; null for those of the system.</param>
/// <param name="Secret">What webhooks are signed with, <c>whsec_</c> and base64 as Standard Webhooks have it; null for none. Never shown.</param>
/// <param name="SubjectPrefix">What subjects of mails begin with.</param>
/// <param name="EmailTemplate">Which template mails are made of.</param>
/// <param name="SendOnce">Whether only the first of a rule's addresses gets a mail.</param>
[GenerateSerializer, Immutable, Alias("sc.alert-transport")]
public sealed record AlertTransport(
    [property: Id(0)] Guid Pk,
    [property: Id(1)] string Name,
    [property: Id(2)] TransportMode Mode,
    [property: Id(3)] string WebhookUrl,
    [property: Id(4)] string? WebhookCa,
    [property: Id(5)] string? Secret,
    [property: Id(6)] string SubjectPrefix,
    [property: Id(7)] string EmailTemplate,
    [property: Id(8)] bool SendOnce) : Sensitive;

/// <summary>Who is notified of the events that any of its bound matchers passes.</summary>
/// <param name="Pk">Primary key.</param>
/// <param name="Name">Unique among rules.</param>
/// <param name="Transports">The ways of delivery.</param>
/// <param name="Severity">How much it matters.</param>
/// <param name="ToEventUser">Whether the user of the event is notified, by mail and locally.</param>
/// <param name="Emails">Addresses that get a mail.</param>
/// <param name="Enabled">A rule that is not enabled notifies nobody.</param>
[GenerateSerializer, Immutable, Alias("sc.alert-rule")]
public sealed record AlertRule(
    [property: Id(0)] Guid Pk,
    [property: Id(1)] string Name,
    [property: Id(2)] ImmutableArray<Guid> Transports,
    [property: Id(3)] AlertSeverity Severity,
    [property: Id(4)] bool ToEventUser,
    [property: Id(5)] ImmutableArray<string> Emails,
    [property: Id(6)] bool Enabled) : Sensitive;

/// <summary>Which events: those that fit everything that it asks for. One that asks for nothing passes all.</summary>
/// <param name="Pk">Primary key.</param>
/// <param name="Name">Unique among matchers.</param>
/// <param name="ExecutionLogging">Kept for authentik's client; it changes nothing.</param>
/// <param name="Action">The event's action.</param>
/// <param name="ClientIp">The event's address, or a network in CIDR form that it is in.</param>
/// <param name="App">One of <see cref="AlertNames.Apps"/>.</param>
/// <param name="Model">One of <see cref="AlertNames.Models"/>.</param>
/// <param name="Query">An <see cref="AlertQuery"/>.</param>
[GenerateSerializer, Immutable, Alias("sc.alert-matcher")]
public sealed record AlertMatcher(
    [property: Id(0)] Guid Pk,
    [property: Id(1)] string Name,
    [property: Id(2)] bool ExecutionLogging,
    [property: Id(3)] string? Action,
    [property: Id(4)] string? ClientIp,
    [property: Id(5)] string? App,
    [property: Id(6)] string? Model,
    [property: Id(7)] string? Query) : Sensitive;

/// <summary>Binds a matcher to a rule.</summary>
/// <param name="Pk">Primary key.</param>
/// <param name="Rule">The rule.</param>
/// <param name="Matcher">The matcher.</param>
/// <param name="Negate">Whether it passes what the matcher does not.</param>
/// <param name="Enabled">A binding that is not enabled does not count.</param>
/// <param name="Order">A number; lists are in its order.</param>
/// <param name="Timeout">Kept for authentik's client; matchers take no time worth a limit.</param>
/// <param name="FailureResult">Kept for authentik's client; matchers do not fail.</param>
[GenerateSerializer, Immutable, Alias("sc.alert-binding")]
public sealed record AlertBinding(
    [property: Id(0)] Guid Pk,
    [property: Id(1)] Guid Rule,
    [property: Id(2)] Guid Matcher,
    [property: Id(3)] bool Negate,
    [property: Id(4)] bool Enabled,
    [property: Id(5)] int Order,
    [property: Id(6)] int Timeout,
    [property: Id(7)] bool FailureResult);
