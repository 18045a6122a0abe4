using System.Collections.Immutable;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Tokens;

namespace SessionCluster.Api.Keys;

/// <summary>Gets the token keys and the api keys at start, so that a bad file stops the start and not a request.</summary>
internal sealed partial class KeyMaterial : IHostedService
{
    private readonly Lazy<KeyRing> ring;
    private readonly Lazy<ApiKeys> apiKeys;
    private readonly ILogger<KeyMaterial> logger;

    public KeyMaterial(
        IOptions<TokenOptions> tokens, IOptions<ApiKeyOptions> keys, TimeProvider time, ILogger<KeyMaterial> logger)
    {
        this.logger = logger;
        ring = new Lazy<KeyRing>(() => new KeyRing(ReadRing(tokens.Value, time.GetUtcNow())));
        apiKeys = new Lazy<ApiKeys>(() => new ApiKeys(ReadApiKeys(keys.Value, tokens.Value)));
    }

    /// <summary>The token keys.</summary>
    public KeyRing Ring => ring.Value;

    /// <summary>The service keys.</summary>
    public ApiKeys ApiKeys => apiKeys.Value;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = Ring;
        _ = ApiKeys;
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static ImmutableArray<byte[]> ReadRing(TokenOptions options, DateTimeOffset now) => options.Keys.Count > 0
        ? [.. options.Keys.Select(key => TokenOptionsValidator.Decode(key)!)]
        : KeyRingFile.ReadOrCreate(Path.Combine(Path.GetFullPath(options.DataPath), KeyRingFile.Name), now);

    private List<ApiKey> ReadApiKeys(ApiKeyOptions options, TokenOptions tokens)
    {
        if (options.Any)
        {
            return ApiKeys.Configured(options);
        }

        var path = Path.Combine(Path.GetFullPath(tokens.DataPath), GeneratedKeyFile.Name);
        var key = GeneratedKeyFile.ReadOrCreate(path);
        GeneratedKeyCounts(path);
        return [ApiKeys.WithEveryRole(key)];
    }
}
