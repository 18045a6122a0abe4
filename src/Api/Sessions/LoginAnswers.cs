using System.Text.Json;
using SessionCluster.Api.Answers;
using SessionCluster.Api.Site;
using SessionCluster.Api.Tokens;
using SessionCluster.Users;

namespace SessionCluster.Api.Sessions;

/// <summary>What a login hands out: the session's token, its cookies, and both as JSON.</summary>
internal sealed class LoginAnswers(SessionTokens tokens, DeviceCookies devices, SiteCookies cookies)
{
    /// <summary>The session cookie and, where the stage remembers devices, the device cookie.</summary>
    /// <param name="login">A login that succeeded.</param>
    public SiteCookie[] Cookies(LoginAnswer login)
    {
        var session = login.Login.Session!;
        // From the login on, not from the answer: so a repeat is answered with the same text.
        var now = session.Created;
        var first = cookies.Session(session, tokens.Issue(session.Id), now);
        return login.Login.DeviceCookie is { } claim ? [first, cookies.Device(claim, devices.Issue(claim), now)] : [first];
    }

    /// <summary>Writes session, token, cookies, known_device and receipt into the object that is being written.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, LoginAnswer login, IReadOnlyList<SiteCookie> cookies)
    {
        var session = login.Login.Session!;
        writer.WritePropertyName("session"u8);
        SessionJson.Write(writer, session, current: false, withData: true);
        writer.WriteString("token"u8, cookies[0].Value);
        writer.WriteStartArray("cookies"u8);
        foreach (var cookie in cookies)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, cookie.Name);
            writer.WriteString("value"u8, cookie.Value);
            writer.WriteString("set_cookie"u8, cookie.SetCookie);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteBoolean("known_device"u8, session.KnownDevice);
        writer.WritePropertyName("receipt"u8);
        if (login.Receipt is { } receipt)
        {
            writer.WriteReceipt(receipt);
        }
        else
        {
            writer.WriteNullValue();
        }
    }
}
