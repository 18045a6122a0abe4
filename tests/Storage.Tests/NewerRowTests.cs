using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using SessionCluster.Bindings;
using SessionCluster.Events;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Silo.Storage;
using SessionCluster.Silo.Sweeping;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;
using static SessionCluster.Storage.Tests.Rows;

namespace SessionCluster.Storage.Tests;

/// <summary>What is read of JSON that a newer program wrote.</summary>
public sealed class NewerJsonTests
{
    private static readonly Type[] Records =
    [
        .. typeof(StateJson).GetCustomAttributesData().Where(a => a.AttributeType == typeof(JsonSerializableAttribute)).Select(a => (Type)a.ConstructorArguments[0].Value!),
    ];

    /// <summary>What is kept of an ended session says so in any case, and is kept for a day.</summary>
    [Fact]
    public void Every_stored_record_but_that_of_an_ended_session_refuses_a_newer_schema() => Assert.All(Records.Except([typeof(EndedV1)]), record =>
    {
        Assert.NotNull(JsonSerializer.Deserialize("""{"schema":1,"last_user_agent":""}""", TypeOf(record)));
        AssertRefused("""{"schema":2}""", record);
    });

    [Fact]
    public void Every_stored_enum_but_the_reason_of_an_ending_refuses_a_number_that_is_not_known()
    {
        var enums = new HashSet<Type>();
        Array.ForEach(Records, record => Gather(record, [], enums));

        Assert.Contains(typeof(NetworkBinding), enums);
        Assert.All(enums.Except([typeof(EndReason)]), kind =>
        {
            Assert.NotNull(JsonSerializer.Deserialize("1", TypeOf(kind)));
            AssertRefused("97", kind);
        });
    }

    [Fact]
    public void A_session_that_ended_for_a_reason_that_is_not_known_has_ended()
    {
        var ended = JsonSerializer.Deserialize("""{"reason":97}""", StateJson.Default.EndedV1)!;

        Assert.Equal(SessionStatus.Revoked, EndReasons.Status(ended.Reason));
    }

    [Fact]
    public void The_refusal_of_a_newer_row_is_the_same_in_another_process()
    {
        var converter = new StorageUnavailableConverter();

        var there = converter.ConvertFromSurrogate(converter.ConvertToSurrogate(StorageUnavailableException.NewerRow()));

        Assert.True(there.IsNewerRow);
        Assert.False(there.OutcomeUnknown);
    }

    private static void AssertRefused(string json, Type type) =>
        Assert.True(Assert.Throws<StorageUnavailableException>(() => JsonSerializer.Deserialize(json, TypeOf(type))).IsNewerRow);

    private static JsonTypeInfo TypeOf(Type type) => StateJson.Default.GetTypeInfo(type)!;

    private static void Gather(Type type, HashSet<Type> seen, HashSet<Type> enums)
    {
        if (type.IsEnum)
        {
            enums.Add(type);
        }
        else if (seen.Add(type) && TypeOf(type) is { } known)
        {
            IEnumerable<Type> inner = [.. known.Properties.Select(property => property.PropertyType), .. type.GetGenericArguments()];
            foreach (var next in inner)
            {
                Gather(next, seen, enums);
            }
        }
    }
}

public sealed class SqliteNewerRowTests() : NewerRowTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlNewerRowTests() : NewerRowTests(new OpenPostgreSql());

