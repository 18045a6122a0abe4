namespace SessionCluster.Events;

/// <summary>Makes the one event that each beginning and each ending of a session writes.</summary>
internal static class SessionEvents
{
    public static EventV1 Login(Guid id, LoginCommand command, SessionV1 session, DateTimeOffset now) => new()
    {
        Pk = EventPk.At(id, now),
        Action = EventActions.Login,
        UserPk = session.UserPk,
        Username = session.Username,
        Email = session.Email,
        Name = session.Name,
        ClientIp = command.Client.Ip,
        Session = session.Id,
        Created = now,
        Context = EventContext.Login(command, session),
    };

    public static EventV1 Logout(Guid id, LiveSession session, EndCause cause, DateTimeOffset now) => new()
    {
        Pk = EventPk.At(id, now),
        Action = EventActions.Logout,
        UserPk = session.User.Id.Value,
        Username = session.User.Username,
        Email = session.User.Email,
        Name = session.User.Name,
        ClientIp = cause.Binding?.NewIp ?? cause.Client?.Ip,
        Session = session.Id.Value,
        Created = now,
        Context = EventContext.Logout(
            session.Id, cause.ReasonText ?? EndReasons.Text(cause.Reason), cause.Client, cause.Asn, cause.Geo, cause.Binding, cause.Actor),
    };
}

/// <summary>Why sessions end and on whose request.</summary>
/// <param name="ReasonText">The caller's own words, or null for the standard ones.</param>
/// <param name="Client">Who asked; null when the server itself did.</param>
/// <param name="Asn">The network of the asking address, where resolvable.</param>
/// <param name="Geo">The place of the asking address, where resolvable.</param>
/// <param name="Binding">The broken binding, when that is the reason.</param>
/// <param name="Actor">The name of the api key that asked; null when no service did.</param>
public sealed record EndCause(
    EndReason Reason, string? ReasonText, ClientFacts? Client, AsnInfo? Asn, GeoInfo? Geo, BindingBreak? Binding, string? Actor);
