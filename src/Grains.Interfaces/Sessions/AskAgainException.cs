using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Sessions;

/// <summary>The cluster's membership changed while a session was checked: the answer could be that of an activation that is given up. Ask once more.</summary>
[GenerateSerializer, Alias("sc.ask-again")]
[SuppressMessage("Design", "CA1032", Justification = "It says all it has to say.")]
public sealed class AskAgainException() : Orleans.Runtime.OrleansException("The membership of the cluster changed during the check; it has to be asked for once more.")
{
    /// <summary>
    /// Asks, and up to twice again where the membership changed meanwhile: one change reaches the process of a session and that of its user at
    /// two moments. The question may be asked again also where another activation wrote in between.
    /// </summary>
    public static async Task<T> Repeat<T>(Func<Task<T>> ask)
    {
        for (var again = 2; ; again--)
        {
            try
            {
                // The first try may have stored something before it gave up.
                return again == 2 ? await ask() : await StorageUnavailableException.AfterCommit(ask());
            }
            catch (Exception exception) when (again > 0 && exception is (AskAgainException or Orleans.Storage.InconsistentStateException))
            {
            }
        }
    }
}
