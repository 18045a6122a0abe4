using System.Globalization;
using SessionCluster.Bench.Http;
using SessionCluster.Bindings;
using SessionCluster.LoginStage;
using SessionCluster.Sessions;
using SessionCluster.Users;

namespace SessionCluster.Bench.Storage;

/// <summary>People who log in, as the grains see them. Their texts are all of one length.</summary>
internal static class Person
{
    private static readonly StageInfo Stage = new(
        Guid.Parse("0197a8f0-0000-7000-8000-000000000001"), "default", Duration.Zero, Duration.Zero, Duration.Zero, false, NetworkBinding.None, GeoIpBinding.None);

    public static UserId Id(long number) => new(string.Create(CultureInfo.InvariantCulture, $"{number:D10}"));

    public static LoginCommand Login(long number) => new(
        new UserFacts(Id(number), $"jane.roe.{Id(number).Value}", $"jane.roe.{Id(number).Value}@example.org", "Jane Roe"),
        true, Stage, false, Client(number), null, null, false, "password", "{}", null, null, null, null);

    public static ClientFacts Client(long number) => new(
        string.Create(CultureInfo.InvariantCulture, $"10.{100 + (number / 22_500 % 150)}.{100 + (number / 150 % 150)}.{100 + (number % 150)}"),
        Logins.UserAgent, "POST", "/login", "{}", "00000000000000000000000000000000");

    /// <summary>Logs in, as the API does: the commit, then the telling of what it ended.</summary>
    public static async Task<SessionId> LogIn(IGrainFactory grains, long number) =>
        (await new CommitThenTell(grains).Login(Login(number))).Login.Session!.Id;
}
