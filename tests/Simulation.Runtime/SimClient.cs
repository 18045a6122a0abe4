namespace SessionCluster.Simulation.Runtime;

/// <summary>A process without grains, as an Orleans client is: it calls grains and can be called through its observers.</summary>
internal sealed class SimClient(string name, IEnumerable<Type> grains, SimLoop loop, Action<SimCall> route) : SimProcess(name, grains, loop, route);
