namespace SessionCluster.Api.Commits;

internal static class ReceiptAnswer
{
    /// <summary>200 with the receipt; 422 for none, which is a used idempotency key.</summary>
    /// <param name="clearCookie">The Set-Cookie value that removes the session's cookie, for one who has the browser; else null.</param>
    public static Task Write(HttpContext context, Receipt? receipt, string? clearCookie = null) => receipt is null
        ? IdempotencyKey.Reused(context)
        : JsonAnswer.Write(context, StatusCodes.Status200OK, (receipt, clearCookie), static (writer, done) => writer.WriteReceipt(done.receipt, done.clearCookie));
}
