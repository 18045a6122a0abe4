namespace SessionCluster.Api.Pages.Console;

/// <summary>The console's lists: sessions and events, and each one of them.</summary>
internal sealed class ConsolePages(
    IGrainFactory grains, CommitThenTell commits, ConnectionClient connection, ConsoleGate gate, IOptions<EventOptions> events, TimeProvider time)
{
    /// <summary>How many events a search looks at.</summary>
    public const int NewestSearched = 5000;

    /// <summary>How far events are counted.</summary>
    public const int MostCounted = 100_000;

    private const int Most = 255;

    private const string NewestUse = "-last_used";

    // Each filter, and what a badge says of it.
    private static readonly (string Name, Func<string, string> Said)[] SessionFilterNames =
    [
        ("search", text => $"\u201c{text}\u201d"), ("session__last_ip", text => text), ("asn", text => $"AS{text}"), ("country", Country.Name), ("user", text => $"User {text}"),
        ("user__username", text => $"User {text}"),
    ];

    private static readonly (string Name, Func<string, string> Said)[] EventFilterNames =
        [("search", text => $"\u201c{text}\u201d"), ("action", EventWords.Kind), ("username", text => $"User {text}"), ("client_ip", text => text)];

    public async Task Sessions(HttpContext context, ApiKey key)
    {
        var errors = new FieldErrors();
        var request = context.Request.Query;
        var asked = PageRequest.Read(request, errors);
        var order = request["ordering"].ToString() is { Length: > 0 } given ? given : NewestUse;
        var page = asked ?? new PageRequest(1, PageRequest.DefaultSize);
        var query = SessionFilters.Read(request, page, errors, NewestUse);
        var faults = SessionFilterNames.Select(filter => filter.Name).Append("ordering").Where(name => errors.Of(name).Count > 0).ToDictionary(name => name, name => errors.Of(name)[0]);
        if (errors.Any && faults.Count == 0)
        {
            // At no field of this page.
            await ErrorPage.Write(context, Problem.InvalidRequest);
            return;
        }

        // What the API finds anywhere in a text takes a look at every row; the page finds beginnings, by their indexes.
        var now = time.GetUtcNow();
        var found = errors.Any ? new SessionPage(0, []) : await grains.SessionList().Search(query with { Search = null, Begins = query.Search });
        if (asked is null || !page.IsWithin(found.Count))
        {
            await ErrorPage.Write(context, Problem.NotFound);
            return;
        }

        var filters = Filters(request, SessionFilterNames);
        const string Home = "/admin/sessions/";
        (string, string)[] sorted = [("ordering", order)];
        var model = new SessionsModel(
            new SessionTable(found.Sessions, now, HasUser: true, new Sorting(order, PageUrl(Home, filters))), new PagerModel(page.Number, page.Size, found.Count, PageUrl(Home, filters, sorted)),
            filters, InUse(Home, SessionFilterNames, filters, sorted), faults, order, now, gate.FrameOf(key, faults.Count > 0 ? "Error: Sessions" : "Sessions", ConsolePlace.Sessions));
        await PageWriter.Write(context, SessionList.Create(model), faults.Count > 0 ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
    }

    /// <summary>One session, live or ended.</summary>
    public Task One(HttpContext context, ApiKey key) => Show(context, key, null);

    /// <summary>Ends it, and shows the receipt; the session only to who may read.</summary>
    public async Task End(HttpContext context, ApiKey key)
    {
        var reason = (await FormFields.Read(context)).One("reason");
        // Asked of its user also when it has ended: "already" waits for what another call has just ended.
        var command = new EndCommand([], EndReason.RevokedByAdmin, ReasonText: Reason(reason), Client: connection.Facts(context), Actor: key.Name);
        var receipt = PathSegment.TrySession(context, out var id) && await grains.Session(id).Owner() is { } owner
            ? await commits.End(owner, command with { Sessions = [id] })
            : null;
        if (receipt?.Ended.Contains(id) != true)
        {
            await ErrorPage.Write(
                context, StatusCodes.Status409Conflict, "It changed meanwhile", "This session has ended already. Nothing was changed.", ($"/admin/sessions/{context.Request.RouteValues["uuid"]}/", "Look at it"),
                ("/admin/sessions/", "Sessions"));
            return;
        }

        await (key.Roles.HasFlag(Roles.Read)
            ? Show(context, key, receipt)
            : PageWriter.Write(context, Session.Create(new SessionModel(id, null, null, null, [], receipt, time.GetUtcNow(), gate.FrameOf(key, "Session", ConsolePlace.Sessions)))));
    }

    public async Task Events(HttpContext context, ApiKey key)
    {
        var request = context.Request.Query;
        var errors = new FieldErrors();
        var asked = PageRequest.Read(request, errors);
        var page = asked ?? new PageRequest(1, PageRequest.DefaultSize);
        var reader = new QueryReader(request, errors);
        var action = reader.Text("action");
        var query = new EventQuery(
            action is null ? [] : [action], reader.Text("username"), reader.Address("client_ip"), reader.Text("search"), Descending: true, page.Offset, page.Size, Newest: NewestSearched, MostCounted: MostCounted);
        if (errors.Any || asked is null)
        {
            await ErrorPage.Write(context, errors.Any ? Problem.InvalidRequest : Problem.NotFound);
            return;
        }

        var filters = Filters(request, EventFilterNames);
        var url = PageUrl("/admin/events/", filters);
        if (request["part"] == "newer")
        {
            await ShowNewer(context, query, url);
            return;
        }

        var found = await grains.EventLog().Search(query);
        if (!page.IsWithin(found.Count))
        {
            await ErrorPage.Write(context, Problem.NotFound);
            return;
        }

        var now = time.GetUtcNow();
        var facts = found.Events.Select(entry => new EventFacts(entry)).ToList();
        var model = new EventsModel(
            new EventRowsModel(facts, page.Number == 1 && query.Search is null ? TopOf(facts, "") : null, url, now), new PagerModel(page.Number, page.Size, found.Count, url, found.Count >= MostCounted), filters, InUse("/admin/events/", EventFilterNames, filters),
            TimeWords.Length(events.Value.RetentionValue), now, gate.FrameOf(key, "Events", ConsolePlace.Events));
        await PageWriter.Write(context, EventList.Create(model));
    }

    // A page that is left open asks for this over and over: what came since the event that it has on top is read by an index, nothing is
    // counted, and nothing is searched. Where that is more than a page, the older of them are left to a link.
    private async Task ShowNewer(HttpContext context, EventQuery query, string url)
    {
        if (query.Search is not null)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var top = Guid.TryParse(context.Request.Query["seen"], out var pk) ? await grains.EventLog().Find(pk) : null;
        // With those of the same moment, among which the order is not the clock's.
        var found = await grains.EventLog().Search(query with { Since = top?.Created.AddTicks(-TimeSpan.TicksPerMicrosecond), MostCounted = 0 });
        var newer = found.Events.TakeWhile(entry => entry.Pk != top?.Pk).Select(entry => new EventFacts(entry)).ToList();
        await PageWriter.Write(
            context, EventRows.Create(new EventRowsModel(newer, TopOf(newer, top?.Pk.ToString() ?? ""), url, time.GetUtcNow(), IsFresh: true, IsWhole: top is null || newer.Count < query.Limit)));
    }

    public async Task OneEvent(HttpContext context, ApiKey key)
    {
        var found = PathSegment.TryGuid(context, "uuid", out var pk) ? await grains.EventLog().Find(pk) : null;
        await (found is null
            ? ErrorPage.Write(context, Problem.NotFound)
            : PageWriter.Write(context, Event.Create(new EventModel(new EventFacts(found), gate.FrameOf(key, "Event", ConsolePlace.Events)))));
    }

    /// <summary>What a person wrote as reason; null for nothing.</summary>
    internal static string? Reason(string? text) => string.IsNullOrWhiteSpace(text) || text.Contains('\0', StringComparison.Ordinal) ? null : text.Length <= Most ? text : text[..Most];

    private async Task Show(HttpContext context, ApiKey key, Receipt? receipt)
    {
        if (!PathSegment.TrySession(context, out var id))
        {
            await ErrorPage.Write(context, Problem.NotFound);
            return;
        }

        var (live, all) = (await grains.SessionList().Find(id), await grains.EventsOf(id));
        if (live is null && all.Count == 0)
        {
            await ErrorPage.Write(context, Problem.NotFound);
            return;
        }

        var model = new SessionModel(
            id, live, all.Find(entry => entry.Event.Action == EventActions.Login), all.Find(entry => entry.Event.Action == EventActions.Logout), all, receipt, time.GetUtcNow(),
            gate.FrameOf(key, "Session", ConsolePlace.Sessions));
        await PageWriter.Write(context, Session.Create(model with { Frame = model.Frame with { Title = $"{model.Device.Name} of {CallerText.Isolated(model.UserName)}" } }));
    }

    private static string TopOf(List<EventFacts> facts, string otherwise) => facts.Count > 0 ? facts[0].Event.Pk.ToString() : otherwise;

    private static Dictionary<string, string> Filters(IQueryCollection request, IEnumerable<(string Name, Func<string, string> Said)> names) =>
        names.Where(filter => request[filter.Name].ToString().Length > 0).ToDictionary(filter => filter.Name, filter => request[filter.Name].ToString());

    private static FiltersModel InUse(
        string path, IEnumerable<(string Name, Func<string, string> Said)> names, Dictionary<string, string> filters, params (string Name, string Value)[] more) => new(
        [.. names.Where(filter => filters.ContainsKey(filter.Name)).Select(filter =>
            (filter.Said(filters[filter.Name]), PageUrl(path, filters.Where(other => other.Key != filter.Name), more)))],
        PageUrl(path, [], more));

    private static string PageUrl(string path, IEnumerable<KeyValuePair<string, string>> filters, params (string Name, string Value)[] more) =>
        path + "?" + string.Concat(filters.Select(filter => (filter.Key, filter.Value)).Concat(more).Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2)}&"));
}
