using System.Net;
using System.Security.Cryptography;
using System.Text;
using SessionCluster.Api.Sessions;

namespace SessionCluster.Api.Flows;

/// <summary>
/// The HTML of the flow's page: whole documents with nothing from elsewhere and no script. Everything that comes from a caller is
/// encoded; the content security policy lets in our one style sheet, by its hash, and pictures in data: URIs.
/// </summary>
internal static class FlowPage
{
    private const string Style = """
        *{box-sizing:border-box}
        html{color-scheme:light dark}
        body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;font:1rem/1.5 system-ui,sans-serif;color:#1c2430;background:#eef1f5}
        main{width:100%;max-width:25rem;padding:2rem 1.75rem;border:1px solid #d5dbe3;border-radius:.75rem;background:#fff;text-align:center}
        img{display:block;margin:0 auto .75rem;border-radius:50%}
        h1{margin:.75rem 0 .5rem;font-size:1.5rem;line-height:1.25}
        p{margin:.5rem 0}
        .flow{font-size:.875rem;color:#55606e}
        .user{font-weight:600;overflow-wrap:anywhere}
        .error{padding:.5rem .75rem;border-radius:.5rem;color:#8c1d18;background:#fdecea;text-align:left}
        .answers{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.5rem 0 1rem}
        button{flex:1 1 8rem;min-height:2.75rem;padding:.5rem 1rem;border:1px solid #0b57d0;border-radius:.5rem;font:inherit;font-weight:600;cursor:pointer;color:#0b57d0;background:#fff}
        button.yes{color:#fff;background:#0b57d0}
        button:hover{border-color:#0842a0}
        button.yes:hover{background:#0842a0}
        button.no{flex:none;min-height:0;border:0;padding:.25rem;font-weight:400;text-decoration:underline;background:none}
        a{color:#0b57d0}
        a:focus-visible,button:focus-visible{outline:3px solid #1c2430;outline-offset:2px}
        @media (prefers-color-scheme:dark){
        body{color:#e6e9ee;background:#14181f}
        main{border-color:#353d49;background:#1d232c}
        .flow{color:#aab3bf}
        .error{color:#f9dedc;background:#5b1a17}
        button{border-color:#8ab4f8;color:#8ab4f8;background:#1d232c}
        button.yes{color:#10203a;background:#8ab4f8}
        button:hover,button.yes:hover{border-color:#c2d7fb}
        button.yes:hover{background:#c2d7fb}
        a{color:#8ab4f8}
        a:focus-visible,button:focus-visible{outline-color:#fff}
        }
        """;

    private static readonly string StyleHash = "'sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style))) + "'";

    /// <summary>Asks whether to stay signed in or, where the stage does not ask, to confirm the login.</summary>
    /// <param name="context">The request.</param>
    /// <param name="open">The plan.</param>
    /// <param name="cancelUrl">Where the form leads that says that this is somebody else.</param>
    /// <param name="faulty">Whether an answer was sent that is none.</param>
    public static Task Ask(HttpContext context, OpenPlan open, string cancelUrl, bool faulty)
    {
        var heading = open.Prompts ? "Stay signed in?" : "Log in?";
        var text = open.Prompts
            ? "If you say yes, you stay signed in for longer on this device. Say no on a device that others use."
            : "You are about to be logged in on this device.";
        var answers = open.Prompts
            ? """
              <button class="yes" name="remember_me" value="true">Yes</button>
              <button name="remember_me" value="false">No</button>
              """
            : """<button class="yes">Continue</button>""";
        var error = faulty && open.Prompts ? """<p class="error" role="alert">Please choose Yes or No.</p>""" : "";
        var body = $"""
            {Person(open.User)}
            <h1>{heading}</h1>
            {error}
            <p id="question">{text}</p>
            <form method="post" action="{Encode(FlowSlug.Page(open.Plan.FlowSlug))}" aria-describedby="question">
            <div class="answers">
            {answers}
            </div>
            </form>
            <form method="post" action="{Encode(FlowSlug.Page(open.Plan.FlowSlug))}"><button class="no" name="not_me" value="true">This is not me</button></form>
            """;
        return Write(context, StatusCodes.Status200OK, heading, open.Plan.FlowSlug, body, FormTargets(open.Plan.Next, cancelUrl));
    }

    /// <summary>Says that the login is refused.</summary>
    public static Task Deny(HttpContext context, UserFacts? user, string error, string cancelUrl)
    {
        var body = $"""
            {(user is null ? "" : Person(user))}
            <h1>Access denied</h1>
            <p class="error" role="alert">{Encode(error)}</p>
            <p><a href="{Encode(cancelUrl)}">Start again</a></p>
            """;
        // Without a plan the flow's name is anybody's text.
        return Write(context, StatusCodes.Status403Forbidden, "Access denied", user is null ? null : FlowSlug.Of(context), body, "'none'");
    }

    private static string Person(UserFacts user)
    {
        var name = user.Username.Length > 0 ? user.Username : user.Name;
        return $"""
            <img src="{Avatar.Of(user)}" alt="" width="64" height="64">
            <p class="user">{Encode(name)}</p>
            """;
    }

    // Browsers hold the redirect after a form to the form's policy, so that it names where the forms lead.
    private static string FormTargets(params ReadOnlySpan<string> leadTo)
    {
        var targets = "'self'";
        foreach (var text in leadTo)
        {
            if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme.StartsWith("http", StringComparison.Ordinal))
            {
                targets += $" {url.Scheme}://{(url.HostNameType == UriHostNameType.IPv6 ? url.Host : url.IdnHost)}:{url.Port}";
            }
        }

        return targets;
    }

    private static async Task Write(HttpContext context, int status, string title, string? slug, string body, string formTargets)
    {
        var flow = slug is null ? "" : $"""<p class="flow">{Encode(FlowSlug.Title(slug))}</p>""";
        var html = $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex">
            <link rel="icon" href="data:,">
            <title>{title}</title>
            <style>{Style}</style>
            </head>
            <body>
            <main>
            {flow}
            {body}
            </main>
            </body>
            </html>
            """;
        var response = context.Response;
        var bytes = Encoding.UTF8.GetBytes(html);
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        response.Headers.ContentSecurityPolicy =
            $"default-src 'none'; style-src {StyleHash}; img-src data:; base-uri 'none'; form-action {formTargets}; frame-ancestors 'none'";
        // Under no-referrer a form post would come with the origin "null", which the cross-site rule cannot tell from a stranger's.
        response.Headers["Referrer-Policy"] = "same-origin";
        await response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private static string Encode(string text) => WebUtility.HtmlEncode(text);
}
