namespace SessionCluster.Embedded.Tests;

/// <summary>A grain that does what tests need of it.</summary>
public interface IWorkGrain : IGrainWithStringKey
{
    Task<int> Number();

    Task Take(string text);

    Task<Thread> ThreadOf();

    /// <summary>Writes to the trace, pausing a while between the lines.</summary>
    Task Trace(string name);

    /// <summary>Waits for a task of the test.</summary>
    Task Await(Task task);

    [AlwaysInterleave]
    Task Pass(string text);

    /// <summary>Blocks its thread.</summary>
    Task Block(ManualResetEventSlim until);

    /// <summary>Calls <see cref="Block"/> of another grain.</summary>
    Task<string> CallBlocked(ManualResetEventSlim until);

    /// <summary>Calls another grain.</summary>
    Task CallOther(string key);

    /// <summary>Ticks every second, each tick lasting so long.</summary>
    Task Tick(TimeSpan lasting);

    Task ChangeTick(TimeSpan due);

    Task Leave();

    Task LeaveAndAwait(Task task);
}

[GrainType("work")]
public class WorkGrain(Trace trace, TimeProvider time) : Grain, IWorkGrain
{
    private static readonly Task<int> Seven = Task.FromResult(7);
    private readonly Task<Thread> thread = Task.FromResult(Thread.CurrentThread);
    private IGrainTimer? timer;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (this.GetPrimaryKeyString() == "restless")
        {
            DeactivateOnIdle();
        }

        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        trace.Add($"left {this.GetPrimaryKeyString()} {reason.ReasonCode}");
        if (this.GetPrimaryKeyString() == "clinging")
        {
            await new TaskCompletionSource().Task;
        }
    }

    public Task<int> Number() => Seven;

    public Task Take(string text)
    {
        trace.Add(text);
        return Task.CompletedTask;
    }

    public Task<Thread> ThreadOf() => thread.Result == Thread.CurrentThread ? thread : Task.FromResult(Thread.CurrentThread);

    public async Task Trace(string name)
    {
        for (var i = 0; i < 3; i++)
        {
            trace.Add($"{this.GetPrimaryKeyString()} {name} {i}");
            await Task.Delay(TimeSpan.FromMilliseconds(i), time);
            await Task.Yield();
        }
    }

    public Task Await(Task task) => task;

    public Task Pass(string text) => Take(text);

    public Task Block(ManualResetEventSlim until)
    {
        until.Wait();
        return Task.CompletedTask;
    }

    public async Task<string> CallBlocked(ManualResetEventSlim until)
    {
        var call = GrainFactory.GetGrain<IWorkGrain>("blocked").Block(until);
        trace.Add("not blocked");
        try
        {
            await call;
            return "done";
        }
        catch (TimeoutException)
        {
            return "timeout";
        }
    }

    public async Task CallOther(string key)
    {
        trace.Add($"calls {key}");
        await GrainFactory.GetGrain<IOtherWorkGrain>(key).Work($"from {this.GetPrimaryKeyString()}");
        trace.Add($"called {key}");
    }

    public Task Tick(TimeSpan lasting)
    {
        timer = this.RegisterGrainTimer(
            async cancellationToken =>
            {
                trace.Add($"tick {time.GetTimestamp() / TimeSpan.TicksPerMillisecond}");
                await Task.Delay(lasting, time, cancellationToken);
            },
            new GrainTimerCreationOptions(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        return Task.CompletedTask;
    }

    public Task ChangeTick(TimeSpan due)
    {
        timer!.Change(due, Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task LeaveAndAwait(Task task)
    {
        DeactivateOnIdle();
        return task;
    }
}

public interface IOtherWorkGrain : IGrainWithStringKey
{
    Task Work(string text);
}

[GrainType("other")]
public sealed class OtherWorkGrain(Trace trace) : Grain, IOtherWorkGrain
{
    public async Task Work(string text)
    {
        trace.Add($"{this.GetPrimaryKeyString()} {text}");
        await Task.Yield();
        trace.Add($"{this.GetPrimaryKeyString()} {text} done");
    }
}
