using SessionCluster.Api.Sessions;

namespace SessionCluster.Api.Pages;

/// <summary>The questions that pages ask.</summary>
internal sealed class PageReads(IGrainFactory grains)
{
    /// <summary>Most rows of one question.</summary>
    public const int Most = 100;

    public IUserGrain User(UserId user) => grains.User(user);

    public INotificationGrain Notifications(UserId user) => grains.GetGrain<INotificationGrain>(INotificationGrain.KeyFor(user));

    public IStageCatalogGrain Stages => grains.Stages();

    /// <summary>The live sessions of a user, the last used first; at most <see cref="Most"/> of them, and how many there are.</summary>
    public Task<SessionPage> SessionsOf(UserId user) =>
        Search(new SessionQuery(user, null, null, null, null, null, null, SessionOrder.LastUsed, Descending: true, 0, Most));

    public Task<SessionPage> Search(SessionQuery query) => Sessions.Search(query);

    public Task<SessionInfo?> Find(SessionId session) => Sessions.Find(session);

    public Task<UserPage> Users(UserQuery query) => Sessions.Users(query);

    /// <summary>The newest events of a user.</summary>
    public async Task<List<EventFacts>> EventsOf(UserFacts user, params string[] actions) =>
        Facts(await Events.Search(new EventQuery([.. actions], user.Username, null, null, Descending: true, 0, Most, user.Id, MostCounted: 0)));

    /// <summary>The events of a session, the newest first.</summary>
    public async Task<List<EventFacts>> EventsOf(SessionId session) =>
        Facts(await Events.Search(new EventQuery([], null, null, null, Descending: true, 0, Most, Session: session, MostCounted: 0)));

    public Task<EventPage> Search(EventQuery query) => Events.Search(query);

    public Task<EventInfo?> FindEvent(Guid pk) => Events.Find(pk);

    private ISessionListGrain Sessions => grains.GetGrain<ISessionListGrain>(ISessionListGrain.KeyFor(ReaderShards.Pick()));

    private IEventListGrain Events => grains.GetGrain<IEventListGrain>(IEventListGrain.KeyFor(ReaderShards.Pick()));

    private static List<EventFacts> Facts(EventPage page) => [.. page.Events.Select(entry => new EventFacts(entry))];
}
