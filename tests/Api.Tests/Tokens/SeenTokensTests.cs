using System.Security.Cryptography;
using SessionCluster.Api.Tokens;

namespace SessionCluster.Api.Tests.Tokens;

public sealed class SeenTokensTests
{
    private static readonly object Keys = new();

    private readonly SeenTokens seen = new();

    private readonly byte[] mac = RandomNumberGenerator.GetBytes(KeyRing.MacBytes);

    [Fact]
    public void A_token_is_known_by_its_id_its_mac_and_the_keys_that_verified_it()
    {
        seen.Add(Keys, SameSlot(1), mac);

        Assert.True(seen.Contains(Keys, SameSlot(1), mac));
        Assert.False(seen.Contains(new object(), SameSlot(1), mac));
        Assert.False(seen.Contains(Keys, SameSlot(2), mac));
        for (var bit = 0; bit < mac.Length * 8; bit++)
        {
            var other = mac.ToArray();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(seen.Contains(Keys, SameSlot(1), other));
        }
    }

    [Fact]
    public void Two_tokens_that_share_a_slot_are_both_kept()
    {
        seen.Add(Keys, SameSlot(1), mac);
        seen.Add(Keys, SameSlot(2), mac);

        Assert.True(seen.Contains(Keys, SameSlot(1), mac));
        Assert.True(seen.Contains(Keys, SameSlot(2), mac));
    }

    [Fact]
    public void A_third_takes_the_place_of_one_and_newer_keys_that_of_older()
    {
        seen.Add(Keys, SameSlot(1), mac);
        seen.Add(Keys, SameSlot(2), mac);
        seen.Add(Keys, SameSlot(3), mac);
        Assert.True(seen.Contains(Keys, SameSlot(3), mac));
        Assert.Equal(2, Enumerable.Range(1, 3).Count(number => seen.Contains(Keys, SameSlot(number), mac)));

        var newer = new object();
        seen.Add(newer, SameSlot(4), mac);
        seen.Add(newer, SameSlot(5), mac);
        Assert.True(seen.Contains(newer, SameSlot(4), mac));
        Assert.True(seen.Contains(newer, SameSlot(5), mac));
    }

    // The hash of a Guid is its four words combined by exclusive or: two equal words cancel out.
    private static Guid SameSlot(int number) => new(number, 0, 0, [.. BitConverter.GetBytes(number), 0, 0, 0, 0]);
}
