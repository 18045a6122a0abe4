using System.Buffers;
using System.Text;
using System.Text.Unicode;
using SessionCluster.Api.Clients;

namespace SessionCluster.Api.Sessions;

/// <summary>
/// The body of a check as clients mostly send it, read where it lies: plain texts, each member once, no arguments. All else, every fault
/// included, is left to <see cref="Input.BodyReader"/>, which says the same of these bodies, but slower (docs/benchmarks.md).
/// </summary>
internal ref struct UsualCheck
{
    // A text ends with its quote; with an escape or a control character in it, it is not usual.
    private static readonly SearchValues<byte> TextEnds = SearchValues.Create([(byte)'"', (byte)'\\', .. Enumerable.Range(0, ' ').Select(code => (byte)code)]);

    private ReadOnlySpan<byte> _rest;
    private ReadOnlySpan<byte> _token;
    private ReadOnlySpan<byte> _ip;
    private ReadOnlySpan<byte> _userAgent;
    private ReadOnlySpan<byte> _method;
    private ReadOnlySpan<byte> _path;
    private Members _seen;

    [Flags]
    private enum Members
    {
        None = 0,
        Token = 1,
        Client = 2,
        Ip = 4,
        UserAgent = 8,
        Method = 16,
        Path = 32,
        Needed = Token | Client | Ip,
    }

    /// <summary>The session's token, as it came.</summary>
    public readonly ReadOnlySpan<byte> Token => _token;

    /// <summary>The client's address, as it came: perhaps none at all.</summary>
    public readonly ReadOnlySpan<byte> Ip => _ip;

    /// <summary>Reads a body; false when it is not of this form, or a text is too long.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out UsualCheck check)
    {
        check = new UsualCheck { _rest = body };
        // Bytes are no fewer than characters, so these lengths are within the limits of ClientFields.
        return Utf8.IsValid(body) && check.ReadBody() && check._rest.IsEmpty
            && check._ip.Length <= ClientAddress.MaxLength && check._userAgent.Length <= ClientFields.MaxUserAgent
            && check._method.Length <= ClientFields.MaxMethod && check._path.Length <= ClientFields.MaxPath;
    }

    /// <summary>Where the use comes from; null when its address is none.</summary>
    public readonly ClientFacts? ReadClient() => ClientAddress.CanonicalOf(Encoding.UTF8.GetString(_ip)) is { } address
        ? new ClientFacts(
            address, SharedTexts.Of(_userAgent), SharedTexts.Of(_method), ClientFields.WithoutQuery(Encoding.UTF8.GetString(_path)), SecretMask.Empty, "")
        : null;

    private bool ReadBody()
    {
        var isUsual = Take((byte)'{');
        for (var more = true; isUsual && more; more = Take((byte)','))
        {
            isUsual = ReadName(out var name)
                && (name.SequenceEqual("token"u8) ? ReadText(Members.Token, ref _token)
                    : name.SequenceEqual("client"u8) && Begin(Members.Client) && ReadMembersOfClient());
        }

        return isUsual && Take((byte)'}') && (_seen & Members.Needed) == Members.Needed;
    }

    private bool ReadMembersOfClient()
    {
        var isUsual = Take((byte)'{');
        for (var more = true; isUsual && more; more = Take((byte)','))
        {
            isUsual = ReadName(out var name)
                && (name.SequenceEqual("ip"u8) ? ReadText(Members.Ip, ref _ip)
                    : name.SequenceEqual("user_agent"u8) ? ReadText(Members.UserAgent, ref _userAgent)
                    : name.SequenceEqual("method"u8) ? ReadText(Members.Method, ref _method)
                    : name.SequenceEqual("path"u8) && ReadText(Members.Path, ref _path));
        }

        return isUsual && Take((byte)'}');
    }

    private bool ReadName(out ReadOnlySpan<byte> name) => TakeText(out name) && Take((byte)':');

    private bool ReadText(Members member, scoped ref ReadOnlySpan<byte> text) => Begin(member) && TakeText(out text);

    private bool Begin(Members member)
    {
        var isNew = (_seen & member) == 0;
        _seen |= member;
        return isNew;
    }

    /// <summary>Takes a sign, and white space around it, if it comes next.</summary>
    private bool Take(byte sign)
    {
        SkipWhiteSpace();
        if (_rest.IsEmpty || _rest[0] != sign)
        {
            return false;
        }

        _rest = _rest[1..];
        SkipWhiteSpace();
        return true;
    }

    private void SkipWhiteSpace()
    {
        while (!_rest.IsEmpty && _rest[0] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r')
        {
            _rest = _rest[1..];
        }
    }

    private bool TakeText(out ReadOnlySpan<byte> text)
    {
        text = default;
        if (_rest.IsEmpty || _rest[0] != '"')
        {
            return false;
        }

        var length = _rest[1..].IndexOfAny(TextEnds);
        if (length < 0 || _rest[1 + length] != '"')
        {
            return false;
        }

        text = _rest.Slice(1, length);
        _rest = _rest[(length + 2)..];
        return true;
    }
}
