using System.Text.Unicode;

namespace SessionCluster.Api.Sessions;

/// <summary>
/// The body of a check as clients mostly send it, read where it lies: plain texts, each member once, no arguments. All else, every fault
/// included, is left to <see cref="Input.BodyReader"/>, which says the same of these bodies, but slower (docs/benchmarks.md).
/// </summary>
internal ref struct UsualCheck
{
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
        var read = default(UsualCheck);
        check = read;
        try
        {
            var json = new Utf8JsonReader(body);
            var isUsual = Utf8.IsValid(body) && json.Read() && read.ReadBody(ref json) && !json.Read() && read.IsWithinLimits();
            check = read;
            return isUsual;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is of a name with half a surrogate pair.
            return false;
        }
    }

    /// <summary>Where the use comes from; null when its address is not one.</summary>
    public readonly ClientFacts? ReadClient() => ClientAddress.CanonicalOf(Encoding.UTF8.GetString(_ip)) is { } address
        ? new ClientFacts(
            address, SharedTexts.Of(_userAgent), SharedTexts.Of(_method), ClientFields.WithoutQuery(Encoding.UTF8.GetString(_path)), SecretMask.Empty, "")
        : null;

    private bool ReadBody(ref Utf8JsonReader json)
    {
        var isUsual = json.TokenType == JsonTokenType.StartObject;
        while (isUsual && json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            isUsual = json.ValueTextEquals("token"u8) ? ReadText(ref json, Members.Token, ref _token)
                : json.ValueTextEquals("client"u8) && Begin(Members.Client) && json.Read() && ReadMembersOfClient(ref json);
        }

        return isUsual && (_seen & Members.Needed) == Members.Needed;
    }

    private bool ReadMembersOfClient(ref Utf8JsonReader json)
    {
        var isUsual = json.TokenType == JsonTokenType.StartObject;
        while (isUsual && json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            isUsual = json.ValueTextEquals("ip"u8) ? ReadText(ref json, Members.Ip, ref _ip)
                : json.ValueTextEquals("user_agent"u8) ? ReadText(ref json, Members.UserAgent, ref _userAgent)
                : json.ValueTextEquals("method"u8) ? ReadText(ref json, Members.Method, ref _method)
                : json.ValueTextEquals("path"u8) && ReadText(ref json, Members.Path, ref _path);
        }

        return isUsual;
    }

    private bool ReadText(ref Utf8JsonReader json, Members member, scoped ref ReadOnlySpan<byte> text)
    {
        var isUsual = Begin(member) && json.Read() && json.TokenType == JsonTokenType.String && !json.ValueIsEscaped;
        text = isUsual ? json.ValueSpan : default;
        return isUsual;
    }

    private bool Begin(Members member)
    {
        var isNew = (_seen & member) == 0;
        _seen |= member;
        return isNew;
    }

    // Bytes are no fewer than characters, so these lengths are within the limits of ClientFields.
    private readonly bool IsWithinLimits() =>
        _ip.Length <= ClientAddress.MaxLength && _userAgent.Length <= ClientFields.MaxUserAgent
        && _method.Length <= ClientFields.MaxMethod && _path.Length <= ClientFields.MaxPath;
}
