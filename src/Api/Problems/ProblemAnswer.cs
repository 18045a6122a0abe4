using System.Text.Json;
using SessionCluster.Api.Answers;
using SessionCluster.Api.Callers;
using SessionCluster.Api.Input;

namespace SessionCluster.Api.Problems;

/// <summary>Writes problems as <c>application/problem+json</c>.</summary>
internal static class ProblemAnswer
{
    private const string ContentType = "application/problem+json";

    // The paths whose contract is authentik's: there each field's messages are repeated at the top level, its own form.
    private static readonly PathString[] AuthentikPaths =
        ["/api/v3/core", "/api/v3/stages", "/api/v3/events/events", "/api/v3/flows/executor"];

    /// <summary>Answers with a problem.</summary>
    /// <param name="context">The request.</param>
    /// <param name="type">Which problem.</param>
    /// <param name="detail">What is the matter in this case; never a token, a key or an exception's text.</param>
    /// <param name="errors">Messages per field, for a 400.</param>
    /// <param name="more">Writes further members.</param>
    public static Task Write(
        HttpContext context, ProblemType type, string? detail = null, FieldErrors? errors = null, Action<Utf8JsonWriter>? more = null)
    {
        if (type.Status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer, Session";
        }
        else if (type == Problem.Forbidden)
        {
            RefusalLog.Note(context, RefusalLog.Forbidden);
        }

        var state = (type, detail, errors, more, repeat: errors is not null && IsAuthentikPath(context.Request.Path));
        return JsonAnswer.Write(context, type.Status, state, Fill, ContentType);
    }

    /// <summary>Answers 400 with the messages that were gathered.</summary>
    public static Task Invalid(HttpContext context, FieldErrors errors) =>
        Write(context, Problem.InvalidRequest, "One or more fields are invalid; see errors.", errors);

    /// <summary>Answers 400 with one message of one field.</summary>
    public static Task Invalid(HttpContext context, string field, string message)
    {
        var errors = new FieldErrors();
        errors.Add(field, message);
        return Invalid(context, errors);
    }

    private static void Fill(
        Utf8JsonWriter writer,
        (ProblemType Type, string? Detail, FieldErrors? Errors, Action<Utf8JsonWriter>? More, bool Repeat) state)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, state.Type.Slug);
        writer.WriteString("title"u8, state.Type.Title);
        writer.WriteNumber("status"u8, state.Type.Status);
        writer.WriteString("detail"u8, state.Detail ?? state.Type.Title + ".");
        state.More?.Invoke(writer);
        if (state.Errors is not null)
        {
            writer.WriteStartObject("errors"u8);
            state.Errors.WriteMembers(writer);
            writer.WriteEndObject();
            if (state.Repeat)
            {
                state.Errors.WriteMembers(writer);
            }
        }

        writer.WriteEndObject();
    }

    private static bool IsAuthentikPath(PathString path)
    {
        foreach (var prefix in AuthentikPaths)
        {
            if (path.StartsWithSegments(prefix, StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }
}
