namespace SessionCluster.Storage;

/// <summary>A decision on a state: the state to store, null when there is nothing to store, and the answer once it is stored.</summary>
public sealed record Decision<TState, TAnswer>(TState? Next, TAnswer Answer)
    where TState : class;

/// <summary>The one way in which grains change what they store: decide, write on the condition that the row is what was decided on.</summary>
internal static class ConditionalWrites
{
    /// <summary>How often one call decides, the first time included.</summary>
    public const int MaxAttempts = 3;

    /// <summary>
    /// Decides and stores; after a version conflict it decides again on the row as it is then. While a write runs the state is the new
    /// one already: calls that interleave must not read it.
    /// </summary>
    /// <param name="committed">Takes over what was stored.</param>
    /// <param name="reload">Reads the row again after a conflict.</param>
    /// <param name="fail">Hears of a write that failed otherwise: whether it took effect is unknown, and the state is the old one again.</param>
    public static async Task<TAnswer> Change<TState, TAnswer>(
        this IPersistentState<TState> row,
        Func<ValueTask<Decision<TState, TAnswer>>> decide,
        Action<TState> committed,
        Func<Exception, int, Task> reload,
        Action<Exception, TState> fail)
        where TState : class
    {
        for (var attempt = 1; ; attempt++)
        {
            var (next, answer) = await decide();
            if (next is null)
            {
                return answer;
            }

            var before = row.State;
            try
            {
                row.State = next;
                await row.WriteStateAsync();
                committed(next);
                return answer;
            }
            catch (InconsistentStateException conflict) when (attempt < MaxAttempts)
            {
                row.State = before;
                await reload(conflict, attempt);
            }
            catch (Exception failure)
            {
                row.State = before;
                fail(failure, next);
                throw;
            }
        }
    }

    /// <summary>
    /// The same for a grain that keeps nothing besides its row: it reads the row again after a conflict. The answer is whether something was
    /// stored.
    /// </summary>
    /// <param name="decide">The state to store; null when there is nothing to store.</param>
    /// <param name="fail">Lets go of the activation, as what is stored is unknown: the next one reads it.</param>
    public static Task<bool> Change<TState>(this IPersistentState<TState> row, Func<TState?> decide, Action fail)
        where TState : class => row.Change(
            () => ValueTask.FromResult(decide() is { } next ? new Decision<TState, bool>(next, true) : new(null, false)),
            committed: static _ => { },
            reload: (_, _) => row.ReadStateAsync(),
            fail: (_, _) => fail());
}
