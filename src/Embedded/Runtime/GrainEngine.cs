using System.Collections.Frozen;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace SessionCluster.Embedded;

/// <summary>
/// Runs grains in this process; docs/engine.md tells how. Several may live side by side, as the nodes of a simulation.
/// </summary>
public sealed partial class GrainEngine : IGrainFactory, IHostedService, IDisposable
{
    private readonly ICallRouter? router;
    private readonly bool runsInline;
    private readonly FrozenDictionary<Type, (GrainContract Contract, GrainTable Table)> contracts;
    private readonly IdleCollector collector;
    private readonly ITimer collection;
    private TaskCompletionSource? quiet;
    private volatile Phase phase;
    private int activations;
    private int leaving;
    private uint numbers;

    /// <exception cref="NotSupportedException">A grain class or contract has a shape that this engine does not run.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public GrainEngine(
        IServiceProvider services,
        EngineOptions options,
        IGrainStorage storage,
        TimeProvider time,
        ITurnScheduler scheduler,
        ICallRouter? router = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(storage);
        ArgumentNullException.ThrowIfNull(time);
        ArgumentNullException.ThrowIfNull(scheduler);
        options.Validate();
        Services = services;
        Options = options;
        Storage = storage;
        Time = time;
        Scheduler = scheduler;
        this.router = router;
        runsInline = !scheduler.IsExclusive && router is null;
        Logger = services.GetService<ILogger<GrainEngine>>() ?? NullLogger<GrainEngine>.Instance;
        Tables = [.. options.GrainClasses.Select(type => new GrainTable(this, GrainClass.Of(type)))];
        contracts = Compile(Tables).ToFrozenDictionary();
        Timers = new TimerHeap(time);
        collector = new IdleCollector(this);
        collection = time.CreateTimer(
            static collector => ((IdleCollector)collector!).Schedule(), collector, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private enum Phase
    {
        /// <summary>Not started: no call is taken.</summary>
        Closed,

        /// <summary>Calls are taken.</summary>
        Open,

        /// <summary>Activations end; they may call one another, while they last.</summary>
        Closing,
    }

    /// <summary>Activations in memory.</summary>
    public int ActivationCount => Volatile.Read(ref activations);

    internal IServiceProvider Services { get; }

    internal EngineOptions Options { get; }

    internal IGrainStorage Storage { get; }

    internal TimeProvider Time { get; }

    internal ITurnScheduler Scheduler { get; }

    internal ILogger Logger { get; }

    internal TimerHeap Timers { get; }

    /// <summary>One for each grain class, in the order in which the options name them.</summary>
    internal IReadOnlyList<GrainTable> Tables { get; }

    internal bool IsOpen => phase == Phase.Open;

    /// <summary>Activations that nobody has asked to end.</summary>
    internal int Staying => Volatile.Read(ref activations) - Volatile.Read(ref leaving);

    // An exclusive scheduler's callers have a synchronization context that gets them out of the callee's turn; the others
    // leave it through the thread pool.
    internal TaskCreationOptions ReplyOptions => Scheduler.IsExclusive ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously;

    public TGrain GetGrain<TGrain>(string primaryKey)
        where TGrain : IGrainWithStringKey
    {
        ArgumentException.ThrowIfNullOrEmpty(primaryKey);
        return contracts.TryGetValue(typeof(TGrain), out var found)
            ? (TGrain)(object)found.Contract.NewReference(found.Table, primaryKey)
            : throw new ArgumentException($"No grain class implements {typeof(TGrain)}.");
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        collection.Change(Options.CollectionInterval, Options.CollectionInterval);
        phase = Phase.Open;
        return Task.CompletedTask;
    }

    /// <summary>
    /// Refuses calls from outside, ends all activations once their present requests are done, and refuses what waited for
    /// them. What is not done within <see cref="EngineOptions.StopTimeout"/> is abandoned.
    /// </summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        phase = Phase.Closing;
        collection.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        try
        {
            await LeaveAllAsync(DeactivationReasonCode.ShuttingDown).WaitAsync(Options.StopTimeout, Time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            LogStopIncomplete(Logger, ActivationCount);
        }

        Crash();
    }

    /// <summary>Ends all activations once their present requests are done; completes when they are gone.</summary>
    /// <exception cref="TimeoutException">Some are not gone within <see cref="EngineOptions.StopTimeout"/>; they will be.</exception>
    public Task DeactivateAllAsync() => LeaveAllAsync(DeactivationReasonCode.ApplicationRequested).WaitAsync(Options.StopTimeout, Time);

    /// <summary>For simulations: everything in memory is lost at once, as when the process ends. Start it again to go on.</summary>
    public void Crash()
    {
        phase = Phase.Closed;
        collection.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        foreach (var activation in Ordered())
        {
            activation.Crash();
        }
    }

    /// <summary>For simulations: one activation is lost at once. False when there is none.</summary>
    public bool Crash(GrainId grain)
    {
        var found = TableOf(grain.Type).Activations.Find(new HeldKey(grain.Key));
        found?.Crash();
        return found is not null;
    }

    public void Dispose()
    {
        collection.Dispose();
        Timers.Dispose();
    }

    /// <summary>A call through a reference.</summary>
    internal Task Send<TGrain, TArg, TResult>(GrainTable table, string key, GrainMethod<TGrain, TArg, TResult> method, TArg argument)
        where TGrain : class
    {
        var fromGrain = SynchronizationContext.Current is Activation;
        return runsInline && !fromGrain && IsOpen && table.Activations.Glance(new HeldKey(key)) is { } activation
            && activation.TryRunInline(method, argument) is { } answer
            ? answer
            : SendQueued(table, key, method, argument, fromGrain);
    }

    /// <summary>Hands a call to the activation of its key, which begins if it must.</summary>
    internal void Dispatch(Call call, GrainTable table, string key, bool fromGrain)
    {
        var held = new HeldKey(key);
        while (true)
        {
            var activation = table.Activations.Find(held);
            if (!IsOpen && !(fromGrain && phase == Phase.Closing && activation is not null))
            {
                call.Refuse(new InvalidOperationException("The engine is not running."));
                return;
            }

            if (activation is null)
            {
                activation = NewActivation(table, held);
                if (!table.Activations.TryAdd(activation))
                {
                    CountActivation(-1);
                    continue;
                }

                if (phase == Phase.Closed)
                {
                    // It was closed since the look above: the next one refuses.
                    activation.Crash();
                    continue;
                }

                collector.Added(Staying);
            }

            if (activation.Accept(call))
            {
                return;
            }
        }
    }

    internal GrainTable TableOf(string grainType) =>
        Tables.First(table => string.Equals(table.Class.GrainType, grainType, StringComparison.Ordinal));

    internal Activation NewActivation(GrainTable table, HeldKey key)
    {
        CountActivation(1);
        return new Activation(table, key, Interlocked.Increment(ref numbers));
    }

    internal void CountActivation(int change) => Interlocked.Add(ref activations, change);

    internal void CountLeaving(int change)
    {
        if (Interlocked.Add(ref leaving, change) == 0)
        {
            Interlocked.Exchange(ref quiet, null)?.TrySetResult();
        }
    }

    private Task<TResult> SendQueued<TGrain, TArg, TResult>(
        GrainTable table, string key, GrainMethod<TGrain, TArg, TResult> method, TArg argument, bool fromGrain)
        where TGrain : class
    {
        var call = new Call<TGrain, TArg, TResult>(this, method, argument);
        call.StartTimeout();
        if (router is null)
        {
            Dispatch(call, table, key, fromGrain);
        }
        else
        {
            call.Route = new RoutedCall(call, router, this, new GrainId(table.Class.GrainType, key));
            Scheduler.Schedule(call.Route);
        }

        return call.Reply;
    }

    private Task LeaveAllAsync(DeactivationReasonCode reason)
    {
        // One leaver more than there are, so that the count does not reach zero before all are asked.
        CountLeaving(1);
        var done = new TaskCompletionSource(ReplyOptions);
        done = Interlocked.CompareExchange(ref quiet, done, null) ?? done;
        foreach (var activation in Ordered())
        {
            activation.Leave(reason);
        }

        CountLeaving(-1);
        return done.Task;
    }

    private List<Activation> Ordered() =>
        [.. Tables.SelectMany(table => table.Activations.All()).OrderBy(activation => activation.Number)];

    private static Dictionary<Type, (GrainContract Contract, GrainTable Table)> Compile(IReadOnlyList<GrainTable> tables)
    {
        var contracts = new Dictionary<Type, (GrainContract Contract, GrainTable Table)>();
        foreach (var table in tables)
        {
            foreach (var contract in table.Class.Contracts.Where(type => !contracts.TryAdd(type, (GrainContract.Of(type), table))))
            {
                throw new NotSupportedException($"Two grain classes implement {contract}.");
            }
        }

        RefuseRepeated(tables.Select(table => table.Class.GrainType), "are named");
        RefuseRepeated(tables.SelectMany(table => table.Class.StateNames), "store a state named");
        return contracts;
    }

    private static void RefuseRepeated(IEnumerable<string> names, string what)
    {
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } repeated)
        {
            throw new NotSupportedException($"Two grain classes {what} '{repeated.Key}'.");
        }
    }
}
