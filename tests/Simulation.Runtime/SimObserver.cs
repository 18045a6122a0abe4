using Orleans.Serialization.Invocation;

namespace SessionCluster.Simulation.Runtime;

/// <summary>
/// An object that grains call by a reference, by the rules of Orleans' InvokableObjectManager: it is held weakly, and its calls run
/// one after another, but for those that interleave. Once it was collected it is forgotten, and calls to it time out.
/// </summary>
internal sealed class SimObserver(SimProcess process, GrainId id, IGrainObserver target) : ITargetHolder
{
    /// <summary>Orleans' name for the kind of target that observers are.</summary>
    public static readonly GrainType Type = GrainType.Create("sys.client");

    private readonly WeakReference<IGrainObserver> _target = new(target);
    private readonly Queue<SimRequest> _waiting = [];
    private bool _isBusy;

    public object? GetTarget() => _target.TryGetTarget(out var target) ? target : null;

    public object? GetComponent(Type componentType) => GetTarget() is { } target && componentType.IsInstanceOfType(target) ? target : null;

    public void Receive(SimRequest request)
    {
        if (!_target.TryGetTarget(out _))
        {
            process.Forget(id);
        }
        else if (request.Interleaves)
        {
            process.Post(() => _ = Run(request));
        }
        else
        {
            _waiting.Enqueue(request);
            if (!_isBusy)
            {
                _isBusy = true;
                process.Post(() => _ = RunWaiting());
            }
        }
    }

    private async Task RunWaiting()
    {
        while (_waiting.TryDequeue(out var request))
        {
            await Run(request);
        }

        _isBusy = false;
    }

    private async Task Run(SimRequest request)
    {
        if (request.IsExpired)
        {
            return;
        }

        Response response;
        try
        {
            response = await request.Invoke(this);
        }
        catch (Exception exception)
        {
            response = Response.FromException(exception);
        }

        request.Done(response);
    }
}
