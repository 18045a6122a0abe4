using System.Runtime.CompilerServices;

namespace SessionCluster.Conformance.Tests;

/// <summary>Objects that grains call: in a client, and beside the grains of a silo.</summary>
public abstract class ObserverTests(IRuntime runtime) : ConformanceTests(runtime)
{
    private readonly string _key = $"observer-{Guid.NewGuid():N}";

    private ITellingGrain Telling => Cluster.Grains.GetGrain<ITellingGrain>(_key);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_grain_calls_an_observer_and_goes_on_with_its_answer(bool inSilo) => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.Tell($"first {_key}");
        Assert.Equal($"heard first {_key}", await Signals.Expect($"outcome first {_key}"));

        await Telling.TellPassing($"second {_key}");
        Assert.Equal($"heard second {_key}", await Signals.Expect($"outcome second {_key}"));
        GC.KeepAlive(observer);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_call_of_an_observer_starts_when_the_one_before_is_completed(bool inSilo) => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.Tell($"held {_key}");
        await Signals.Expect($"begun held {_key}");
        await Telling.Tell($"next {_key}");
        await Telling.TellPassing($"passing {_key}");
        await Signals.Expect($"outcome passing {_key}");
        Assert.False(Signals.IsGiven($"begun next {_key}"));

        Signals.Give($"held {_key}");
        await Signals.Expect($"outcome held {_key}");
        await Signals.Expect($"outcome next {_key}");
        GC.KeepAlive(observer);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Exceptions_of_an_observer_reach_the_grain_and_the_observer_lives_on(bool inSilo) => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.Tell($"bad {_key}");
        Assert.Equal($"cannot hear bad {_key}", await Signals.Expect($"outcome bad {_key}"));

        await Telling.Tell($"good {_key}");
        Assert.Equal($"heard good {_key}", await Signals.Expect($"outcome good {_key}"));
        GC.KeepAlive(observer);
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task Observers_are_called_apart(bool inSilo) => Run(async () =>
    {
        var (observer, other) = (new ProbeObserver(Signals), new ProbeObserver(Signals));
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.Tell($"held {_key}");
        await Signals.Expect($"begun held {_key}");
        await Telling.Watch(Reference(other, inSilo));
        await Telling.Tell($"next {_key}");

        await Signals.Expect($"outcome next {_key}");
        Assert.False(Signals.IsGiven($"outcome held {_key}"));
        Signals.Give($"held {_key}");
        GC.KeepAlive((observer, other));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_call_that_waited_longer_than_its_caller_is_not_begun(bool inSilo) => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.Tell($"held {_key}");
        await Signals.Expect($"begun held {_key}");
        await Telling.Tell($"late {_key}");
        Assert.Equal("timeout", await Signals.Expect($"outcome late {_key}"));
        await Pause();
        Signals.Give($"held {_key}");
        await Telling.Tell($"after {_key}");
        await Signals.Expect($"outcome after {_key}");

        Assert.False(Signals.IsGiven($"begun late {_key}"));
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
        await Telling.Tell($"late {_key}");

        Assert.Equal("timeout", await Signals.Expect($"outcome late {_key}"));
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
        await Telling.Tell($"late {_key}");

        Assert.Equal("timeout", await Signals.Expect($"outcome late {_key}"));
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public Task A_leaving_grain_calls_an_observer_and_leaves_after_its_answer(bool inSilo) => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo));
        await Telling.TellAndLeave($"held {_key}");
        await Signals.Expect($"begun held {_key}");
        var next = Telling.Watch(Reference(observer, inSilo));
        await Pause();
        Assert.False(next.IsCompleted);

        Signals.Give($"held {_key}");
        Assert.Equal($"heard held {_key}", await Signals.Expect($"outcome held {_key}"));
        await next;
        GC.KeepAlive(observer);
    });

    [Fact]
    public Task A_method_of_an_observer_may_have_a_patience_of_its_own() => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo: false));
        var begun = Cluster.Time.GetTimestamp();
        await Telling.TellBriefly($"held {_key}");

        Assert.Equal("timeout", await Signals.Expect($"outcome held {_key}"));
        Assert.True(Cluster.Time.GetElapsedTime(begun) < IConformanceCluster.CallTimeout);
        Signals.Give($"held {_key}");
        GC.KeepAlive(observer);
    });

    [Fact]
    public Task A_call_to_an_observer_of_a_process_that_is_gone_times_out() => Run(async () =>
    {
        var observer = new ProbeObserver(Signals);
        await Telling.Watch(Reference(observer, inSilo: false));
        await Cluster.RestartClient();
        await Telling.Tell($"late {_key}");

        Assert.Equal("timeout", await Signals.Expect($"outcome late {_key}"));
        Assert.False(Signals.IsGiven($"begun late {_key}"));
        await Telling.Watch(Reference(observer, inSilo: false));
        await Telling.Tell($"again {_key}");
        Assert.Equal($"heard again {_key}", await Signals.Expect($"outcome again {_key}"));
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

        public Task<string> Brief(string name) => Answer(name);
    }
}
