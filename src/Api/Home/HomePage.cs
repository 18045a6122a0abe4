using System.Text;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Hosting;

namespace SessionCluster.Api.Home;

/// <summary><c>GET /</c>: says what runs here. Static, with nothing from elsewhere.</summary>
internal static class HomePage
{
    private static readonly string Html = $$"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>SessionCluster</title>
        <style>
        body { font: 16px/1.5 system-ui, sans-serif; max-width: 40rem; margin: 3rem auto; padding: 0 1rem; color: #1c2430; background: #fff; }
        a { color: #0b57d0; }
        code { background: #f0f2f5; padding: .1em .3em; border-radius: 3px; }
        @media (prefers-color-scheme: dark) {
        body { color: #e6e9ee; background: #14181f; } a { color: #8ab4f8; } code { background: #262d38; }
        }
        </style>
        </head>
        <body>
        <main>
        <h1>SessionCluster</h1>
        <p>Sessions that can be bound, listed and ended everywhere at once. This is the server, version {{ProgramVersion.Text}}; its API begins at <code>/api/v3/</code>.</p>
        <ul>
        <li><a href="/openapi/v1.json">The API as an OpenAPI document</a></li>
        <li><a href="/health/ready">Is it ready?</a></li>
        <li><a href="/health/live">Is it alive?</a></li>
        </ul>
        </main>
        </body>
        </html>
        """;

    private static readonly ReadOnlyMemory<byte> Page = Encoding.UTF8.GetBytes(Html);

    public static async Task Get(HttpContext context, Caller caller)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.ContentLength = Page.Length;
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        await context.Response.Body.WriteAsync(Page, context.RequestAborted);
    }
}
