namespace SessionCluster.Alerts;

/// <summary>Sends notifications to receivers outside; the host brings it.</summary>
public interface IAlertSender
{
    /// <summary>Whether a mail server is configured.</summary>
    bool HasMail { get; }

    /// <summary>Sends one notification by a webhook or a mail, within its time limit; never throws for what a receiver does.</summary>
    Task<AlertSending> Send(AlertTransport transport, AlertNotification notification);
}

/// <summary>How a sending went.</summary>
/// <param name="Error">What went wrong, for the operator; null when nothing did.</param>
public sealed record AlertSending(AlertOutcome Outcome, string? Error = null);

public enum AlertOutcome
{
    /// <summary>The receiver has it.</summary>
    Delivered = 0,

    /// <summary>The receiver answered that it does not take this one now, or did not answer though it was connected: others may fare better.</summary>
    Refused = 1,

    /// <summary>There was no connection to the receiver: others would fare no better.</summary>
    Unreachable = 2,

    /// <summary>It can never be sent, such as a mail to somebody without an address.</summary>
    Impossible = 3,
}
