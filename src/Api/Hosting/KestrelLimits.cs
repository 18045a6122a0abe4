using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace SessionCluster.Api.Hosting;

/// <summary>The limits of the HTTP server.</summary>
public static class KestrelLimits
{
    /// <summary>Most bytes of all headers together, and of the request line (a bulk call names up to 100 users there).</summary>
    public const int HeaderBytes = 32 * 1024;

    /// <summary>Sets the limits; <c>AddSessionApi</c> registers this already.</summary>
    public static void Apply(KestrelServerOptions options)
    {
        options.AddServerHeader = false;
        // Kestrel counts the framing of chunks too; the exact limit is the body reader's.
        options.Limits.MaxRequestBodySize = 2 * BodyReader.MaxBytes;
        options.Limits.MaxRequestHeadersTotalSize = HeaderBytes;
        options.Limits.MaxRequestLineSize = HeaderBytes;
    }
}
