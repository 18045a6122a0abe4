using System.Reflection;

namespace SessionCluster.Embedded;

/// <summary>What an engine runs and its limits.</summary>
public sealed class EngineOptions
{
    private readonly List<Type> grainClasses = [];
    private readonly Dictionary<Type, TimeSpan> idleAges = [];

    /// <summary>How long a caller waits for an answer. Also bounds OnActivateAsync and OnDeactivateAsync. 1 ms to 1 hour.</summary>
    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How long an activation lives on without a call. 1 ms to 30 days.</summary>
    public TimeSpan IdleAge { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How often idle activations are looked for. 1 ms to 1 day.</summary>
    public TimeSpan CollectionInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Activations kept in memory; past it, those longest without a call are ended. Activations at work are never ended, so
    /// it can be exceeded by their number. 1 to 100 million.
    /// </summary>
    public int MaxActivations { get; set; } = 1_000_000;

    /// <summary>Calls that may wait for one activation; further ones fail at once. 1 to 1 million.</summary>
    public int MaxWaitingCalls { get; set; } = 10_000;

    /// <summary>How long stopping waits for activations to end. 1 ms to 1 hour.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The grain classes to run.</summary>
    public IReadOnlyList<Type> GrainClasses => grainClasses;

    /// <summary>Adds every concrete grain class of an assembly.</summary>
    public EngineOptions AddGrains(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        foreach (var type in assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.IsSubclassOf(typeof(Grain))))
        {
            AddGrain(type);
        }

        return this;
    }

    /// <summary>Adds one grain class.</summary>
    public EngineOptions AddGrain(Type grainClass)
    {
        ArgumentNullException.ThrowIfNull(grainClass);
        if (!grainClasses.Contains(grainClass))
        {
            grainClasses.Add(grainClass);
        }

        return this;
    }

    /// <summary>Gives one grain class an idle age of its own.</summary>
    public EngineOptions SetIdleAge(Type grainClass, TimeSpan age)
    {
        ArgumentNullException.ThrowIfNull(grainClass);
        Require(age, TimeSpan.FromDays(30), $"The idle age of {grainClass.Name}");
        idleAges[grainClass] = age;
        return this;
    }

    internal TimeSpan IdleAgeOf(Type grainClass) => idleAges.GetValueOrDefault(grainClass, IdleAge);

    /// <exception cref="ArgumentOutOfRangeException">A value is out of its range.</exception>
    internal void Validate()
    {
        Require(CallTimeout, TimeSpan.FromHours(1), nameof(CallTimeout));
        Require(IdleAge, TimeSpan.FromDays(30), nameof(IdleAge));
        Require(CollectionInterval, TimeSpan.FromDays(1), nameof(CollectionInterval));
        Require(StopTimeout, TimeSpan.FromHours(1), nameof(StopTimeout));
        Require(MaxActivations, 100_000_000, nameof(MaxActivations));
        Require(MaxWaitingCalls, 1_000_000, nameof(MaxWaitingCalls));
    }

    private static void Require(TimeSpan value, TimeSpan most, string name)
    {
        if (value < TimeSpan.FromMilliseconds(1) || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from 1 ms to {most}.");
        }
    }

    private static void Require(int value, int most, string name)
    {
        if (value < 1 || value > most)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be from 1 to {most}.");
        }
    }
}
