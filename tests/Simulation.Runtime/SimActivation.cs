using Orleans.Serialization.Invocation;

namespace SessionCluster.Simulation.Runtime;

/// <summary>
/// One grain in memory, in the place of Orleans' ActivationData and of its task scheduler: what grain code awaits goes on as a
/// task of this scheduler, one task at a time, when the loop picks it. Its rules of turns are those of ActivationData's message loop.
/// </summary>
internal sealed partial class SimActivation : TaskScheduler, IGrainContext, IWorkItemScheduler
{
    /// <summary>As Orleans: MaxForwardCount.</summary>
    private const int MostReroutes = 2;

    private readonly SimSilo _silo;
    private readonly GrainKind _kind;
    private readonly Action _runTurn;
    private readonly Queue<Task> _turns = new();
    private readonly List<SimRequest> _waiting = [];
    private readonly List<SimRequest> _atWork = [];
    private Stage _stage = Stage.Activating;
    private SimRequest? _blocking;
    private bool _isSignalled;
    private bool _isScheduled;

    public SimActivation(SimSilo silo, GrainKind kind, GrainId id, int number)
    {
        (_silo, _kind, GrainId, Number, _runTurn) = (silo, kind, id, number, RunTurn);
        LastUsed = silo.Time.GetTimestamp();
        Start(static self => _ = ((SimActivation)self!).ActivateAsync());
    }

    private enum Stage
    {
        Activating,
        Valid,
        Deactivating,
        Gone,
        Crashed,
    }

    public int Number { get; }

    public long LastUsed { get; private set; }

    public override int MaximumConcurrencyLevel => 1;

    public void ReceiveMessage(object message) => Receive((SimRequest)message);

    public void Receive(SimRequest request)
    {
        if (_stage is not (Stage.Gone or Stage.Crashed) && _silo.Loop.IsOnItsThread(null))
        {
            _waiting.Add(request);
            Signal();
        }
    }

    public void QueueAction(Action action) => new Task(action).Start(this);

    public void QueueAction(Action<object> action, object state) => new Task(action!, state).Start(this);

    void IWorkItemScheduler.QueueTask(Task task) => task.Start(this);

    public IEnumerable<string> AtWorkLonger(TimeSpan than) =>
        _atWork.Where(r => _silo.Time.GetElapsedTime(r.Began) > than).Select(r => $"{GrainId} has been at {r.Name} for more than {than.TotalSeconds} seconds");

    protected override IEnumerable<Task> GetScheduledTasks() => _turns;

    protected override void QueueTask(Task task)
    {
        if (_silo.Loop.IsOnItsThread(task) && _stage != Stage.Crashed)
        {
            _turns.Enqueue(task);
            ScheduleTurn();
        }
    }

    // As Orleans' ActivationTaskScheduler: only what this activation's own running turn completes.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && _silo.Loop.IsOnItsThread(task) && _stage != Stage.Crashed && ReferenceEquals(_silo.Loop.Running, this) && TryExecuteTask(task);

    private void ScheduleTurn()
    {
        if (!_isScheduled && _turns.Count > 0)
        {
            _isScheduled = true;
            _silo.Schedule(_runTurn);
        }
    }

    private void RunTurn()
    {
        _isScheduled = false;
        if (_turns.TryDequeue(out var turn))
        {
            _silo.Loop.RunAs(this, turn, static (self, turn) => self.TryExecuteTask(turn));
            ScheduleTurn();
        }
    }

    private void Start(Action<object?> turn) => new Task(turn, this, default, TaskCreationOptions.DenyChildAttach).Start(this);

    private void Signal()
    {
        if (!_isSignalled)
        {
            _isSignalled = true;
            Start(static self => ((SimActivation)self!).Pump());
        }
    }

    /// <summary>Starts what may start now.</summary>
    private void Pump()
    {
        _isSignalled = false;
        if (_isChanging || BeginLeaving())
        {
            return;
        }

        for (var i = 0; i < _waiting.Count;)
        {
            var next = _waiting[i];
            if (!(_stage == Stage.Valid || (_stage == Stage.Deactivating && !next.IsCall)))
            {
                return;
            }

            if (next.IsExpired)
            {
                _waiting.RemoveAt(i);
                continue;
            }

            if (!next.Interleaves && _blocking is not null)
            {
                i++;
                continue;
            }

            _waiting.RemoveAt(i);
            if (!next.Interleaves)
            {
                _blocking = next;
            }

            _ = Run(next);
        }
    }

    private async Task Run(SimRequest request)
    {
        request.Began = _silo.Time.GetTimestamp();
        _atWork.Add(request);
        Response response;
        try
        {
            response = await request.Invoke(this);
        }
        catch (Exception exception)
        {
            response = Response.FromException(exception);
        }

        // As Orleans does with one that a grain lets escape; the mark keeps it from ending the grains that it passes through.
        if (response.Exception is InconsistentStateException inconsistent && OrleansParts.IsFromHere(inconsistent))
        {
            OrleansParts.SetFromHere(inconsistent, false);
            Deactivate(new DeactivationReason(DeactivationReasonCode.ApplicationError, inconsistent, "inconsistent"));
        }

        _atWork.Remove(request);
        _blocking = _blocking == request ? null : _blocking;
        if (request.IsCall)
        {
            LastUsed = _silo.Time.GetTimestamp();
        }

        request.Done(response);
        Signal();
    }
}
