namespace SessionCluster.Api.Hosting;

/// <summary>
/// Apis share their keys. One that made a file of its own would refuse the tokens of the others, so in a cluster keys come from
/// the settings.
/// </summary>
internal sealed class SharedKeysValidator : IValidateOptions<TokenOptions>, IValidateOptions<ApiKeyOptions>
{
    public ValidateOptionsResult Validate(string? name, TokenOptions options) => options.Keys.Count > 0
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail("Keys:0 is missing: the Apis of a cluster share the token keys. Set Keys:0 to base64 of 32 random bytes, the same for all.");

    public ValidateOptionsResult Validate(string? name, ApiKeyOptions options) => options.Any
        ? ValidateOptionsResult.Success
        : ValidateOptionsResult.Fail("Api:BootstrapKey is missing: the Apis of a cluster share the service keys. Set it, or Api:Keys, the same for all.");
}
