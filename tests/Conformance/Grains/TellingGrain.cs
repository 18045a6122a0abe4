namespace SessionCluster.Conformance.Tests.Grains;

/// <summary>An object in some process that grains call.</summary>
[Alias("cf.probe-observer")]
public interface IProbeObserver : IGrainObserver
{
    [Alias("answer")]
    Task<string> Answer(string name);

    [Alias("pass"), AlwaysInterleave]
    Task<string> Pass(string name);

    /// <summary>Its callers wait for less time than is usual.</summary>
    [Alias("brief"), AlwaysInterleave, ResponseTimeout("00:00:01")]
    Task<string> Brief(string name);
}

/// <summary>A grain that keeps a reference to an observer and calls it.</summary>
[Alias("cf.telling")]
public interface ITellingGrain : IGrainWithStringKey
{
    [Alias("watch")]
    Task Watch(IProbeObserver observer);

    /// <summary>Starts a call to the observer. Its outcome is given as the signal "outcome NAME".</summary>
    [Alias("tell")]
    Task Tell(string name);

    /// <summary>The same with the method that interleaves.</summary>
    [Alias("tell-passing")]
    Task TellPassing(string name);

    /// <summary>Starts a call to the method that has a patience of its own.</summary>
    [Alias("tell-briefly")]
    Task TellBriefly(string name);

    /// <summary>Leaves, and calls the observer before the first wait of its leaving.</summary>
    [Alias("tell-and-leave")]
    Task TellAndLeave(string name);
}

[GrainType("cf-telling")]
public sealed class TellingGrain(Signals signals) : Grain, ITellingGrain
{
    private IProbeObserver? _observer;
    private string? _lastWords;

    public Task Watch(IProbeObserver observer)
    {
        _observer = observer;
        return Task.CompletedTask;
    }

    public Task Tell(string name)
    {
        _ = Report(name, _observer!.Answer(name));
        return Task.CompletedTask;
    }

    public Task TellPassing(string name)
    {
        _ = Report(name, _observer!.Pass(name));
        return Task.CompletedTask;
    }

    public Task TellBriefly(string name)
    {
        _ = Report(name, _observer!.Brief(name));
        return Task.CompletedTask;
    }

    public Task TellAndLeave(string name)
    {
        _lastWords = name;
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) =>
        _lastWords is null ? Task.CompletedTask : Report(_lastWords, _observer!.Pass(_lastWords));

    private async Task Report(string name, Task<string> call)
    {
        string outcome;
        try
        {
            outcome = await call;
        }
        catch (TimeoutException)
        {
            outcome = "timeout";
        }
        catch (InvalidOperationException exception)
        {
            outcome = exception.Message;
        }

        signals.Give($"outcome {name}", outcome);
    }
}
