namespace SessionCluster.Api.Keys;

internal sealed partial class KeyMaterial
{
    [LoggerMessage(3001, LogLevel.Warning, "No api key is configured: the one in {Path} counts, with every role.")]
    private partial void GeneratedKeyCounts(string path);

    [LoggerMessage(3002, LogLevel.Warning, "The key ring {Path} was missing and is made again, as Keys:AllowNew says: the tokens of {Live} live sessions are worth nothing any more.")]
    private partial void RingIsNew(string path, long live);
}
