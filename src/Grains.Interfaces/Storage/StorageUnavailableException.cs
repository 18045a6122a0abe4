using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Storage;

/// <summary>
/// The database does not do what was asked now: it cannot be reached, its disk is full, too much waits. The message names the storage
/// and is fit for callers: it holds no text of a row, no password and no path.
/// </summary>
[SuppressMessage("Design", "CA1032", Justification = "Made by the storage only, always with a message.")]
public sealed class StorageUnavailableException : Orleans.Runtime.OrleansException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What is wrong.</param>
    /// <param name="outcomeUnknown">Whether a write may have taken effect, or may still do so.</param>
    /// <param name="inner">The database's own exception.</param>
    public StorageUnavailableException(string message, bool outcomeUnknown, Exception? inner = null)
        : base(message, inner!) => OutcomeUnknown = outcomeUnknown;

    /// <summary>A row that a newer program wrote, of which this one does not read all: it is left as it is.</summary>
    public static StorageUnavailableException NewerRow() =>
        new("What is stored was written by a newer program, and this one does not read it.", outcomeUnknown: false) { IsNewerRow = true };

    /// <summary>Does what follows a commit of the same call: where that fails, it is not so that nothing was written.</summary>
    public static async Task<T> AfterCommit<T>(Task<T> rest)
    {
        await AfterCommit((Task)rest);
        return await rest;
    }

    /// <summary>Does what follows a commit of the same call: where that fails, it is not so that nothing was written.</summary>
    public static async Task AfterCommit(Task rest)
    {
        try
        {
            await rest;
        }
        catch (StorageUnavailableException failure) when (!failure.OutcomeUnknown)
        {
            throw new StorageUnavailableException(failure.Message, outcomeUnknown: true, failure);
        }
    }

    /// <summary>True when a write may have taken effect, or may still do so; false when it is certain that nothing was written.</summary>
    public bool OutcomeUnknown { get; }

    /// <summary>True when it is one row that a newer program wrote: asking again does not help until the program is a newer one.</summary>
    public bool IsNewerRow { get; init; }
}

/// <summary>
/// What of it goes to another process. The database's own exception stays where it was thrown: others cannot read it, and would be told of
/// that instead.
/// </summary>
[GenerateSerializer, Immutable, Alias("sc.storage-unavailable")]
public readonly record struct StorageUnavailableForm([property: Id(0)] string Message, [property: Id(1)] bool OutcomeUnknown, [property: Id(2)] bool IsNewerRow);

/// <summary>Turns the exception into its form and back.</summary>
[RegisterConverter]
public sealed class StorageUnavailableConverter : IConverter<StorageUnavailableException, StorageUnavailableForm>
{
    /// <inheritdoc/>
    public StorageUnavailableException ConvertFromSurrogate(in StorageUnavailableForm surrogate) =>
        new(surrogate.Message, surrogate.OutcomeUnknown) { IsNewerRow = surrogate.IsNewerRow };

    /// <inheritdoc/>
    public StorageUnavailableForm ConvertToSurrogate(in StorageUnavailableException value) => new(value.Message, value.OutcomeUnknown, value.IsNewerRow);
}
