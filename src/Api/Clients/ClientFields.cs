using SessionCluster.Api.Input;
using SessionCluster.Sessions;

namespace SessionCluster.Api.Clients;

/// <summary>Reads the <c>client</c> object of a service's request: whom the service acts for.</summary>
internal static class ClientFields
{
    /// <summary>Longest user agent in characters; a longer header is cut, a longer field refused.</summary>
    public const int MaxUserAgent = 2048;

    /// <summary>Longest method.</summary>
    public const int MaxMethod = 32;

    /// <summary>Longest path.</summary>
    public const int MaxPath = 2048;

    private const int MaxAddress = 64;

    /// <summary>Reads the facts; null, with its faults noted, when they are not usable.</summary>
    public static ClientFacts? Read(ObjectReader body, HttpContext context)
    {
        if (body.OptionalObject("client") is not { } client)
        {
            body.Fault("client", ObjectReader.Required);
            return null;
        }

        return ReadMembers(client, context);
    }

    /// <summary>Reads the members of a client object.</summary>
    public static ClientFacts? ReadMembers(ObjectReader client, HttpContext context)
    {
        var ip = ReadIp(client);
        var userAgent = client.OptionalText("user_agent", MaxUserAgent) ?? "";
        var method = client.OptionalText("method", MaxMethod) ?? "";
        var path = WithoutQuery(client.OptionalText("path", int.MaxValue) ?? "");
        if (path.Length > MaxPath)
        {
            client.Fault("path", $"Must not be longer than {MaxPath} characters.");
        }

        var args = client.OptionalObject("args") is { } given ? SecretMask.Mask(given.Element) : "{}";
        return ip is null ? null : new ClientFacts(ip, userAgent, method, path, args, context.TraceIdentifier);
    }

    /// <summary>A path without its query and fragment.</summary>
    public static string WithoutQuery(string path)
    {
        var end = path.AsSpan().IndexOfAny('?', '#');
        return end < 0 ? path : path[..end];
    }

    private static string? ReadIp(ObjectReader client)
    {
        if (!client.TryFind("ip", out var value) || value.ValueKind == System.Text.Json.JsonValueKind.Null)
        {
            client.Fault("ip", ObjectReader.Required);
            return null;
        }

        var text = client.OptionalText("ip", MaxAddress);
        if (text is not null && ClientAddress.TryParse(text, out var address))
        {
            return ClientAddress.Canonical(address);
        }

        if (text is not null)
        {
            client.Fault("ip", "Must be an IPv4 or IPv6 address.");
        }

        return null;
    }
}
