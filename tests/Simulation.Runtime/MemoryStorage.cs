using System.Globalization;
using System.Text.Json;

namespace SessionCluster.Simulation.Runtime;

/// <summary>
/// Keeps states in memory as JSON, so that a grain sees what a database would give back. Every write of a row has a version of its
/// own, also after the row was cleared.
/// </summary>
internal sealed class MemoryStorage : IGrainStorage
{
    private readonly Dictionary<(string State, GrainId Grain), (byte[] Json, string Version)> _rows = [];
    private long _versions;

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        grainState.RecordExists = _rows.TryGetValue((stateName, grainId), out var row);
        grainState.ETag = row.Version;
        grainState.State = grainState.RecordExists ? JsonSerializer.Deserialize<T>(row.Json)! : Activator.CreateInstance<T>();
        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        RefuseConflict(stateName, grainId, grainState.ETag);
        var version = (++_versions).ToString(CultureInfo.InvariantCulture);
        _rows[(stateName, grainId)] = (JsonSerializer.SerializeToUtf8Bytes(grainState.State), version);
        (grainState.ETag, grainState.RecordExists) = (version, true);
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        RefuseConflict(stateName, grainId, grainState.ETag);
        _rows.Remove((stateName, grainId));
        (grainState.ETag, grainState.RecordExists, grainState.State) = (null, false, Activator.CreateInstance<T>());
        return Task.CompletedTask;
    }

    private void RefuseConflict(string stateName, GrainId grainId, string? etag)
    {
        var stored = _rows.GetValueOrDefault((stateName, grainId)).Version;
        if (stored != etag)
        {
            throw new InconsistentStateException("The row is at another version.", stored, etag);
        }
    }
}
