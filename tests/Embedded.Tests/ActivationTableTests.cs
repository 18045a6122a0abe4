namespace SessionCluster.Embedded.Tests;

public sealed class ActivationTableTests
{
    private static readonly GrainTable Owner = new SeededRun(1).Start().Tables[0];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void It_holds_what_was_added_and_not_taken_out(int seed)
    {
        var random = new Random(seed);
        var table = new ActivationTable();
        var model = new Dictionary<string, Activation>();
        for (var step = 0; step < 50_000; step++)
        {
            var key = $"u:{random.Next(5_000)}";
            if (random.Next(2) == 0)
            {
                var added = New(key);
                Assert.Equal(model.TryAdd(key, added), table.TryAdd(added));
            }
            else if (model.Remove(key, out var gone))
            {
                table.Remove(gone);
            }

            Assert.Same(model.GetValueOrDefault(key), table.Find(new HeldKey(key)));
            Assert.Same(model.GetValueOrDefault(key), table.Glance(new HeldKey(key)));
        }

        Assert.All(model, entry => Assert.Same(entry.Value, table.Find(new HeldKey(entry.Key))));
        Assert.Equal(model.Values.ToHashSet(), table.All().ToHashSet());
        Assert.Equal(model.Count, table.All().Count());
    }

    [Fact]
    public void The_next_activation_of_a_key_takes_its_place()
    {
        var table = new ActivationTable();
        var (first, next) = (New("a"), New("a"));
        Assert.True(table.TryAdd(first));
        Assert.False(table.TryAdd(next));

        table.Remove(first, next);

        Assert.Same(next, table.Find(new HeldKey("a")));
        Assert.Same(next, Assert.Single(table.All()));
    }

    [Fact]
    public async Task What_stays_is_found_while_others_come_and_go()
    {
        var table = new ActivationTable();
        var stays = Enumerable.Range(0, 2_000).Select(i => New($"stays {i}")).ToArray();
        Assert.All(stays, one => Assert.True(table.TryAdd(one)));
        var comers = Enumerable.Range(0, 2).Select(thread => Start(() => ComeAndGo(table, thread))).ToArray();
        var glances = 0;
        do
        {
            foreach (var one in stays)
            {
                Assert.Same(one, table.Find(one.Key));
                // Without the lock it may be missed for a moment, and never be another.
                glances += table.Glance(one.Key) is { } seen && Same(one, seen) ? 1 : 0;
            }

            Assert.Empty(stays.Except(table.All()));
        }
        while (!comers.All(comer => comer.IsCompleted));

        await Task.WhenAll(comers);
        Assert.NotEqual(0, glances);
        Assert.Equal(stays.ToHashSet(), table.All().ToHashSet());
    }

    private static void ComeAndGo(ActivationTable table, int thread)
    {
        for (var round = 0; round < 20; round++)
        {
            var group = Enumerable.Range(0, 5_000).Select(i => New($"{thread} {i}")).ToArray();
            Assert.All(group, one => Assert.True(table.TryAdd(one)));
            Assert.All(group, one => table.Remove(one));
        }
    }

    private static bool Same(Activation one, Activation seen)
    {
        Assert.Same(one, seen);
        return true;
    }

    private static Task Start(Action work) => Task.Factory.StartNew(work, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static Activation New(string key) => new(Owner, new HeldKey(key), 1);
}
