using RazorSlices;

namespace SessionCluster.Api.Pages;

/// <summary>
/// Answers with HTML. A page is rendered whole before its first byte is sent, so that a fault on the way is an error page and not half of one.
/// It is framed by nobody, kept by nobody, and loads nothing from elsewhere.
/// </summary>
internal static class PageWriter
{
    /// <summary>What pages may load and where their forms lead, unless a page says otherwise.</summary>
    private const string Policy = "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action ";

    /// <summary>Writes a page, or a part of one.</summary>
    /// <param name="formTargets">Where forms may lead, as the content security policy says it.</param>
    /// <param name="pictures">Sources of pictures besides our own; they begin with a space.</param>
    public static async Task Write(
        HttpContext context, RazorSlice slice, int status = StatusCodes.Status200OK, string formTargets = "'self'", string pictures = "")
    {
        byte[] bytes;
        using (slice)
        {
            slice.HttpContext = context;
            bytes = Encoding.UTF8.GetBytes(await slice.RenderAsync(cancellationToken: context.RequestAborted));
        }

        var response = context.Response;
        response.Headers.Vary = "Accept-Encoding";
        response.StatusCode = status;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = bytes.Length;
        response.Headers.ContentSecurityPolicy = Policy + formTargets + (pictures.Length == 0 ? "" : "; img-src 'self'" + pictures);
        response.Headers.XFrameOptions = "DENY";
        response.Headers["Cross-Origin-Opener-Policy"] = "same-origin";
        // Under no-referrer a form post would come with the origin "null", which the cross-site rule cannot tell from a stranger's.
        response.Headers["Referrer-Policy"] = "same-origin";
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }

    /// <summary>Sends a browser on after a form: to the page that shows what became of it.</summary>
    public static void See(HttpContext context, string url)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.ContentLength = 0;
        context.Response.Headers.Location = EncodedUrl(url);
    }

    // A header holds ASCII only; what is encoded already stays.
    private static string EncodedUrl(string url)
    {
        var text = new StringBuilder(url.Length);
        foreach (var rune in url.EnumerateRunes())
        {
            text.Append(rune is { IsAscii: true, Value: not ' ' } ? rune.ToString() : Uri.EscapeDataString(rune.ToString()));
        }

        return text.ToString();
    }
}
