using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using SessionCluster.Api.Hosting;

namespace SessionCluster.Api.Tests.Hosting;

/// <summary>What a request is given for the logs alone. Alone, as another test's listener to traces would give it more.</summary>
[Collection(nameof(Http.AloneCollection))]
public sealed class DefaultLogLevelsTests
{
    private const string Requests = "Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics";

    [Fact]
    public async Task A_request_has_no_activity_that_nobody_wants() => Assert.False(await HasActivity());

    [Fact]
    public async Task Who_wants_requests_logged_has_them_with_their_activities() => Assert.True(await HasActivity((Requests, "Information")));

    [Fact]
    public async Task Who_traces_has_activities()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = static source => source.Name == "Microsoft.AspNetCore",
            Sample = static (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);

        Assert.True(await HasActivity());
    }

    [Fact]
    public void An_api_that_finds_no_silo_does_not_warn_of_it_each_second()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddDefaultLogLevels();
        using var app = builder.Build();
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Orleans.Messaging.GatewayManager");

        Assert.False(logger.IsEnabled(LogLevel.Warning));
        Assert.True(logger.IsEnabled(LogLevel.Error));
    }

    /// <summary>Orleans repeats placements through it where a member has gone, and each would be an error with a stack.</summary>
    [Fact]
    public void A_member_that_stops_as_planned_is_no_error_of_the_others()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddDefaultLogLevels();
        using var app = builder.Build();

        Assert.False(app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Polly").IsEnabled(LogLevel.Critical));
    }

    private static async Task<bool> HasActivity(params (string Name, string Value)[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.Configuration.AddDefaultLogLevels();
        await using var app = builder.Build();
        app.MapGet("/", () => Activity.Current is not null);
        await app.StartAsync();
        using var client = new HttpClient();
        return bool.Parse(await client.GetStringAsync(new Uri(app.Urls.Single())));
    }
}
