namespace SessionCluster.Embedded.Tests;

public sealed class RefusalTests
{
    [Theory]
    [InlineData(typeof(NoTask), "must return Task or Task<T>")]
    [InlineData(typeof(TwoArguments), "must have at most one argument")]
    [InlineData(typeof(AProperty), "must be a method")]
    [InlineData(typeof(AGenericMethod), "must not be generic")]
    [InlineData(typeof(AByRefArgument), "must not have ref")]
    [InlineData(typeof(AHiddenContract), "must be public")]
    [InlineData(typeof(NoName), "must have a [GrainType]")]
    [InlineData(typeof(NoContract), "must implement a contract")]
    [InlineData(typeof(TwoConstructors), "must have one public constructor")]
    [InlineData(typeof(AStateOfAnotherKind), "not as IPersistentState<T>")]
    public void A_shape_that_the_engine_does_not_run_is_refused_at_start(Type grainClass, string rule)
    {
        var refusal = Assert.Throws<NotSupportedException>(() => new SeededRun(1).Start(options => options.AddGrain(grainClass)));

        Assert.Contains(rule, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(grainClass.Name, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(typeof(FirstOfAContract), typeof(SecondOfAContract), "implement")]
    [InlineData(typeof(FirstOfAContract), typeof(OfTheSameName), "are named 'first'")]
    [InlineData(typeof(FirstOfAState), typeof(SecondOfAState), "store a state named 'same'")]
    public void Grain_classes_that_collide_are_refused_at_start(Type first, Type second, string rule)
    {
        var refusal = Assert.Throws<NotSupportedException>(
            () => new SeededRun(1).Start(options => options.AddGrain(first).AddGrain(second)));

        Assert.Contains(rule, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_out_of_its_range_is_refused_at_start()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRun(1).Start(options => options.MaxActivations = 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRun(1).Start(options => options.CallTimeout = TimeSpan.Zero));
    }

    [Fact]
    public void Methods_of_base_contracts_are_called_and_static_ones_left_alone()
    {
        var run = new SeededRun(1);
        var engine = run.Start(options => options.AddGrain(typeof(Derived)));

        run.Run(async () => Assert.Equal("base", await engine.GetGrain<IDerived>(IDerived.KeyFor(1)).FromBase()));
        Assert.Throws<ArgumentException>(() => engine.GetGrain<INoTask>("a"));
        Assert.Throws<ArgumentException>(() => engine.GetGrain<IDerived>(""));
    }

    public interface INoTask : IGrainWithStringKey
    {
        ValueTask NoTask();
    }

    public interface ITwoArguments : IGrainWithStringKey
    {
        Task TwoArguments(int first, int second);
    }

    public interface IAProperty : IGrainWithStringKey
    {
        Task AProperty { get; }
    }

    public interface IAGenericMethod : IGrainWithStringKey
    {
        Task AGenericMethod<T>();
    }

    public interface IAByRefArgument : IGrainWithStringKey
    {
        Task AByRefArgument(in int value);
    }

    internal interface IAHiddenContract : IGrainWithStringKey;

    public interface IPlain : IGrainWithStringKey;

    public interface IOtherPlain : IGrainWithStringKey;

    public interface IBase : IGrainWithStringKey
    {
        Task<string> FromBase();
    }

    public interface IDerived : IBase
    {
        static string KeyFor(int shard) => $"d:{shard}";
    }

    [GrainType("bad")]
    public sealed class NoTask : Grain, INoTask
    {
        ValueTask INoTask.NoTask() => default;
    }

    [GrainType("bad")]
    public sealed class TwoArguments : Grain, ITwoArguments
    {
        Task ITwoArguments.TwoArguments(int first, int second) => Task.CompletedTask;
    }

    [GrainType("bad")]
    public sealed class AProperty : Grain, IAProperty
    {
        Task IAProperty.AProperty => Task.CompletedTask;
    }

    [GrainType("bad")]
    public sealed class AGenericMethod : Grain, IAGenericMethod
    {
        Task IAGenericMethod.AGenericMethod<T>() => Task.CompletedTask;
    }

    [GrainType("bad")]
    public sealed class AByRefArgument : Grain, IAByRefArgument
    {
        Task IAByRefArgument.AByRefArgument(in int value) => Task.CompletedTask;
    }

    [GrainType("bad")]
    public sealed class AHiddenContract : Grain, IAHiddenContract;

    public sealed class NoName : Grain, IPlain;

    [GrainType("bad")]
    public sealed class NoContract : Grain;

    [GrainType("bad")]
    public sealed class TwoConstructors : Grain, IPlain
    {
        public TwoConstructors()
        {
        }

        public TwoConstructors(IGrainFactory factory) => _ = factory;
    }

    [GrainType("bad")]
    public sealed class AStateOfAnotherKind([PersistentState("bad")] string state) : Grain, IPlain
    {
        public string State { get; } = state;
    }

    [GrainType("first")]
    public sealed class FirstOfAContract : Grain, IPlain;

    [GrainType("second")]
    public sealed class SecondOfAContract : Grain, IPlain;

    [GrainType("first")]
    public sealed class OfTheSameName : Grain, IOtherPlain;

    [GrainType("first-state")]
    public sealed class FirstOfAState([PersistentState("same")] IPersistentState<List<int>> state) : Grain, IPlain
    {
        public int Count => state.State.Count;
    }

    [GrainType("second-state")]
    public sealed class SecondOfAState([PersistentState("same")] IPersistentState<List<int>> state) : Grain, IOtherPlain
    {
        public int Count => state.State.Count;
    }

    [GrainType("derived")]
    public sealed class Derived(IGrainFactory grains) : Grain, IDerived
    {
        public Task<string> FromBase() => Task.FromResult(ReferenceEquals(grains, GrainFactory) ? "base" : "another factory");
    }
}
