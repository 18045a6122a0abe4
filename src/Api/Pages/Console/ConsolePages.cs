using System.Globalization;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Flows;
using SessionCluster.Api.Input;
using SessionCluster.Api.Keys;
using SessionCluster.Api.Paging;
using SessionCluster.Api.Problems;
using SessionCluster.Api.Pages.Words;
using SessionCluster.Api.Clients;
using SessionCluster.Api.Sessions;

namespace SessionCluster.Api.Pages.Console;

/// <summary>The console's lists: sessions and events, and each one of them.</summary>
internal sealed class ConsolePages(
    PageReads reads, CommitThenTell commits, ConnectionClient connection, ConsoleGate gate, IOptions<EventOptions> events, TimeProvider time)
{
    private const int Most = 255;

    private static readonly string[] SessionFilterNames = ["search", "session__last_ip", "asn", "country", "user", "user__username"];

    private static readonly string[] EventFilterNames = ["search", "action", "username", "client_ip"];

    /// <summary>Live sessions.</summary>
    public async Task Sessions(HttpContext context, ApiKey key)
    {
        var errors = new FieldErrors();
        var request = context.Request.Query;
        var asked = PageRequest.Read(request, errors);
        var order = request["ordering"].ToString() is { Length: > 0 } given ? given : "-last_used";
        var page = asked ?? new PageRequest(1, PageRequest.DefaultSize);
        var query = SessionFilters.Read(request, page, errors) with { Order = SessionOrder.LastUsed, Descending = true };
        if (request.ContainsKey("ordering") && !errors.Any)
        {
            query = SessionFilters.Read(request, page, errors);
        }

        var now = time.GetUtcNow();
        var found = errors.Any ? new SessionPage(0, []) : await reads.Search(query);
        if (asked is null || !page.IsWithin(found.Count))
        {
            await ErrorPage.Write(context, Problem.NotFound);
            return;
        }

        var filters = Filters(request, SessionFilterNames);
        var faults = SessionFilterNames.Append("ordering").Where(name => errors.Of(name).Count > 0).ToDictionary(name => name, name => errors.Of(name)[0]);
        var model = new SessionsModel(
            new SessionTable(found.Sessions, now, HasUser: true, CanEnd: false), new PagerModel(page.Number, page.Size, found.Count, PageUrl("/admin/sessions/", filters, ("ordering", order))),
            filters, faults, order, now, gate.FrameOf(key, "Sessions", ConsolePlace.Sessions));
        await PageWriter.Write(context, SessionList.Create(model), faults.Count > 0 ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
    }

    /// <summary>One session, live or ended.</summary>
    public Task One(HttpContext context, ApiKey key) => Show(context, key, null);

    /// <summary>Ends it, and shows the receipt; the session only to who may read.</summary>
    public async Task End(HttpContext context, ApiKey key)
    {
        var reason = (await FormFields.Read(context)).One("reason");
        if (!SessionId.TryParse(context.Request.RouteValues["uuid"] as string, out var id) || await reads.Find(id) is not { } session)
        {
            await ErrorPage.Write(
                context, StatusCodes.Status409Conflict, "It changed meanwhile", "This session has ended already. Nothing was changed.", ($"/admin/sessions/{context.Request.RouteValues["uuid"]}/", "Look at it"),
                ("/admin/sessions/", "Sessions"));
            return;
        }

        var command = new EndCommand([id], null, EndReason.RevokedByAdmin, Reason(reason), connection.Facts(context), null, null, key.Name);
        var receipt = await commits.End(session.User.Id, command);
        await (key.Roles.HasFlag(Roles.Read)
            ? Show(context, key, receipt)
            : PageWriter.Write(context, Session.Create(new SessionModel(id, null, null, null, [], receipt, time.GetUtcNow(), gate.FrameOf(key, "Session", ConsolePlace.Sessions)))));
    }

    /// <summary>The event log.</summary>
    public async Task Events(HttpContext context, ApiKey key)
    {
        var request = context.Request.Query;
        var errors = new FieldErrors();
        var asked = PageRequest.Read(request, errors);
        var page = asked ?? new PageRequest(1, PageRequest.DefaultSize);
        var reader = new QueryReader(request, errors);
        var (action, ip) = (reader.Text("action"), reader.Text("client_ip"));
        var query = new EventQuery(
            action is null ? [] : [action], reader.Text("username"), ip is null ? null : ClientAddress.CanonicalOf(ip) ?? ip, reader.Text("search"), Descending: true, page.Offset, page.Size);
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

        var found = await reads.Search(query);
        if (!page.IsWithin(found.Count))
        {
            await ErrorPage.Write(context, Problem.NotFound);
            return;
        }

        var model = new EventsModel(
            [.. found.Events.Select(entry => new EventFacts(entry))], new PagerModel(page.Number, page.Size, found.Count, url), filters,
            TimeWords.Length(events.Value.RetentionValue), time.GetUtcNow(), gate.FrameOf(key, "Events", ConsolePlace.Events));
        await PageWriter.Write(context, EventList.Create(model));
    }

    // A page that is left open asks for this over and over: it reads a page of newer events by an index, counts nothing, and never searches.
    private async Task ShowNewer(HttpContext context, EventQuery query, string url)
    {
        if (query.Search is not null || !DateTimeOffset.TryParseExact(context.Request.Query["since"], "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var since))
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        var newer = (await reads.Search(query with { Since = since, Uncounted = true })).Events.Length;
        await PageWriter.Write(context, Newer.Create(new NewerModel(newer, newer == query.Limit, url)));
    }

    /// <summary>One event.</summary>
    public async Task OneEvent(HttpContext context, ApiKey key)
    {
        var found = Guid.TryParseExact(context.Request.RouteValues["uuid"] as string, "D", out var pk) ? await reads.FindEvent(pk) : null;
        await (found is null
            ? ErrorPage.Write(context, Problem.NotFound)
            : PageWriter.Write(context, Event.Create(new EventModel(new EventFacts(found), gate.FrameOf(key, "Event", ConsolePlace.Events)))));
    }

    /// <summary>What a person wrote as reason; null for nothing.</summary>
    internal static string? Reason(string? text) => string.IsNullOrWhiteSpace(text) || text.Contains('\0', StringComparison.Ordinal) ? null : text.Length <= Most ? text : text[..Most];

    private async Task Show(HttpContext context, ApiKey key, Receipt? receipt)
    {
        if (!SessionId.TryParse(context.Request.RouteValues["uuid"] as string, out var id))
        {
            await ErrorPage.Write(context, Problem.NotFound);
            return;
        }

        var (live, all) = (await reads.Find(id), await reads.EventsOf(id));
        if (live is null && all.Count == 0)
        {
            await ErrorPage.Write(context, Problem.NotFound);
            return;
        }

        var model = new SessionModel(
            id, live, all.Find(entry => entry.Event.Action == EventActions.Login), all.Find(entry => entry.Event.Action == EventActions.Logout), all, receipt, time.GetUtcNow(),
            gate.FrameOf(key, "Session", ConsolePlace.Sessions));
        await PageWriter.Write(context, Session.Create(model with { Frame = model.Frame with { Title = $"{model.Device.Name} of {model.UserName}" } }));
    }

    private static Dictionary<string, string> Filters(IQueryCollection request, IEnumerable<string> names) =>
        names.Where(name => request[name].ToString().Length > 0).ToDictionary(name => name, name => request[name].ToString());

    private static string PageUrl(string path, Dictionary<string, string> filters, params (string Name, string Value)[] more) =>
        path + "?" + string.Concat(filters.Select(filter => (filter.Key, filter.Value)).Concat(more).Select(pair => $"{pair.Item1}={Uri.EscapeDataString(pair.Item2)}&"));
}
