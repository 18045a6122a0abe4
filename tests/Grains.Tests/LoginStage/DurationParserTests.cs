using SessionCluster.LoginStage;

namespace SessionCluster.Grains.Tests.LoginStage;

public sealed class DurationParserTests
{
    [Theory]
    [InlineData("microseconds=1", 1L)]
    [InlineData("milliseconds=1", 1_000L)]
    [InlineData("seconds=1", 1_000_000L)]
    [InlineData("minutes=1", 60_000_000L)]
    [InlineData("hours=1", 3_600_000_000L)]
    [InlineData("days=1", 86_400_000_000L)]
    [InlineData("weeks=1", 604_800_000_000L)]
    public void Each_key_has_its_unit(string text, long micros) => AssertMicros(micros, text);

    [Theory]
    [InlineData("seconds=0", 0L)]
    [InlineData("seconds=-0", 0L)]
    [InlineData("hours=3;minutes=1", 10_860_000_000L)]
    [InlineData("hours=1,minutes=30,seconds=0", 5_400_000_000L)]
    [InlineData("hours=1;minutes=30,seconds=1", 5_401_000_000L)]
    [InlineData("HOURS=1;MinuteS=1", 3_660_000_000L)]
    [InlineData("hours=1;HOURS=2", 7_200_000_000L)]
    [InlineData("minutes=1;hours=1;minutes=2", 3_720_000_000L)]
    [InlineData("hours=1;minutes=-30", 1_800_000_000L)]
    [InlineData("hours=-1;days=1", 82_800_000_000L)]
    public void Pairs_add_up_and_the_last_duplicate_counts(string text, long micros) => AssertMicros(micros, text);

    [Theory]
    [InlineData("seconds=1.5", 1_500_000L)]
    [InlineData("seconds=1e3", 1_000_000_000L)]
    [InlineData("seconds=1E3", 1_000_000_000L)]
    [InlineData("seconds=+2", 2_000_000L)]
    [InlineData("seconds=.5", 500_000L)]
    [InlineData("seconds=5.", 5_000_000L)]
    [InlineData("seconds=5.e1", 50_000_000L)]
    [InlineData("seconds=1e+2", 100_000_000L)]
    [InlineData("seconds=1e-2", 10_000L)]
    [InlineData("seconds=1_000", 1_000_000_000L)]
    [InlineData("seconds=1_0.0_1e0_1", 100_100_000L)]
    [InlineData("seconds=007", 7_000_000L)]
    [InlineData("seconds=1e-999999999999", 0L)]
    [InlineData("seconds=0e999999999999", 0L)]
    public void Numbers_are_those_of_Python(string text, long micros) => AssertMicros(micros, text);

    [Theory]
    [InlineData(" hours=1; minutes=2 ")]
    [InlineData("hours = 1 ;\tminutes =\n2")]
    [InlineData("\u00a0hours=1,\u2003minutes=2")]
    public void White_space_around_every_part_is_ignored(string text) => AssertMicros(3_720_000_000L, text);

