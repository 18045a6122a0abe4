using Npgsql;
using SessionCluster.Silo.Storage;
using SessionCluster.Users;

namespace SessionCluster.Storage.Tests;

public sealed class TransientReadTests
{
    private static readonly NpgsqlException Lost = new("Exception while reading from stream", new IOException());

    private int _tries;

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task A_read_that_lost_its_connection_is_tried_again(int losses)
    {
        Assert.Equal(7, await TransientRead.Run(() => ++_tries <= losses ? throw Lost : Task.FromResult(7)));
        Assert.Equal(losses + 1, _tries);
    }

    [Fact]
    public async Task After_four_tries_the_failure_is_told()
    {
        var failure = await Assert.ThrowsAsync<NpgsqlException>(() => TransientRead.Run<int>(() => throw Count(Lost)));
        Assert.Same(Lost, failure);
        Assert.Equal(4, _tries);
    }

    [Fact]
    public async Task What_stays_wrong_is_told_at_once()
    {
        await Assert.ThrowsAsync<NpgsqlException>(() => TransientRead.Run<int>(() => throw Count(new NpgsqlException("wrong"))));
        Assert.Equal(1, _tries);
    }

    [Fact]
    public async Task States_are_read_again_and_written_once()
    {
        var storage = new RetriedReads(new LosingStorage());
        var state = new GrainState<LedgerV1>(new LedgerV1());
        await storage.ReadStateAsync(LedgerV1.StateName, OpenStorage.UserKey("42"), state);
        Assert.True(state.RecordExists);
        await Assert.ThrowsAsync<NpgsqlException>(() => storage.WriteStateAsync(LedgerV1.StateName, OpenStorage.UserKey("42"), state));
        await Assert.ThrowsAsync<NpgsqlException>(() => storage.ClearStateAsync(LedgerV1.StateName, OpenStorage.UserKey("42"), state));
    }

    private Exception Count(Exception failure)
    {
        _tries++;
        return failure;
    }

    /// <summary>Loses its connection at the first call of each kind.</summary>
    private sealed class LosingStorage : IGrainStorage
    {
        private readonly HashSet<string> _seen = [];

        public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
        {
            grainState.RecordExists = !Loses("read");
            return grainState.RecordExists ? Task.CompletedTask : throw Lost;
        }

        public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            Loses("write") ? throw Lost : Task.CompletedTask;

        public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState) =>
            Loses("clear") ? throw Lost : Task.CompletedTask;

        private bool Loses(string call) => _seen.Add(call);
    }
}
