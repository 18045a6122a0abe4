using System.Diagnostics;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Console;
using SessionCluster.Api.Hosting;
using SessionCluster.Users;

namespace SessionCluster.Api.Tests.Hosting;

public sealed class MaskedLogTests
{
    [Theory]
    [InlineData("simple")]
    [InlineData("systemd")]
    [InlineData("json")]
    public void A_line_of_the_log_has_no_e_mail_address_and_keeps_what_only_looks_like_one(string form)
    {
        var services = new ServiceCollection();
        services.AddLogging(log => log.AddConsole());
        services.MaskLines();
        using var provider = services.BuildServiceProvider();
        var lines = provider.GetServices<ConsoleFormatter>().Single(lines => lines.Name == form);
        using var text = new StringWriter();

        lines.Write(
            new LogEntry<string>(
                LogLevel.Warning, "Orleans", default, "Request hosted-127.0.0.1:11111@7654321 -> user/u:jane.doe@example.org[Login(...)], user/u:jane+o'neil@example.org\n<ana@example.com> \"ana@example.com\" u:ana@\u00fcber.example",
                new TimeoutException("No answer for user/u:j@sub.example.org."), (state, _) => state),
            null, text);

        var line = text.ToString();
        if (form == "json")
        {
            using var whole = System.Text.Json.JsonDocument.Parse(line);
        }

        Assert.DoesNotContain("@example", line, StringComparison.Ordinal);
        Assert.DoesNotContain("@sub", line, StringComparison.Ordinal);
        Assert.DoesNotContain("jane", line, StringComparison.Ordinal);
        Assert.DoesNotContain("ana", line, StringComparison.Ordinal);
        // However it is written, it is the same person's.
        Assert.Equal(2, Regex.Count(line, Regex.Escape($"{new UserId("ana@example.com")}")));
        Assert.Contains($"{new UserId("jane+o'neil@example.org")}", line, StringComparison.Ordinal);
        Assert.Contains($"{new UserId("ana@\u00fcber.example")}", line, StringComparison.Ordinal);
        Assert.Contains("user/u:sha256:", line, StringComparison.Ordinal);
        Assert.Contains("127.0.0.1:11111@7654321", line, StringComparison.Ordinal);
    }

    /// <summary>Whoever asks for a long path writes such a line, without a key.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("@")]
    [InlineData("@ ")]
    [InlineData("a@1")]
    public void A_long_line_takes_no_time(string before)
    {
        var line = before + new string(before.Length > 2 ? '1' : 'a', 200_000);
        var since = Stopwatch.GetTimestamp();

        Assert.Equal(line, MaskedLines.Mask(line));

        Assert.InRange(Stopwatch.GetElapsedTime(since), TimeSpan.Zero, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void An_address_is_masked_as_a_whole_however_long_it_is()
    {
        var address = new string('a', 1_000) + "@example.com";

        Assert.Equal($"x@ <{new UserId(address)}>", MaskedLines.Mask($"x@ <{address}>"));
    }
}
