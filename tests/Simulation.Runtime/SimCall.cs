using Orleans.CodeGeneration;
using Orleans.Serialization.Invocation;

namespace SessionCluster.Simulation.Runtime;

/// <summary>A call that a generated reference made: what its caller knows of it, and what goes through the simulated network.</summary>
internal abstract class SimCall(SimProcess sender, GrainId target, IInvokable request, InvokeMethodOptions options)
{
    private ITimer? _timeout;
    private byte[]? _wire;

    public SimProcess Sender { get; } = sender;

    public GrainId Target { get; } = target;

    public string Method => request.GetActivityName();

    public bool Interleaves { get; } = (options & InvokeMethodOptions.ReadOnly) == 0
        ? (options & InvokeMethodOptions.AlwaysInterleave) != 0
        : throw new NotSupportedException("Read-only methods are not simulated.");

    /// <summary>How long the caller waits: what the method's own attribute says, or its process' usual patience.</summary>
    public TimeSpan Patience => request.GetDefaultResponseTimeout() ?? Sender.CallPatience;

    /// <summary>Begins to count the time that the caller waits.</summary>
    public void StartTimeout() => _timeout = Sender.Time.CreateTimer(
        static call => ((SimCall)call!).Answer(Response.FromException(new TimeoutException($"{((SimCall)call).Method} was not answered in time; whether it was done is unknown."))),
        this, Patience, Timeout.InfiniteTimeSpan);

    /// <summary>Between two processes everything is serialized. Within one, arguments are shared and answers copied, as Orleans does it.</summary>
    public void Serialize() => _wire ??= OrleansParts.Serializer.SerializeToArray<object>(request);

    /// <summary>
    /// Hands the call to a process, once or, if it is serialized, several times. The answer comes when the work is done, well or
    /// not; never when that process crashes first or knows nothing of the target.
    /// </summary>
    public Task<Response> Deliver(SimProcess process)
    {
        var delivery = new Delivery(this, process, new TaskCompletionSource<Response>());
        process.Dispatch(delivery, Target);
        return delivery.Answer;
    }

    /// <summary>Gives the caller an outcome; without effect after the first.</summary>
    public void Answer(Response response)
    {
        _timeout?.Dispose();
        Complete(response);
    }

    protected abstract void Complete(Response response);

    /// <summary>The call where it has arrived.</summary>
    private sealed class Delivery(SimCall call, SimProcess process, TaskCompletionSource<Response> answer) : SimRequest
    {
        private readonly long _arrived = process.Time.GetTimestamp();

        public Task<Response> Answer => answer.Task;

        public override string Name => call.Method;

        public override bool Interleaves => call.Interleaves;

        // As in Orleans, how long the message was on its way does not count: no process knows that.
        public override bool IsExpired => process.Time.GetElapsedTime(_arrived) > call.Patience;

        public override SimRequest ForwardTo(SimProcess other)
        {
            call.Serialize();
            return new Delivery(call, other, answer) { Reroutes = Reroutes, IsForwarded = true };
        }

        public override async ValueTask<Response> Invoke(ITargetHolder target)
        {
            var body = call._wire is null ? call.Request : process.Read<IInvokable>(call._wire);
            body.SetTarget(target);
            return OrleansParts.ResponseCopier.Copy(await body.Invoke())!;
        }

        public override void Done(Response response) => answer.TrySetResult(
            call._wire is null ? response : call.Sender.Read<Response>(OrleansParts.Serializer.SerializeToArray(response)));
    }

    private IInvokable Request => request;
}

internal sealed class SimCall<T>(SimProcess sender, GrainId target, IInvokable request, InvokeMethodOptions options) : SimCall(sender, target, request, options)
{
    // Its continuations run where the answer arrives. With RunContinuationsAsynchronously they would go to the thread pool, because the
    // generated references turn this answer into another Task first.
    private readonly TaskCompletionSource<T> _reply = new();

    public Task<T> Reply => _reply.Task;

    protected override void Complete(Response response)
    {
        if (response.Exception is { } exception)
        {
            _reply.TrySetException(exception);
        }
        else
        {
            _reply.TrySetResult(response.GetResult<T>()!);
        }
    }
}
