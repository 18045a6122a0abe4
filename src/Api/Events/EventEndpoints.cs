namespace SessionCluster.Api.Events;

/// <summary>The event log, as pages and as a stream.</summary>
internal static class EventRoutes
{
    public static IServiceCollection AddEvents(this IServiceCollection services, IConfiguration configuration) => services
        .AddChecked<EventOptions>(configuration, EventOptions.Section);

    public static void MapEvents(this Routes routes)
    {
        var events = routes.Make<EventEndpoints>();
        routes.Get("/api/v3/events/events/", Access.Service(Roles.Read), events.List);
        routes.Get("/api/v3/events/events/{uuid}/", Access.Service(Roles.Read), events.Get);
        routes.Get("/api/v3/events/stream/", Access.Service(Roles.Read), routes.Make<EventStreamEndpoint>().Follow);
    }
}

/// <summary><c>/api/v3/events/events/</c>: the event log, as authentik has it.</summary>
internal sealed class EventEndpoints(IGrainFactory grains, IOptions<EventOptions> options)
{
    private const int MaxActions = 50;

    // authentik's filters that mean nothing here: to pass over one would answer with events that were not asked for.
    private static readonly string[] Unsupported =
        ["brand_name", "context_authorized_app", "context_device", "context_model_app", "context_model_name", "context_model_pk"];

    public Task List(HttpContext context, Caller caller) => PageRequest.Answer(
        context,
        (page, errors) => ReadQuery(context.Request.Query, page, errors),
        async (page, query) =>
        {
            var found = await grains.EventLog().Search(query);
            await PageAnswer.Write(context, page, found.Count, found.Events, Fill);
        });

    public async Task Get(HttpContext context, Caller caller)
    {
        var found = PathSegment.TryGuid(context, "uuid", out var pk) ? await grains.EventLog().Find(pk) : null;
        await (found is null
            ? ProblemAnswer.Write(context, Problem.NotFound, "There is no such event.")
            : JsonAnswer.Write(context, StatusCodes.Status200OK, found, Fill));
    }

    private static EventQuery ReadQuery(IQueryCollection query, PageRequest page, FieldErrors errors)
    {
        var reader = new QueryReader(query, errors);
        foreach (var name in Unsupported.Where(query.ContainsKey))
        {
            errors.Add(name, "Events cannot be filtered by this.");
        }

        var ordering = reader.Text("ordering") ?? "-created";
        errors.Require(ordering is "created" or "-created", "ordering", "Events can be ordered by created and -created.");
        var actions = reader.Many("actions", MaxActions);
        if (reader.Text("action") is { } action)
        {
            var containing = AlertNames.Actions.Where(known => known.Contains(action, StringComparison.OrdinalIgnoreCase) && (actions.Count == 0 || actions.Contains(known)));
            actions = [.. containing.DefaultIfEmpty(NoAction)];
        }

        return new EventQuery(
            [.. actions],
            reader.Text("username"),
            reader.Address("client_ip"),
            reader.Text("search"),
            Descending: ordering == "-created",
            page.Offset,
            page.Size);
    }

    // Filters that no known action passes match no event; no event has this action.
    private const string NoAction = "-";

    private void Fill(Utf8JsonWriter writer, EventInfo entry) => EventJson.Write(writer, entry, options.Value.RetentionValue);
}

/// <summary>Writes events in authentik's form: the same in the list, alone and in the stream.</summary>
internal static class EventJson
{
    /// <summary>Writes an event that is kept for <paramref name="kept"/>.</summary>
    public static void Write(Utf8JsonWriter writer, EventInfo entry, TimeSpan kept)
    {
        writer.WriteStartObject();
        writer.WriteString("pk"u8, entry.Pk);
        writer.WriteStartObject("user"u8);
        if (entry.User.Id.Value.Length > 0)
        {
            writer.WriteUserPk("pk"u8, entry.User.Id);
            writer.WriteString("email"u8, entry.User.Email);
            writer.WriteString("username"u8, entry.User.Username);
        }

        writer.WriteEndObject();
        writer.WriteString("action"u8, entry.Action);
        writer.WriteString("app"u8, "sessioncluster");
        writer.WriteStored("context"u8, entry.ContextJson);
        writer.WriteString("client_ip"u8, entry.ClientIp);
        writer.WriteTime("created"u8, entry.Created);
        writer.WriteTime("expires"u8, kept < DateTimeOffset.MaxValue - entry.Created ? entry.Created + kept : DateTimeOffset.MaxValue);
        writer.WriteStartObject("brand"u8);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
