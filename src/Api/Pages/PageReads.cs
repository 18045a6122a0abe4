namespace SessionCluster.Api.Pages;

/// <summary>The questions that several pages ask.</summary>
internal static class PageReads
{
    /// <summary>Most rows of one question.</summary>
    public const int Most = 100;

    /// <summary>The live sessions of a user, the last used first; at most <see cref="Most"/> of them, and how many there are.</summary>
    public static Task<SessionPage> SessionsOf(this IGrainFactory grains, UserId user) =>
        grains.SessionList().Search(new SessionQuery(SessionOrder.LastUsed, Descending: true, 0, Most, User: user));

    public static Task<List<EventFacts>> EventsOf(this IGrainFactory grains, UserFacts user, params string[] actions) =>
        Facts(grains, new EventQuery([.. actions], user.Username, null, null, Descending: true, 0, Most, user.Id, MostCounted: 0));

    /// <summary>The events of a session, the newest first.</summary>
    public static Task<List<EventFacts>> EventsOf(this IGrainFactory grains, SessionId session) =>
        Facts(grains, new EventQuery([], null, null, null, Descending: true, 0, Most, Session: session, MostCounted: 0));

    private static async Task<List<EventFacts>> Facts(IGrainFactory grains, EventQuery query) =>
        [.. (await grains.EventLog().Search(query)).Events.Select(entry => new EventFacts(entry))];
}
