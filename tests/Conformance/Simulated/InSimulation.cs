namespace SessionCluster.Conformance.Tests.Simulated;

/// <summary>The suite on the simulation's runtime: each test under many seeds, each time on a new cluster.</summary>
public sealed class InSimulation : IRuntime
{
    private const int Seeds = 50;

    public Task Run(Func<IConformanceCluster, Task> test)
    {
        for (var seed = 0; seed < Seeds; seed++)
        {
            if (new SimulatedCluster(seed).Run(test) is { } failure)
            {
                Assert.Fail($"seed {seed}: {failure}");
            }
        }

        return Task.CompletedTask;
    }
}

public sealed class ActivationTestsInSimulation() : ActivationTests(new InSimulation());

public sealed class ObserverTestsInSimulation() : ObserverTests(new InSimulation());

public sealed class StateTestsInSimulation() : StateTests(new InSimulation());

public sealed class TimerTestsInSimulation() : TimerTests(new InSimulation());

public sealed class TurnTestsInSimulation() : TurnTests(new InSimulation());
