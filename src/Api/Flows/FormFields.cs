using System.Text;
using Microsoft.AspNetCore.WebUtilities;

namespace SessionCluster.Api.Flows;

/// <summary>Reads the form that the page posts: a few short fields, URL-encoded.</summary>
internal static class FormFields
{
    private const int MaxBytes = 4096;

    private const string ContentType = "application/x-www-form-urlencoded";

    /// <summary>The value of one field; null when the body has it not exactly once, is too long or no such form.</summary>
    public static async Task<string?> Read(HttpContext context, string name)
    {
        var type = context.Request.ContentType ?? "";
        if (!type.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var buffer = new byte[MaxBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        var fields = length > MaxBytes ? [] : QueryHelpers.ParseQuery(Encoding.UTF8.GetString(buffer, 0, length));
        return fields.TryGetValue(name, out var values) && values.Count == 1 ? values[0] : null;
    }
}