/// <summary>Rows that a newer program has written: refused, left as they are, and nobody else's matter.</summary>
public abstract class NewerRowTests : StorageTests
{
    private protected NewerRowTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteTheory]
    [InlineData("\"schema\":1", "\"schema\":2,\"bound_to\":\"key\"")]
    [InlineData("\"schema\":1", "\"schema\":1,\"network_binding\":97")]
    public async Task A_newer_session_is_refused_with_its_user_and_with_nobody_else(string present, string newer)
    {
        await Open.Create("a", Session(1, "a"), Session(2, "a"));
        await Open.Create("b", Session(3, "b"));
        await WriteNewer(Session(1, "a"), present, newer);
        var before = await Open.Everything();

        await AssertRefused(() => Open.ReadSession(1));
        await AssertRefused(() => Open.Lists.Find(new SessionId(Id(1)), Now));
        await AssertRefused(() => Open.ReadLedger("a"));
        Assert.Equal("3", Numbers((await Open.Live("b")).Select(session => session.Id)));
        Assert.Equal(before, await Open.Everything());
    }

    [SuiteFact]
    public async Task A_newer_ledger_is_refused()
    {
        await Open.Create("a", Session(1, "a"));
        var rows = LedgerRows.From((await Open.ReadLedger("a")).State.AtRest());
        await Open.Opened.Write(new LedgerChange("a", 1, rows with { Payload = rows.Payload.Replace("\"schema\":1", "\"schema\":2", StringComparison.Ordinal) }));

        await AssertRefused(() => Open.ReadLedger("a"));
    }

    [SuiteFact]
    public async Task A_newer_state_of_another_kind_is_refused()
    {
        var key = GrainId.Create("stages", IStageCatalogGrain.Key);
        StageCatalogV1 newer = new() { Stages = [StageInfo.New(Id(1), "bound") with { NetworkBinding = (NetworkBinding)97 }] };
        await Open.Plain.WriteStateAsync(StageCatalogV1.StateName, key, new Held<StageCatalogV1>(newer));

        await AssertRefused(() => Open.Plain.ReadStateAsync(StageCatalogV1.StateName, key, new Held<StageCatalogV1>(new StageCatalogV1())));
    }

    [SuiteFact]
    public async Task A_list_of_all_leaves_a_newer_session_out_and_counts_it_and_that_of_its_user_is_refused()
    {
        await Open.Create("a", Session(1, "a"));
        await Open.Create("b", Session(2, "b"));
        await WriteNewer(Session(1, "a"), "\"schema\":1", "\"schema\":2");
        var all = new SessionQuery(SessionOrder.Id, Descending: false, 0, 10);

        var page = await Open.Lists.Search(all, Now);

        Assert.Equal(2, page.Count);
        Assert.Equal("2", Numbers(page.Sessions.Select(session => session.Id.Value)));
        await AssertRefused(() => Open.Lists.Search(all with { User = new UserId("a") }, Now));
    }

    /// <summary>They are overdue longest, so that they come first.</summary>
    [SuiteFact]
    public async Task Users_of_a_newer_program_keep_nobody_from_their_turn_and_the_log_says_once_how_many_there_are()
    {
        var newer = Enumerable.Range(1, 12).Select(number => $"newer{number}").ToArray();
        foreach (var (user, number) in newer.Append("sound").Select((user, number) => (user, number + 1)))
        {
            await Open.Create(user, Session(number, user, row => number % 2 == 0 ? row with { IdleMicros = number } : row with { Expires = Now.AddMinutes(number) }));
        }

        var (asked, log) = (new List<string>(), new KeptLog<Sweeper>());
        var grains = MadeUpGrains.Factory((contract, key) => contract == typeof(ISessionGrain)
            ? Stub.Of<ISessionGrain>((_, _) => Refuse(SessionId.FromGrainKey(key).ToString()))
            : Stub.Of<IUserGrain>((method, _) => (method.Name, UserId.FromGrainKey(key).Value) switch
            {
                (_, ['n', ..] user) => Refuse(user),
                (nameof(IUserGrain.End), var user) => End(user),
                _ => Task.FromResult(new Receipt(2, Now, [], Now)),
            }));
        var options = Options.Create(new SweepOptions { Batch = 2 });
        var time = new FakeTimeProvider(Now.AddHours(1));
        var sweeper = new Sweeper(grains, Open.Swept, time, options, Options.Create(new EventOptions()), log);

        await sweeper.Sweep(default);
        await sweeper.Sweep(default);

        Assert.Equal(2 * (newer.Length + 1), asked.Count);
        Assert.Equal(2, asked.Count(who => who == "sound"));
        Assert.StartsWith("The sessions of 12 users are left", Assert.Single(log.Warnings), StringComparison.Ordinal);

        Task Refuse(string who)
        {
            asked.Add(who);
            throw StorageUnavailableException.NewerRow();
        }

        Task<EndResult> End(string user)
        {
            asked.Add(user);
            return Task.FromResult(new EndResult(new Ending(2, Now, [new SessionId(Id(newer.Length + 1))], [], false)));
        }
    }

    private static async Task AssertRefused(Func<Task> read) => Assert.True((await Assert.ThrowsAsync<StorageUnavailableException>(read)).IsNewerRow);

    private async Task WriteNewer(SessionV1 session, string present, string newer)
    {
        var row = SessionRow.From(session);
        Assert.NotNull(await Open.Opened.Write(new SessionChange(1, row with { Payload = row.Payload.Replace(present, newer, StringComparison.Ordinal) })));
    }
}
