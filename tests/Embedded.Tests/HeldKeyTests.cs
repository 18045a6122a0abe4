namespace SessionCluster.Embedded.Tests;

public sealed class HeldKeyTests
{
    private const string Id = "s:0123456789abcdef0123456789abcdef";

    private static readonly string[] Keys =
    [
        Id, "t:0123456789abcdef0123456789abcdef", "s:0123456789abcdef0123456789abcdee", "s:0123456789ABCDEF0123456789abcdef",
        "s:00000000000000000000000000000000", "s:0123456789abcdef0123456789abcdeg", "s-0123456789abcdef0123456789abcdef",
        "ß:0123456789abcdef0123456789abcdef", "s:", "s", "u:42", "u:42\0", "u:4é", "15 characters..", "16 characters...", "€", " ", "\0",
        "u:0123456789abcdef0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef",
    ];

    [Fact]
    public void A_key_is_what_it_was() => Assert.All(Keys, key => Assert.Equal(key, new HeldKey(key).ToString()));

    [Fact]
    public void Equal_keys_are_equal_and_have_one_hash() => Assert.All(Keys, key =>
    {
        var copy = new HeldKey(new string(key.AsSpan()));
        Assert.Equal(new HeldKey(key), copy);
        Assert.Equal(new HeldKey(key).GetHashCode(), copy.GetHashCode());
    });

    [Fact]
    public void Different_keys_are_different() => Assert.All(
        Keys.SelectMany(one => Keys.Where(other => !string.Equals(one, other, StringComparison.Ordinal)), (one, other) => (one, other)),
        pair => Assert.NotEqual(new HeldKey(pair.one), new HeldKey(pair.other)));

    [Fact]
    public void Whatever_stands_among_the_digits_stays() => Assert.All(
        Enumerable.Range(2, Id.Length - 2).SelectMany(_ => "/09:@AFG`agz\u0130\u0161\u3030\uff10\uffff", (place, other) => Id[..place] + other + Id[(place + 1)..]),
        key => Assert.Equal(key, new HeldKey(key).ToString()));

    [Theory]
    [InlineData(Id)]
    [InlineData("u:1234567")]
    public void Ids_and_short_keys_need_no_object(string key)
    {
        _ = new HeldKey(key);
        Assert.Equal(0, FastPathTests.LeastAllocated(() => new HeldKey(key).GetHashCode()));
    }
}
