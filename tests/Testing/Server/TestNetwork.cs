using System.Diagnostics;
using System.Globalization;

namespace SessionCluster.Testing.Server;

/// <summary>
/// Two networks of this machine's own (Linux network namespaces and bridges): the inner one for members, Apis and database, the outer one for
/// HTTP from the tests. Who is cut off from the inner one still answers over the outer one.
/// </summary>
internal sealed class TestNetwork : IDisposable
{
    // Each test process has addresses of its own, of the range for tests between networks (RFC 2544).
    private static readonly int Own = Environment.ProcessId % 250;

    private static readonly string Inner = $"198.18.{Own}.";

    private static readonly string Outer = $"198.19.{Own}.";

    private readonly List<Place> _places = [];

    public TestNetwork()
    {
        Bridge($"sci{Own}", Inner);
        Bridge($"sco{Own}", Outer);
    }

    /// <summary>Why there can be none; null when there can.</summary>
    public static string? WhyNot { get; } = Find();

    /// <summary>The address of the tests, and of a database that they start, in the inner network.</summary>
    public static string Address => Inner + "1";

    /// <summary>A place for one process.</summary>
    public Place Add()
    {
        var place = new Place(_places.Count + 2);
        _places.Add(place);
        return place;
    }

    public void Dispose()
    {
        _places.ForEach(place => place.Dispose());
        Run("ip", "link", "del", $"sci{Own}");
        Run("ip", "link", "del", $"sco{Own}");
    }

    private static void Bridge(string name, string network)
    {
        Run("ip", "link", "add", name, "type", "bridge");
        Run("ip", "addr", "add", network + "1/24", "dev", name);
        Run("ip", "link", "set", name, "up");
    }

    private static string? Find()
    {
        try
        {
            using var network = new TestNetwork();
            network.Add();
            return null;
        }
        catch (Exception failure) when (failure is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return $"No networks can be made here (that takes root, Linux and the program ip): {failure.Message}";
        }
    }

    private static void Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)}: {errors.Trim()}");
        }
    }

    /// <summary>Where one process runs: with a cable to each of the two networks.</summary>
    internal sealed class Place : IDisposable
    {
        private readonly string _name;

        private readonly string _cable;

        public Place(int number)
        {
            var host = number.ToString(CultureInfo.InvariantCulture);
            (_name, _cable) = ($"sc{Own}-{host}", $"sci{Own}-{host}");
            (Inner, Outer) = (TestNetwork.Inner + host, TestNetwork.Outer + host);
            Run("ip", "netns", "add", _name);
            Run([.. Enter, "ip", "link", "set", "lo", "up"]);
            Connect(_cable, $"sci{Own}", "inner", Inner);
            Connect($"sco{Own}-{host}", $"sco{Own}", "outer", Outer);
        }

        /// <summary>Its address for the other processes.</summary>
        public string Inner { get; }

        /// <summary>Its address for HTTP.</summary>
        public string Outer { get; }

        /// <summary>What a command begins with that runs here.</summary>
        public string[] Enter => ["ip", "netns", "exec", _name];

        /// <summary>Takes the inner cable away, or gives it back. Nobody is told: what is sent is lost.</summary>
        public void CutOff(bool isCut) => Run("ip", "link", "set", _cable, isCut ? "down" : "up");

        public void Dispose() => Run("ip", "netns", "del", _name);

        private void Connect(string cable, string bridge, string name, string address)
        {
            Run("ip", "link", "add", cable, "type", "veth", "peer", "name", name, "netns", _name);
            Run("ip", "link", "set", cable, "master", bridge, "up");
            Run([.. Enter, "ip", "addr", "add", address + "/24", "dev", name]);
            Run([.. Enter, "ip", "link", "set", name, "up"]);
        }
    }
}

/// <summary>A fact that is skipped, with the reason, where no networks, or no PostgreSQL, can be had.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class TestNetworkFactAttribute : FactAttribute
{
    public TestNetworkFactAttribute() => Skip = PostgreSql.PostgreSqlServer.WhyNot ?? TestNetwork.WhyNot;
}
