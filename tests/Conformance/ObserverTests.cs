using System.Runtime.CompilerServices;

namespace SessionCluster.Conformance.Tests;

/// <summary>Objects that grains call: in a client, and beside the grains of a silo.</summary>
public abstract class ObserverTests(IRuntime runtime) : ConformanceTests(runtime)
{
    private readonly string key = $"observer-{Guid.NewGuid():N}";

    private ITellingGrain Telling => Cluster.Grains.GetGrain<ITellingGrain>(key);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_grain_calls_an_observer_and_goes_on_with_its_answer(bool inSilo) => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.Tell($"first {key}");
        Assert.Equal($"heard first {key}", await Signals.Expect($"outcome first {key}"));

        await Telling.TellPassing($"second {key}");
        Assert.Equal($"heard second {key}", await Signals.Expect($"outcome second {key}"));
        GC.KeepAlive(observer);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_call_of_an_observer_starts_when_the_one_before_is_completed(bool inSilo) => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.Tell($"held {key}");
        await Signals.Expect($"begun held {key}");
        await Telling.Tell($"next {key}");
        await Telling.TellPassing($"passing {key}");
        await Signals.Expect($"outcome passing {key}");
        Assert.False(Signals.IsGiven($"begun next {key}"));

        Signals.Give($"held {key}");
        await Signals.Expect($"outcome held {key}");
        await Signals.Expect($"outcome next {key}");
        GC.KeepAlive(observer);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Exceptions_of_an_observer_reach_the_grain_and_the_observer_lives_on(bool inSilo) => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.Tell($"bad {key}");
        Assert.Equal($"cannot hear bad {key}", await Signals.Expect($"outcome bad {key}"));

        await Telling.Tell($"good {key}");
        Assert.Equal($"heard good {key}", await Signals.Expect($"outcome good {key}"));
        GC.KeepAlive(observer);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Observers_are_called_apart(bool inSilo) => Run(async () =>
    {
        var (observer, other) = (new ProbeObserver(Signals), new ProbeObserver(Signals));
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.Tell($"held {key}");
        await Signals.Expect($"begun held {key}");
        await Telling.Watch(Reference(other, inSilo));
        await Telling.Tell($"next {key}");

        await Signals.Expect($"outcome next {key}");
        Assert.False(Signals.IsGiven($"outcome held {key}"));
        Signals.Give($"held {key}");
        GC.KeepAlive((observer, other));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_call_that_waited_longer_than_its_caller_is_not_begun(bool inSilo) => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.Tell($"held {key}");
        await Signals.Expect($"begun held {key}");
        await Telling.Tell($"late {key}");
        Assert.Equal("timeout", await Signals.Expect($"outcome late {key}"));
        await Pause();
        Signals.Give($"held {key}");
        await Telling.Tell($"after {key}");
        await Signals.Expect($"outcome after {key}");

        Assert.False(Signals.IsGiven($"begun late {key}"));
        GC.KeepAlive(observer);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_call_to_a_deleted_observer_times_out(bool inSilo) => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        var reference = Reference(observer, inSilo);
        await Telling.Watch(reference);
        Factory(inSilo).DeleteObjectReference<IProbeObserver>(reference);
        await Telling.Tell($"late {key}");

        Assert.Equal("timeout", await Signals.Expect($"outcome late {key}"));
        Assert.Throws<ArgumentException>(() => Factory(inSilo).DeleteObjectReference<IProbeObserver>(reference));
        GC.KeepAlive(observer);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task An_observer_that_nobody_holds_is_forgotten(bool inSilo) => Run(async () =>
    {
        await Telling.Watch(Abandoned(inSilo));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        await Telling.Tell($"late {key}");

        Assert.Equal("timeout", await Signals.Expect($"outcome late {key}"));
    });

    [Fact]
    public Task A_call_to_an_observer_of_a_process_that_is_gone_times_out() => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo: false));
        await Cluster.RestartClient();
        await Telling.Tell($"late {key}");

        Assert.Equal("timeout", await Signals.Expect($"outcome late {key}"));
        Assert.False(Signals.IsGiven($"begun late {key}"));
        await Telling.Watch(Reference(observer, inSilo: false));
        await Telling.Tell($"again {key}");
        Assert.Equal($"heard again {key}", await Signals.Expect($"outcome again {key}"));
        GC.KeepAlive(observer);
    });

    [Fact]
    public Task Only_objects_can_be_observers() => Run(() =>
    {
        var observer = new ProbeObserver(Signals);
        var reference = Reference(observer, inSilo: false);

        Assert.Throws<ArgumentException>(() => Cluster.Grains.CreateObjectReference<IProbeObserver>(reference));
        GC.KeepAlive(observer);
        return Task.CompletedTask;
    });

    private IGrainFactory Factory(bool inSilo) => inSilo ? Cluster.InSilo : Cluster.Grains;

    private IProbeObserver Reference(ProbeObserver observer, bool inSilo) => Factory(inSilo).CreateObjectReference<IProbeObserver>(observer);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private IProbeObserver Abandoned(bool inSilo) => Reference(new ProbeObserver(Signals), inSilo);

    /// <summary>Holds calls whose name begins with "held" until they are let go on, and fails those that begin with "bad".</summary>
    private sealed class ProbeObserver(Signals signals) : IProbeObserver
    {
        public async Task<string> Answer(string name)
        {
            signals.Give($"begun {name}");
            if (name.StartsWith("held", StringComparison.Ordinal))
            {
                await signals.Wait(name);
            }

            return name.StartsWith("bad", StringComparison.Ordinal) ? throw new InvalidOperationException($"cannot hear {name}") : $"heard {name}";
        }

        public Task<string> Pass(string name) => Answer(name);
    }
}
