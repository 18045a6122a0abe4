using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Trace;
using SessionCluster.Api.Metrics;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Metrics;

/// <summary>Whoever listens to traces in this process hears those of all tests.</summary>
[Collection(nameof(Http.AloneCollection))]
public sealed class TraceTests
{
    private const string Source = "Microsoft.Orleans.Application";

    [Fact]
    public void What_is_exported_has_no_e_mail_address_and_tells_users_apart_all_the_same()
    {
        var exported = new Exported();
        var services = new ServiceCollection().AddTelemetry(Settings.Of((Telemetry.CollectorSetting, "http://127.0.0.1:1")));
        services.ConfigureOpenTelemetryTracerProvider((_, traces) => traces.AddProcessor(new SimpleActivityExportProcessor(exported)));
        using var provider = services.BuildServiceProvider();
        var tracer = provider.GetRequiredService<TracerProvider>();
        using (var source = new ActivitySource(Source))
        using (var activity = source.StartActivity("IUserGrain/Login"))
        {
            activity!.SetTag("orleans.rpc.target_id", "user/u:jane@example.com");
            activity.SetTag("orleans.grain.id", new UserKey("user/u:jane@example.com"));
            activity.SetTag("orleans.rpc.source_id", "hosted-127.0.0.1:11111@7654321");
            activity.SetTag("rpc.method", "Login");
            activity.SetTag("http.response.status_code", 200);
        }

        Assert.NotNull(tracer);
        Assert.Equal(
            $"orleans.rpc.target_id=user/u:{new UserId("jane@example.com")} orleans.grain.id=user/u:{new UserId("jane@example.com")} "
            + "orleans.rpc.source_id=hosted-127.0.0.1:11111@7654321 rpc.method=Login http.response.status_code=200",
            Assert.Single(exported.Tags));
    }

    private sealed record UserKey(string Text)
    {
        public override string ToString() => Text;
    }

    private sealed class Exported : BaseExporter<Activity>
    {
        public List<string> Tags { get; } = [];

        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var activity in batch)
            {
                if (activity.Source.Name == Source)
                {
                    Tags.Add(string.Join(' ', activity.TagObjects.Select(tag => $"{tag.Key}={tag.Value}")));
                }
            }

            return ExportResult.Success;
        }
    }
}
