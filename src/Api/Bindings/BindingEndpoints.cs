namespace SessionCluster.Api.Bindings;

/// <summary><c>POST /api/v3/bindings/explain/</c>: what each binding would make of a change of address.</summary>
internal sealed class BindingEndpoints(IGrainFactory grains)
{
    /// <summary>Said of a text that is not an address.</summary>
    public const string NoAddress = "Must be an IPv4 or IPv6 address.";

    public Task Explain(HttpContext context, Caller caller) => BodyReader.With(
        context,
        body => (From: ReadAddress(body.Root, "from"), To: ReadAddress(body.Root, "to")),
        async change => await JsonAnswer.Write(context, StatusCodes.Status200OK, Json(await grains.BindingExplain().Explain(change.From, change.To))));

    private static string ReadAddress(ObjectReader body, string name)
    {
        var text = body.Has(name) ? body.Text(name, ClientAddress.MaxLength, "?") : body.Text(name, ClientAddress.MaxLength);
        body.Require(!body.Has(name) || ClientAddress.CanonicalOf(text) is not null, name, NoAddress);
        return ClientAddress.CanonicalOf(text) ?? "";
    }

    private static JsonObject Json(BindingExplanation explanation) => new()
    {
        ["from"] = Json(explanation.From),
        ["to"] = Json(explanation.To),
        ["modes"] = new JsonArray([.. explanation.Verdicts.Select(verdict =>
            new JsonObject { ["mode"] = verdict.Mode, ["holds"] = verdict.Holds, ["reason"] = verdict.Reason })]),
    };

    private static JsonObject Json(AddressFacts facts) => new()
    {
        ["ip"] = facts.Ip,
        ["asn"] = facts.Asn is { } asn ? GeoJson.Of(asn) : null,
        ["geo"] = facts.Geo is { } geo ? GeoJson.Of(geo) : null,
    };
}

internal static class BindingRoutes
{
    public static IServiceCollection AddBindings(this IServiceCollection services) => services.AddSingleton<BindingEndpoints>();

    public static void MapBindings(this Routes routes) => routes.Post(
        "/api/v3/bindings/explain/", Access.Service(Roles.Read | Roles.Manage), routes.Services.GetRequiredService<BindingEndpoints>().Explain);
}
