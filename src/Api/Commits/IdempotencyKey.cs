namespace SessionCluster.Api.Commits;

/// <summary>
/// Reads the header <c>Idempotency-Key</c>: the caller's promise that repeats of a request carry the same key. Its scope is the
/// caller and the path (and the user, whose ledger keeps it); the query counts to the body, so that a DELETE has one.
/// </summary>
internal static class IdempotencyKey
{
    /// <summary>The header's name.</summary>
    public const string Header = "Idempotency-Key";

    /// <summary>Longest key in characters.</summary>
    public const int MaxLength = 255;

    /// <summary>The key of a request; null without the header, or with a faulty one, which is noted in <paramref name="errors"/>.</summary>
    public static Idempotency? Read(HttpContext context, Caller caller, ReadOnlySpan<byte> body, FieldErrors errors)
    {
        var values = context.Request.Headers[Header];
        if (values.Count == 0)
        {
            return null;
        }

        var value = values.Count == 1 ? values[0] ?? "" : "";
        if (value.Length is 0 or > MaxLength)
        {
            errors.Add(Header, $"Must be given once, with 1 to {MaxLength} characters.");
            return null;
        }

        // A slash at the end may be left out.
        var scope = $"{caller.Scope}\n{context.Request.Path.Value!.TrimEnd('/')}/\n{value}";
        return new Idempotency(Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(scope))), HashBody(context.Request.QueryString.Value, body));
    }

    /// <summary>Answers that the key was used with another request.</summary>
    public static Task Reused(HttpContext context, string done = "Nothing was done.") => ProblemAnswer.Write(
        context, Problem.IdempotencyKeyReused, $"This Idempotency-Key was used with another body within 24 hours. {done}");

    private static string HashBody(string? query, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(query ?? ""));
        hash.AppendData("\n"u8);
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
