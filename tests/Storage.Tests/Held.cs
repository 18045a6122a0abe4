using System.Diagnostics.CodeAnalysis;

namespace SessionCluster.Storage.Tests;

/// <summary>A state as a grain holds it.</summary>
internal sealed class Held<T>(T state, string? etag = null) : IGrainState<T>
{
    [AllowNull]
    public T State { get; set => field = value!; } = state;

    public string? ETag { get; set; } = etag;

    public bool RecordExists { get; set; }
}
