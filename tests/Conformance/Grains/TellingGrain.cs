namespace SessionCluster.Conformance.Tests.Grains;

/// <summary>An object in some process that grains call.</summary>
[Alias("cf.probe-observer")]
public interface IProbeObserver : IGrainObserver
{
    [Alias("answer")]
    Task<string> Answer(string name);

    [Alias("pass"), AlwaysInterleave]
    Task<string> Pass(string name);
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
}

[GrainType("cf-telling")]
public sealed class TellingGrain(Signals signals) : Grain, ITellingGrain
{
    private IProbeObserver? observer;

    public Task Watch(IProbeObserver observer)
    {
        this.observer = observer;
        return Task.CompletedTask;
    }

    public Task Tell(string name)
    {
        _ = Report(name, observer!.Answer(name));
        return Task.CompletedTask;
    }

    public Task TellPassing(string name)
    {
        _ = Report(name, observer!.Pass(name));
        return Task.CompletedTask;
    }

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
