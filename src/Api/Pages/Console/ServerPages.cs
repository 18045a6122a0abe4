using RazorSlices;

namespace SessionCluster.Api.Pages.Console;

/// <summary>The console's pages about the server as a whole: overview, bindings, cluster.</summary>
internal sealed class ServerPages(
    IGrainFactory grains, ConsoleGate gate, History history, PlaceSample places, EdgeSessions edge, IReadiness readiness, IConfiguration configuration,
    IOptions<MetricOptions> metrics, TimeProvider time, IStorageLevels? storage = null)
{
    private const int NewestEvents = 8;

    private const int MostCountries = 8;

    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    // However many tabs ask, the sessions are counted once in a while.
    private LiveCount? _live;

    public async Task Overview(HttpContext context, ApiKey key)
    {
        var canRead = key.Roles.HasFlag(Roles.Read);
        var request = context.Request.Query;
        var part = await Part(request["part"].ToString(), Guid.TryParse(request["seen"], out var seen) ? seen.ToString() : "", canRead);
        if (part is not null)
        {
            await PageWriter.Write(context, part);
            return;
        }

        var counted = history.Read();
        var (newest, broken) = canRead ? await ReadNewest("", PageReads.Most) : (null, []);
        var model = new OverviewModel(
            await ReadTiles(canRead, counted), ReadCharts(counted), canRead ? await ReadPlaces(broken) : null, newest, ReadEndings(counted), time.GetUtcNow(), gate.FrameOf(key, "Overview", ConsolePlace.Overview));
        await PageWriter.Write(context, Console.Overview.Create(model));
    }

    public async Task Bindings(HttpContext context, ApiKey key)
    {
        var (from, to) = (context.Request.Query["from"].ToString().Trim(), context.Request.Query["to"].ToString().Trim());
        var faults = new Dictionary<string, string>();
        foreach (var (name, text) in new[] { ("from", from), ("to", to) }.Where(_ => from.Length + to.Length > 0))
        {
            if (ClientAddress.CanonicalOf(text) is null)
            {
                faults[name] = BindingEndpoints.NoAddress;
            }
        }

        var explanation = from.Length + to.Length > 0 && faults.Count == 0 ? await grains.BindingExplain().Explain(ClientAddress.CanonicalOf(from)!, ClientAddress.CanonicalOf(to)!) : null;
        var map = explanation is { From.Geo: { } first, To.Geo: { } second }
            ? WorldMap.Draw($"World map: from {PlaceWords.Of(first)} to {PlaceWords.Of(second)}.", [first], [second])
            : null;
        var model = new BindingsModel(
            from, to, faults, explanation, map, await grains.BindingExplain().Databases(), gate.FrameOf(key, faults.Count > 0 ? "Error: Explain a binding" : "Explain a binding", ConsolePlace.Bindings));
        await PageWriter.Write(context, BindingPage.Create(model), faults.Count > 0 ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
    }

    public async Task Cluster(HttpContext context, ApiKey key)
    {
        var (now, _, minutes) = history.Read();
        var before = minutes.FirstOrDefault(totals => totals.At >= now.At - Hour) ?? now;
        var hour = new Totals(now.At, now.Checks - before.Checks, now.FromMemory - before.FromMemory, now.Logins - before.Logins,
            now.Endings.SetItems(now.Endings.Select(entry => KeyValuePair.Create(entry.Key, entry.Value - before.Endings.GetValueOrDefault(entry.Key)))), now.Refused - before.Refused);
        var size = storage is null ? null : (await storage.ReadSizes()).DatabaseBytes is var bytes && bytes > 0 ? $"{(bytes / 1_000_000.0).ToString("N1", CultureInfo.InvariantCulture)} MB" : null;
        // An Api by itself has no storage: it is always one of a cluster.
        var isCluster = storage is null || configuration["Storage:Provider"] == "postgresql";
        var model = new ClusterModel(
            await Members(isCluster), await readiness.WhyNotReady(context.RequestAborted), ProgramVersion.Text,
            isCluster ? "PostgreSQL" : "SQLite, one process", size, edge.Count, Duration.Load(configuration["Leases:Duration"] ?? "seconds=5").Value, hour,
            await grains.BindingExplain().Databases(), !metrics.Value.IsApart, time.GetUtcNow(), gate.FrameOf(key, "Cluster", ConsolePlace.Cluster));
        await PageWriter.Write(context, ClusterPage.Create(model));
    }

    private async Task<List<ClusterMember>?> Members(bool isCluster)
    {
        try
        {
            var hosts = await grains.GetGrain<IManagementGrain>(0).GetDetailedHosts(onlyActive: false);
            return [.. hosts.OrderBy(host => host.Status).ThenBy(host => host.SiloName, StringComparer.Ordinal).Take(PageReads.Most).Select(host => new ClusterMember(
                host.SiloName, isCluster ? host.SiloAddress.Endpoint.ToString() : null, host.Status.ToString(), new DateTimeOffset(DateTime.SpecifyKind(host.StartTime, DateTimeKind.Utc)),
                new DateTimeOffset(DateTime.SpecifyKind(host.IAmAliveTime, DateTimeKind.Utc))))];
        }
        catch (Exception exception) when (exception is OrleansException or TimeoutException)
        {
            return null;
        }
    }

    private async Task<int> CountLive()
    {
        if (_live is { } kept && time.GetElapsedTime(kept.At) < StorageGauges.KeptFor)
        {
            return kept.Count;
        }

        var counted = (await grains.SessionList().Search(new SessionQuery(SessionOrder.LastUsed, Descending: true, 0, 1))).Count;
        _live = new LiveCount(time.GetTimestamp(), counted);
        return counted;
    }

    // A part by itself, as an open page asks for it; null for the whole page.
    private async Task<RazorSlice?> Part(string name, string seen, bool canRead) => name switch
    {
        "tiles" => Tiles.Create(await ReadTiles(canRead, history.Read())),
        "charts" => Charts.Create(ReadCharts(history.Read())),
        "endings" => Endings.Create(ReadEndings(history.Read())),
        "places" when canRead => Places.Create(await ReadPlaces((await ReadNewest("", PageReads.Most)).Broken)),
        "newest" when canRead => Newest.Create((await ReadNewest(seen, NewestEvents)).Model),
        _ => null,
    };

    private static ChartsModel ReadCharts((Totals Now, Totals Before, ImmutableArray<Totals> Minutes) counted)
    {
        var (now, _, minutes) = counted;
        return new ChartsModel(Rates(minutes, now, totals => totals.Checks), Hours(minutes, now));
    }

    private static EndingsModel ReadEndings((Totals Now, Totals Before, ImmutableArray<Totals> Minutes) counted)
    {
        var (now, _, minutes) = counted;
        var day = minutes.FirstOrDefault() ?? now;
        return new EndingsModel([.. now.Endings.Select(entry => (entry.Key, entry.Value - day.Endings.GetValueOrDefault(entry.Key))).OrderByDescending(entry => entry.Item2)]);
    }

    private async Task<PlacesModel> ReadPlaces(IReadOnlyList<GeoInfo?> broken)
    {
        var sample = await places.Read();
        var countries = sample.GroupBy(geo => geo?.Country).Select(group => (group.Key is null ? "Place not known" : Country.Name(group.Key), group.Count())).OrderByDescending(entry => entry.Item2);
        var map = WorldMap.Draw($"World map with the places of {sample.Count(geo => geo?.Lat is not null)} live sessions; the table beside it has the countries.", sample, broken);
        return new PlacesModel(map, [.. countries.Take(MostCountries)], sample.Count);
    }

    private async Task<(NewestModel Model, IReadOnlyList<GeoInfo?> Broken)> ReadNewest(string seen, int most)
    {
        var page = await grains.EventLog().Search(new EventQuery([], null, null, null, Descending: true, 0, most, MostCounted: 0));
        var facts = page.Events.Select(entry => new EventFacts(entry)).ToList();
        return (new NewestModel([.. facts.Take(NewestEvents)], seen, time.GetUtcNow()), [.. facts.Where(entry => entry.Binding is not null).Select(entry => entry.Geo)]);
    }

    private async Task<List<Tile>> ReadTiles(bool canRead, (Totals Now, Totals Before, ImmutableArray<Totals> Minutes) counted)
    {
        var (now, before, minutes) = counted;
        var hour = minutes.FirstOrDefault(totals => totals.At >= now.At - Hour) ?? now;
        var live = canRead ? await CountLive() : 0;
        var seconds = Math.Max(1, (now.At - before.At).TotalSeconds);
        var memory = now.Checks - hour.Checks is > 0 and var checks ? $"{(100.0 * (now.FromMemory - hour.FromMemory) / checks).ToString("0.0", CultureInfo.InvariantCulture)} % from memory" : "none in the last hour";
        List<Tile> tiles =
        [
            new("Checks", null, Number((now.Checks - before.Checks) / seconds), "/s", memory, Curve(minutes, now, totals => totals.Checks)),
            new("Logins", canRead ? "/admin/events/?action=login" : null, Number((now.Logins - before.Logins) / seconds), "/s", $"{Number(now.Logins - hour.Logins)} in an hour", Curve(minutes, now, totals => totals.Logins)),
            new("Endings", canRead ? "/admin/events/?action=logout" : null, Number((now.Ended - before.Ended) / seconds), "/s", $"{Number(now.Ended - hour.Ended)} in an hour", Curve(minutes, now, totals => totals.Ended)),
            new("Broken bindings", canRead ? "/admin/events/?action=logout&search=Session+binding+broken" : null, Number(now.Broken - hour.Broken), "in an hour", "this process", Curve(minutes, now, totals => totals.Broken)),
            new("Refused keys", null, Number(now.Refused - hour.Refused), "in an hour", "this process", Curve(minutes, now, totals => totals.Refused)),
        ];
        if (canRead)
        {
            tiles.Insert(0, new("Live sessions", "/admin/sessions/", Number(live), "", $"{(Net(now) - Net(hour)).ToString("+#,0;-#,0;+0", CultureInfo.InvariantCulture)} in an hour here", [.. LastHour(minutes, now).Select(totals => (double)Math.Max(0, live - Net(now) + Net(totals)))]));
        }

        return tiles;
    }

    private static string Number(double number) => number.ToString(number is > 0 and < 10 && number != Math.Floor(number) ? "0.0" : "N0", CultureInfo.InvariantCulture);

    private static List<double> Curve(IReadOnlyList<Totals> minutes, Totals now, Func<Totals, long> of) => [.. Rates(minutes, now, of).Select(rate => rate.Value)];

    private static List<Totals> LastHour(IReadOnlyList<Totals> minutes, Totals now) => [.. minutes.Where(totals => totals.At >= now.At - Hour), now];

    // How many more sessions there are than when this process began, as far as it knows.
    private static long Net(Totals totals) => totals.Logins - totals.Ended;

    // What was counted in each minute of the last hour, a second.
    private static List<(DateTimeOffset At, double Value)> Rates(IReadOnlyList<Totals> minutes, Totals now, Func<Totals, long> of)
    {
        var recent = LastHour(minutes, now);
        return [.. recent.Zip(recent.Skip(1)).Select(pair => (pair.Second.At, (of(pair.Second) - of(pair.First)) / Math.Max(1, (pair.Second.At - pair.First.At).TotalSeconds)))];
    }

    private static List<HourBar> Hours(IReadOnlyList<Totals> minutes, Totals now)
    {
        var bars = new List<HourBar>();
        var top = new DateTimeOffset(now.At.UtcDateTime.Date.AddHours(now.At.UtcDateTime.Hour), TimeSpan.Zero);
        for (var hour = top.AddHours(-23); hour <= top; hour = hour.AddHours(1))
        {
            var within = minutes.Append(now).Where(totals => totals.At >= hour && totals.At <= hour.AddHours(1)).ToList();
            var (first, last) = (minutes.LastOrDefault(totals => totals.At < hour) ?? within.FirstOrDefault(), within.LastOrDefault());
            bars.Add(new HourBar(hour, (last?.Logins ?? 0) - (first?.Logins ?? 0) is > 0 and var logins && last is not null ? logins : 0, last is not null && first is not null ? Math.Max(0, last.Ended - first.Ended) : 0));
        }

        return bars;
    }

    private sealed record LiveCount(long At, int Count);
}
