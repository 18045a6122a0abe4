using System.Globalization;

namespace SessionCluster.Correctness.Tests.Load;

/// <summary>How long the tests with faults run, and with which seed.</summary>
internal static class Rounds
{
    /// <summary>CORRECTNESS_ROUNDS: how many faults; a few unless set, so that all tests take minutes only.</summary>
    public static int Count(int usual) => Setting("CORRECTNESS_ROUNDS", usual);

    /// <summary>CORRECTNESS_SESSIONS: how many sessions are ended, and as many broken, while all is well.</summary>
    public static int Sessions(int usual) => Setting("CORRECTNESS_SESSIONS", usual);

    /// <summary>CORRECTNESS_SEED.</summary>
    public static int Seed => Setting("CORRECTNESS_SEED", 20261);

    private static int Setting(string name, int otherwise) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : otherwise;
}
