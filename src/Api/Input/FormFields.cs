using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace SessionCluster.Api.Input;

/// <summary>Reads the form that a page posts: a few short fields, URL-encoded.</summary>
internal static class FormFields
{
    private const int MaxBytes = 4096;

    private const string ContentType = "application/x-www-form-urlencoded";

    /// <summary>The fields of the body; none when it is too long or no such form.</summary>
    public static async Task<Dictionary<string, StringValues>> Read(HttpContext context)
    {
        var type = context.Request.ContentType ?? "";
        if (!type.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase))
        {
            return [];
        }

        var buffer = new byte[MaxBytes + 1];
        var length = await context.Request.Body.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, context.RequestAborted);
        return length > MaxBytes ? [] : QueryHelpers.ParseQuery(Encoding.UTF8.GetString(buffer, 0, length));
    }

    /// <summary>The value of a field; null when it is not there exactly once.</summary>
    public static string? One(this Dictionary<string, StringValues> fields, string name) =>
        fields.TryGetValue(name, out var values) && values.Count == 1 ? values[0] : null;
}
