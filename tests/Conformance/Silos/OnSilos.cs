namespace SessionCluster.Conformance.Tests.Silos;

/// <summary>The suite on real silos.</summary>
[CollectionDefinition(Name)]
public sealed class OnSilos : ICollectionFixture<SiloCluster>
{
    public const string Name = "silos";
}

[Collection(OnSilos.Name)]
public sealed class ActivationTestsOnSilos(SiloCluster cluster) : ActivationTests(cluster);

[Collection(OnSilos.Name)]
public sealed class ObserverTestsOnSilos(SiloCluster cluster) : ObserverTests(cluster);

[Collection(OnSilos.Name)]
public sealed class StateTestsOnSilos(SiloCluster cluster) : StateTests(cluster);

[Collection(OnSilos.Name)]
public sealed class TimerTestsOnSilos(SiloCluster cluster) : TimerTests(cluster);

[Collection(OnSilos.Name)]
public sealed class TurnTestsOnSilos(SiloCluster cluster) : TurnTests(cluster);
