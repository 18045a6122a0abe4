namespace SessionCluster.Api.Sessions;

/// <summary>What a login hands out: the session's token, its cookies, and both as JSON.</summary>
internal sealed class LoginAnswers(SessionTokens tokens, DeviceCookies devices, SiteCookies cookies)
{
    /// <summary>The session cookie and, where the stage remembers devices, the device cookie.</summary>
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

/// <summary>Writes the stage's question: authentik's <c>ak-stage-user-login</c> challenge.</summary>
internal static class ChallengeJson
{
    /// <summary>The challenge's component name.</summary>
    public const string Component = "ak-stage-user-login";

    /// <summary>Writes the members of the challenge into the object that is being written.</summary>
    public static void WriteMembers(Utf8JsonWriter writer, string title, string cancelUrl, UserFacts user)
    {
        writer.WriteString("component"u8, Component);
        WriteFlowInfo(writer, title, cancelUrl);
        WritePendingUser(writer, user);
    }

    public static void WriteFlowInfo(Utf8JsonWriter writer, string title, string cancelUrl)
    {
        writer.WriteStartObject("flow_info"u8);
        writer.WriteString("title"u8, title);
        writer.WriteString("background"u8, "");
        writer.WriteString("cancel_url"u8, cancelUrl);
        writer.WriteString("layout"u8, "stacked");
        writer.WriteEndObject();
    }

    /// <summary>Writes <c>pending_user</c> and <c>pending_user_avatar</c>; both are texts also when there is no user.</summary>
    public static void WritePendingUser(Utf8JsonWriter writer, UserFacts? user)
    {
        writer.WriteString("pending_user"u8, user?.Username ?? "");
        writer.WriteString("pending_user_avatar"u8, Avatar.Of(user));
    }
}

/// <summary>The words of refused logins: authentik's, as far as it has them.</summary>
internal static class Refusals
{
    /// <summary>There is nobody to log in.</summary>
    public const string NoPendingUser = "No Pending user to login.";

    /// <summary>Said of every refusal of a user, so that it tells nothing about them.</summary>
    public const string UnknownError = "Unknown error";

    public const string SessionLimit = "You have the most sessions allowed. End one of them first.";
}
