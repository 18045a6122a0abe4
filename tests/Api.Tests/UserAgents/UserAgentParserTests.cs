using System.Text.Json;
using SessionCluster.Api.UserAgents;

namespace SessionCluster.Api.Tests.UserAgents;

public sealed class UserAgentParserTests
{
    public static TheoryData<string, string, string, string, string?, string?> Desktops => DesktopAgents.Rows;

    public static TheoryData<string, string, string, string, string?, string?> Handhelds => HandheldAgents.Rows;

    public static TheoryData<string, string, string, string, string?, string?> Programs => ProgramAgents.Rows;

    public static TheoryData<string> HostileTexts
    {
        get
        {
            var texts = new TheoryData<string>();
            foreach (var part in (string[])[
                "Chrome/", "Chrome/1", "Chrome/1.", "Android ", "Android 1;", "Android 1; ", "Version/1.0 ", "bot", "bot/", "Mozilla/5.0 (",
                "(((((", ")", ";", "/", ".", "1", "1.1.", "_", " ", "\0", "\t", "\ud800", "\u00e9", "iPhone1,", "iPhone OS ",
                " CFNetwork/1 Darwin/", "[FBAN;FBAV/", "CrOS ", "CrOS x ", "Linux", "Linux/", "Trident/7.", "MSIE ", "Java/1.",
                "PlayStation ", "Yandex", "Windows NT ", "Opera Mini/", "Mobile Safari OPR/1.1",
            ])
            {
                texts.Add(part);
                texts.Add(string.Concat(Enumerable.Repeat(part, UserAgentParser.MaxLength / part.Length)));
                texts.Add(new string('x', UserAgentParser.MaxLength - part.Length) + part);
            }

            return texts;
        }
    }

    [Theory]
    [MemberData(nameof(Desktops))]
    public void A_computer_is_recognised(string text, string browser, string os, string device, string? brand, string? model) =>
        AssertParsed(text, browser, os, device, brand, model);

    [Theory]
    [MemberData(nameof(Handhelds))]
    public void A_handheld_is_recognised(string text, string browser, string os, string device, string? brand, string? model) =>
        AssertParsed(text, browser, os, device, brand, model);

    [Theory]
    [MemberData(nameof(Programs))]
    public void A_program_is_recognised(string text, string browser, string os, string device, string? brand, string? model) =>
        AssertParsed(text, browser, os, device, brand, model);

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("unknown")]
    [InlineData("Mozilla/5.0")]
    public void Another_text_is_Other_everywhere(string? text)
    {
        var parsed = UserAgentParser.Parse(text);
        Assert.Equal(new DevicePart(null, "Other", null), parsed.Device);
        Assert.Equal(new OsPart("Other", null, null, null, null), parsed.Os);
        Assert.Equal(new BrowserPart("Other", "", "", ""), parsed.UserAgent);
        Assert.Equal(text ?? "", parsed.Text);
    }

    [Theory]
    [MemberData(nameof(HostileTexts))]
    public void A_hostile_text_is_read_to_its_end_and_kept_verbatim(string text)
    {
        var parsed = UserAgentParser.Parse(text);
        Assert.Equal(text, parsed.Text);
        Assert.NotEmpty(parsed.Device.Family);
        Assert.NotEmpty(parsed.Os.Family);
        Assert.NotEmpty(parsed.UserAgent.Family);
    }

    [Theory]
    [InlineData(-1, "8")]
    [InlineData(0, "8")]
    [InlineData(1, "")]
    public void What_lies_behind_the_bound_is_not_read(int over, string major)
    {
        var text = "curl/8".PadLeft(UserAgentParser.MaxLength + over);
        Assert.Equal(major, UserAgentParser.Parse(text).UserAgent.Major);
    }

    [Fact]
    public void A_repeated_text_gives_the_same_answer_object()
    {
        var text = "curl/8.5.0";
        Assert.Same(UserAgentParser.Parse(text), UserAgentParser.Parse(new string(text)));
    }

    [Fact]
    public void More_texts_than_there_are_slots_are_never_mixed_up()
    {
        for (var round = 0; round < 2; round++)
        {
            for (var version = 0; version < 5000; version++)
            {
                Assert.Equal($"{version}", UserAgentParser.Parse($"curl/{version}").UserAgent.Major);
            }
        }
    }

    [Fact]
    public void The_JSON_is_that_of_authentik()
    {
        var json = JsonSerializer.Serialize(UserAgentParser.Parse("curl/8.5.0"));
        Assert.Equal(
            """
            {"device":{"brand":null,"family":"Other","model":null},"os":{"family":"Other","major":null,"minor":null,"patch":null,"patch_minor":null},"user_agent":{"family":"curl","major":"8","minor":"5","patch":"0"},"string":"curl/8.5.0"}
            """,
            json);
    }

    private static void AssertParsed(string text, string browser, string os, string device, string? brand, string? model)
    {
        var parsed = UserAgentParser.Parse(text);
        var (ua, system) = (parsed.UserAgent, parsed.Os);
        Assert.Equal(browser, Join(ua.Family, ua.Major, ua.Minor, ua.Patch));
        Assert.Equal(os, Join(system.Family, system.Major, system.Minor, system.Patch, system.PatchMinor));
        Assert.Equal(new DevicePart(brand, device, model), parsed.Device);
        Assert.Equal(text, parsed.Text);
    }

    private static string Join(string family, params string?[] versions) =>
        $"{family} {string.Join('.', versions.Where(part => !string.IsNullOrEmpty(part)))}".TrimEnd();
}
