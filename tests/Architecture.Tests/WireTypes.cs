using System.Collections.Immutable;
using System.Reflection;

namespace SessionCluster.Architecture.Tests;

/// <summary>What grain contracts carry, found by walking from their methods.</summary>
internal static class WireTypes
{
    private static readonly HashSet<Type> Plain =
    [
        typeof(bool), typeof(byte), typeof(sbyte), typeof(short), typeof(ushort), typeof(int), typeof(uint), typeof(long), typeof(ulong),
        typeof(char), typeof(float), typeof(double), typeof(decimal), typeof(string), typeof(Guid), typeof(TimeSpan),
        typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(CancellationToken), typeof(Task), typeof(ValueTask), typeof(void),
    ];

    /// <summary>Generic types that are immutable if their arguments are, or that only wrap a result.</summary>
    private static readonly HashSet<Type> Wrappers =
        [typeof(Task<>), typeof(ValueTask<>), typeof(Nullable<>), typeof(ImmutableArray<>)];

    /// <summary>All types of ours that a contract's methods reach, and enums among them.</summary>
    public static IReadOnlySet<Type> Reach(IEnumerable<Type> contracts, List<string> findings)
    {
        var reached = new HashSet<Type>();
        foreach (var method in contracts.SelectMany(Methods))
        {
            var where = $"{method.DeclaringType!.Name}.{method.Name}";
            Visit(method.ReturnType, where, reached, findings);
            foreach (var parameter in method.GetParameters())
            {
                Visit(parameter.ParameterType, where, reached, findings);
            }
        }

        return reached;
    }

    /// <summary>The methods of a contract that can be called; its static members stay with the caller.</summary>
    public static IEnumerable<MethodInfo> Methods(Type contract) => contract.GetMethods(BindingFlags.Instance | BindingFlags.Public);

    /// <summary>What keeps a type of ours from being shared between caller and callee, and from being read by an older server.</summary>
    public static IEnumerable<string> Flaws(Type type)
    {
        if (type.IsEnum)
        {
            yield break;
        }

        if (type.IsValueType ? !type.GetCustomAttributesData().Any(a => Is(a, "IsReadOnly")) : !type.IsSealed)
        {
            yield return $"{type}: make it a sealed record or a readonly record struct.";
        }

        // Sensitive has no members.
        if (!type.IsValueType && type.BaseType != typeof(object) && type.BaseType != typeof(Sensitive))
        {
            yield return $"{type}: has a base class. Give it the members themselves.";
        }

        foreach (var name in new[] { "GenerateSerializer", "Immutable", "Alias" })
        {
            if (!type.GetCustomAttributesData().Any(a => Is(a, name)))
            {
                yield return $"{type}: add [{name}].";
            }
        }

        foreach (var flaw in FieldFlaws(type))
        {
            yield return flaw;
        }
    }

    /// <summary>The text that an attribute gives as its first argument; null without the attribute.</summary>
    public static string? Argument(IEnumerable<CustomAttributeData> attributes, string name) =>
        attributes.FirstOrDefault(a => Is(a, name))?.ConstructorArguments[0].Value?.ToString();

    public static bool Is(CustomAttributeData attribute, string name) => attribute.AttributeType.Name == name + "Attribute";

    /// <summary>An interface of objects outside of the grains, which Orleans passes as a reference.</summary>
    public static bool IsObserver(Type type) => type.IsInterface && type.GetInterfaces().Any(i => i.Name == "IGrainObserver");

    public static IEnumerable<string> FieldFlaws(Type type)
    {
        var fields = Fields(type).Select(f => (Field: f, Name: MemberName(f), Id: Argument(Member(type, f).GetCustomAttributesData(), "Id"))).ToList();
        foreach (var (field, name, id) in fields)
        {
            if (!field.IsInitOnly)
            {
                yield return $"{type}.{name}: can be set. Make it get or init only.";
            }

            if (id is null)
            {
                yield return $"{type}.{name}: add [property: Id(n)] with the next number that this type never used.";
            }
        }

        foreach (var twice in fields.Where(f => f.Id is not null).GroupBy(f => f.Id).Where(g => g.Count() > 1))
        {
            yield return $"{type}: {string.Join(" and ", twice.Select(f => f.Name))} share Id({twice.Key}). Number the newer one anew.";
        }
    }

    private static void Visit(Type type, string where, HashSet<Type> reached, List<string> findings)
    {
        if (Plain.Contains(type) || IsObserver(type))
        {
            return;
        }

        if (type.IsGenericType && Wrappers.Contains(type.GetGenericTypeDefinition()))
        {
            Visit(type.GetGenericArguments()[0], where, reached, findings);
            return;
        }

        if (type.IsArray || !(type.FullName ?? "").StartsWith("SessionCluster.", StringComparison.Ordinal))
        {
            findings.Add($"{where}: carries {type}. Use a record of ours, text, a number, or an ImmutableArray of them.");
            return;
        }

        if (reached.Add(type) && !type.IsEnum)
        {
            foreach (var field in Fields(type))
            {
                Visit(field.FieldType, $"{type}.{MemberName(field)}", reached, findings);
            }
        }
    }

    public static FieldInfo[] Fields(Type type) => type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);

    /// <summary>The property that a field stands behind, or the field itself.</summary>
    public static MemberInfo Member(Type type, FieldInfo field) =>
        type.GetProperty(MemberName(field), BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic) as MemberInfo ?? field;

    public static string MemberName(FieldInfo field) =>
        field.Name.StartsWith('<') ? field.Name[1..field.Name.IndexOf('>', StringComparison.Ordinal)] : field.Name;
}
