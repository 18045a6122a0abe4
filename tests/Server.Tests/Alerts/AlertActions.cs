namespace SessionCluster.Server.Tests.Alerts;

/// <summary>What operators do with alerts, in one call each.</summary>
internal static class AlertActions
{
    public const string Transports = "/api/v3/events/transports/";

    public const string Rules = "/api/v3/events/rules/";

    public const string Matchers = "/api/v3/policies/event_matcher/";

    public const string Bindings = "/api/v3/policies/bindings/";

    public const string Secret = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

    /// <summary>Creates something; its key.</summary>
    public static async Task<string> New(this ApiClient api, string path, string members) =>
        (await api.Post(path, $$"""{"name": "n-{{Guid.NewGuid():N}}", {{members}}}""")).Is(201).StringAt("pk");

    public static Task<string> NewWebhook(this ApiClient api, Uri url, string mode = "webhook") =>
        api.New(Transports, $$"""
            "mode": "{{mode}}", "webhook_url": "{{url}}", "secret": "{{Secret}}"
            """);

    /// <summary>A rule that delivers by a transport what a query selects; its key.</summary>
    public static async Task<string> NewRule(
        this ApiClient api, string transport, string query = "action = \\\"login\\\"", string more = "\"severity\": \"alert\"")
    {
        var matcher = await api.New(Matchers, $"\"query\": \"{query}\"");
        var rule = await api.New(Rules, $"\"transports\": [\"{transport}\"], {more}");
        (await api.Post(Bindings, $$"""{"target": "{{rule}}", "policy": "{{matcher}}", "order": 0}""")).Is(201);
        return rule;
    }

    public static async Task<JsonArray> Deliveries(this ApiClient api, string transport, string status = "waiting") =>
        (await api.Get($"{Transports}{transport}/deliveries/?status={status}&page_size=100")).Is(200).Json!["results"]!.AsArray();
}
