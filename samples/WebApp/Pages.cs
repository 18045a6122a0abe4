using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using SessionCluster.AspNetCore;
using SessionCluster.Client;

namespace WebApp;

/// <summary>The pages, small enough to be texts. Everything that a person wrote is encoded.</summary>
internal static class Pages
{
    public static IResult Home(HttpContext http) => Page(http, "Home", $"""
        <h1>A diary</h1>
        <p>{(http.User.Identity!.IsAuthenticated ? $"You are signed in as {Text(http.User.Identity.Name)}." : "Nobody is signed in.")}</p>
        <p><a class="button" href="{Link(http, "/diary")}">Open the diary</a></p>
        """);

    public static IResult Login(HttpContext http) => Login(http, Reason(http.Request.Query["reason"].ToString()));

    public static IResult Login(HttpContext http, string? note) => Page(http, "Sign in", $"""
        <h1>Sign in</h1>
        {(note is null ? "" : $"<p class=\"note\" role=\"alert\">{Text(note)}</p>")}
        <form method="post" action="{Link(http, "/login")}?returnUrl={Uri.EscapeDataString(ReturnUrl(http.Request))}">
          <label>Name <input name="username" autocomplete="username" required autofocus></label>
          <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
          <label class="check"><input type="checkbox" name="remember" value="yes"> Stay signed in</label>
          <button>Sign in</button>
        </form>
        <p>There are jane and john; their passwords are their names.</p>
        """);

    public static IResult Diary(HttpContext http) => Page(http, "Diary", $"""
        <h1>Diary of {Text(http.User.Identity!.Name)}</h1>
        <p>Only you can read this.</p>
        """);

    public static IResult Sessions(HttpContext http, IReadOnlyList<Session> sessions, Guid? current)
    {
        var rows = sessions.OrderByDescending(session => session.LastUsed).Select(session => $"""
            <li>
              <strong>{Text(session.LastUserAgent)}</strong>{(session.Uuid == current ? " <em>this one</em>" : "")}
              <span>{Text(session.LastIp)}, since {session.Created:yyyy-MM-dd HH:mm} UTC</span>
              {(session.Uuid == current ? "" : Form(http, $"/account/sessions/{session.Uuid}/end", "/sessions", "End"))}
            </li>
            """);
        return Page(http, "Your sessions", $"""
            <h1>Your sessions</h1>
            <ul class="sessions">{string.Concat(rows)}</ul>
            {(sessions.Count > 1 ? Form(http, "/account/sessions/end-others", "/sessions", "End all others") : "")}
            """);
    }

    /// <summary>Where a login leads: only within this app.</summary>
    public static string ReturnUrl(HttpRequest request) =>
        request.Query["returnUrl"].ToString() is ['/', not ('/' or '\\'), ..] url ? url : request.PathBase + "/";

    /// <summary>Whether a page of this app sent the form.</summary>
    public static bool IsOwn(HttpRequest request) => request.Headers["Sec-Fetch-Site"].ToString() is "same-origin"
        || (request.Headers["Sec-Fetch-Site"].Count == 0 && request.Headers.Origin == $"{request.Scheme}://{request.Host}");

    private static string? Reason(string reason) => reason switch
    {
        "" => null,
        "expired" => "Your session is over. Please sign in again.",
        "idle" => "You were away for a while. Please sign in again.",
        "binding_broken" => "Your network has changed. Please sign in again.",
        _ => "Your session was ended. Please sign in again.",
    };

    private static string Form(HttpContext http, string action, string back, string label) => $"""
        <form method="post" action="{Link(http, action)}"><input type="hidden" name="returnUrl" value="{Link(http, back)}"><button>{label}</button></form>
        """;

    private static IResult Page(HttpContext http, string title, string body)
    {
        var isSignedIn = http.User.Identity!.IsAuthenticated;
        var session = http.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.Session();
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers.ContentSecurityPolicy = "default-src 'self'; frame-ancestors 'none'; form-action 'self'";
        return Results.Content($"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
              <title>{title}</title>
              <link rel="stylesheet" href="{Link(http, "/style.css")}">
              {(isSignedIn ? $"<script src=\"{Link(http, "/live.js")}\" data-events=\"{Link(http, "/account/events")}?session={session}\" data-sessions=\"{Link(http, "/account/sessions")}\" data-login=\"{Link(http, "/login")}\" defer></script>" : "")}
            </head>
            <body>
              <nav><a href="{Link(http, "/")}">Home</a> {(isSignedIn ? $"<a href=\"{Link(http, "/sessions")}\">Your sessions</a> {Form(http, "/account/logout", "/", "Sign out")}" : $"<a href=\"{Link(http, "/login")}\">Sign in</a>")}</nav>
              <main>{body}</main>
            </body>
            </html>
            """, "text/html; charset=utf-8");
    }

    private static string Link(HttpContext http, string path) => Text(http.Request.PathBase + path);

    private static string Text(string? text) => HtmlEncoder.Default.Encode(text ?? "");
}
