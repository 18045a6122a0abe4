using System.Globalization;
using System.Net;

namespace SessionCluster.Server.Tests;

/// <summary>Where processes listen, by what the system says of their sockets.</summary>
[Trait("Server", "Own")]
public sealed class ListeningTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [LinuxFact]
    public async Task Two_default_processes_run_side_by_side_and_listen_for_http_alone()
    {
        await using var one = await ServerProcess.StartKind(_folder.In("one"), ServerKind.OnSqlite);
        await using var other = await ServerProcess.StartKind(_folder.In("other"), ServerKind.OnSqlite);

        Assert.Equal([new IPEndPoint(IPAddress.Loopback, one.Url.Port)], ListeningSockets.Of(one.Members[0].Id));
        Assert.Equal([new IPEndPoint(IPAddress.Loopback, other.Url.Port)], ListeningSockets.Of(other.Members[0].Id));
        var login = await one.Api.Login(Actions.NewUser());
        Assert.Null(await one.Api.WhyNot(login.Token));
        Assert.Equal("malformed", await other.Api.WhyNot(login.Token));
    }

    [LinuxFact(withPostgreSql: true)]
    public async Task A_member_with_a_loopback_address_listens_there_alone()
    {
        await using var member = await ServerProcess.StartKind(_folder.In("data"), ServerKind.OnPostgreSql);

        var listens = ListeningSockets.Of(member.Members[0].Id);

        Assert.Equal(3, listens.Count);
        Assert.All(listens, endpoint => Assert.Equal(IPAddress.Loopback, endpoint.Address));
    }
}

/// <summary>What the system knows of the sockets of a process.</summary>
internal static class ListeningSockets
{
    private const string Listening = "0A";

    /// <summary>Where a process listens by TCP.</summary>
    public static List<IPEndPoint> Of(int process)
    {
        var own = Directory.GetFiles($"/proc/{process}/fd")
            .Select(file => new FileInfo(file).LinkTarget)
            .Where(target => target?.StartsWith("socket:[", StringComparison.Ordinal) == true)
            .Select(target => target![8..^1])
            .ToHashSet();
        string[] tables = [$"/proc/{process}/net/tcp", $"/proc/{process}/net/tcp6"];
        return [.. tables.Where(File.Exists).SelectMany(File.ReadLines).Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            .Where(fields => fields.Length > 9 && fields[3] == Listening && own.Contains(fields[9])).Select(fields => Parse(fields[1]))];
    }

    /// <summary>An address as the tables have it: words of four bytes in the machine's order, and the port.</summary>
    private static IPEndPoint Parse(string text)
    {
        var parts = text.Split(':');
        var bytes = Convert.FromHexString(parts[0]);
        for (var word = 0; word < bytes.Length; word += 4)
        {
            Array.Reverse(bytes, word, 4);
        }

        return new IPEndPoint(new IPAddress(bytes), int.Parse(parts[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }
}

/// <summary>A fact about what Linux says in /proc.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(bool withPostgreSql = false) => Skip = !OperatingSystem.IsLinux() ? "The sockets of a process are read from /proc."
        : withPostgreSql ? PostgreSqlServer.WhyNot
        : null;
}
