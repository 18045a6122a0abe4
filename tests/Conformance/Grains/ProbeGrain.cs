using System.Collections.Immutable;

namespace SessionCluster.Conformance.Tests.Grains;

/// <summary>A grain that shows when and where its requests run. Names of signals are the tests'.</summary>
[Alias("cf.probe")]
public interface IProbeGrain : IGrainWithStringKey
{
    /// <summary>Tells activations of a key apart.</summary>
    [Alias("activation")]
    Task<Guid> Activation();

    [Alias("key")]
    Task<string> Key();

    [Alias("echo")]
    Task<Note> Echo(Note note);

    /// <summary>Writes the step down.</summary>
    [Alias("step")]
    Task Step(string step);

    /// <summary>The same in a call that interleaves.</summary>
    [Alias("passing-step"), AlwaysInterleave]
    Task PassingStep(string step);

    /// <summary>Writes "begun NAME", gives the signal "begun NAME", waits for the signal NAME, writes "ended NAME".</summary>
    [Alias("hold")]
    Task Hold(string name);

    /// <summary>The same in a call that interleaves.</summary>
    [Alias("passing-hold"), AlwaysInterleave]
    Task PassingHold(string name);

    /// <summary>What was written down by this activation.</summary>
    [Alias("steps"), AlwaysInterleave]
    Task<ImmutableArray<string>> Steps();

    /// <summary>Takes turns, and counts those in which it was not alone.</summary>
    [Alias("crowd"), AlwaysInterleave]
    Task<int> Crowd(int turns);

    [Alias("throw-at-once")]
    Task ThrowAtOnce(string message);

    [Alias("throw-later")]
    Task<int> ThrowLater(string message);

    /// <summary>Calls <see cref="Hold"/> of another probe with the signal, and tells how that went.</summary>
    [Alias("call-hold")]
    Task<string> CallHold(HoldElsewhere call);

    /// <summary>Asks for its deactivation.</summary>
    [Alias("leave")]
    Task Leave();

    /// <summary>Asks for its deactivation, then goes on as <see cref="Hold"/>.</summary>
    [Alias("leave-and-hold")]
    Task LeaveAndHold(string name);
}

[GenerateSerializer, Immutable, Alias("cf.note")]
public sealed record Note([property: Id(0)] string Text, [property: Id(1)] DateTimeOffset At, [property: Id(2)] ImmutableArray<int> Numbers);

[GenerateSerializer, Immutable, Alias("cf.hold-elsewhere")]
public sealed record HoldElsewhere([property: Id(0)] string Key, [property: Id(1)] string Name);

[GrainType("cf-probe")]
public sealed class ProbeGrain(Signals signals) : Grain, IProbeGrain
{
    private readonly Guid _activation = Guid.NewGuid();
    private ImmutableArray<string> _steps = [];
    private int _inside;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        if (!signals.Give($"made {key}"))
        {
            signals.Give($"made again {key}");
        }

        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var key = this.GetPrimaryKeyString();
        if (key.StartsWith("calling-leaver", StringComparison.Ordinal))
        {
            await GrainFactory.GetGrain<IProbeGrain>($"other-{key}").Step("called by a leaver");
        }

        if (key.StartsWith("stuck-leaver", StringComparison.Ordinal))
        {
            await using var cancelled = cancellationToken.Register(() => signals.Give($"cancelled {key}"));
            signals.Give($"leaving {key}");
            await signals.Wait($"release {key}");
        }

        signals.Give($"left {key}", reason.ReasonCode.ToString());
        if (key.StartsWith("bad-leaver", StringComparison.Ordinal))
        {
            throw new InvalidOperationException("A bad leaver.");
        }
    }

    public Task<Guid> Activation() => Task.FromResult(_activation);

    public Task<string> Key() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<Note> Echo(Note note) => Task.FromResult(note);

    public Task Step(string step)
    {
        _steps = _steps.Add(step);
        return Task.CompletedTask;
    }

    public Task PassingStep(string step) => Step(step);

    public async Task Hold(string name)
    {
        _steps = _steps.Add($"begun {name}");
        signals.Give($"begun {name}");
        await signals.Wait(name);
        _steps = _steps.Add($"ended {name}");
        signals.Give($"ended {name}");
    }

    public Task PassingHold(string name) => Hold(name);

    public Task<ImmutableArray<string>> Steps() => Task.FromResult(_steps);

    public async Task<int> Crowd(int turns)
    {
        var crowded = 0;
        for (var turn = 0; turn < turns; turn++)
        {
            _inside++;
            Thread.SpinWait(200);
            crowded += _inside == 1 ? 0 : 1;
            _inside--;
            await Task.Yield();
        }

        return crowded;
    }

    public Task ThrowAtOnce(string message) => throw new InvalidOperationException(message);

    public async Task<int> ThrowLater(string message)
    {
        await Task.Yield();
        throw new InvalidOperationException(message);
    }

    public async Task<string> CallHold(HoldElsewhere call)
    {
        try
        {
            await GrainFactory.GetGrain<IProbeGrain>(call.Key).Hold(call.Name);
            return "done";
        }
        catch (TimeoutException)
        {
            return "timeout";
        }
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task LeaveAndHold(string name)
    {
        DeactivateOnIdle();
        return Hold(name);
    }
}
