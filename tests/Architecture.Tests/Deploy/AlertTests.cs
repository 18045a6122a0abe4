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

        Assert.Superset(new HashSet<string> { "sessioncluster_alerts_lag_seconds", "sessioncluster_logins_total" }, metrics.ToHashSet());
        Assert.All(metrics, metric => Assert.True(Documented.IsMetric(metric), $"{metric} is not in docs/metrics.md."));
    }

    [Fact]
    public void Every_alert_is_explained_in_the_page_on_production()
    {
        var page = Repository.Read("docs/production.md");
        var alerts = Yaml.Read(File).Single().All().OfType<YamlMappingNode>().Select(node => node.Text("alert")).OfType<string>();

        Assert.All(alerts, alert => Assert.Contains($"`{alert}`", page, StringComparison.Ordinal));
    }

    [Fact]
    public void The_jobs_that_the_alerts_expect_are_those_of_the_page_on_production_and_find_the_pods_of_the_manifest()
    {
        var jobs = (YamlSequenceNode)((YamlMappingNode)Yaml.Parse(Jobs()).Single()).At("scrape_configs");
        var (pod, container) = ("__meta_kubernetes_pod_label_app", "__meta_kubernetes_pod_container_port_name");
        var template = Yaml.Read("deploy/kubernetes.yaml").Single(node => node.TextAt("kind") == "StatefulSet").At("spec.template");

        Assert.Equal(
            Expressions.SelectMany(expression => Job().Matches(expression).Select(match => match.Groups[1].Value)).Distinct().Order(StringComparer.Ordinal),
            jobs.Select(job => job.TextAt("job_name")).Order(StringComparer.Ordinal));
        Assert.All(jobs, job =>
        {
            var kept = ((YamlSequenceNode)job.At("relabel_configs")).OfType<YamlMappingNode>().Where(rule => rule.Text("action") == "keep")
                .ToDictionary(rule => rule.TextAt("source_labels.0"), rule => rule.TextAt("regex"));
            Assert.Matches($"^(?:{kept[pod]})$", template.TextAt("metadata.labels.app"));
            Assert.Matches($"^(?:{kept[pod]})$", template.TextAt("metadata.labels.app") + "-api");
            Assert.Equal(template.TextAt("spec.containers.0.ports.0.name"), kept[container]);
        });
    }

    [ToolFact("promtool")]
    public void Prometheus_own_checker_accepts_the_jobs_of_the_page_on_production()
    {
        var file = Path.GetTempFileName();
        try
        {
            // Distributions leave the search in Kubernetes out of their promtool.
            System.IO.File.WriteAllText(file, Jobs().Replace("kubernetes_sd_configs: [{ role: pod }]", "static_configs: [{ targets: [\"a:8080\"] }]", StringComparison.Ordinal));
            var (exitCode, said) = Tool.Run("promtool", "check", "config", file);

            Assert.True(exitCode == 0, said);
        }
        finally
        {
            System.IO.File.Delete(file);
        }
    }

    private static string Jobs() => JobsBlock().Match(Repository.Read("docs/production.md")).Groups[1].Value;

    // Our own wherever they stand; of others what is followed by labels or a range.
    [GeneratedRegex(@"\bsessioncluster_[a-z_]+|\b[a-z_]+(?=[{\[])")]
    private static partial Regex Metric();

    [GeneratedRegex("job=\"([^\"]+)\"")]
    private static partial Regex Job();

    [GeneratedRegex("```yaml\n(scrape_configs:\n.*?)```", RegexOptions.Singleline)]
    private static partial Regex JobsBlock();
}
