using Orleans.Runtime.Messaging;
using Orleans.Storage;

namespace SessionCluster.Api.Problems;

/// <summary>What a caller hears of a part of the system that is away for now: nothing is broken, and the same request may go well later.</summary>
/// <param name="Detail">What is the matter, fit for callers.</param>
/// <param name="Cause">The exception that says it; the others around it say only on which way it came.</param>
internal sealed record Outage(ProblemType Problem, string Detail, Exception Cause)
{
    /// <summary>The outage that an exception tells of, itself or by an inner one; null when it tells of a fault of the program.</summary>
    /// <param name="isQuestion">Whether the request changes nothing for its caller, as a check or a list: there is nothing that may have happened.</param>
    public static Outage? Of(Exception exception, bool isQuestion)
    {
        var retry = isQuestion ? "Ask again." : "What was asked may have happened or not. Retry with the same Idempotency-Key.";
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case StorageUnavailableException { OutcomeUnknown: false }:
                    return new Outage(Problems.Problem.StorageUnavailable, cause.Message, cause);
                case StorageUnavailableException:
                    return new Outage(Problems.Problem.UnknownOutcome, $"{cause.Message} {retry}", cause);
                // Orleans cancels a message for which it found no silo in time, as just after a cluster's start.
                case TimeoutException or OperationCanceledException:
                    return new Outage(Problems.Problem.UnknownOutcome, $"The server did not answer in time. {retry}", cause);
                // The silo of a grain went away, or cannot be reached; the grain may have done its work before.
                case OrleansMessageRejectionException or ClientNotAvailableException or ConnectionFailedException:
                    return new Outage(Problems.Problem.UnknownOutcome, $"A part of the server went away. {retry}", cause);
                // A change of membership, or another activation's write, came in between; what was asked may have been done before.
                case AskAgainException or InconsistentStateException:
                    return new Outage(Problems.Problem.UnknownOutcome, $"The cluster changed while it answered. {retry}", cause);
                default:
                    break;
            }
        }

        return null;
    }
}
