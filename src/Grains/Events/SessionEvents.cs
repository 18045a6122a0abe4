namespace SessionCluster.Events;

/// <summary>Makes the one event that each beginning and each ending of a session writes.</summary>
internal static class SessionEvents
{
    public static EventInfo Login(IIdSource ids, LoginCommand command, SessionV1 session, DateTimeOffset now) => new(
        ids.NewEventId(now),
        EventActions.Login,
        session.ToUserFacts(),
        command.Client.Ip,
        new SessionId(session.Id),
        now,
        EventContext.Login(command, session));

    public static EventInfo Logout(IIdSource ids, LiveSession session, EndCause cause, DateTimeOffset now) => new(
        ids.NewEventId(now),
        EventActions.Logout,
        session.User,
        cause.Binding?.NewIp ?? cause.Client?.Ip,
        session.Id,
        now,
        EventContext.Logout(
            session.Id, cause.Reason, cause.ReasonText, cause.Client, cause.Asn, cause.Geo, cause.Binding, cause.Actor));
}

/// <summary>Why sessions end and on whose request.</summary>
/// <param name="Client">Who asked; null when the server itself did.</param>
/// <param name="Asn">The network of the asking address, where resolvable.</param>
/// <param name="Geo">The place of the asking address, where resolvable.</param>
/// <param name="ReasonText">The caller's own words, or null for the standard ones.</param>
/// <param name="Binding">The broken binding, when that is the reason.</param>
/// <param name="Actor">The name of the api key that asked; null when no service did.</param>
public sealed record EndCause(
    EndReason Reason,
    ClientFacts? Client = null,
    AsnInfo? Asn = null,
    GeoInfo? Geo = null,
    string? ReasonText = null,
    BindingBreak? Binding = null,
    string? Actor = null);
