using System.Globalization;
using System.Text.Json;

namespace SessionCluster.Embedded;

/// <summary>
/// Keeps states in memory as JSON, so that a test sees what a database would give back. Every write of a key has a version
/// of its own, also after the row was cleared.
/// </summary>
public sealed class MemoryGrainStorage(JsonSerializerOptions? json = null) : IGrainStorage
{
    private readonly Lock gate = new();
    private readonly Dictionary<(string State, GrainId Grain), (byte[] Json, string Version)> rows = [];
    private long versions;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        lock (gate)
        {
            grainState.RecordExists = rows.TryGetValue((stateName, grainId), out var row);
            grainState.ETag = row.Version;
            grainState.State = grainState.RecordExists ? JsonSerializer.Deserialize<T>(row.Json, json)! : Activator.CreateInstance<T>();
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        var text = JsonSerializer.SerializeToUtf8Bytes(grainState.State, json);
        lock (gate)
        {
            if (Conflict(stateName, grainId, grainState.ETag) is { } conflict)
            {
                return Task.FromException(conflict);
            }

            var version = (++versions).ToString(CultureInfo.InvariantCulture);
            rows[(stateName, grainId)] = (text, version);
            grainState.ETag = version;
            grainState.RecordExists = true;
        }

        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        ArgumentNullException.ThrowIfNull(grainState);
        lock (gate)
        {
            if (Conflict(stateName, grainId, grainState.ETag) is { } conflict)
            {
                return Task.FromException(conflict);
            }

            rows.Remove((stateName, grainId));
            grainState.ETag = null;
            grainState.RecordExists = false;
            grainState.State = Activator.CreateInstance<T>();
        }

        return Task.CompletedTask;
    }

    private InconsistentStateException? Conflict(string stateName, GrainId grainId, string? etag)
    {
        var stored = rows.GetValueOrDefault((stateName, grainId)).Version;
        return stored == etag ? null : new InconsistentStateException("The row is at another version.", stored, etag);
    }
}
