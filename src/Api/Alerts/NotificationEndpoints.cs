namespace SessionCluster.Api.Alerts;

/// <summary><c>/api/v3/events/notifications/</c>: the caller's own local notifications.</summary>
internal sealed class NotificationEndpoints(IGrainFactory grains, AlertLinks links, IOptions<EventOptions> options)
{
    public Task List(HttpContext context, Caller caller) => PageRequest.Answer(
        context,
        (_, errors) => Filter(new QueryReader(context.Request.Query, errors), errors, caller.Session!.User.Id),
        async (page, filter) =>
        {
            var all = filter(await Own(caller).List()).ToList();
            var events = new Dictionary<Guid, EventInfo?>();
            foreach (var pk in all.Skip(page.Offset).Take(page.Size).Select(notification => notification.Event).Distinct())
            {
                events[pk] = await grains.EventLog().Find(pk);
            }

            await PageAnswer.WriteSlice(context, page, all, (writer, notification) => Write(writer, notification, events[notification.Event]));
        });

    public Task Get(HttpContext context, Caller caller) => OnOne(context, caller, notification => Answer(context, notification));

    public Task UsedBy(HttpContext context, Caller caller) => OnOne(context, caller, _ => JsonAnswer.WriteEmptyList(context));

    /// <summary>PUT and PATCH: of a notification only <c>seen</c> can be changed.</summary>
    public Task Update(HttpContext context, Caller caller) => OnOne(context, caller, notification => BodyReader.With(context, body => body.Root.Flag("seen", notification.Seen), async seen =>
    {
        await Own(caller).Mark(notification.Pk, seen);
        await Answer(context, notification with { Seen = seen });
    }));

    public Task Delete(HttpContext context, Caller caller) => OnOne(context, caller, async notification =>
    {
        await Own(caller).Remove(notification.Pk);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    });

    public async Task MarkAllSeen(HttpContext context, Caller caller)
    {
        await Own(caller).Mark(null, seen: true);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static Func<IEnumerable<NotificationInfo>, IEnumerable<NotificationInfo>> Filter(QueryReader query, FieldErrors errors, UserId own)
    {
        var (seen, severity, search, ordering) = (query.Flag("seen"), query.Text("severity"), query.Text("search"), query.Text("ordering") ?? "-created");
        var (entry, body, user, words) = (query.Uuid("event"), query.Text("body"), query.Text("user"), search is null ? [] : CallerText.Words(search));
        // To pass over this filter of authentik's would answer with what was not asked for.
        errors.Require(query.Text("created") is null, "created", "Notifications cannot be filtered by this.");
        errors.Require(severity is null || AlertNames.Severities.Contains(severity), "severity", $"Use one of {string.Join(", ", AlertNames.Severities)}.");
        errors.Require(ordering is "created" or "-created", "ordering", "Notifications can be ordered by created and -created.");
        return all =>
        {
            var found = all.Where(notification =>
                (seen is null || notification.Seen == seen)
                && (severity is null || AlertNames.Severities[(int)notification.Severity] == severity)
                && (entry is null || notification.Event == entry)
                && (body is null || notification.Body == body)
                && (user is null || own.Value == user)
                && Array.TrueForAll(words, word => notification.Body.Contains(word, StringComparison.OrdinalIgnoreCase)));
            return ordering == "created" ? found.Reverse() : found;
        };
    }

    private async Task OnOne(HttpContext context, Caller caller, Func<NotificationInfo, Task> endpoint)
    {
        var all = await Own(caller).List();
        var found = PathSegment.TryGuid(context, "pk", out var pk) ? all.FirstOrDefault(notification => notification.Pk == pk) : null;
        await (found is null ? ProblemAnswer.Write(context, Problem.NotFound, "There is no such notification.") : endpoint(found));
    }

    private async Task Answer(HttpContext context, NotificationInfo notification)
    {
        var entry = await grains.EventLog().Find(notification.Event);
        await JsonAnswer.Write(context, StatusCodes.Status200OK, (this, notification, entry), static (writer, state) => state.Item1.Write(writer, state.notification, state.entry));
    }

    private void Write(Utf8JsonWriter writer, NotificationInfo notification, EventInfo? entry)
    {
        writer.WriteStartObject();
        writer.WriteString("pk"u8, notification.Pk);
        writer.WriteString("severity"u8, AlertNames.Severities[(int)notification.Severity]);
        writer.WriteString("body"u8, notification.Body);
        WebhookBody.WriteLink(writer, links.Account);
        writer.WriteTime("created"u8, notification.Created);
        writer.WritePropertyName("event"u8);
        if (entry is null)
        {
            writer.WriteNullValue();
        }
        else
        {
            EventJson.Write(writer, entry.ForItsUser(), options.Value.RetentionValue);
        }

        writer.WriteBoolean("seen"u8, notification.Seen);
        writer.WriteEndObject();
    }

    private INotificationGrain Own(Caller caller) => grains.Notifications(caller.Session!.User.Id);
}
