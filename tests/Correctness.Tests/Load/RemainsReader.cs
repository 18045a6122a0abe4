using SessionCluster.Correctness.Tests.History;

namespace SessionCluster.Correctness.Tests.Load;

/// <summary>Pages through everything that a quiet server shows.</summary>
internal static class RemainsReader
{
    public static async Task<Remains> Read(ApiClient api) => new(
        await Events(api, ""),
        await Pages(api, "/api/v3/core/authenticated_sessions/?", row => row["uuid"]!.GetValue<string>()));

    /// <summary>Events of sessions, oldest first. <paramref name="filter"/> is a part of the query.</summary>
    public static Task<List<LoggedEvent>> Events(ApiClient api, string filter) => Pages(
        api,
        $"/api/v3/events/events/?ordering=created{filter}&",
        row => row["context"]!["session_uuid"] is not { } session ? null : new LoggedEvent(
            row["pk"]!.GetValue<string>(),
            row["action"]!.GetValue<string>(),
            row["user"]!["username"]!.GetValue<string>(),
            session.GetValue<string>()));

    private static async Task<List<T>> Pages<T>(ApiClient api, string query, Func<JsonNode, T?> read)
        where T : class
    {
        var rows = new List<T>();
        for (var page = 1; page != 0;)
        {
            var answer = (await api.Get($"{query}page_size=100&page={page}")).Is(200);
            rows.AddRange(answer.Json!["results"]!.AsArray().Select(row => read(row!)).OfType<T>());
            page = answer.At("pagination.next")!.GetValue<int>();
        }

        return rows;
    }
}
