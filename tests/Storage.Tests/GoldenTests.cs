using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using SessionCluster.Alerts;
using SessionCluster.LoginStage;
using SessionCluster.Operators;
using SessionCluster.Sessions;
using SessionCluster.Storage.Tests.PostgreSql;
using SessionCluster.Storage.Tests.Sqlite;
using SessionCluster.Users;

namespace SessionCluster.Storage.Tests;

/// <summary>
/// Rows as released programs have written them. A file here is never edited: each must stay readable, and say the same when
/// it is written again. A new member gets a new file beside the old one.
/// </summary>
public sealed class GoldenTests
{
    internal static string Text(string file) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", file)).TrimEnd('\n');

    internal static T Read<T>(string file, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(Text(file), type)!;

    [Theory]
    [InlineData("ledger-v1.json", typeof(LedgerV1))]
    [InlineData("ledger-v1-once.json", typeof(LedgerV1))]
    [InlineData("session-v1.json", typeof(SessionV1))]
    [InlineData("session-v1-least.json", typeof(SessionV1))]
    [InlineData("ended-v1.json", typeof(EndedV1))]
    [InlineData("stages-v1.json", typeof(StageCatalogV1))]
    [InlineData("stages-v1-event.json", typeof(StageCatalogV1))]
    [InlineData("plan-v1.json", typeof(PlanV1))]
    [InlineData("alerts-v1.json", typeof(AlertCatalogV1))]
    [InlineData("alert-delivery-v1.json", typeof(AlertDeliveryV1))]
    [InlineData("notifications-v1.json", typeof(NotificationsV1))]
    [InlineData("signed-out-v1.json", typeof(SignedOutV1))]
    public void A_stored_row_is_read_and_written_again_as_the_same_text(string file, Type type)
    {
        var text = Text(file);

        var row = JsonSerializer.Deserialize(text, StateJson.Default.GetTypeInfo(type)!);

        Assert.Equal(text, JsonSerializer.Serialize(row, StateJson.Default.GetTypeInfo(type)!));
    }

    [Fact]
    public void The_members_of_a_stored_session_mean_what_they_meant()
    {
        var row = Read("session-v1.json", StateJson.Default.SessionV1);

        Assert.Equal("1001", row.UserPk);
        Assert.Equal(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero).AddMicroseconds(1), row.Created);
        Assert.Equal(900_000_000, row.IdleMicros);
        Assert.True(row.KnownDevice);
        Assert.Equal(Bindings.NetworkBinding.AsnNetworkIp, row.NetworkBinding);
        Assert.Equal(64500, row.Asn!.Asn);
        Assert.Equal("CZ", row.Geo!.Country);
        Assert.Equal("""{"cart":[1,2]}""", row.Data);
    }
}

public sealed class SqliteGoldenRowTests() : GoldenRowTests(new OpenSqlite());

[OnPostgreSql]
public sealed class PostgreSqlGoldenRowTests() : GoldenRowTests(new OpenPostgreSql());

/// <summary>No database changes the text of a row, so that what one release wrote is what another reads.</summary>
public abstract class GoldenRowTests : StorageTests
{
    private protected GoldenRowTests(OpenStorage open)
        : base(open)
    {
    }

    [SuiteFact]
    public async Task A_ledger_is_stored_as_its_text()
    {
        var ledger = GoldenTests.Read("ledger-v1.json", StateJson.Default.LedgerV1);
        await Open.Storage.WriteStateAsync(LedgerV1.StateName, Rows.UserKey("1001"), new Held<LedgerV1>(ledger));

        Assert.Equal(GoldenTests.Text("ledger-v1.json"), await Open.Text("SELECT CAST(payload AS text) FROM ledger"));
    }

    [SuiteFact]
    public async Task A_session_is_stored_as_its_text()
    {
        await Open.Create("1001", GoldenTests.Read("session-v1.json", StateJson.Default.SessionV1));

        Assert.Equal(GoldenTests.Text("session-v1.json"), await Open.Text("SELECT CAST(payload AS text) FROM session"));
    }

    [SuiteFact]
    public async Task A_plan_is_stored_as_its_text()
    {
        var plan = GoldenTests.Read("plan-v1.json", StateJson.Default.PlanV1);
        await Open.Plain.WriteStateAsync("plan", GrainId.Create("plan", "p:1"), new Held<PlanV1>(plan));

        Assert.Equal(GoldenTests.Text("plan-v1.json"), await Open.Text(Open.PlanPayload));
    }
}
