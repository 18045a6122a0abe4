using System.Reflection;
using Xunit.Sdk;

namespace SessionCluster.Server.Tests.Proxies;

/// <summary>Runs a test with the real nginx; it is skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WithNginxAttribute : DataAttribute
{
    public WithNginxAttribute() => Skip = ProxyProgram.WhyNot(ProxyProgram.Nginx);

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[ProxyProgram.Nginx]];
}

/// <summary>Runs a test with the real Caddy; it is skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WithCaddyAttribute : DataAttribute
{
    public WithCaddyAttribute() => Skip = ProxyProgram.WhyNot(ProxyProgram.Caddy);

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[ProxyProgram.Caddy]];
}

/// <summary>A server, an application, and both proxies before them.</summary>
public sealed class ProxySetup : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly Dictionary<string, ProxyProgram> _proxies = [];

    internal ServerProcess Server { get; private set; } = null!;

    internal SmallApplication Application { get; private set; } = null!;

    /// <summary>Where a proxy listens.</summary>
    public Uri Url(string proxy) => _proxies[proxy].Url;

    public async Task InitializeAsync()
    {
        Application = await SmallApplication.Start();
        Server = await ServerProcess.Start(
            _folder.In("data"), "PublicUrl=https://app.example.com", "Login:Url=/login", "Proxies:Trusted:0=127.0.0.1/32");
        foreach (var proxy in new[] { ProxyProgram.Nginx, ProxyProgram.Caddy }.Where(proxy => ProxyProgram.WhyNot(proxy) is null))
        {
            _proxies.Add(proxy, await ProxyProgram.Start(proxy, Server.Url, Application.Url));
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var proxy in _proxies.Values)
        {
            proxy.Dispose();
        }

        await Server.DisposeAsync();
        await Application.DisposeAsync();
        _folder.Dispose();
    }
}

[CollectionDefinition(nameof(ProxySetup))]
public sealed class ProxySetupCollection : ICollectionFixture<ProxySetup>;
