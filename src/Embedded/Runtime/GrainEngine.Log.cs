using Microsoft.Extensions.Logging;

namespace SessionCluster.Embedded;

// Keys are left out: they can be secret.
public sealed partial class GrainEngine
{
    [LoggerMessage(1, LogLevel.Warning, "A grain of type {GrainType} could not be activated; the calls that waited for it fail.")]
    internal static partial void LogActivationFailed(ILogger logger, string grainType, Exception exception);

    [LoggerMessage(2, LogLevel.Warning, "OnDeactivateAsync of a grain of type {GrainType} failed; the activation ends all the same.")]
    internal static partial void LogDeactivationFailed(ILogger logger, string grainType, Exception exception);

    [LoggerMessage(3, LogLevel.Warning, "A timer's tick in a grain of type {GrainType} failed; the timer goes on.")]
    internal static partial void LogTickFailed(ILogger logger, string grainType, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "A turn of a grain of type {GrainType} failed outside of any call.")]
    internal static partial void LogTurnFailed(ILogger logger, string grainType, Exception exception);

    [LoggerMessage(5, LogLevel.Warning, "The engine stopped with {Count} activations that had not ended in time.")]
    private static partial void LogStopIncomplete(ILogger logger, int count);
}
