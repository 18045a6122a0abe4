using System.Collections.Immutable;

namespace SessionCluster.Conformance.Tests.Grains;

/// <summary>A grain with a stored state, which it has twice: the second one plays another writer of the same row.</summary>
[Alias("cf.stored")]
public interface IStoredGrain : IGrainWithStringKey
{
    [Alias("look")]
    Task<StoredView> Look();

    /// <summary>Changes the state without writing it.</summary>
    [Alias("change")]
    Task Change(string text);

    [Alias("write")]
    Task<StoredView> Write(string text);

    [Alias("read")]
    Task<StoredView> Read();

    [Alias("clear")]
    Task<StoredView> Clear();

    /// <summary>Writes as the other writer.</summary>
    [Alias("write-as-other")]
    Task WriteAsOther(string text);

    /// <summary>Writes, and tells whether that was refused as a conflict.</summary>
    [Alias("try-write")]
    Task<bool> TryWrite(string text);

    [Alias("leave")]
    Task Leave();
}

/// <summary>What the grain sees of its state.</summary>
[GenerateSerializer, Immutable, Alias("cf.stored-view")]
public sealed record StoredView(
    [property: Id(0)] string Text,
    [property: Id(1)] ImmutableArray<int> Numbers,
    [property: Id(2)] DateTimeOffset? At,
    [property: Id(3)] bool Exists,
    [property: Id(4)] string? Etag);

/// <summary>The stored row.</summary>
public sealed record StoredV1
{
    public string Text { get; init; } = "fresh";

    public ImmutableArray<int> Numbers { get; init; } = [];

    public DateTimeOffset? At { get; init; }
}

[GrainType("cf-stored")]
public sealed class StoredGrain(
    [PersistentState("cf-stored")] IPersistentState<StoredV1> state,
    [PersistentState("cf-stored")] IPersistentState<StoredV1> other) : Grain, IStoredGrain
{
    public Task<StoredView> Look() => Task.FromResult(
        new StoredView(state.State.Text, state.State.Numbers, state.State.At, state.RecordExists, state.Etag));

    public Task Change(string text)
    {
        state.State = new StoredV1 { Text = text, Numbers = [1, 2, 3], At = DateTimeOffset.UnixEpoch.AddMicroseconds(1) };
        return Task.CompletedTask;
    }

    public async Task<StoredView> Write(string text)
    {
        await Change(text);
        await state.WriteStateAsync();
        return await Look();
    }

    public async Task<StoredView> Read()
    {
        await state.ReadStateAsync();
        return await Look();
    }

    public async Task<StoredView> Clear()
    {
        await state.ClearStateAsync();
        return await Look();
    }

    public async Task WriteAsOther(string text)
    {
        await other.ReadStateAsync();
        other.State = new StoredV1 { Text = text };
        await other.WriteStateAsync();
    }

    public async Task<bool> TryWrite(string text)
    {
        try
        {
            await Write(text);
            return true;
        }
        catch (InconsistentStateException)
        {
            return false;
        }
    }

    public Task Leave()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
