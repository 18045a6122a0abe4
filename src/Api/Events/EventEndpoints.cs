using System.Text.Json;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Answers;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Input;
using SessionCluster.Api.Paging;
using SessionCluster.Api.Problems;
using SessionCluster.Api.Sessions;
using SessionCluster.Events;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Events;

/// <summary><c>/api/v3/events/events/</c>: the event log, as authentik has it.</summary>
internal sealed class EventEndpoints(IGrainFactory grains, IOptions<EventOptions> options)
{
    private const int MaxActions = 50;

    // authentik's filters that mean nothing here: to pass over one would answer with events that were not asked for.
    private static readonly string[] Unsupported =
        ["brand_name", "context_authorized_app", "context_device", "context_model_app", "context_model_name", "context_model_pk"];

    public async Task List(HttpContext context, Caller caller)
    {
        var errors = new FieldErrors();
        var page = PageRequest.Read(context.Request.Query, errors);
        var query = ReadQuery(context.Request.Query, page ?? new PageRequest(1, 1), errors);
        if (errors.Any)
        {
            await ProblemAnswer.Invalid(context, errors);
        }
        else if (page is not { } wanted)
        {
            await PageRequest.NoSuchPage(context);
        }
        else
        {
            var found = await Reader().Search(query);
            await PageAnswer.Write(context, wanted, found.Count, found.Events, Fill);
        }
    }

    public async Task Get(HttpContext context, Caller caller)
    {
        var found = Guid.TryParseExact(context.Request.RouteValues["uuid"] as string, "D", out var pk) ? await Reader().Find(pk) : null;
        await (found is null
            ? ProblemAnswer.Write(context, Problem.NotFound, "There is no such event.")
            : JsonAnswer.Write(context, StatusCodes.Status200OK, found, Fill));
    }

    private static EventQuery ReadQuery(IQueryCollection query, PageRequest page, FieldErrors errors)
    {
        var reader = new QueryReader(query, errors);
        foreach (var name in Unsupported)
        {
            if (query.ContainsKey(name))
            {
                errors.Add(name, "Events cannot be filtered by this.");
            }
        }

        var ordering = reader.Text("ordering") ?? "-created";
        if (ordering is not ("created" or "-created"))
        {
            errors.Add("ordering", "Events can be ordered by created and -created.");
        }

        var actions = reader.Many("actions", MaxActions);
        if (reader.Text("action") is { } action)
        {
            actions = actions.Count == 0 || actions.Contains(action) ? [action] : [NoAction];
        }

        var ip = reader.Text("client_ip");
        return new EventQuery(
            [.. actions],
            reader.Text("username"),
            ip is not null && ClientAddress.TryParse(ip, out var address) ? ClientAddress.Canonical(address) : ip,
            reader.Text("search"),
            Descending: ordering == "-created",
            page.Offset,
            page.Size);
    }

    // Both filters together, with nothing in common, match no event; no event has this action.
    private const string NoAction = "-";

    private void Fill(Utf8JsonWriter writer, EventInfo entry) => EventJson.Write(writer, entry, options.Value.RetentionValue);

    private IEventListGrain Reader() => grains.GetGrain<IEventListGrain>(IEventListGrain.KeyFor(ReaderShards.Pick()));
}
