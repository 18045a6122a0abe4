namespace SessionCluster.Api.Tokens;

/// <summary>
/// Plan tokens and the one-time codes of plans: signed plan ids, each for its own purpose, so that none serves as the other, nor
/// as a session token. That a code counts once, and for how long, the plan's grain decides.
/// </summary>
internal sealed class PlanTokens(KeyRing keys)
{
    private static ReadOnlySpan<byte> PlanPurpose => "sessioncluster/flow-plan\0"u8;

    private static ReadOnlySpan<byte> CodePurpose => "sessioncluster/flow-code\0"u8;

    public static PlanId Draw() => new(RandomUuid.Next());

    public string Issue(PlanId id) => SignedText.Issue(keys, PlanPurpose, id.Value);

    /// <summary>The plan of a token; null when the text is not a plan token of ours.</summary>
    public PlanId? Read(ReadOnlySpan<char> text) => SignedText.ReadId(keys, PlanPurpose, text) is { } id ? new PlanId(id) : null;

    /// <summary>The one-time code of a plan's page.</summary>
    public string IssueCode(PlanId id) => SignedText.Issue(keys, CodePurpose, id.Value);

    /// <summary>The plan of a code; null when the text is not a code of ours.</summary>
    public PlanId? ReadCode(ReadOnlySpan<char> text) => SignedText.ReadId(keys, CodePurpose, text) is { } id ? new PlanId(id) : null;
}
