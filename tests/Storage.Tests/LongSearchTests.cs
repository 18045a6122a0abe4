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
        _ = (rows.Search(All), rows.Search(All with { Offset = 10_000 }), rows.Search(All with { Search = "a", Newest = 5000 }));
        Assert.Equal(4, pages.Count);

        pages[0].SetResult((0, []));
        await search;
        for (var turn = 0; turn < 1000 && pages.Count < 5; turn++)
        {
            await Task.Delay(10);
        }

        pages[4].SetException(new InvalidOperationException("It fails."));
        await Assert.ThrowsAsync<InvalidOperationException>(() => deep);
        _ = rows.Search(All with { Search = "b" });
        Assert.Equal(6, pages.Count);
    }
}
