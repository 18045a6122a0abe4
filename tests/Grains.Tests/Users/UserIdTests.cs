using SessionCluster.Users;

namespace SessionCluster.Grains.Tests.Users;

public sealed class UserIdTests
{
    [Theory]
    [InlineData("42", "42")]
    [InlineData("jane", "jane")]
    [InlineData("jane@example.org", "sha256:13d855ce")]
    public void Logs_show_no_key_that_may_be_an_e_mail_address(string key, string shown)
    {
        var id = new UserId(key);

        Assert.StartsWith(shown, $"{id}", StringComparison.Ordinal);
        Assert.Equal(key.Contains('@', StringComparison.Ordinal), !$"{id}".Contains(key, StringComparison.Ordinal));
        Assert.Equal(key, UserId.FromGrainKey(id.GrainKey).Value);
    }
}
