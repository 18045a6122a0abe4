using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry.Metrics;
using SessionCluster.Api.Metrics;
using SessionCluster.Settings;

namespace SessionCluster.Api.Tests.Metrics;

public sealed class MetricsTests : IDisposable
{
    private static readonly KeyValuePair<string, object?> Active = new("result", "active");

    private readonly string _name = $"Test{Guid.NewGuid():N}";

    private readonly Meter _meter;

    private readonly ServiceProvider _services;

    public MetricsTests()
    {
        _meter = new Meter(_name);
        _services = new ServiceCollection().AddTelemetry(Settings.Of(("Metrics:Meters:0", _name))).BuildServiceProvider();
        _services.GetRequiredService<MeterProvider>();
    }

    public void Dispose()
    {
        _services.Dispose();
        _meter.Dispose();
    }

    [Fact]
    public async Task A_counter_sums_what_was_added_by_its_tags()
    {
        var checks = _meter.CreateCounter<long>("some.checks", "{check}", "Checks.");
        checks.Add(2, Active);
        checks.Add(3, new KeyValuePair<string, object?>("result", "unknown"));
        checks.Add(5, Active);

        var text = await Read();

        Assert.Contains("# HELP some_checks_total Checks.\n# TYPE some_checks_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains("some_checks_total{result=\"active\"} 7\nsome_checks_total{result=\"unknown\"} 3\n", text, StringComparison.Ordinal);
    }

    /// <summary>As for a collector, to which meters are sent without a question at /metrics.</summary>
    [Fact]
    public async Task What_is_in_the_database_is_measured_also_when_nobody_asks_for_the_page()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _ = new StorageGauges(services.GetRequiredService<IMeterFactory>(), TimeProvider.System, Levels(() => Task.FromResult(7L)));
        var live = new List<long>();
        using var listener = new MeterListener { InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument) };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument.Name == "sessioncluster.sessions.live")
            {
                live.Add(value);
            }
        });
        listener.Start();

        listener.RecordObservableInstruments();
        await Poll.Until(() =>
        {
            listener.RecordObservableInstruments();
            return Task.FromResult(live.Count > 0);
        });

        Assert.All(live, value => Assert.Equal(7, value));
    }

    /// <summary>The console's history reads the counters every few seconds, also where nobody looks at it.</summary>
    [Fact]
    public async Task Nothing_is_measured_in_the_database_for_who_only_reads_what_is_known()
    {
        using var services = new ServiceCollection().AddTelemetry(Settings.Of()).BuildServiceProvider();
        services.GetRequiredService<MeterProvider>();
        var counts = 0;
        var gauges = new StorageGauges(services.GetRequiredService<IMeterFactory>(), TimeProvider.System, Levels(() => Task.FromResult<long>(++counts)));
        var metrics = services.GetRequiredService<PrometheusText>();

        metrics.Read();
        metrics.Read();
        Assert.Equal(0, counts);
        await gauges.Refresh();

        Assert.Contains("sessioncluster_sessions_live", metrics.Read(), StringComparison.Ordinal);
        Assert.Equal(1, counts);
    }

    [Fact]
    public async Task What_the_database_takes_is_shown_while_a_count_of_the_sessions_waits_or_fails_and_the_former_count_too()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var (time, counts, count) = (new FakeTimeProvider(), 0, Task.FromResult(7L));
        var gauges = new StorageGauges(services.GetRequiredService<IMeterFactory>(), time, Levels(() =>
        {
            counts++;
            return count;
        }));
        await gauges.Refresh();
        Assert.Equal("7 1", Shown());
        var waits = new TaskCompletionSource<long>();

        count = waits.Task;
        for (var reading = 0; reading < 3; reading++)
        {
            time.Advance(StorageGauges.KeptFor);
            var refreshed = gauges.Refresh();
            time.Advance(TimeSpan.FromSeconds(2));
            await refreshed;
            Assert.Equal("7 1", Shown());
        }

        Assert.Equal(2, counts);
        waits.SetException(new TimeoutException());
        time.Advance(StorageGauges.KeptFor);
        count = Task.FromResult(8L);
        await gauges.Refresh();
        Assert.Equal("8 1", Shown());

        string Shown()
        {
            var shown = new SortedDictionary<string, long>(StringComparer.Ordinal);
            using var listener = new MeterListener
            {
                InstrumentPublished = (instrument, listener) =>
                {
                    if (instrument.Meter.Scope == services.GetRequiredService<IMeterFactory>())
                    {
                        listener.EnableMeasurementEvents(instrument);
                    }
                },
            };
            listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => shown[instrument.Name] = value);
            listener.Start();
            listener.RecordObservableInstruments();
            return $"{shown["sessioncluster.sessions.live"]} {shown["sessioncluster.database.size"]}";
        }
    }

    [Fact]
    public async Task A_histogram_counts_each_value_in_all_buckets_from_its_own_on()
    {
        var duration = _meter.CreateHistogram("some.duration", "s", "Time.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.25, 1] });
        foreach (var value in new[] { 0.125, 0.25, 0.5, 4 })
        {
            duration.Record(value);
        }

        Assert.Contains(
            "some_duration_seconds_bucket{le=\"0.25\"} 2\nsome_duration_seconds_bucket{le=\"1\"} 3\nsome_duration_seconds_bucket{le=\"+Inf\"} 4\n"
            + "some_duration_seconds_sum 4.875\nsome_duration_seconds_count 4\n",
            await Read(),
            StringComparison.Ordinal);
    }

    /// <summary>Orleans writes the labels of what members send one another so; promtool does not accept that.</summary>
    [Fact]
    public async Task Labels_are_in_snake_case()
    {
        _meter.CreateCounter<long>("some.messages").Add(1, new("ConnectionDirection", "GatewayToClient"), new("http.route", "/x"));

        Assert.Contains("some_messages_total{connection_direction=\"GatewayToClient\",http_route=\"/x\"} 1\n", await Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_observed_value_is_the_one_of_the_moment()
    {
        var held = 3;
        _meter.CreateObservableUpDownCounter("some.held", () => held, "{session}");
        await Read();
        held = 2;

        Assert.Contains("# TYPE some_held gauge\nsome_held 2\n", await Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_and_values_are_in_base_units()
    {
        _meter.CreateHistogram("some.latency", "ms", "Time.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [250] }).Record(500);
        _meter.CreateObservableGauge("some.memory", () => 2.0, "MB");
        _meter.CreateObservableGauge("some.thing.count", () => 7, "{thing}");

        var text = await Read();

        Assert.Contains("some_latency_seconds_bucket{le=\"0.25\"} 0\nsome_latency_seconds_bucket{le=\"+Inf\"} 1\nsome_latency_seconds_sum 0.5\n", text, StringComparison.Ordinal);
        Assert.Contains($"# HELP some_memory_bytes some.memory of {_name}.\n# TYPE some_memory_bytes gauge\nsome_memory_bytes 2097152\n", text, StringComparison.Ordinal);
        Assert.Contains("some_thing_number 7\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Label_values_are_escaped()
    {
        _meter.CreateCounter<int>("some.thing").Add(1, new KeyValuePair<string, object?>("what.ever", "a\"b\\c\nd"));

        Assert.Contains("some_thing_total{what_ever=\"a\\\"b\\\\c\\nd\"} 1\n", await Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_sets_of_labels_than_are_kept_are_counted_in_one_that_says_so()
    {
        var careless = _meter.CreateCounter<int>("some.careless");
        for (var i = 0; i < 2000; i++)
        {
            careless.Add(1, new KeyValuePair<string, object?>("user", i));
        }

        var series = (await Read()).Split('\n').Where(line => line.StartsWith("some_careless_total{", StringComparison.Ordinal)).ToArray();

        Assert.InRange(series.Length, 2, 1001);
        Assert.Contains(series, line => line.StartsWith("some_careless_total{otel_metric_overflow=\"true\"}", StringComparison.Ordinal));
        Assert.Equal(2000, series.Sum(line => int.Parse(line[line.LastIndexOf(' ')..], CultureInfo.InvariantCulture)));
    }

    [Fact]
    public async Task Threads_lose_no_count()
    {
        var counter = _meter.CreateCounter<long>("some.shared");
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                counter.Add(1, Active);
            }
        })));

        Assert.Contains("some_shared_total{result=\"active\"} 160000\n", await Read(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Meters_that_are_not_asked_for_are_left_out()
    {
        using var other = new Meter(_name + "Other");
        other.CreateCounter<int>("some.other").Add(1);

        Assert.DoesNotContain("some_other", await Read(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_meter_without_a_name_stops_the_start()
    {
        var options = new MetricOptions();
        options.Bind(Settings.Of(("Metrics:Meters:0", " ")));

        Assert.StartsWith("Metrics:Meters:0 must", new OptionsCheck<MetricOptions>().Validate(null, options).FailureMessage, StringComparison.Ordinal);
    }

    [SkippableByPromtool]
    public async Task Prometheus_own_checker_accepts_the_text()
    {
        _meter.CreateCounter<long>("some.checks", "{check}", "Checks.").Add(1, Active);
        _meter.CreateHistogram<double>("some.duration", "s", "Time.").Record(0.3);
        _meter.CreateObservableGauge("some.size", () => 12.5, "By", "Size.");
        using var promtool = Process.Start(new ProcessStartInfo("promtool", "check metrics") { RedirectStandardInput = true, RedirectStandardError = true })!;
        await promtool.StandardInput.WriteAsync(await Read());
        promtool.StandardInput.Close();
        var complaints = await promtool.StandardError.ReadToEndAsync();
        await promtool.WaitForExitAsync();

        Assert.Equal((0, ""), (promtool.ExitCode, complaints));
    }

    private static IStorageLevels Levels(Func<Task<long>> count) => Stub.Of<IStorageLevels>((method, _) =>
        method.Name == nameof(IStorageLevels.CountLive) ? count() : Task.FromResult(new StorageSizes(1, null, null)));

    private async Task<string> Read()
    {
        var context = new DefaultHttpContext();
        using var body = new MemoryStream();
        context.Response.Body = body;
        await _services.GetRequiredService<MetricsEndpoint>().Get(context, null!);
        return System.Text.Encoding.UTF8.GetString(body.ToArray());
    }

    private sealed class SkippableByPromtoolAttribute : FactAttribute
    {
        public SkippableByPromtoolAttribute()
        {
            var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
            if (!folders.Any(folder => File.Exists(Path.Combine(folder, "promtool"))))
            {
                Skip = "promtool (Debian package prometheus) is not installed";
            }
        }
    }
}
