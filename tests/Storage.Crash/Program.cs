using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;

// A process to be killed: several users log in and out as fast as the disk allows, and each line of the output names a commit
// that was acknowledged before the line was written. Meanwhile the log of SQLite is checkpointed again and again.
// Usage: Storage.Crash sqlite <data folder> <users>, or Storage.Crash postgresql <connection string> <users>
var database = args[0] == "sqlite"
    ? SqliteDatabase.Open(DataFolder.Open(args[1]), new SqliteOptions { LogPages = 100 }, TimeProvider.System, NullLogger.Instance)
    : await StartPostgreSql(new PostgreSqlOptions { Database = { ConnectionString = args[1] } });
var storage = new GroupingGrainStorage(database, TimeProvider.System);
using var output = Console.OpenStandardOutput();
await Task.WhenAll(Enumerable.Range(0, int.Parse(args[2], CultureInfo.InvariantCulture)).Select(number => Write($"crash-{number}")));

async Task Write(string user)
{
    var key = GrainId.Create("user", new UserId(user).GrainKey);
    var state = new GrainState<LedgerV1>();
    SessionV1? previous = null;
    for (var revision = 1L; ; revision++)
    {
        var now = TimeProvider.System.GetUtcNow();
        var session = new SessionV1 { UserPk = user, Id = Guid.NewGuid(), Created = now, LastUsed = now, Expires = now.AddDays(1) };
        state.State = new LedgerV1
        {
            Revision = revision,
            Created = [session],
            Ended = previous is null ? [] : [new EndedV1 { Id = previous.Id, Revision = revision, EndedAt = now }],
            Events = [new EventInfo(session.Id, EventActions.Login, new UserFacts(new UserId(user), "", "", ""), null, new SessionId(session.Id), now, "{}")],
        };
        await storage.WriteStateAsync(LedgerV1.StateName, key, state);
        previous = session;
        var line = Encoding.ASCII.GetBytes($"{user} {revision} {session.Id:D}\n");
        lock (output)
        {
            output.Write(line);
            output.Flush();
        }
    }
}

static async Task<IDatabase> StartPostgreSql(PostgreSqlOptions options)
{
    var database = new PostgreSqlDatabase(PostgreSqlSource.Make(options, null), options, TimeProvider.System, NullLogger.Instance);
    await database.Start();
    return database;
}
