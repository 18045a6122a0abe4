using Microsoft.Extensions.Logging;

namespace SessionCluster.Api.Keys;

internal sealed partial class KeyMaterial
{
    [LoggerMessage(3001, LogLevel.Warning, "No api key is configured: the one in {Path} counts, with every role.")]
    private partial void GeneratedKeyCounts(string path);
}
