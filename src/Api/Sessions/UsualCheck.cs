using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using SessionCluster.Api.Clients;
using SessionCluster.Api.Tokens;

namespace SessionCluster.Api.Sessions;

/// <summary>
/// Reads the body of a check as clients mostly send it, straight from its bytes: plain texts, each member once, no arguments. All
/// else, every fault included, is left to <see cref="Input.BodyReader"/>, which says the same of these bodies, but slower: a server that reads
/// all of them so answers about 7 % fewer checks.
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

    /// <summary>The check that the body asks for; null when the body is not of this form.</summary>
    public static Check? Read(ReadOnlySpan<byte> body, SessionTokens tokens)
    {
        var check = default(UsualCheck);
        try
        {
            var json = new Utf8JsonReader(body);
            return Utf8.IsValid(body) && json.Read() && check.ReadBody(ref json) && !json.Read() ? check.Build(tokens) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool ReadBody(ref Utf8JsonReader json)
    {
        var isUsual = json.TokenType == JsonTokenType.StartObject;
        while (isUsual && json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            isUsual = json.ValueTextEquals("token"u8) ? ReadText(ref json, Members.Token, ref _token)
                : json.ValueTextEquals("client"u8) && Begin(Members.Client) && json.Read() && ReadClient(ref json);
        }

        return isUsual && (_seen & Members.Needed) == Members.Needed;
    }

    private bool ReadClient(ref Utf8JsonReader json)
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

    private readonly Check? Build(SessionTokens tokens)
    {
        // Bytes are no fewer than characters, so these lengths are within the limits of ClientFields.
        if (_ip.Length > ClientAddress.MaxLength || _userAgent.Length > ClientFields.MaxUserAgent
            || _method.Length > ClientFields.MaxMethod || _path.Length > ClientFields.MaxPath
            || ClientAddress.CanonicalOf(Encoding.UTF8.GetString(_ip)) is not { } address)
        {
            return null;
        }

        var client = new ClientFacts(
            address, SharedTexts.Of(_userAgent), SharedTexts.Of(_method), ClientFields.WithoutQuery(Encoding.UTF8.GetString(_path)),
            SecretMask.Empty, "");
        return new Check(client, tokens.TryRead(_token, out var session) ? session : null);
    }
}
