using SessionCluster.Api.Answers;

namespace SessionCluster.Api.Commits;

/// <summary>Answers with the receipt of an ending.</summary>
internal static class ReceiptAnswer
{
    /// <summary>200 with the receipt; 422 for none, which is a used idempotency key.</summary>
    public static Task Write(HttpContext context, Receipt? receipt) => receipt is null
        ? IdempotencyKey.Reused(context)
        : JsonAnswer.Write(context, StatusCodes.Status200OK, receipt, static (writer, done) => writer.WriteReceipt(done));
}
