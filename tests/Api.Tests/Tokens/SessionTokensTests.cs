using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using SessionCluster.Api.Edge;
using SessionCluster.Api.Tokens;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Tests.Tokens;

public sealed class SessionTokensTests
{
    private const string Alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

    private static readonly byte[] First = RandomNumberGenerator.GetBytes(KeyRing.KeyBytes);

    private static readonly byte[] Second = RandomNumberGenerator.GetBytes(KeyRing.KeyBytes);

    private readonly SessionTokens _tokens = Under(new KeyRing([First]));

    [Fact]
    public void A_token_names_its_session_in_44_characters()
    {
        var id = new SessionId(Guid.NewGuid());
        var token = _tokens.Issue(id);
        Assert.Equal(SessionTokens.Length, token.Length);
        Assert.True(_tokens.TryRead(token, out var read));
        Assert.Equal(id, read);
        Assert.Equal(token, _tokens.Issue(id));
    }

    [Fact]
    public void Any_other_character_at_any_place_makes_a_token_malformed()
    {
        var token = _tokens.Issue(new SessionId(Guid.NewGuid()));
        for (var place = 0; place < token.Length; place++)
        {
            foreach (var character in Alphabet + "+/=% \0\n")
            {
                var altered = token[..place] + character + token[(place + 1)..];
                Assert.Equal(altered == token, _tokens.TryRead(altered, out _));
                Assert.Equal(altered == token, _tokens.TryRead(Encoding.UTF8.GetBytes(altered), out _));
            }
        }
    }

    [Fact]
    public void Any_flipped_bit_makes_a_token_malformed()
    {
        var token = _tokens.Issue(new SessionId(Guid.NewGuid()));
        var bytes = System.Buffers.Text.Base64Url.DecodeFromChars(token);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(_tokens.TryRead(System.Buffers.Text.Base64Url.EncodeToString(bytes), out _));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void A_token_cut_or_extended_is_malformed()
    {
        var token = _tokens.Issue(new SessionId(Guid.NewGuid()));
        for (var length = 0; length < token.Length; length++)
        {
            Assert.False(_tokens.TryRead(token.AsSpan(0, length), out _));
            Assert.False(_tokens.TryRead(Encoding.UTF8.GetBytes(token[..length]), out _));
        }

        foreach (var extension in new[] { "A", "=", "==", " ", "\n", "AAAA", token })
        {
            Assert.False(_tokens.TryRead(token + extension, out _));
            Assert.False(_tokens.TryRead(extension + token, out _));
        }
    }

    [Fact]
    public void A_token_under_another_key_is_malformed()
    {
        var others = Under(new KeyRing([Second]));
        Assert.False(_tokens.TryRead(others.Issue(new SessionId(Guid.NewGuid())), out _));
    }

    [Fact]
    public void A_token_that_was_read_before_is_refused_once_altered()
    {
        var token = _tokens.Issue(new SessionId(Guid.NewGuid()));
        Assert.True(_tokens.TryRead(token, out var first));
        Assert.True(_tokens.TryRead(token, out var again));
        Assert.Equal(first, again);
        // From the version over the id to the last bit of the MAC.
        for (var at = 0; at < token.Length; at++)
        {
            var altered = string.Concat(token.AsSpan(0, at), token[at] == 'A' ? "B" : "A", token.AsSpan(at + 1));
            Assert.False(_tokens.TryRead(altered, out _));
        }
    }

    [Fact]
    public void The_newest_key_signs_and_every_key_verifies()
    {
        var old = _tokens.Issue(new SessionId(Guid.NewGuid()));
        var ring = new KeyRing([First]);
        var rotating = Under(ring);
        ring.Replace([Second, First]);
        Assert.True(rotating.TryRead(old, out _));
        Assert.False(_tokens.TryRead(rotating.Issue(new SessionId(Guid.NewGuid())), out _));

        ring.Replace([Second]);
        Assert.False(rotating.TryRead(old, out _));
    }

    [Fact]
    public void A_device_cookie_is_no_token_and_a_token_no_device_cookie()
    {
        var ring = new KeyRing([First]);
        var devices = new DeviceCookies(ring);
        var cookie = devices.Issue(new(new(Guid.NewGuid()), DateTimeOffset.UnixEpoch.AddDays(1)));
        Assert.False(Under(ring).TryRead(cookie, out _));
        Assert.False(Under(ring).TryRead(cookie.AsSpan(0, SessionTokens.Length), out _));
        Assert.Null(devices.Read(_tokens.Issue(new SessionId(Guid.NewGuid())) + "AAAAAAAA"));
    }

    [Fact]
    public void Reading_a_token_allocates_nothing()
    {
        var token = _tokens.Issue(new SessionId(Guid.NewGuid()));
        _tokens.TryRead(token, out _);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
        {
            _tokens.TryRead(token, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void A_ring_has_one_to_eight_keys(int count)
    {
        var keys = Enumerable.Range(0, count).Select(_ => RandomNumberGenerator.GetBytes(KeyRing.KeyBytes)).ToImmutableArray();
        Assert.Throws<ArgumentException>(() => new KeyRing(keys));
    }

    [Theory]
    [InlineData(31)]
    [InlineData(33)]
    public void A_key_has_32_bytes(int length) =>
        Assert.Throws<ArgumentException>(() => new KeyRing([RandomNumberGenerator.GetBytes(length)]));

    // Over an edge that holds no session: each token is computed.
    private static SessionTokens Under(KeyRing ring)
    {
        var grains = MadeUpGrains.Factory((_, _) => throw new NotSupportedException());
        return new SessionTokens(ring, new EdgeSessions(grains, TimeProvider.System, mostSessions: 0, Guid.NewGuid()));
    }
}
