using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Sessions;

/// <summary>The cluster's membership changed while a session was checked: the answer could be that of an activation that is given up. Ask once more.</summary>
[GenerateSerializer, Alias("sc.ask-again")]
[SuppressMessage("Design", "CA1032", Justification = "It says all it has to say.")]
public sealed class AskAgainException() : Orleans.Runtime.OrleansException("The membership of the cluster changed during the check; it has to be asked for once more.");
