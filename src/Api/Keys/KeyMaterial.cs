using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionCluster.Api.Hosting;
using SessionCluster.Api.Tokens;

namespace SessionCluster.Api.Keys;

/// <summary>Gets the token keys and the api keys before anything of the host starts, so that a bad file stops the start and not a request.</summary>
internal sealed partial class KeyMaterial(
    KeyRing ring, IOptions<TokenOptions> tokens, IOptions<ApiKeyOptions> keys, TimeProvider time, ILogger<KeyMaterial> logger)
    : StartStep
{
    /// <summary>The service keys; none before the start.</summary>
    public ApiKeys ApiKeys { get; private set; } = new([]);

    public override Task StartingAsync(CancellationToken cancellationToken)
    {
        ring.Replace(ReadRing(tokens.Value, time.GetUtcNow()));
        ApiKeys = new ApiKeys(ReadApiKeys(keys.Value, tokens.Value));
        return Task.CompletedTask;
    }

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
