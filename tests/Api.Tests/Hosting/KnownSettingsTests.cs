using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using SessionCluster.Api.Hosting;

namespace SessionCluster.Api.Tests.Hosting;

public sealed partial class KnownSettingsTests
{
    [Theory]
    [InlineData("Sessions:MaxPerUsr", "5", "There is no setting Sessions:MaxPerUsr; did you mean Sessions:MaxPerUser?")]
    [InlineData("Proxies:trustd:0", "10.0.0.0/8", "There is no setting Proxies:trustd:0; did you mean Proxies:Trusted:0?")]
    [InlineData("Proxies:Trusted", "10.0.0.0/8", "Proxies:Trusted is a list: set Proxies:Trusted:0 (Proxies__Trusted__0 in the environment).")]
    [InlineData("Keys", "abc", "Keys is a list: set Keys:0 (Keys__0 in the environment).")]
    [InlineData("Api:Keys:0:Role", "login", "There is no setting Api:Keys:0:Role; did you mean Api:Keys:0:Roles?")]
    [InlineData("Storage:Sqlite", "yes", "There is no setting Storage:Sqlite")]
    [InlineData("PublicUrl:0", "https://a.test", "There is no setting PublicUrl:0; did you mean PublicUrl?")]
    [InlineData("Keys:AllowNw", "true", "There is no setting Keys:AllowNw; did you mean Keys:AllowNew?")]
    [InlineData("Api:Keys", "abc", "Api:Keys is a list: set Api:Keys:0:Name (Api__Keys__0__Name in the environment).")]
    [InlineData("Proxies:Trusted:first", "10.0.0.0/8", "There is no setting Proxies:Trusted:first; did you mean Proxies:Trusted:0?")]
    [InlineData("Session:MaxPerUser", "5", "There is no setting Session:MaxPerUser; did you mean Sessions:MaxPerUser?")]
    [InlineData("Session:Most", "5", "There is no setting Session:Most; did you mean Sessions")]
    [InlineData("Proxy:Trusted:0", "10.0.0.0/8", "There is no setting Proxy:Trusted:0; did you mean Proxies:Trusted:0?")]
    [InlineData("STORGAE:PROVIDER", "postgresql", "There is no setting STORGAE:PROVIDER; did you mean Storage:Provider?")]
    [InlineData("PublicUri", "https://a.test", "There is no setting PublicUri; did you mean PublicUrl?")]
    public void A_setting_that_nobody_reads_is_named(string name, string value, string message)
    {
        var failure = Assert.Throws<InvalidDataException>(() => KnownSettings.Check(Settings.Of((name, value))));

        Assert.StartsWith(message, failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--foo=1", "There is no setting foo.")]
    [InlineData("--Data__Path=./here", "There is no setting Data__Path; did you mean Data:Path?")]
    [InlineData("--data=./here", "There is no setting data")]
    [InlineData("--environment=Production --urls=http://localhost:1 --http_ports=1 --contentRoot=/ --AllowedHosts=* --OTEL_EXPORTER_OTLP_ENDPOINT=http://c:4317", null)]
    [InlineData("--Kestrel:Limits:X=1 --Data:Path=./here", null)]
    public void A_name_without_a_colon_is_judged_where_it_is_typed_on_the_command_line(string line, string? message)
    {
        var configuration = Settings.Of(("foo", "of the environment"), ("Data", "of somebody else"));
        var typed = new ConfigurationBuilder().AddConfiguration(configuration).AddCommandLine(line.Split(' ')).Build();

        var failure = Record.Exception(() => KnownSettings.Check(typed));

        Assert.Equal(message is not null, failure is InvalidDataException);
        Assert.StartsWith(message ?? "", failure?.Message ?? "", StringComparison.Ordinal);
        KnownSettings.Check(configuration);
    }

    [Theory]
    [InlineData("SESSIONS:maxperuser", "5")]
    [InlineData("Api:Keys:3:Roles:1", "login")]
    [InlineData("Proxies:Trusted", "")]
    [InlineData("Data", "of somebody else")]
    [InlineData("Logging:LogLevel:Default", "Warning")]
    [InlineData("Metrics:EnabledMetrics:X", "true")]
    [InlineData("Elsewhere:Name", "x")]
    [InlineData("Kestrel:Certificates:Default:Path", "cert.pem")]
    [InlineData("AllowedHosts", "*")]
    [InlineData("urls", "http://localhost:1")]
    [InlineData("PATH", "/bin")]
    [InlineData("HTTP_PROXY", "http://proxy.test")]
    [InlineData("PUBLIC_URL", "https://of.another.test")]
    [InlineData("APP:NAME", "x")]
    [InlineData("DB:HOST", "x")]
    public void What_is_known_or_not_ours_is_passed_over(string name, string value) => KnownSettings.Check(Settings.Of((name, value)));

    [Fact]
    public void The_documents_name_every_setting_and_no_other()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "settings.md"));
        var documented = new HashSet<string>(StringComparer.Ordinal);
        foreach (var cell in text.Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).Select(line => line.Split('|')[1]))
        {
            var section = "";
            foreach (var name in Names().Matches(cell).Select(match => match.Groups[1].Value))
            {
                // Further names of a line leave out what the first begins with.
                var full = name.StartsWith(':') ? section + name[1..] : name.StartsWith("...:", StringComparison.Ordinal) ? section + name[4..] : name;
                section = name.StartsWith(':') || name.StartsWith('.') ? section : full[..(full.LastIndexOf(':') + 1)];
                documented.UnionWith(Expand(full.Replace(":N", ":*", StringComparison.Ordinal)));
            }
        }

        var known = KnownSettings.All.Where(name => name != "Api:Keys:*:Roles:*").ToHashSet();
        Assert.Equal(known.Order(), documented.Where(name => known.Any(k => k.Split(':')[0] == name.Split(':')[0])).Order());
    }

    private static IEnumerable<string> Expand(string name) => name.Contains('{', StringComparison.Ordinal)
        ? name[(name.IndexOf('{', StringComparison.Ordinal) + 1)..^1].Split(',').Select(last => name[..name.IndexOf('{', StringComparison.Ordinal)] + last)
        : [name];

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Names();
}
