using System.Text.Json;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Storage.Tests;

/// <summary>
/// Rows as released programs have written them. A file here is never edited: each must stay readable, and say the same when
/// it is written again. A new member gets a new file beside the old one.
/// </summary>
public sealed class GoldenTests
{
    [Theory]
    [InlineData("ledger-v1.json", typeof(LedgerV1))]
    [InlineData("session-v1.json", typeof(SessionV1))]
    [InlineData("session-v1-least.json", typeof(SessionV1))]
    [InlineData("ended-v1.json", typeof(EndedV1))]
    [InlineData("stages-v1.json", typeof(StageCatalogV1))]
    [InlineData("plan-v1.json", typeof(PlanV1))]
    public void A_stored_row_is_read_and_written_again_as_the_same_text(string file, Type type)
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", file)).TrimEnd('\n');

        var row = JsonSerializer.Deserialize(text, StateJson.Default.GetTypeInfo(type)!);

        Assert.Equal(text, JsonSerializer.Serialize(row, StateJson.Default.GetTypeInfo(type)!));
    }

    [Fact]
    public void The_members_of_a_stored_session_mean_what_they_meant()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Golden", "session-v1.json"));

        var row = JsonSerializer.Deserialize(text, StateJson.Default.SessionV1)!;

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
