using System.Collections.Immutable;
using System.Reflection;
using SessionCluster.Users;

namespace SessionCluster.Architecture.Tests;

public sealed class ContractTests
{
    /// <summary>
    /// Methods that may run between the turns of others. Each reads nothing that a waiting turn may change, or only sets
    /// what every turn looks at anew; a new one is a decision, made here.
    /// </summary>
    private static readonly string[] Interleaving =
    [
        "IAlertCatalogGrain.Read",
        "IAlertDeliveryGrain.Describe",
        "IAlertDeliveryGrain.NoteChange",
        "IAlertDeliveryGrain.Test",
        "IBindingExplainGrain.Databases", "IBindingExplainGrain.Explain", "IEdge.Drop",
        "IEventListGrain.Find",
        "IEventListGrain.Read",
        "IEventListGrain.Search",
        "ISessionGrain.Ended",
        "ISessionListGrain.Find",
        "ISessionListGrain.Search",
        "ISessionListGrain.Users",
        "IStageCatalogGrain.Find",
        "IStageCatalogGrain.List",
        "IUserGrain.Tell",
    ];

    /// <summary>What grains answer to, and what processes outside of the grains answer to.</summary>
    internal static readonly Type[] Contracts = [.. typeof(IUserGrain).Assembly.GetTypes().Where(t => IsGrainInterface(t) || WireTypes.IsObserver(t))];

    internal static readonly Type[] Grains = [.. typeof(UserGrain).Assembly.GetTypes().Where(t => !t.IsAbstract && t.GetInterfaces().Any(Contracts.Contains))];

    /// <summary>What is written to the wire, reached by a method or thrown by one.</summary>
    internal static readonly Type[] Serializable =
        [.. typeof(IUserGrain).Assembly.GetTypes().Where(t => t.GetCustomAttributesData().Any(a => WireTypes.Is(a, "GenerateSerializer")))];

    [Fact]
    public void What_contracts_carry_is_immutable_and_numbered()
    {
        var findings = new List<string>();
        var types = WireTypes.Reach(Contracts, findings);
        Assert.NotEmpty(types);
        Findings.None(findings.Concat(types.SelectMany(WireTypes.Flaws)));
    }

    [Fact]
    public void Durable_names_of_types_are_unique()
    {
        var types = WireTypes.Reach(Contracts, []).Where(t => !t.IsEnum).Concat(Contracts).Concat(Serializable).Distinct().ToList();
        Findings.None(types.Where(t => Alias(t) is null).Select(t => $"{t}: add [Alias] with a name that never changes."));
        Findings.None(Twice(types.Select(t => (Alias(t)!, t.ToString()))));
    }

    [Fact]
    public void What_is_serialized_is_numbered() => Findings.None(Serializable, WireTypes.FieldFlaws);

    [Fact]
    public void Durable_names_of_methods_are_unique() => Findings.None(Contracts, contract =>
    {
        var methods = WireTypes.Methods(contract).ToList();
        return methods.Where(m => Alias(m) is null).Select(m => $"{contract.Name}.{m.Name}: add [Alias] with a name that never changes.")
            .Concat(Twice(methods.Where(m => Alias(m) is not null).Select(m => (Alias(m)!, $"{contract.Name}.{m.Name}"))));
    });

    [Fact]
    public void Methods_interleave_only_where_it_was_decided() => Assert.Equal(
        Interleaving,
        Contracts.SelectMany(WireTypes.Methods)
            .Where(m => m.GetCustomAttributesData().Any(a => WireTypes.Is(a, "AlwaysInterleave")))
            .Select(m => $"{m.DeclaringType!.Name}.{m.Name}").Order(StringComparer.Ordinal));

    [Fact]
    public void Contracts_live_with_the_contracts() => Findings.None(
        typeof(UserGrain).Assembly.GetTypes().Where(t => IsGrainInterface(t) || WireTypes.IsObserver(t)).Select(t => $"{t}: move it to src/Grains.Interfaces."));

