using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Configuration;
using SessionCluster.Api.Hosting;
using SessionCluster.Api.Keys;
using SessionCluster.Api.Tokens;
using SessionCluster.Settings;

namespace SessionCluster.Api.Tests.Keys;

public sealed class ApiKeysTests
{
    private const string Bootstrap = "0123456789abcdef0123456789abcdef";

    private static string Sha256(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static ApiKeyOptions Options(params (string Name, string Value)[] settings)
    {
        var options = new ApiKeyOptions();
        options.Bind(Settings.Of(settings));
        return options;
    }

    [Fact]
    public void A_key_is_found_by_its_text_and_has_its_roles()
    {
        var options = Options(
            ("Api:Keys:0:Name", "shop"), ("Api:Keys:0:Sha256", Sha256("shop-key")), ("Api:Keys:0:Roles:0", "login"), ("Api:Keys:0:Roles:1", "validate"),
            ("Api:Keys:1:Name", "admin"), ("Api:Keys:1:Sha256", Sha256("admin-key")), ("Api:Keys:1:Roles", "read, manage"));
        Assert.True(new OptionsCheck<ApiKeyOptions>().Validate(null, options).Succeeded);
        var keys = new ApiKeys(ApiKeys.Configured(options));
        Assert.Equal(("shop", Roles.Login | Roles.Validate), (keys.Find("shop-key")!.Name, keys.Find("shop-key")!.Roles));
        Assert.Equal(Roles.Read | Roles.Manage, keys.Find("admin-key")!.Roles);
        Assert.Null(keys.Find("shop-keY"));
        Assert.Null(keys.Find("shop-key "));
        Assert.Null(keys.Find(""));
        Assert.Null(keys.Find(new string('x', ApiKeyOptions.LongestKey + 1)));
        Assert.Null(keys.Find(Sha256("shop-key")));
    }

    [Fact]
    public void The_bootstrap_key_has_every_role()
    {
        var keys = new ApiKeys(ApiKeys.Configured(Options(("Api:BootstrapKey", Bootstrap))));
        Assert.Equal(Roles.All, keys.Find(Bootstrap)!.Roles);
    }

    [Theory]
    [InlineData(31, false)]
    [InlineData(32, true)]
    [InlineData(512, true)]
    [InlineData(513, false)]
    public void A_bootstrap_key_has_32_to_512_characters(int length, bool valid) =>
        Assert.Equal(valid, new OptionsCheck<ApiKeyOptions>().Validate(null, Options(("Api:BootstrapKey", new string('k', length)))).Succeeded);

    [Theory]
    [InlineData(Bootstrap + " ")]
    [InlineData(Bootstrap + "\r")]
    [InlineData("\t" + Bootstrap)]
    [InlineData("\u00a0" + Bootstrap)]
    public void A_bootstrap_key_with_white_space_around_it_is_refused(string key)
    {
        var failure = Assert.Single(new OptionsCheck<ApiKeyOptions>().Validate(null, Options(("Api:BootstrapKey", key))).Failures!);
        Assert.StartsWith("Api:BootstrapKey begins or ends with white space", failure, StringComparison.Ordinal);
        Assert.DoesNotContain(Bootstrap, failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_bootstrap_key_in_a_file_may_end_with_a_line_break()
    {
        using var folder = new TempFolder();
        folder.Write("Api__BootstrapKey", Encoding.UTF8.GetBytes(Bootstrap + "\n"));
        using var configuration = new ConfigurationManager();
        configuration[SecretFiles.Setting] = folder.Path;
        configuration.AddSecretFiles();
        var options = new ApiKeyOptions();
        options.Bind(configuration);
        Assert.True(new OptionsCheck<ApiKeyOptions>().Validate(null, options).Succeeded);
        Assert.NotNull(new ApiKeys(ApiKeys.Configured(options)).Find(Bootstrap));
    }

    [Fact]
    public void Every_fault_is_listed_with_its_setting()
    {
        var options = Options(
            ("Api:BootstrapKey", "short"),
            ("Api:Keys:0:Sha256", Sha256("x").ToUpperInvariant()), ("Api:Keys:0:Roles:0", "root"),
            ("Api:Keys:1:Name", "twice"), ("Api:Keys:1:Sha256", Sha256("y")), ("Api:Keys:1:Roles:0", "read"),
            ("Api:Keys:2:Name", "twice"), ("Api:Keys:2:Sha256", Sha256("z")));
        var failures = new OptionsCheck<ApiKeyOptions>().Validate(null, options).Failures!.ToList();
        foreach (var setting in new[]
                 {
                     "Api:BootstrapKey", "Api:Keys:0:Name", "Api:Keys:0:Sha256", "Api:Keys:0:Roles", "Api:Keys:2:Name", "Api:Keys:2:Roles",
                 })
        {
            Assert.Contains(failures, failure => failure.StartsWith(setting, StringComparison.Ordinal));
        }

        Assert.DoesNotContain(failures, failure => failure.Contains("short", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", true)]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", false)]
    [InlineData("AAAA", false)]
    [InlineData("not base64", false)]
    public void A_token_key_from_configuration_is_32_bytes_of_base64(string text, bool valid)
    {
        var options = new TokenOptions();
        options.Bind(Settings.Of(("Keys:0", text)));
        var result = new OptionsCheck<TokenOptions>().Validate(null, options);
        Assert.Equal(valid, result.Succeeded);
        Assert.True(valid || result.FailureMessage!.Contains("Keys:0", StringComparison.Ordinal));
    }
}
