using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace SessionCluster.Architecture.Tests.Deploy;

public sealed class KubernetesTests
{
    private const string File = "deploy/kubernetes.yaml";

    private static readonly IReadOnlyList<YamlMappingNode> Objects = Yaml.Read(File);

    private static readonly YamlNode Pod = Of("StatefulSet").At("spec.template");

    private static readonly YamlNode Container = Pod.At("spec.containers.0");

    private static IEnumerable<YamlMappingNode> Environment => ((YamlSequenceNode)Container.At("env")).OfType<YamlMappingNode>();

    [Fact]
    public void Every_object_says_what_it_is() => Assert.All(Objects, node =>
    {
        Assert.NotEmpty(node.TextAt("kind"));
        Assert.NotEmpty(node.TextAt("apiVersion"));
        Assert.Matches("^[a-z][a-z-]*$", node.TextAt("metadata.name"));
    });

    [Fact]
    public void Every_selector_finds_the_members()
    {
        var app = Pod.TextAt("metadata.labels.app");
        YamlNode[] selectors =
        [
            .. Objects.Where(node => node.TextAt("kind") == "Service").Select(service => service.At("spec.selector")),
            Of("StatefulSet").At("spec.selector.matchLabels"), Of("PodDisruptionBudget").At("spec.selector.matchLabels"),
            Of("NetworkPolicy").At("spec.podSelector.matchLabels"), Pod.At("spec.topologySpreadConstraints.0.labelSelector.matchLabels"),
        ];

        Assert.Equal(6, selectors.Length);
        Assert.All(selectors, selector => Assert.Equal(app, selector.TextAt("app")));
        Assert.Contains(Objects, node => node.TextAt("kind") == "Service" && node.TextAt("metadata.name") == Of("StatefulSet").TextAt("spec.serviceName"));
    }

    [Fact]
    public void Every_setting_is_documented_and_the_secrets_are_mounted_where_the_server_looks()
    {
        var secrets = ((YamlMappingNode)Of("Secret").At("stringData")).Children.Keys.Select(key => ((YamlScalarNode)key).Value!).ToList();
        string[] settings = [.. Environment.Select(variable => variable.TextAt("name")), .. secrets];

        Assert.All(settings, setting => Assert.True(Documented.IsSetting(setting), $"{setting} is not in docs/settings.md."));
        Assert.Superset(new HashSet<string> { "Storage__ConnectionString", "Keys__0", "Api__BootstrapKey" }, secrets.ToHashSet());
        Assert.Equal(Container.TextAt("volumeMounts.0.mountPath"), Setting("Secrets__Path"));
        Assert.Equal(Of("Secret").TextAt("metadata.name"), Pod.TextAt("spec.volumes.0.secret.secretName"));
    }

    [Fact]
    public void A_member_says_its_own_address() =>
        Assert.Equal("status.podIP", Environment.Single(variable => variable.TextAt("name") == "Cluster__AdvertisedAddress").TextAt("valueFrom.fieldRef.fieldPath"));

    [Theory]
    [InlineData("startupProbe", "/health/live")]
    [InlineData("livenessProbe", "/health/live")]
    [InlineData("readinessProbe", "/health/ready")]
    public void A_probe_asks_a_path_that_the_server_has(string probe, string path)
    {
        Assert.Equal(path, Container.TextAt($"{probe}.httpGet.path"));
        Assert.Equal("http", Container.TextAt($"{probe}.httpGet.port"));
        Assert.Contains($"`{path}`", Repository.Read("docs/routes.md"), StringComparison.Ordinal);
    }

    [Fact]
    public void The_ports_are_those_that_the_server_listens_on() => Assert.Equal(
        ["8080", "11111", "30000"], ((YamlSequenceNode)Container.At("ports")).Select(port => port.TextAt("containerPort")));

    [Fact]
    public void A_member_has_the_time_to_leave_and_one_at_a_time_is_taken()
    {
        Assert.InRange(int.Parse(Pod.TextAt("spec.terminationGracePeriodSeconds"), CultureInfo.InvariantCulture), 61 + 10, 300);
        Assert.Equal("seconds=10", Setting("Cluster__Drain"));
        Assert.Equal("1", Of("PodDisruptionBudget").TextAt("spec.maxUnavailable"));
        Assert.InRange(int.Parse(Of("StatefulSet").TextAt("spec.replicas"), CultureInfo.InvariantCulture), 3, 100);
    }

    [Fact]
    public void Only_members_and_apis_reach_the_silos_ports()
    {
        var rules = (YamlSequenceNode)Of("NetworkPolicy").At("spec.ingress");
        var open = Assert.Single(rules, rule => !((YamlMappingNode)rule).Children.ContainsKey("from"));

        Assert.Equal("http", Assert.Single((YamlSequenceNode)open.At("ports")).TextAt("port"));
    }

    private static YamlMappingNode Of(string kind) => Objects.Single(node => node.TextAt("kind") == kind);

    private static string? Setting(string name) => Environment.Single(variable => variable.TextAt("name") == name).Text("value");
}
