using Microsoft.Extensions.Configuration;

namespace SessionCluster.Api.Tests;

internal static class Settings
{
    public static IConfiguration Of(params (string Name, string Value)[] settings) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings.Select(entry => KeyValuePair.Create(entry.Name, (string?)entry.Value))).Build();
}
