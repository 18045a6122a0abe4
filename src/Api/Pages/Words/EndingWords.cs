namespace SessionCluster.Api.Pages.Words;

/// <summary>An ending in plain words, for the person whose session it was. It names no address and no place: whoever holds the old cookie reads it.</summary>
/// <param name="Tone">The class of its tone; empty for none.</param>
/// <param name="IsTwoCases">Whether there are two cases to tell apart: it was the person, or it was not.</param>
/// <param name="CanSignIn">Whether signing in again helps.</param>
public sealed record EndingWords(string Icon, string Tone, string Reason, string WhatToDo, bool IsTwoCases = false, bool CanSignIn = true)
{
    private const string IfNotYou = "Sign in again. If that was not you, change your password.";

    /// <summary>The words for a reason; of a broken binding its layer counts, such as <c>network.asn</c>.</summary>
    public static EndingWords Of(EndReason? reason, SessionStatus status, string? binding) => (reason ?? Coarse(status)) switch
    {
        EndReason.BindingBroken when binding?.StartsWith("network", StringComparison.Ordinal) == true => new(
            "network", "warn", "Your connection moved to another network, and this session could be used only from the one it began on. So it ended, to keep anybody else from using it.", "", IsTwoCases: true),
        EndReason.BindingBroken when binding?.StartsWith("geoip", StringComparison.Ordinal) == true => new(
            "place", "warn", "Your connection now appears to be in another place, and this session could be used only from where it began. So it ended, to keep anybody else from using it.", "", IsTwoCases: true),
        EndReason.BindingBroken => new("shield", "warn", "Your connection changed in a way that this session does not allow.", "", IsTwoCases: true),
        EndReason.Expired => new("clock", "", "This session's time was over.", "Sign in again."),
        EndReason.Idle => new("clock", "", "This session was not used for a while.", "Sign in again."),
        EndReason.LoggedOut => new("logout", "ok", "You signed out.", "Sign in again when you need it."),
        EndReason.RevokedByOwner => new("logout", "ok", "You ended this session from another of your devices.", IfNotYou),
        EndReason.RevokedByAdmin => new("shield", "warn", "Somebody who runs this service ended it.", "Sign in again, or ask them."),
        EndReason.TerminatedByLogin => new("login", "", "You signed in somewhere else, and here only one sign-in is allowed at a time.", "Sign in again here, or carry on there. If that was not you, change your password."),
        EndReason.ReplacedByLogin => new("login", "", "You signed in again in this browser.", "Carry on in the new one."),
        EndReason.SessionLimit => new("login", "", "You signed in on more devices than are allowed, so the oldest ended.", "Sign in again; end devices that you do not use."),
        EndReason.UserDeactivated => new("refused", "bad", "Your account is switched off.", "Ask whoever runs this service.", CanSignIn: false),
        _ when status == SessionStatus.Revoked => new("logout", "", "It was ended.", IfNotYou),
        _ => new("unknown", "", "This session is not known here any more.", "Sign in again."),
    };

    /// <summary>The few words of a table. What an operator said of an ending is for operators.</summary>
    public static string Short(EndReason? reason) => reason switch
    {
        EndReason.BindingBroken => "moved to another network or place",
        EndReason.Expired => "its time was over",
        EndReason.Idle => "not used for a while",
        EndReason.LoggedOut => "signed out by you",
        EndReason.RevokedByOwner => "ended by you",
        EndReason.TerminatedByLogin => "ended by another sign-in",
        EndReason.ReplacedByLogin => "signed in again in that browser",
        EndReason.SessionLimit => "too many devices",
        EndReason.UserDeactivated => "account switched off",
        _ => "ended by an operator",
    };

    private static EndReason? Coarse(SessionStatus status) => status switch
    {
        SessionStatus.Expired => EndReason.Expired,
        SessionStatus.Idle => EndReason.Idle,
        SessionStatus.UserInactive => EndReason.UserDeactivated,
        SessionStatus.BindingBroken => EndReason.BindingBroken,
        _ => null,
    };
}
