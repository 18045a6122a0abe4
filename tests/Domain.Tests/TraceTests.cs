using System.Collections.Concurrent;
using System.Diagnostics;
using SessionCluster.Domain.Tests.Clusters;

namespace SessionCluster.Domain.Tests;

[Collection(OnTwoSilos.Name)]
public sealed class TraceTests(TwoSilos cluster)
{
    [PostgreSqlFact]
    public async Task A_trace_of_the_caller_goes_on_in_the_grain_and_in_the_grains_that_it_calls()
    {
        using var source = new ActivitySource("domain-tests");
        var seen = new ConcurrentBag<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => s.Name == "domain-tests" || s.Name.StartsWith("Microsoft.Orleans", StringComparison.Ordinal),
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = seen.Add,
        };
        ActivitySource.AddActivityListener(listener);
        var user = new DomainUser(cluster);
        var (session, _, _) = await user.Login();

        ActivityTraceId trace;
        using (var request = source.StartActivity("request"))
        {
            trace = request!.TraceId;
            await user.End([session.Id]);
        }

        string[] served = [.. seen.Where(a => a.TraceId == trace && a.Kind == ActivityKind.Server).Select(a => a.OperationName)];
        Assert.Contains(served, name => name.EndsWith("/end", StringComparison.OrdinalIgnoreCase));
        Assert.Contains(served, name => name.EndsWith("/ended", StringComparison.OrdinalIgnoreCase));
    }
}
