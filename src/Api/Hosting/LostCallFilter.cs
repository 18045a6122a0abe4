using Orleans.Runtime.Messaging;

namespace SessionCluster.Api.Hosting;

/// <summary>
/// A call whose silo went away has an unknown outcome, as one that timed out: the callee may have done its work. The edge
/// answers both alike.
/// </summary>
internal sealed class LostCallFilter : IOutgoingGrainCallFilter
{
    public async Task Invoke(IOutgoingGrainCallContext context)
    {
        try
        {
            await context.Invoke();
        }
        catch (Exception exception) when (exception is OrleansMessageRejectionException or ClientNotAvailableException or ConnectionFailedException)
        {
            throw new TimeoutException("The silo of the grain went away, or the grain could not be reached.", exception);
        }
    }
}
