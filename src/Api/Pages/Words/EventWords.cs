namespace SessionCluster.Api.Pages.Words;

/// <summary>An event in words.</summary>
/// <param name="Tone">The class of its tone; empty for none.</param>
/// <param name="What">What happened: "Signed in from a new device".</param>
/// <param name="Detail">More about it; what callers named stands in it.</param>
public sealed record EventWords(string Icon, string Tone, string What, string Detail)
{
    public static EventWords Of(EventFacts facts)
    {
        var device = facts.UserAgent.Length > 0 ? DeviceWords.Of(facts.UserAgent).Name : "";
        return facts.Event.Action switch
        {
            EventActions.Login when facts.KnownDevice == false => new("login", "warn", "Signed in from a new device", Join(device, $"with {Isolated(facts.AuthMethod)}")),
            EventActions.Login => new("login", "info", "Signed in", Join(device, $"with {Isolated(facts.AuthMethod)}, known device")),
            EventActions.Logout => Ending(facts, device),
            EventActions.ModelCreated => new("stage", "", $"Created: {Thing(facts)}", Actor(facts)),
            EventActions.ModelUpdated when facts.Activated == true => new("check", "ok", "Activated", Actor(facts)),
            EventActions.ModelUpdated when facts.Activated == false => new("refused", "bad", "Deactivated", Actor(facts)),
            EventActions.ModelUpdated => new("stage", "", $"Changed: {Thing(facts)}", Actor(facts)),
            EventActions.ModelDeleted => new("stage", "", $"Deleted: {Thing(facts)}", Actor(facts)),
            var other => new("info", "", other, device),
        };
    }

    public static string Kind(string action) => action switch
    {
        EventActions.Login => "Logins",
        EventActions.Logout => "Endings",
        EventActions.ModelCreated => "Created",
        EventActions.ModelUpdated => "Changed",
        EventActions.ModelDeleted => "Deleted",
        _ => action,
    };

    /// <summary>The few words for a reason.</summary>
    public static string Reason(string name) => name switch
    {
        "logged_out" => "Signed out",
        "revoked_by_owner" => "Ended by owner",
        "revoked_by_admin" => "Ended by an operator",
        "terminated_by_login" => "Another login",
        "replaced_by_login" => "Replaced",
        "session_limit" => "Session limit",
        "expired" => "Expired",
        "idle" => "Idle",
        "user_deactivated" => "User deactivated",
        "binding_broken" => "Binding broken",
        _ => name,
    };

    private static EventWords Ending(EventFacts facts, string device) => facts.Reason switch
    {
        EndReason.BindingBroken => new("refused", "bad", "Ended: binding broken", Join(BindingLayer(facts.Binding), device)),
        EndReason.UserDeactivated => new("refused", "bad", "Ended: user deactivated", Actor(facts)),
        EndReason.RevokedByAdmin => new("shield", "warn", "Ended by an operator", Actor(facts)),
        EndReason.RevokedByOwner => new("logout", "", "Ended by owner", device),
        EndReason.Expired => new("clock", "", "Ended: expired", device),
        EndReason.Idle => new("clock", "", "Ended: idle", device),
        EndReason.LoggedOut => new("logout", "", "Ended: signed out", device),
        EndReason.TerminatedByLogin => new("logout", "", "Ended: another login", device),
        EndReason.ReplacedByLogin => new("logout", "", "Ended: replaced by a login", device),
        EndReason.SessionLimit => new("logout", "", "Ended: session limit", device),
        _ => new("shield", "warn", "Ended", Join($"\u201c{Isolated(facts.LogoutReason)}\u201d", Actor(facts))),
    };

    /// <summary>What a broken binding compared.</summary>
    public static string BindingLayer(string? reason) => reason switch
    {
        "network.missing" => "No record of a network",
        "network.asn" => "Another network operator",
        "network.asn_network" => "Another network of the operator",
        "network.ip" => "Another address",
        "geoip.missing" => "No record of a place",
        "geoip.continent" => "Another continent",
        "geoip.country" => "Another country",
        "geoip.city" => "Another city",
        _ => reason ?? "",
    };

    private static string Thing(EventFacts facts)
    {
        var kind = facts.Model.Kind switch
        {
            "userloginstage" => "login stage",
            "notificationtransport" => "transport",
            "notificationrule" => "rule",
            "eventmatcherpolicy" => "matcher",
            "policybinding" => "binding",
            var other => other,
        };
        return $"{kind} {Isolated(facts.Model.Name)}".Trim();
    }

    private static string Actor(EventFacts facts) => facts.Actor is { } actor ? $"Key {actor}" : "";

    private static string Isolated(string? text) => CallerText.Isolated(text ?? "");

    private static string Join(params string[] parts) => string.Join(", ", parts.Where(part => part.Length > 0));
}
