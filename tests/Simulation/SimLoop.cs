namespace SessionCluster.Simulation;

/// <summary>
/// The one thread: of all that could run next it picks by the seed. Clients run in its synchronization context, nodes through
/// their schedulers.
/// </summary>
internal sealed class SimLoop(Random random, SimTime time) : SynchronizationContext
{
    private readonly List<Action> _ready = [];

    /// <summary>Things that have happened so far; orders the history.</summary>
    public long Step { get; private set; }

    public TimeSpan Now => time.Elapsed;

    public void Add(Action item) => _ready.Add(item);

    public override void Post(SendOrPostCallback d, object? state) => Add(() => d(state));

    public override SynchronizationContext CreateCopy() => this;

    public long Tick() => ++Step;

    /// <summary>Runs until the condition holds; false when nothing is left to do, or the limits are reached.</summary>
    public bool RunUntil(Func<bool> done, TimeSpan limit, long maxSteps)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        try
        {
            for (var last = Step + maxSteps; Step < last && !done();)
            {
                if (_ready.Count == 0)
                {
                    if (!time.FireNext(limit))
                    {
                        return done();
                    }

                    continue;
                }

                Step++;
                var index = random.Next(_ready.Count);
                var item = _ready[index];
                _ready[index] = _ready[^1];
                _ready.RemoveAt(_ready.Count - 1);
                item();
            }

            return done();
        }
        finally
        {
            SetSynchronizationContext(outer);
        }
    }
}
