using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Embedded;

/// <summary>A grain's stored state. It is read before OnActivateAsync.</summary>
public interface IPersistentState<TState>
{
    TState State { get; set; }

    /// <summary>The version of the stored row; null when there is none.</summary>
    string? Etag { get; }

    bool RecordExists { get; }

    Task ReadStateAsync();

    /// <summary>Writes if the row is still at <see cref="Etag"/>.</summary>
    /// <exception cref="InconsistentStateException">The row is at another version, or is gone.</exception>
    Task WriteStateAsync();

    Task ClearStateAsync();
}

/// <summary>One state on its way to or from storage.</summary>
public interface IGrainState<T>
{
    T State { get; set; }

    string? ETag { get; set; }

    bool RecordExists { get; set; }
}

/// <summary>Where states are kept.</summary>
public interface IGrainStorage
{
    /// <summary>Reads into <paramref name="grainState"/>; a missing row leaves a new state, no etag and RecordExists false.</summary>
    Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    /// <summary>Writes if the stored version equals the etag, sets the new one. Completes only when the write is durable.</summary>
    Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);

    Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState);
}

/// <summary>A conditional write found another version than the one it was based on; nothing was written.</summary>
[SuppressMessage("Design", "CA1032", Justification = "Orleans' shape.")]
public sealed class InconsistentStateException(string message, string? storedEtag, string? currentEtag) : Exception(message)
{
    public string? StoredEtag { get; } = storedEtag;

    public string? CurrentEtag { get; } = currentEtag;
}
