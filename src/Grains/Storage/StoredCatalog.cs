namespace SessionCluster.Storage;

/// <summary>The stored row of a catalog, with the event of its last change.</summary>
internal interface ICatalogRow
{
    /// <summary>The event of the last change: stored together with it, and appended to the log after it, so that none is lost in between.</summary>
    EventInfo? Event { get; }
}

/// <summary>
/// A catalog as its one grain keeps it. Reads interleave with a write, so they answer from the last catalog known to be stored, never from
/// the state that is on its way. Each change is stored with its event, which is then appended to the log: soon, where it cannot
/// be at once, and at the next activation after a crash.
/// </summary>
/// <param name="read">The catalog of a row; the last is false where nothing has been stored yet.</param>
internal sealed class StoredCatalog<TRow, TCatalog>(IPersistentState<TRow> row, IEventRows events, Func<TRow, bool, TCatalog> read)
    where TRow : class, ICatalogRow
    where TCatalog : class
{
    private static readonly TimeSpan TellAgainAfter = TimeSpan.FromSeconds(2);

    /// <summary>The event of the last change, while it may not be in the log yet.</summary>
    private EventInfo? _untold;

    private IGrainTimer? _tellsLater;

    private IGrainBase _grain = null!;

    /// <summary>The last catalog known to be stored.</summary>
    public TCatalog Committed { get; private set; } = null!;

    /// <summary>Takes over what is stored when the grain is activated.</summary>
    public Task Activate(IGrainBase grain)
    {
        _grain = grain;
        Take();
        return TryTell(CancellationToken.None);
    }

    /// <summary>Decides, stores and tells.</summary>
    /// <param name="decide">The answer, and the next catalog; null where nothing changes.</param>
    public async Task<TAnswer> Change<TAnswer>(Func<TCatalog, (TAnswer Answer, TCatalog? Next)> decide, Func<TCatalog, TRow> withEvent)
    {
        await TellBefore();
        var answer = await row.Change(
            () =>
            {
                var (answer, next) = decide(Committed);
                return ValueTask.FromResult(new Decision<TRow, TAnswer>(next is null ? null : withEvent(next), answer));
            },
            committed: _ => Take(),
            reload: async (_, _) =>
            {
                await row.ReadStateAsync();
                Take();
                await TellBefore();
            },
            // Whether the write took effect is unknown: the next activation reads what is stored.
            fail: (_, _) => _grain.DeactivateOnIdle());
        await TryTell(CancellationToken.None);
        return answer;
    }

    private void Take() => (Committed, _untold) = (read(row.State, row.RecordExists), row.State.Event);

    /// <summary>Appends the event of the last change before another takes its place: where that fails, nothing of the other was written.</summary>
    private async Task TellBefore()
    {
        try
        {
            await Tell();
        }
        catch (StorageUnavailableException failure)
        {
            throw new StorageUnavailableException(failure.Message, outcomeUnknown: false, failure);
        }
    }

    private async Task Tell()
    {
        if (_untold is { } entry)
        {
            await events.Append(entry);
            _untold = null;
        }
    }

    /// <summary>The change is stored, and its event with it: where it cannot be appended now, it is soon.</summary>
    private async Task TryTell(CancellationToken stop)
    {
        try
        {
            await Tell();
            _tellsLater?.Dispose();
            _tellsLater = null;
        }
        catch (StorageUnavailableException)
        {
            _tellsLater ??= _grain.RegisterGrainTimer(TryTell, new GrainTimerCreationOptions { DueTime = TellAgainAfter, Period = TellAgainAfter, KeepAlive = true });
        }
    }
}
