namespace SessionCluster.Api.Alerts;

/// <summary>What a transport has not delivered, and a notification to try it with.</summary>
internal sealed class DeliveryEndpoints(IGrainFactory grains)
{
    public Task List(HttpContext context, AlertTransport transport, AlertItems items, ChangedBy by) => PageRequest.Answer(
        context,
        (_, errors) =>
        {
            var status = new QueryReader(context.Request.Query, errors).Text("status");
            errors.Require(status is null or "waiting" or "failed", "status", "Must be waiting or failed.");
            return status;
        },
        async (page, status) =>
        {
            var deliveries = await grains.AlertDelivery(transport.Pk).Describe();
            var waiting = deliveries.Waiting.Where(_ => status != "failed").Select(delivery => (Status: "waiting", Delivery: delivery));
            var failed = deliveries.Failed.Where(_ => status != "waiting").Select(delivery => (Status: "failed", Delivery: delivery));
            await PageAnswer.WriteSlice(context, page, [.. failed, .. waiting], Fill);
        });

    public Task Retry(HttpContext context, AlertTransport transport, AlertItems items, ChangedBy by) => BodyReader.With(context, body =>
    {
        body.Root.OnlyKnows("notification");
        var text = body.Root.OptionalText("notification", AlertNames.MaxName);
        var notification = PathSegment.TryGuid(text, out var pk) ? pk : default(Guid?);
        body.Root.Require(text is null || notification is not null, "notification", "Must be a UUID, or be absent for all.");
        return notification;
    }, async notification => await JsonAnswer.Write(context, StatusCodes.Status200OK, new JsonObject { ["retried"] = await grains.AlertDelivery(transport.Pk).Retry(notification) }), optional: true);

    public Task Test(HttpContext context, AlertTransport transport, AlertItems items, ChangedBy by) => BodyReader.With(context, body =>
    {
        var email = body.Root.OptionalText("email", AlertForms.MaxEmail);
        body.Root.Require(transport.Mode != TransportMode.Email || email is not null, "email", "Say where the mail is to go.");
        return email;
    }, async email =>
    {
        if (await grains.AlertDelivery(transport.Pk).Test(email) is { } error)
        {
            await ProblemAnswer.Write(context, Problem.DeliveryFailed, error);
        }
        else
        {
            var message = transport.Mode == TransportMode.Local ? "Local notifications stay on this server: nothing had to be sent." : "The receiver has taken the notification.";
            await JsonAnswer.Write(context, StatusCodes.Status200OK, new JsonObject { ["messages"] = new JsonArray(message) });
        }
    }, optional: true);

    private static void Fill(Utf8JsonWriter writer, (string Status, Delivery Delivery) row)
    {
        writer.WriteStartObject();
        writer.WriteString("notification"u8, row.Delivery.Notification);
        writer.WriteString("status"u8, row.Status);
        writer.WriteString("event"u8, row.Delivery.Event);
        writer.WriteString("rule"u8, row.Delivery.Rule);
        writer.WriteString("email"u8, row.Delivery.Email);
        writer.WriteNumber("attempts"u8, row.Delivery.Attempts);
        writer.WriteTime("first_attempt"u8, row.Delivery.First);
        writer.WriteTime(row.Status == "failed" ? "failed_at"u8 : "next_attempt"u8, row.Delivery.Next);
        writer.WriteString("error"u8, row.Delivery.Error);
        writer.WriteEndObject();
    }
}
