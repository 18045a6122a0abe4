using SessionCluster.Silo.Storage;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests.PostgreSql;

/// <summary>Two silos that write the same users and sessions, as they may for a while when the membership changes.</summary>
public sealed class SilosTests : IAsyncLifetime
{
    private readonly OpenPostgreSql _one = new(new PostgreSqlOptions { Writers = 1 });

    private OpenPostgreSql _other = null!;

    public async Task InitializeAsync()
    {
        await _one.Start();
        _other = new OpenPostgreSql(new PostgreSqlOptions { Writers = 1, Database = { ConnectionString = _one.ConnectionString } });
        await _other.Start();
    }

    public async Task DisposeAsync()
    {
        await _other.DisposeAsync();
        await _one.DisposeAsync();
    }

    [PostgreSqlFact]
    public async Task Of_two_writes_at_the_same_version_exactly_one_is_made()
    {
        const int Users = 20;
        const int Rounds = 20;
        await Task.WhenAll(Enumerable.Range(0, Users).Select(async user =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                var number = ((user * Rounds) + round) * 2;
                var writes = await Task.WhenAll(Write(_one, $"u{user}", round, number), Write(_other, $"u{user}", round, number + 1));
                Assert.Single(writes, version => version == round + 1);
                Assert.Single(writes, version => version is null);
            }
        }));

        Assert.Equal(Users * Rounds, await _one.Number("SELECT count(*) FROM session"));
        Assert.Equal(Users * Rounds, await _one.Number("SELECT count(*) FROM event"));
        Assert.Equal(Users, await _one.Number($"SELECT count(*) FROM ledger WHERE version = {Rounds}"));

        static Task<long?> Write(OpenPostgreSql silo, string user, int round, int number) =>
            silo.Opened.Write(new LedgerChange(user, round == 0 ? null : round, LedgerRows.From(Login(number, user)(new LedgerV1 { Revision = round + 1 }))));
    }

    [PostgreSqlFact]
    public async Task Writers_of_the_same_users_and_sessions_lose_nothing_and_never_wait_in_a_circle()
    {
        const int Users = 12;
        const int Rounds = 15;
        var number = 0;
        var uses = 0;
        await Task.WhenAll(new[] { _one, _other }.SelectMany(silo => Enumerable.Range(0, Users).Select(async user =>
        {
            for (var round = 0; round < Rounds; round++)
            {
                await ReplaceSession(silo, $"u{user}", () => Interlocked.Increment(ref number));
                foreach (var session in (await silo.ReadLedger($"u{user}")).State.Stored!.Live)
                {
                    // Both silos use the sessions of all; one that the other has ended or used meanwhile is left alone.
                    var row = await silo.ReadSession(Number(session.Id));
                    if (row.RecordExists)
                    {
                        row.State = row.State with { LastUsed = row.State.LastUsed.AddSeconds(1) };
                        uses += await Succeeds(silo.WriteSession(Number(session.Id), row)) ? 1 : 0;
                    }
                }
            }
        })));

        // Each user has kept the first and the last, and each write has left its event and all but the first an ending.
        Assert.Equal(Users, await _one.Number($"SELECT count(*) FROM ledger WHERE version = {2 * Rounds}"));
        Assert.Equal(2 * Users * Rounds, await _one.Number("SELECT count(*) FROM event"));
        Assert.Equal(Users, await _one.Number("SELECT count(*) FROM session"));
        Assert.Equal(Users * ((2 * Rounds) - 1), await _one.Number("SELECT count(*) FROM ended"));
        Assert.Equal(Users, await _one.Number(_one.SoundSessions));
        Assert.True(uses > 0);
        Assert.Empty(_one.Log.Errors.Concat(_other.Log.Errors));
        await NoDeadlock();
    }

    [PostgreSqlFact]
    public async Task Groups_that_were_queued_in_opposite_orders_never_wait_in_a_circle()
    {
        const int Users = 60;
        const int Rounds = 10;
        foreach (var user in Enumerable.Range(0, Users))
        {
            await _one.Create($"u{user}", Session(SessionOf(user, 0), $"u{user}"));
        }

        for (var round = 1; round <= Rounds; round++)
        {
            Task<long?>[] writes;
            using (await Gate.Close(_one))
            using (await Gate.Close(_other))
            {
                writes = [.. Enumerable.Range(0, Users).Select(user => Replace(_one, user)), .. Enumerable.Range(0, Users).Reverse().Select(user => Replace(_other, user))];
            }

            Assert.Equal(Users, (await Task.WhenAll(writes)).Count(version => version == round + 1));

            // The updates of sessions wait for one another while the first of them is made.
            var uses = Enumerable.Range(0, Users).Select(user => Use(_one, user)).Concat(Enumerable.Range(0, Users).Reverse().Select(user => Use(_other, user)));
            Assert.Equal(Users, (await Task.WhenAll(uses)).Count(version => version == 2));

            Task<long?> Replace(OpenPostgreSql silo, int user) => silo.Opened.Write(new LedgerChange($"u{user}", round, LedgerRows.From(new LedgerV1
            {
                Revision = round + 1, Created = [Session(SessionOf(user, round), $"u{user}")], Ended = [Ended(SessionOf(user, round - 1), round + 1)],
            })));
            Task<long?> Use(OpenPostgreSql silo, int user) => silo.Opened.Write(new SessionChange(1, SessionRow.From(Session(SessionOf(user, round), $"u{user}"))));
        }

        Assert.Equal(Users, await _one.Number("SELECT count(*) FROM session"));
        await NoDeadlock();

        // In another order than the users.
        static int SessionOf(int user, int round) => (round * 1000) + ((user * 37) % Users);
    }

    [PostgreSqlFact]
    public async Task A_write_that_another_transaction_met_in_a_circle_is_made_once_the_other_is_over()
    {
        await _one.Create("a", Session(1, "a"));
        await using var connection = await _other.Database.Source.OpenConnectionAsync();
        await using (var transaction = await connection.BeginTransactionAsync())
        {
            // Who waits looks for a circle only after this time: so it is never this transaction that finds it.
            await connection.Command("SET LOCAL deadlock_timeout = '1min'").Run();
            await connection.Command("SELECT FROM session WHERE id = $1 FOR UPDATE", Id(1)).Run();
            var ending = _one.Change("a", ledger => ledger with { Ended = [Ended(1, 2)] });
            while (await _other.Number("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") == 0)
            {
                await Task.Delay(5);
            }

            // The other one finds the circle after a second, and is refused by the server.
            await connection.Command("SELECT FROM ledger WHERE user_pk = 'a' FOR UPDATE").Run();
            Assert.False(ending.IsCompleted);
            await transaction.RollbackAsync();
            await ending;
        }

        Assert.Empty(await _one.Live("a"));
        Assert.Empty(_one.Log.Errors);
    }

    /// <summary>The storage would try again, and nobody would notice. Servers report a transaction's numbers when it is a second old.</summary>
    private async Task NoDeadlock()
    {
        await Task.Delay(TimeSpan.FromSeconds(1.5));
        await _one.Number("SELECT 1");
        Assert.Equal(0, await _one.Number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"));
    }

    /// <summary>Ends the sessions of a user and creates one, as a login that terminates the others; decided anew after each conflict.</summary>
    private static async Task ReplaceSession(OpenPostgreSql silo, string user, Func<int> next)
    {
        for (var number = next(); ;)
        {
            var row = await silo.ReadLedger(user);
            var revision = row.State.Revision + 1;
            row.State = row.State with
            {
                Revision = revision,
                Created = [Session(number, user)],
                Ended = [.. row.State.Stored?.Live.Select(session => Ended(Number(session.Id), revision)) ?? []],
                Events = [Event(number, user)],
            };
            if (await Succeeds(silo.Storage.WriteStateAsync(LedgerV1.StateName, UserKey(user), row)))
            {
                return;
            }
        }
    }
}