    // The values are those of Python 3's datetime.timedelta.
    [Theory]
    [InlineData("microseconds=0.4", 0L)]
    [InlineData("microseconds=0.5", 0L)]
    [InlineData("microseconds=0.6", 1L)]
    [InlineData("microseconds=1.5", 2L)]
    [InlineData("microseconds=2.5", 2L)]
    [InlineData("microseconds=3.5", 4L)]
    [InlineData("microseconds=1;milliseconds=0.0005", 2L)]
    [InlineData("microseconds=2;milliseconds=0.0005", 2L)]
    [InlineData("microseconds=0.5;milliseconds=0.0005", 1L)]
    [InlineData("microseconds=-0.5;seconds=1", 1_000_000L)]
    [InlineData("microseconds=-1.5;seconds=1", 999_998L)]
    [InlineData("microseconds=-0.5", 0L)]
    [InlineData("seconds=0.1;minutes=0.1", 6_100_000L)]
    [InlineData("seconds=1.0000005", 1_000_001L)]
    [InlineData("seconds=1.0000015", 1_000_001L)]
    [InlineData("seconds=0.0000005", 0L)]
    [InlineData("days=0.1;weeks=0.3", 190_080_000_000L)]
    [InlineData("hours=0.333333333333", 1_200_000_000L)]
    [InlineData("weeks=1e-12", 1L)]
    [InlineData("weeks=8e-13", 0L)]
    public void Fractions_are_rounded_once_half_to_even(string text, long micros) => AssertMicros(micros, text);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("hours")]
    [InlineData("1")]
    [InlineData("hours=1=2")]
    [InlineData("hours==1")]
    [InlineData("=1")]
    [InlineData("hours=")]
    [InlineData("hours= ")]
    [InlineData("hours=x")]
    [InlineData("hours=nan")]
    [InlineData("hours=NaN")]
    [InlineData("hours=inf")]
    [InlineData("hours=-Infinity")]
    [InlineData("hours=1e400")]
    [InlineData("hours=1;")]
    [InlineData("hours=1,")]
    [InlineData(";hours=1")]
    [InlineData("hours=1;;minutes=1")]
    [InlineData("hours=1,5")]
    [InlineData("hours=0x10")]
    [InlineData("hours=1_")]
    [InlineData("hours=_1")]
    [InlineData("hours=1__0")]
    [InlineData("hours=1_.0")]
    [InlineData("hours=1._0")]
    [InlineData("hours=1e_1")]
    [InlineData("hours=1_e1")]
    [InlineData("hours=.")]
    [InlineData("hours=+")]
    [InlineData("hours=+-1")]
    [InlineData("hours=- 1")]
    [InlineData("hours=1 0")]
    [InlineData("hours=1e")]
    [InlineData("hours=1e+")]
    [InlineData("hours=1.2.3")]
    [InlineData("hours=1h")]
    [InlineData("hours=(1)")]
    [InlineData("hours=\u0661")]
    [InlineData("hours=x;hours=1")]
    public void Text_of_another_form_is_refused_by_name(string text) =>
        Assert.Equal($"{text} is not in the correct format of 'hours=3;minutes=1'.", ErrorOf(text));

    [Fact]
    public void No_text_is_refused_as_empty_text_is() => Assert.Equal(ErrorOf(""), ErrorOf(null));

    [Theory]
    [InlineData("years=1", "years")]
    [InlineData("minute=1", "minute")]
    [InlineData("hours=1; Fortnights =2", "Fortnights")]
    [InlineData("hours=1;m\u0131nutes=2", "m\u0131nutes")]
    public void An_unknown_key_is_named(string text, string key)
    {
        var error = ErrorOf(text);
        Assert.StartsWith($"{text} is not in the correct format of 'hours=3;minutes=1'.", error, StringComparison.Ordinal);
        Assert.Contains($"'{key}'", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("microseconds=-1")]
    [InlineData("microseconds=-0.51")]
    [InlineData("hours=1;minutes=-60;microseconds=-1")]
    [InlineData("weeks=-1e300")]
    public void A_negative_total_is_refused(string text) =>
        Assert.Equal($"{text} is not in the correct format of 'hours=3;minutes=1'. The total is negative.", ErrorOf(text));

    [Theory]
    [InlineData("days=999999998")]
    [InlineData("days=999999999")]
    [InlineData("days=999999999;hours=23;minutes=59;seconds=59;microseconds=999999")]
    [InlineData("days=1e300;weeks=0;days=1e9;microseconds=-1")]
    public void Up_to_the_last_microsecond_of_the_longest_day_a_duration_is_read(string text) =>
        Assert.Equal(TimeSpan.MaxValue, Duration.Load(text).Value);

    [Theory]
    [InlineData("days=1000000000")]
    [InlineData("days=999999999;hours=24")]
    [InlineData("days=999999999;hours=23;minutes=59;seconds=59;microseconds=999999.6")]
    [InlineData("weeks=1.7e308")]
    public void Beyond_the_longest_day_a_duration_is_refused(string text) => Assert.Equal(
        $"{text} is not in the correct format of 'hours=3;minutes=1'. The total is over 999,999,999 days.", ErrorOf(text));

    [Theory]
    [InlineData("seconds=922337203685;microseconds=477579", 9_223_372_036_854_775_790L)]
    [InlineData("seconds=922337203685;microseconds=477580", 9_223_372_036_854_775_800L)]
    [InlineData("seconds=922337203685;microseconds=477581", long.MaxValue)]
    [InlineData("days=10675200", long.MaxValue)]
    public void Lengths_over_the_longest_time_span_are_held_at_it(string text, long ticks) =>
        Assert.Equal(ticks, Duration.Load(text).Value.Ticks);

    [Fact]
    public void A_text_is_kept_verbatim()
    {
        Assert.True(DurationParser.TryParse(" Hours = 1 ", out var duration, out _));
        Assert.Equal(" Hours = 1 ", duration.Text);
    }

    [Theory]
    [InlineData(DurationParser.MaxLength - 1, true)]
    [InlineData(DurationParser.MaxLength, true)]
    [InlineData(DurationParser.MaxLength + 1, false)]
    public void The_length_of_the_text_is_bounded(int length, bool read)
    {
        var text = "seconds=1".PadRight(length);
        Assert.Equal(read, DurationParser.TryParse(text, out _, out var error));
        Assert.Equal(read ? null : "A duration has at most 512 characters.", error);
    }

    [Fact]
    public void A_number_as_long_as_the_bound_is_read() =>
        AssertMicros(1_000_000L, "seconds=1." + new string('0', DurationParser.MaxLength - "seconds=1.".Length));

    [Theory]
    [InlineData("\0")]
    [InlineData("hours=1\0")]
    [InlineData("hours\0=1")]
    public void U_0000_is_refused(string text) => Assert.Equal("A duration must not contain U+0000.", ErrorOf(text));

    [Fact]
    public void A_text_known_to_be_right_that_is_not_throws() =>
        Assert.Contains("hours=3;minutes=1", Assert.Throws<FormatException>(() => Duration.Load("soon")).Message, StringComparison.Ordinal);

    private static void AssertMicros(long micros, string text)
    {
        Assert.True(DurationParser.TryParse(text, out var duration, out var error), error);
        Assert.Null(error);
        Assert.Equal(micros * TimeSpan.TicksPerMicrosecond, duration.Value.Ticks);
    }

    private static string ErrorOf(string? text)
    {
        Assert.False(DurationParser.TryParse(text, out var duration, out var error));
        Assert.Equal(default, duration);
        return error;
    }
}
