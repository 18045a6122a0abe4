namespace SessionCluster.Architecture.Tests.Deploy;

public sealed class SystemdTests
{
    private const string Unit = "deploy/sessioncluster.service";

    private static readonly string[] Lines = Repository.Read(Unit).Split('\n');

    [ToolFact("systemd-analyze")]
    public void Systemds_own_checker_accepts_the_unit()
    {
        // It looks for the program, which need not be where the unit says on the machine that tests.
        var folder = Directory.CreateTempSubdirectory("session-cluster-unit-").FullName;
        try
        {
            var file = Path.Combine(folder, Path.GetFileName(Unit));
            File.WriteAllText(file, Repository.Read(Unit).Replace("ExecStart=/usr/bin/dotnet ", "ExecStart=/bin/true ", StringComparison.Ordinal));

            var (exitCode, said) = Tool.Run("systemd-analyze", "verify", file);

            Assert.DoesNotContain(Path.GetFileName(Unit), said, StringComparison.Ordinal);
            Assert.True(exitCode == 0, said);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void Every_setting_of_the_unit_is_documented()
    {
        string[] settings =
        [
            .. Values("Environment").Select(value => value.Split('=')[0]),
            .. Values("LoadCredential").Select(value => value.Split(':')[0]),
        ];

        Assert.NotEmpty(settings);
        Assert.All(settings, setting => Assert.True(Documented.IsSetting(setting), $"{setting} is not in docs/settings.md."));
    }

    [Fact]
    public void The_unit_waits_longer_than_the_server_takes_to_stop() => Assert.InRange(int.Parse(Values("TimeoutStopSec").Single(), System.Globalization.CultureInfo.InvariantCulture), 61, 300);

    private static IEnumerable<string> Values(string name) =>
        Lines.Where(line => line.StartsWith(name + "=", StringComparison.Ordinal)).Select(line => line[(name.Length + 1)..]);
}
