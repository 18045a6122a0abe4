using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace SessionCluster.Architecture.Tests.Deploy;

public sealed partial class AlertTests
{
    private const string File = "deploy/prometheus-alerts.yml";

    /// <summary>Prometheus' own, and the blackbox exporter's.</summary>
    private static readonly string[] NotOurs = ["up", "probe_success"];

    private static readonly string[] Expressions = [.. Yaml.Read(File).Single().All().OfType<YamlMappingNode>().Select(node => node.Text("expr")).OfType<string>()];

    [ToolFact("promtool")]
    public void Prometheus_own_checker_accepts_the_alerts()
    {
        var (exitCode, said) = Tool.Run("promtool", "check", "rules", File);

        Assert.True(exitCode == 0, said);
    }

    [ToolFact("promtool")]
    public void The_alerts_come_when_they_should_and_stay_away_when_they_should()
    {
        var (exitCode, said) = Tool.Run("promtool", "test", "rules", "tests/Architecture.Tests/Deploy/alerts.test.yml");

        Assert.True(exitCode == 0, said);
    }

    [Fact]
    public void Every_metric_of_an_alert_is_documented()
    {
        var metrics = Expressions.SelectMany(expression => Metric().Matches(expression).Select(match => match.Value)).Except(NotOurs).ToList();

        Assert.NotEmpty(metrics);
        Assert.All(metrics, metric => Assert.True(Documented.IsMetric(metric), $"{metric} is not in docs/metrics.md."));
    }

    [Fact]
    public void Every_alert_is_explained_in_the_page_on_production()
    {
        var page = Repository.Read("docs/production.md");
        var alerts = Yaml.Read(File).Single().All().OfType<YamlMappingNode>().Select(node => node.Text("alert")).OfType<string>();

        Assert.All(alerts, alert => Assert.Contains($"`{alert}`", page, StringComparison.Ordinal));
    }

    [GeneratedRegex(@"\b[a-z_]+(?=[{\[])")]
    private static partial Regex Metric();
}
