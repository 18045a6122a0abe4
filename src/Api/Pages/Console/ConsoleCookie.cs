using System.Buffers.Binary;
using System.Buffers.Text;
using SessionCluster.Operators;

namespace SessionCluster.Api.Pages.Console;

/// <summary>
/// The cookie that stands for an api key on the console's pages, and nowhere else: it goes to <c>/admin/</c> only, from our own pages only, and
/// no other endpoint reads it. It names the key by a part of its hash, so that a key that is taken out of the settings opens nothing any more;
/// it ends after an hour and by signing out, for every process at once.
/// </summary>
internal sealed class ConsoleCookie(KeyRing ring, KeyMaterial keys, PublicSite site, IGrainFactory grains, TimeProvider time)
{
    /// <summary>How long it is good.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(1);

    private const string BaseName = "sessioncluster_console";

    private const int HashBytes = 16;

    private const int NonceBytes = 16;

    private const int ContentBytes = sizeof(long) + HashBytes + NonceBytes;

    private const int TokenBytes = 1 + ContentBytes + KeyRing.MacBytes;

    private static ReadOnlySpan<byte> Purpose => "sessioncluster/console\0"u8;

    private ISignedOutGrain SignedOut => grains.GetGrain<ISignedOutGrain>(ISignedOutGrain.Key);

    private string Name => (site.IsSecure ? "__Secure-" : "") + BaseName;

    /// <summary>The Set-Cookie value for a key.</summary>
    public string Issue(ApiKey key)
    {
        Span<byte> content = stackalloc byte[ContentBytes];
        BinaryPrimitives.WriteInt64BigEndian(content, (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds());
        key.Sha256.AsSpan(0, HashBytes).CopyTo(content[sizeof(long)..]);
        RandomNumberGenerator.Fill(content[^NonceBytes..]);
        return Text(Base64Url.EncodeToString(SignedText.Sign(ring, Purpose, content)), (long)Lifetime.TotalSeconds);
    }

    /// <summary>Whether the request has such a cookie, good or not.</summary>
    public bool IsIn(HttpContext context) => !CookieHeader.Find(context.Request.Headers.Cookie, Name).IsEmpty;

    /// <summary>The key of the request's cookie; null when there is none that is good.</summary>
    public async Task<ApiKey?> Read(HttpContext context) =>
        Open(context) is { } content && keys.ApiKeys.FindByHash(content.AsSpan(sizeof(long), HashBytes)) is { } key
            && !await SignedOut.Contains(IdOf(content), EndOf(content)) ? key : null;

    /// <summary>Ends the request's cookie everywhere; the Set-Cookie value that removes it.</summary>
    public async Task<string> End(HttpContext context)
    {
        if (Open(context) is { } content)
        {
            await SignedOut.Add(IdOf(content), EndOf(content));
        }

        return Text("", 0);
    }

    private byte[]? Open(HttpContext context)
    {
        var token = new byte[TokenBytes];
        if (!SignedText.TryDecode(CookieHeader.Find(context.Request.Headers.Cookie, Name), token) || !SignedText.Verify(ring, Purpose, token))
        {
            return null;
        }

        var content = token[1..(1 + ContentBytes)];
        return EndOf(content) > time.GetUtcNow() ? content : null;
    }

    private static DateTimeOffset EndOf(byte[] content) => DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(content));

    private static Guid IdOf(byte[] content) => new(content.AsSpan(ContentBytes - NonceBytes));

    private string Text(string value, long seconds) => string.Create(
        CultureInfo.InvariantCulture, $"{Name}={value}; Path=/admin; Max-Age={seconds}; HttpOnly{(site.IsSecure ? "; Secure" : "")}; SameSite=Strict");
}