    [Fact]
    public void Each_contract_has_one_grain_class() => Findings.None(
        Contracts.Where(IsGrainInterface), c => Grains.Count(c.IsAssignableFrom) == 1 ? [] : [$"{c}: let exactly one class in src/Grains implement it."]);

    [Fact]
    public void Durable_names_of_grain_classes_are_unique()
    {
        Assert.NotEmpty(Grains);
        Findings.None(Grains.Where(g => GrainType(g) is null).Select(g => $"{g}: add [GrainType] with a name that never changes."));
        Findings.None(Twice(Grains.Select(g => (GrainType(g)!, g.Name))));
    }

    /// <summary>Orleans' ADO.NET storage keys rows by the state's name and the grain's key, not by class.</summary>
    [Fact]
    public void Names_of_stored_states_are_unique()
    {
        var states = Grains.SelectMany(g => g.GetConstructors().SelectMany(c => c.GetParameters())
            .Select(p => (Name: WireTypes.Argument(p.GetCustomAttributesData(), "PersistentState"), Grain: g.Name))
            .Where(s => s.Name is not null)).ToList();
        Assert.NotEmpty(states);
        Findings.None(Twice(states.Select(s => (s.Name!, s.Grain))));
    }

    [Fact]
    public void Flaws_of_a_carried_type_are_found()
    {
        var findings = new List<string>();
        var flaws = WireTypes.Reach([typeof(IFlawed)], findings).SelectMany(WireTypes.Flaws).ToList();
        Assert.Contains(findings, f => f.Contains("Flawed.Numbers: carries System.Int32[]", StringComparison.Ordinal));
        Assert.Contains(findings, f => f.StartsWith("IFlawed.Do: carries System.Text.Json.JsonElement", StringComparison.Ordinal));
        Assert.Contains(flaws, f => f.EndsWith("Flawed: make it a sealed record or a readonly record struct.", StringComparison.Ordinal));
        Assert.Contains(flaws, f => f.EndsWith("Flawed: add [Alias].", StringComparison.Ordinal));
        Assert.Contains(flaws, f => f.EndsWith("Flawed.Name: can be set. Make it get or init only.", StringComparison.Ordinal));
        Assert.Contains(flaws, f => f.Contains("Flawed.Numbers: add [property: Id(n)]", StringComparison.Ordinal));
        Assert.Contains(flaws, f => f.Contains("Doubled: A and B share Id(0).", StringComparison.Ordinal));
        Assert.Contains(flaws, f => f.EndsWith("Derived: has a base class. Give it the members themselves.", StringComparison.Ordinal));
        Assert.Contains(flaws, f => f.EndsWith("Loose: make it a sealed record or a readonly record struct.", StringComparison.Ordinal));
    }

    [Fact]
    public void A_name_used_twice_is_found() => Assert.Single(Twice([("a", "A"), ("b", "B"), ("a", "C")]));

    private static bool IsGrainInterface(Type type) => type.IsInterface && type.GetInterfaces().Any(i => i.Name == "IGrainWithStringKey");

    private static string? Alias(MemberInfo member) => WireTypes.Argument(member.GetCustomAttributesData(), "Alias");

    private static string? GrainType(Type grain) => WireTypes.Argument(grain.GetCustomAttributesData(), "GrainType");

    private static IEnumerable<string> Twice(IEnumerable<(string Name, string Owner)> names) => names
        .GroupBy(n => n.Name).Where(g => g.Count() > 1)
        .Select(g => $"\"{g.Key}\" names {string.Join(" and ", g.Select(n => n.Owner))}. Rename the newer one.");

    private interface IFlawed
    {
        Task<Flawed> Do(System.Text.Json.JsonElement json, ImmutableArray<Doubled?> doubled, Loose loose, Derived derived);
    }

    private record Flawed(int[] Numbers)
    {
        public string Name { get; set; } = "";
    }

    private sealed record Derived() : Flawed([]);

    private readonly record struct Doubled([property: Id(0)] int A, [property: Id(0)] int B);

    private record struct Loose([property: Id(0)] int A);
}
