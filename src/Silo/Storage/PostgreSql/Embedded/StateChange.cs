namespace SessionCluster.Silo.Storage;

/// <summary>A write of one state.</summary>
/// <param name="Expected">The version that the row must have; null when there must be none.</param>
/// <param name="Owner">Whose it is: writes of one owner are made in the order they came, and never meet in two transactions.</param>
internal abstract record StateChange(int? Expected, string Owner);

/// <summary>A write of a user's ledger with all it carries.</summary>
/// <param name="User">Whose ledger.</param>
/// <param name="Expected">The version that the row must have; null when there must be none.</param>
/// <param name="Rows">What goes into rows.</param>
internal sealed record LedgerChange(string User, int? Expected, LedgerRows Rows) : StateChange(Expected, User);

/// <summary>A write of any other state, by the statement that Orleans' provider runs.</summary>
/// <param name="State">The name of the state.</param>
/// <param name="Key">The key of the grain.</param>
/// <param name="Expected">The version that the row must have; null when there must be none.</param>
/// <param name="Document">What to write, as <see cref="StateDocument"/> makes it; null to clear.</param>
/// <param name="Owner">The user it belongs to, or the key.</param>
internal sealed record DocumentChange(string State, string Key, int? Expected, byte[]? Document, string Owner) : StateChange(Expected, Owner);

/// <summary>A write that waits for the writer; without a change it only asks whether the writer works.</summary>
internal sealed class PendingWrite(StateChange? change)
{
    private readonly TaskCompletionSource<int?> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public StateChange? Change => change;

    /// <summary>The version now; null when the row was at another one, and nothing was changed.</summary>
    public Task<int?> Answer => _answer.Task;

    /// <summary>What the statement answered, before it is known to be durable.</summary>
    public int? Version { get; set; }

    public void Succeed() => _answer.TrySetResult(Version);

    public void Fail(Exception error) => _answer.TrySetException(error);
}
