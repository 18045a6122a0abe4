using SessionCluster.Bench.Grains;
using SessionCluster.Sessions;

namespace SessionCluster.Calls;

/// <summary>The embedded engine: a whole check of a session, with clock, lease, binding and answer.</summary>
internal sealed class CallTarget : ITarget
{
    private readonly GrainHost _host;
    private readonly ISessionGrain[] _sessions;
    private readonly ValidateCommand[] _uses;

    private CallTarget(GrainHost host)
    {
        _host = host;
        _sessions = [.. Enumerable.Range(0, Callers.Count).Select(host.Session)];
        _uses = [.. Enumerable.Range(0, Callers.Count).Select(GrainHost.Use)];
    }

    public int InARow => 256;

    public static async Task<ITarget> Start() => new CallTarget(await GrainHost.Start(new MadeUpRows(1, withPlace: false)));

    public Task Call(int caller) => _sessions[caller].Validate(_uses[caller]);

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}
