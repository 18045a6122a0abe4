namespace SessionCluster.Conformance.Tests;

public abstract class StateTests(IRuntime runtime) : ConformanceTests(runtime)
{
    private readonly string _key = $"state-{Guid.NewGuid():N}";

    private IStoredGrain Stored => Cluster.Grains.GetGrain<IStoredGrain>(_key);

    [Fact]
    public Task A_grain_without_a_row_has_a_new_state() => Run(async () =>
    {
        AssertFresh(await Stored.Look());
    });

    [Fact]
    public Task A_written_state_is_read_by_the_next_activation() => Run(async () =>
    {
        var written = await Stored.Write("written");
        Assert.True(written.Exists);
        Assert.NotNull(written.Etag);
        await Stored.Leave();

        var read = await Stored.Look();

        Assert.Equal("written", read.Text);
        Assert.Equal([1, 2, 3], read.Numbers.ToArray());
        Assert.Equal(DateTimeOffset.UnixEpoch.AddMicroseconds(1), read.At);
        Assert.True(read.Exists);
        Assert.Equal(written.Etag, read.Etag);
    });

    [Fact]
    public Task What_was_not_written_ends_with_the_activation() => Run(async () =>
    {
        await Stored.Write("written");
        await Stored.Change("changed");
        await Stored.Leave();

        Assert.Equal("written", (await Stored.Look()).Text);
    });

    [Fact]
    public Task Reading_replaces_the_state() => Run(async () =>
    {
        await Stored.Write("written");
        await Stored.Change("changed");

        Assert.Equal("written", (await Stored.Read()).Text);
    });

    [Fact]
    public Task Every_write_makes_a_new_version() => Run(async () =>
    {
        var first = await Stored.Write("first");
        var second = await Stored.Write("second");

        Assert.NotEqual(first.Etag, second.Etag);
    });

    [Fact]
    public Task A_write_over_another_writers_row_is_refused_until_it_was_read() => Run(async () =>
    {
        await Stored.Write("first");
        await Stored.WriteAsOther("other");

        Assert.False(await Stored.TryWrite("late"));
        Assert.Equal("other", (await Stored.Read()).Text);
        Assert.True(await Stored.TryWrite("again"));
    });

    [Fact]
    public Task A_first_write_is_refused_where_another_writer_was_faster() => Run(async () =>
    {
        AssertFresh(await Stored.Look());
        await Stored.WriteAsOther("other");

        Assert.False(await Stored.TryWrite("late"));
        Assert.Equal("other", (await Stored.Read()).Text);
    });

    [Fact]
    public Task A_cleared_state_is_new_and_its_row_gone() => Run(async () =>
    {
        await Stored.Write("written");
        AssertFresh(await Stored.Clear());
        await Stored.Leave();

        AssertFresh(await Stored.Look());
    });

    [Fact]
    public Task A_cleared_state_can_be_written_again() => Run(async () =>
    {
        await Stored.Write("first");
        await Stored.Clear();
        await Stored.Write("second");
        await Stored.Leave();

        Assert.Equal("second", (await Stored.Look()).Text);
    });

    private static void AssertFresh(StoredView view)
    {
        Assert.Equal("fresh", view.Text);
        Assert.Empty(view.Numbers);
        Assert.Null(view.At);
        Assert.False(view.Exists);
        Assert.Null(view.Etag);
    }
}
