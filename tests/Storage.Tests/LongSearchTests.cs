using Microsoft.Extensions.Options;
using SessionCluster.Events;
using SessionCluster.Silo.Storage;

namespace SessionCluster.Storage.Tests;

/// <summary>What reads the whole event log leaves the lists to those who wait for a page.</summary>
public sealed class LongSearchTests
{
    private static readonly EventQuery All = new([], null, null, null, Descending: true, 0, 20);

    [Fact]
    public async Task One_search_reads_the_log_at_a_time_and_other_lists_do_not_wait_for_it()
    {
        var pages = new List<TaskCompletionSource<(int, List<EventInfo>)>>();
        var database = Stub.Of<IDatabase>((method, _) =>
        {
            if (method.Name != nameof(IDatabase.List))
            {
                return SqlDialect.Sqlite;
            }

            pages.Add(new TaskCompletionSource<(int, List<EventInfo>)>());
            return pages[^1].Task;
        });
        using var rows = new EventRows(database, Options.Create(new EventOptions()), TimeProvider.System);

        var (search, deep) = (rows.Search(All with { Search = "a" }), rows.Search(All with { Offset = 10_001 }));
        Assert.Single(pages);
        EventQuery[] near = [All, All with { Offset = 10_000 }, All with { Search = "a", Newest = 5000 }, All with { Search = "a", Username = "jane" }, All with { ClientIp = "192.0.2.1", Offset = 20_000 }];
        _ = Array.ConvertAll(near, rows.Search);
        Assert.Equal(6, pages.Count);

        pages[0].SetResult((0, []));
        await search;
        await Poll.Until(() => Task.FromResult(pages.Count == 7));
        pages[6].SetException(new InvalidOperationException("It fails."));
        await Assert.ThrowsAsync<InvalidOperationException>(() => deep);
        _ = rows.Search(All with { Search = "b" });
        Assert.Equal(8, pages.Count);
    }
}
