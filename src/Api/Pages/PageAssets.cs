using System.Collections.Frozen;

namespace SessionCluster.Api.Pages;

/// <summary>
/// What pages load: the style sheet, icons, map and scripts, embedded in the program. Each has the hash of its content in its address, so
/// that browsers keep it for good; <c>/if/assets/{hash}/{name}</c>, below a folder that applications behind the same proxy leave to this server.
/// </summary>
internal static class PageAssets
{
    /// <summary>Below which path they are.</summary>
    public const string Folder = "/if/assets";

    private const string Prefix = "SessionCluster.Api.Pages.Assets.";

    private const string ForGood = "public, max-age=31536000, immutable";

    private static readonly FrozenDictionary<string, Asset> All = Load();

    /// <summary>The address of an asset.</summary>
    public static string Url(string name) => All[name].Url;

    public static void MapAssets(this Routes routes) => routes.Page($"{Folder}/{{hash}}/{{name}}", Get);

    private static async Task Get(HttpContext context, Caller caller)
    {
        if (!All.TryGetValue(context.Request.RouteValues["name"] as string ?? "", out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        var (request, headers) = (context.Request, context.Response.Headers);
        // A page of another version asks for another content: it gets this one, and keeps it for now only.
        headers.CacheControl = asset.Hash == request.RouteValues["hash"] as string ? ForGood : "no-cache";
        headers.ETag = asset.Tag;
        headers.Vary = "Accept-Encoding";
        if (request.Headers.IfNoneMatch == asset.Tag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.ContentType = asset.ContentType;
        context.Response.ContentLength = asset.Bytes.Length;
        if (!HttpMethods.IsHead(request.Method))
        {
            await context.Response.Body.WriteAsync(asset.Bytes, context.RequestAborted);
        }
    }

    private static FrozenDictionary<string, Asset> Load()
    {
        var assembly = typeof(PageAssets).Assembly;
        return assembly.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(resource =>
            {
                using var stream = assembly.GetManifestResourceStream(resource)!;
                var bytes = new byte[stream.Length];
                stream.ReadExactly(bytes);
                return new Asset(resource[Prefix.Length..], bytes);
            })
            .ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);
    }

    private sealed class Asset(string name, byte[] bytes)
    {
        public string Name => name;

        public byte[] Bytes => bytes;

        public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];

        public string Tag => $"\"{Hash}\"";

        public string Url => $"{Folder}/{Hash}/{name}";

        public string ContentType => Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
    }
}
