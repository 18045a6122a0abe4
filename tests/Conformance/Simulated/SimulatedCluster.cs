using SessionCluster.Simulation.Runtime;

namespace SessionCluster.Conformance.Tests.Simulated;

/// <summary>Two simulated silos and a client, whose messages take a little while and overtake one another.</summary>
internal sealed class SimulatedCluster : IConformanceCluster, IServiceProvider
{
    private static readonly Type[] GrainClasses =
        [typeof(ProbeGrain), typeof(StoredGrain), typeof(FragileGrain), typeof(BriefGrain), typeof(TimedGrain), typeof(TellingGrain)];

    private readonly IServiceProvider orleans = OrleansParts.NewScope().ServiceProvider;
    private readonly Dictionary<GrainId, SimProcess> directory = [];
    private readonly SimSilo[] silos;
    private readonly SimClient client;
    private readonly Random random;
    private readonly SimLoop loop;

    public SimulatedCluster(int seed)
    {
        random = new Random(seed);
        loop = new SimLoop(random);
        Signals = new Signals(loop.Time, TaskCreationOptions.None);
        var storage = new MemoryStorage();
        silos = [.. Enumerable.Range(0, 2).Select(i => new SimSilo(i, GrainClasses, this, storage, loop, Route) { CallPatience = IConformanceCluster.CallTimeout })];
        client = new SimClient("client", GrainClasses, loop, Route) { CallPatience = IConformanceCluster.CallTimeout };
    }

    public IGrainFactory Grains => client;

    public IGrainFactory InSilo => silos[0];

    public Signals Signals { get; }

    public SimClient Client => client;

    /// <summary>How often each message between two processes arrives.</summary>
    public int Copies { get; set; } = 1;

    public TimeProvider Time => loop.Time;

    /// <summary>What went wrong, or null.</summary>
    public string? Run(Func<IConformanceCluster, Task> test)
    {
        Task? task = null;
        loop.Add(() => task = test(this));
        try
        {
            var isDone = loop.RunUntil(() => task is { IsCompleted: true }, TimeSpan.FromMinutes(5), maxSteps: 1_000_000);
            return isDone ? task!.Exception?.InnerException?.ToString() : "The test did not come to its end.";
        }
        catch (TrespassException trespass)
        {
            return trespass.Message;
        }
    }

    public async Task DeactivateAll()
    {
        Array.ForEach(silos, s => s.DeactivateIdle());
        await Task.Delay(TimeSpan.FromMilliseconds(1), loop.Time);
    }

    public Task RestartClient()
    {
        client.Crash();
        return Task.CompletedTask;
    }

    public object? GetService(Type serviceType) => serviceType == typeof(Signals) ? Signals : orleans.GetService(serviceType);

    private void Route(SimCall call)
    {
        if (ProcessOf(call.Target) is { } process)
        {
            var copies = 1;
            if (process != call.Sender)
            {
                call.Serialize();
                copies = Copies;
            }

            for (; copies > 0; copies--)
            {
                loop.Time.After(Delay(), () => loop.Add(() => Deliver(call, process)));
            }
        }
    }

    private async void Deliver(SimCall call, SimProcess process)
    {
        var response = await call.Deliver(process);
        loop.Time.After(Delay(), () => loop.Add(() => call.Answer(response)));
    }

    private SimProcess? ProcessOf(GrainId target)
    {
        if (target.Type == SimObserver.Type)
        {
            return silos.Append<SimProcess>(client).FirstOrDefault(p => p.Hosts(target));
        }

        if (!directory.TryGetValue(target, out var silo))
        {
            directory[target] = silo = silos[random.Next(silos.Length)];
        }

        return silo;
    }

    private TimeSpan Delay() => TimeSpan.FromMicroseconds(random.Next(1, 900));
}
