namespace SessionCluster.Api.Keys;

/// <summary>Gets the token keys and the api keys before anything of the host starts, so that a bad file stops the start and not a request.</summary>
internal sealed partial class KeyMaterial(
    KeyRing ring, IOptions<TokenOptions> tokens, IOptions<ApiKeyOptions> keys, TimeProvider time, ILogger<KeyMaterial> logger, IStorageLevels? storage = null)
    : LifecycleStep
{
    /// <summary>The service keys; none before the start.</summary>
    public ApiKeys ApiKeys { get; private set; } = new([]);

    /// <exception cref="InvalidDataException">A file cannot be used, or the key ring is lost while there are sessions; the message says how to go on.</exception>
    public override async Task StartingAsync(CancellationToken cancellationToken)
    {
        ring.Replace(await ReadRing(tokens.Value));
        ApiKeys = new ApiKeys(ReadApiKeys(keys.Value, tokens.Value));
    }

    private async Task<ImmutableArray<byte[]>> ReadRing(TokenOptions options)
    {
        if (options.Keys.Count > 0)
        {
            return [.. options.Keys.Select(key => TokenOptions.Decode(key)!)];
        }

        var path = Path.Combine(Path.GetFullPath(options.DataPath), KeyRingFile.Name);
        if (!File.Exists(path) && storage is not null && await storage.CountLive() is > 0 and var live)
        {
            if (!options.AllowNew)
            {
                throw new InvalidDataException(
                    $"The key ring file '{path}' is missing, but the database has {live} live sessions: their tokens can be read with its keys alone. Restore the file from a "
                    + $"backup. If it is lost for good, start once with {TokenOptions.AllowNewSetting}=true: that makes new keys, and everyone has to log in again.");
            }

            RingIsNew(path, live);
        }

        return KeyRingFile.ReadOrCreate(path, time.GetUtcNow());
    }

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
