using System.Collections.Frozen;
using Microsoft.Net.Http.Headers;

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

    private static Task Get(HttpContext context, Caller caller)
    {
        if (!All.TryGetValue(context.Request.RouteValues["name"] as string ?? "", out var asset))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        // A page of another version asks for another content: it gets this one, and keeps it for now only.
        context.Response.Headers.CacheControl = asset.Hash == context.Request.RouteValues["hash"] as string ? ForGood : "no-cache";
        context.Response.Headers.Vary = "Accept-Encoding";
        return TypedResults.Bytes(asset.Bytes, asset.ContentType, entityTag: asset.Tag).ExecuteAsync(context);
    }

    private static FrozenDictionary<string, Asset> Load() => typeof(PageAssets).Assembly.GetManifestResourceNames()
        .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(resource => new Asset(resource[Prefix.Length..], Embedded.Bytes(resource)))
        .ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    private sealed class Asset(string name, byte[] bytes)
    {
        public string Name => name;

        public byte[] Bytes => bytes;

        public string Hash { get; } = Convert.ToHexStringLower(SHA256.HashData(bytes))[..16];

        public EntityTagHeaderValue Tag => new($"\"{Hash}\"");

        public string Url => $"{Folder}/{Hash}/{name}";

        public string ContentType => Path.GetExtension(name) switch
        {
            ".css" => "text/css; charset=utf-8",
            ".js" => "text/javascript; charset=utf-8",
            _ => "image/svg+xml",
        };
    }
}
