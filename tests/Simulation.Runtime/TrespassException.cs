namespace SessionCluster.Simulation.Runtime;

/// <summary>Code of a history left the history's thread, so the same seed would not give the same history again.</summary>
/// <param name="place">The methods that were seen on the other thread, or whose rest was to go on there.</param>
internal sealed class TrespassException(string place)
    : Exception($"Something ran on another thread than the simulation's (Task.Run, ConfigureAwait(false), or a wait in real time): {place}");
