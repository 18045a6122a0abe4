using Npgsql;
using SessionCluster.Silo.Storage;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests.PostgreSql;

public sealed class TransientReadTests
{
    private static readonly NpgsqlException Lost = new("Exception while reading from stream", new IOException());

    private int _tries;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_read_that_lost_its_connection_is_tried_again(int losses)
    {
        Assert.Equal(7, await TransientRead.Run(() => ++_tries <= losses ? throw Lost : Task.FromResult(7), TimeProvider.System));
        Assert.Equal(losses + 1, _tries);
    }

    [Fact]
    public async Task After_four_tries_the_failure_is_told()
    {
        var failure = await Assert.ThrowsAsync<StorageUnavailableException>(() => TransientRead.Run<int>(() => throw Count(Lost), TimeProvider.System));
        Assert.Same(Lost, failure.InnerException);
        Assert.False(failure.OutcomeUnknown);
        Assert.Equal(4, _tries);
    }

    [Fact]
    public async Task What_stays_wrong_is_told_at_once()
    {
        await Assert.ThrowsAsync<StorageUnavailableException>(() => TransientRead.Run<int>(() => throw Count(new NpgsqlException("wrong")), TimeProvider.System));
        Assert.Equal(1, _tries);
    }

    [PostgreSqlFact]
    public async Task States_lists_and_events_are_read_again_when_the_server_has_ended_all_connections()
    {
        await using var open = new OpenPostgreSql();
        await open.Start();
        await open.Create("42", Session(1, "42"));
        await open.Settled();
        foreach (var read in (Func<Task>[])[
            () => open.ReadLedger("42"), () => open.ReadSession(1), () => open.FindEnded(1), () => open.Follow("0"),
            () => open.Lists.Search(new Sessions.SessionQuery(Sessions.SessionOrder.Id, Descending: false, 0, 10), Now)])
        {
            await read();
            await using (var other = new NpgsqlConnection(open.ConnectionString + ";Pooling=false"))
            {
                await other.OpenAsync();
                await other.Command("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()").Run();
            }

            await read();
        }
    }

    private Exception Count(Exception failure)
    {
        _tries++;
        return failure;
    }
}
