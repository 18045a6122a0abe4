using Orleans.Serialization.Invocation;

namespace SessionCluster.Simulation.Runtime;

/// <summary>
/// A grain's timer by the rules of Orleans' GrainTimer (10.4.2): a tick is a request of its activation, the next one counts from its
/// end, a change while one waits or runs decides that next one, and a disposed timer ticks no more.
/// </summary>
internal abstract class SimTimer : SimRequest, IGrainTimer
{
    private readonly CancellationTokenSource _stopping = new();
    private readonly SimActivation _activation;
    private readonly ITimer _timer;
    private TimeSpan _due = Timeout.InfiniteTimeSpan;
    private TimeSpan _period = Timeout.InfiniteTimeSpan;
    private State _state;

    protected SimTimer(SimTime time, SimActivation activation, bool interleaves)
    {
        (_activation, Interleaves) = (activation, interleaves);
        _timer = time.CreateTimer(static timer => ((SimTimer)timer!).Fire(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private enum State
    {
        Idle,
        Busy,
        Disposed,
    }

    public override string Name => "a timer's tick";

    public override bool Interleaves { get; }

    public override bool IsCall => false;

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        if (_state == State.Disposed)
        {
            return;
        }

        (_due, _period) = (dueTime, period);
        if (_state == State.Idle)
        {
            SetNext();
        }
    }

    public void Dispose()
    {
        if (_state != State.Disposed)
        {
            _state = State.Disposed;
            _timer.Dispose();
            _stopping.Cancel();
            _activation.Forget(this);
        }
    }

    public override async ValueTask<Response> Invoke(ITargetHolder target)
    {
        if (_state != State.Disposed)
        {
            await Call(_stopping.Token);
        }

        return Response.Completed;
    }

    public override void Done(Response response)
    {
        if (_state != State.Disposed)
        {
            _state = State.Idle;
            SetNext();
        }
    }

    protected abstract Task Call(CancellationToken stopping);

    private void SetNext()
    {
        if (_due == TimeSpan.Zero)
        {
            Fire();
        }
        else
        {
            _timer.Change(_due, Timeout.InfiniteTimeSpan);
        }
    }

    private void Fire()
    {
        if (_state == State.Idle && _due != Timeout.InfiniteTimeSpan)
        {
            (_state, _due) = (State.Busy, _period);
            _activation.Receive(this);
        }
    }
}

internal sealed class SimTimer<TState>(
    SimTime time, SimActivation activation, Func<TState, CancellationToken, Task> callback, TState state, GrainTimerCreationOptions options)
    : SimTimer(time, activation, options.Interleave)
{
    protected override Task Call(CancellationToken stopping) => callback(state, stopping);
}
