using SessionCluster.Simulation.Runtime;

namespace SessionCluster.Conformance.Tests.Simulated;

/// <summary>Two simulated silos and a client, whose messages take a little while and overtake one another.</summary>
internal sealed class SimulatedCluster : IConformanceCluster, IServiceProvider
{
    private static readonly Type[] GrainClasses =
        [typeof(ProbeGrain), typeof(StoredGrain), typeof(FragileGrain), typeof(BriefGrain), typeof(TimedGrain), typeof(TellingGrain)];

    private readonly IServiceProvider _orleans = OrleansParts.NewScope().ServiceProvider;
    private readonly Dictionary<GrainId, SimProcess> _directory = [];
    private readonly SimSilo[] _silos;
    private readonly SimClient _client;
    private readonly Random _random;
    private readonly SimLoop _loop;

    public SimulatedCluster(int seed)
    {
        _random = new Random(seed);
        _loop = new SimLoop(_random);
        Signals = new Signals(_loop.Time, TaskCreationOptions.None);
        var storage = new MemoryStorage();
        _silos = [.. Enumerable.Range(0, 2).Select(i => new SimSilo(i, GrainClasses, this, storage, _loop, Route) { CallPatience = IConformanceCluster.CallTimeout })];
        _client = new SimClient("client", GrainClasses, _loop, Route) { CallPatience = IConformanceCluster.CallTimeout };
    }

    public IGrainFactory Grains => _client;

    public IGrainFactory InSilo => _silos[0];

    public Signals Signals { get; }

    public SimClient Client => _client;

    /// <summary>How often each message between two processes arrives.</summary>
    public int Copies { get; set; } = 1;

    public TimeProvider Time => _loop.Time;

    /// <summary>What went wrong, or null.</summary>
    public string? Run(Func<IConformanceCluster, Task> test)
    {
        Task? task = null;
        _loop.Add(() => task = test(this));
        try
        {
            var isDone = _loop.RunUntil(() => task is { IsCompleted: true }, TimeSpan.FromMinutes(5), maxSteps: 1_000_000);
            return isDone ? task!.Exception?.InnerException?.ToString() : "The test did not come to its end.";
        }
        catch (TrespassException trespass)
        {
            return trespass.Message;
        }
    }

    public async Task DeactivateAll()
    {
        Array.ForEach(_silos, s => s.DeactivateIdle());
        await Task.Delay(TimeSpan.FromMilliseconds(1), _loop.Time);
    }

    public Task RestartClient()
    {
        _client.Crash();
        return Task.CompletedTask;
    }

    public object? GetService(Type serviceType) => serviceType == typeof(Signals) ? Signals : _orleans.GetService(serviceType);

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
                _loop.Time.After(Delay(), () => _loop.Add(() => Deliver(call, process)));
            }
        }
    }

    private async void Deliver(SimCall call, SimProcess process)
    {
        var response = await call.Deliver(process);
        _loop.Time.After(Delay(), () => _loop.Add(() => call.Answer(response)));
    }

    private SimProcess? ProcessOf(GrainId target)
    {
        if (target.Type == SimObserver.Type)
        {
            return _silos.Append<SimProcess>(_client).FirstOrDefault(p => p.Hosts(target));
        }

        if (!_directory.TryGetValue(target, out var silo))
        {
            _directory[target] = silo = _silos[_random.Next(_silos.Length)];
        }

        return silo;
    }

    private TimeSpan Delay() => TimeSpan.FromMicroseconds(_random.Next(1, 900));
}
