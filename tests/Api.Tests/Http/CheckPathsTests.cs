using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Api.Hosting;

namespace SessionCluster.Api.Tests.Http;

/// <summary>Checks reach their endpoints past the routing table; what can be seen of that is nothing.</summary>
public sealed class CheckPathsTests : IAsyncLifetime
{
    private ApiHost _host = null!;

    public async Task InitializeAsync() => _host = await ApiHost.Start();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData(CheckPaths.Validate)]
    [InlineData("/api/v3/sessions/validate")]
    [InlineData("/API/v3/sessions/Validate/")]
    [InlineData("/api/v3/sessions/%76alidate/")]
    public async Task A_services_check_is_answered_the_same_at_each_spelling_of_its_path(string path)
    {
        var token = _host.Tokens.Issue(_host.Grains.Add("42").Id);
        var answer = (await _host.Send("POST", path, $$$"""{"token":"{{{token}}}","client":{"ip":"5.6.7.8"}}""")).MustBe(200);

        Assert.True(answer.Json["active"]!.GetValue<bool>());
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
        Assert.Equal("nosniff", answer.Headers["X-Content-Type-Options"]);
        Assert.Equal("no-referrer", answer.Headers["Referrer-Policy"]);
    }

    [Theory]
    [InlineData(CheckPaths.Current)]
    [InlineData("/api/v3/sessions/current")]
    public async Task A_persons_check_is_answered_the_same_at_each_spelling_of_its_path(string path)
    {
        var token = _host.Tokens.Issue(_host.Grains.Add("42").Id);
        var answer = (await _host.Send("GET", path, null, ("Authorization", "Session " + token))).MustBe(200);

        Assert.NotNull(answer.Json["session"]);
        Assert.Equal("no-store", answer.Headers["Cache-Control"]);
    }

    [Theory]
    [InlineData("GET", CheckPaths.Validate)]
    [InlineData("HEAD", CheckPaths.Validate)]
    [InlineData("POST", CheckPaths.Current)]
    public async Task Another_method_is_not_possible(string method, string path) =>
        Assert.Equal(405, (await _host.Send(method, path)).Status);

    [Fact]
    public async Task A_failed_check_is_a_problem_as_any_failure()
    {
        (await _host.Send("POST", CheckPaths.Validate, "{", ("Authorization", "Bearer wrong"))).MustBe(401, "unauthenticated");
        (await _host.Send("POST", CheckPaths.Validate, "{")).MustBe(400, "invalid-request");
    }

    [Theory]
    [InlineData("POST", CheckPaths.Validate)]
    [InlineData("GET", CheckPaths.Current)]
    public async Task Traces_and_metrics_find_the_route_of_a_check(string method, string path)
    {
        var paths = new CheckPaths(
            _ => throw new InvalidOperationException("Not taken."), new DefaultEndpointDataSource(_host.Endpoints), new FailureLog(TimeProvider.System, NullLogger<FailureLog>.Instance));
        var context = new DefaultHttpContext { Request = { Method = method, Path = path } };
        await paths.InvokeAsync(context);

        Assert.Equal(path, Assert.IsType<RouteEndpoint>(context.GetEndpoint()).RoutePattern.RawText);
        Assert.Equal(401, context.Response.StatusCode);
    }

    [Fact]
    public async Task A_trace_goes_on_with_a_check()
    {
        var stopped = new TaskCompletionSource<Activity>(TaskCreationOptions.RunContinuationsAsynchronously);
        var trace = ActivityTraceId.CreateRandom().ToHexString();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity =>
            {
                if (activity.TraceId.ToHexString() == trace)
                {
                    stopped.TrySetResult(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(listener);
        await _host.Send(
            "POST", CheckPaths.Validate, "{}", ("Authorization", "Bearer " + ApiHost.Key), ("traceparent", $"00-{trace}-00f067aa0ba902b7-01"));

        var activity = await stopped.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal("00f067aa0ba902b7", activity.ParentSpanId.ToHexString());
    }
}
