using System.Security.Cryptography;
using SessionCluster.Api.Tokens;

namespace SessionCluster.Api.Tests.Tokens;

public sealed class SeenTokensTests
{
    private static readonly object Keys = new();

    private readonly SeenTokens _seen = new();

    private readonly byte[] _mac = RandomNumberGenerator.GetBytes(KeyRing.MacBytes);

    [Fact]
    public void A_token_is_known_by_its_id_its_mac_and_the_keys_that_verified_it()
    {
        _seen.Add(Keys, SameSlot(1), _mac);

        Assert.True(_seen.Contains(Keys, SameSlot(1), _mac));
        Assert.False(_seen.Contains(new object(), SameSlot(1), _mac));
        Assert.False(_seen.Contains(Keys, SameSlot(2), _mac));
        for (var bit = 0; bit < _mac.Length * 8; bit++)
        {
            var other = _mac.ToArray();
            other[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(_seen.Contains(Keys, SameSlot(1), other));
        }
    }

    [Fact]
    public void Two_tokens_that_share_a_slot_are_both_kept()
    {
        _seen.Add(Keys, SameSlot(1), _mac);
        _seen.Add(Keys, SameSlot(2), _mac);

        Assert.True(_seen.Contains(Keys, SameSlot(1), _mac));
        Assert.True(_seen.Contains(Keys, SameSlot(2), _mac));
    }

    [Fact]
    public void A_third_takes_the_place_of_one_and_newer_keys_that_of_older()
    {
        _seen.Add(Keys, SameSlot(1), _mac);
        _seen.Add(Keys, SameSlot(2), _mac);
        _seen.Add(Keys, SameSlot(3), _mac);
        Assert.True(_seen.Contains(Keys, SameSlot(3), _mac));
        Assert.Equal(2, Enumerable.Range(1, 3).Count(number => _seen.Contains(Keys, SameSlot(number), _mac)));

        var newer = new object();
        _seen.Add(newer, SameSlot(4), _mac);
        _seen.Add(newer, SameSlot(5), _mac);
        Assert.True(_seen.Contains(newer, SameSlot(4), _mac));
        Assert.True(_seen.Contains(newer, SameSlot(5), _mac));
    }

    // The hash of a Guid is its four words combined by exclusive or: two equal words cancel out.
    private static Guid SameSlot(int number) => new(number, 0, 0, [.. BitConverter.GetBytes(number), 0, 0, 0, 0]);
}
