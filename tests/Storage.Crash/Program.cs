using Microsoft.Extensions.Logging.Abstractions;
using SessionCluster.Events;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;

// A process to be killed: several users log in and out as fast as the disk allows, and each line of the output names a commit
// that was acknowledged before the line was written. Meanwhile the log is folded into the database again and again.
// Usage: Storage.Crash <data folder> <users>
using var folder = DataFolder.Open(args[0]);
using var database = SqliteDatabase.Open(folder, new SqliteOptions { LogPages = 100 }, TimeProvider.System, NullLogger.Instance);
var storage = new SqliteGrainStorage(database);
using var output = Console.OpenStandardOutput();
var users = int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture);
await Task.WhenAll(Enumerable.Range(0, users).Select(number => Write($"crash-{number}")));

async Task Write(string user)
{
    var key = new GrainId("user", new UserId(user).GrainKey);
    var state = new Row();
    SessionV1? previous = null;
    for (var revision = 1L; ; revision++)
    {
        var now = TimeProvider.System.GetUtcNow();
        var session = new SessionV1(user, "", "", "") { Id = Guid.NewGuid(), Created = now, LastUsed = now, Expires = now.AddDays(1) };
        state.State = new LedgerV1
        {
            Revision = revision,
            Born = [session],
            Dead = previous is null ? [] : [new EndedV1 { Id = previous.Id, Revision = revision, EndedAt = now }],
            Journal = [new EventV1 { Pk = session.Id, Action = EventActions.Login, UserPk = user, Session = session.Id, Created = now }],
        };
        await storage.WriteStateAsync(LedgerV1.StateName, key, state);
        previous = session;
        var line = System.Text.Encoding.ASCII.GetBytes($"{user} {revision} {session.Id:D}\n");
        lock (output)
        {
            output.Write(line);
            output.Flush();
        }
    }
}

internal sealed class Row : IGrainState<LedgerV1>
{
    public LedgerV1 State { get; set; } = new();

    public string? ETag { get; set; }

    public bool RecordExists { get; set; }
}
