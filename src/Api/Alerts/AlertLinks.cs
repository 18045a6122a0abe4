namespace SessionCluster.Api.Alerts;

/// <summary>
/// Where notifications lead: to pages here, by the configured public URL. Where none is configured nobody knows how receivers reach this
/// server, and there is no link.
/// </summary>
public sealed class AlertLinks
{
    internal const string SessionsPath = "/account/sessions/";

    private readonly Uri? _site;

    internal AlertLinks(PublicSite site) => _site = site.Options.PublicUrl is null ? null : site.Url;

    /// <summary>For the person whom an event is about: their own sessions.</summary>
    public (Uri Url, string Label)? Account => To(SessionsPath, "Your sessions");

    /// <summary>For operators: the console's page of the event's session, or of the event where it is about none. What tries a transport is in no log.</summary>
    public (Uri Url, string Label)? Console(EventInfo entry) =>
        entry.Action == EventActions.Custom ? null
        : entry.Session is { } session ? To($"/admin/sessions/{session}/", "Session in the console") : To($"/admin/events/{entry.Pk:D}/", "Event in the console");

    private (Uri Url, string Label)? To(string path, string label) => _site is null ? null : (new Uri(_site, path), label);
}
