using System.Reflection;

namespace SessionCluster.Architecture.Tests;

/// <summary>
/// What processes say to each other, as text: while a cluster is upgraded, those of two versions do. Orleans knows members by their numbers and
/// everything else by its alias, so two numbers that changed places would be read without an error.
/// </summary>
public sealed class ReleasedContractTests
{
    private const string Golden = "tests/Architecture.Tests/Contracts.txt";

    [Fact]
    public void Contracts_stay_as_they_were_released() => Findings.None(Changes(
        Repository.Read(Golden).Split('\n').Where(line => line.Length > 0 && line[0] != '#'),
        [.. ContractTests.Contracts.SelectMany(MethodsOf), .. ContractTests.Grains.SelectMany(NamesOf), .. Carried.SelectMany(MembersOf)]));

    [Fact]
    public void Numbers_that_change_places_and_new_members_are_found() => Assert.Equal(
        ["a 0 First: Int32", "a 0 Second: Int32", "a 1 First: Int32", "a 1 Second: Int32", "a 2 Third: Int32"],
        Changes(["a 0 First: Int32", "a 1 Second: Int32"], ["a 0 Second: Int32", "a 1 First: Int32", "a 2 Third: Int32"])
            .Select(finding => finding[..finding.LastIndexOf(" - ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));

    private static IEnumerable<Type> Carried => WireTypes.Reach(ContractTests.Contracts, []).Concat(ContractTests.Serializable).Distinct();

    private static IEnumerable<string> Changes(IEnumerable<string> released, IEnumerable<string> present)
    {
        var (before, now) = (released.ToHashSet(), present.ToHashSet());
        return
        [
            .. before.Except(now).Select(line => $"{line} - was released: put it back. (Only what no release had may be taken out of {Golden}.)"),
            .. now.Except(before).Select(line => $"{line} - is new: add this line to {Golden}. What older processes make of it: docs/operations.md, Upgrades."),
        ];
    }

    /// <summary>Such as <c>sc.user end(sc.end-command): Task&lt;sc.end-result&gt;</c>.</summary>
    private static IEnumerable<string> MethodsOf(Type contract) => WireTypes.Methods(contract).Select(method =>
        $"{Name(contract)} {Text(method, "Alias")}({string.Join(", ", method.GetParameters().Select(p => Name(p.ParameterType)))}): {Name(method.ReturnType)}"
        + string.Concat(new[] { "AlwaysInterleave", "OneWay", "ReadOnly" }.Where(name => method.GetCustomAttributesData().Any(a => WireTypes.Is(a, name))).Select(name => $" [{name}]")));

    /// <summary>Such as <c>grain user: sc.user</c>.</summary>
    private static IEnumerable<string> NamesOf(Type grain) => grain.GetInterfaces().Where(ContractTests.Contracts.Contains)
        .Select(contract => $"grain {Text(grain, "GrainType")}: {Name(contract)}{(Text(contract, "GrainInterfaceType") is { } name ? $" as {name}" : "")}");

    /// <summary>Such as <c>sc.ending 2 Ended: ImmutableArray&lt;sc.session-id&gt;</c>, or <c>EndReason 6 Expired</c>.</summary>
    private static IEnumerable<string> MembersOf(Type type) => type.IsEnum
        ? Enum.GetNames(type).Select(name => $"{type.Name} {Enum.Parse(type, name):D} {name}")
        : WireTypes.Fields(type).Select(field => $"{Name(type)} {Text(WireTypes.Member(type, field), "Id")} {WireTypes.MemberName(field)}: {Name(field.FieldType)}")
            .DefaultIfEmpty(Name(type));

    /// <summary>The alias of what is ours, as its name in the code may change.</summary>
    private static string Name(Type type) =>
        Nullable.GetUnderlyingType(type) is { } inner ? $"{Name(inner)}?"
        : type.IsGenericType ? $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : Text(type, "Alias") ?? type.Name;

    private static string? Text(MemberInfo member, string attribute) => WireTypes.Argument(member.GetCustomAttributesData(), attribute);
}
